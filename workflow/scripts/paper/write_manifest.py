"""The manifest of a build: every file that it made, from what, by which rule; and versions.

Beside it, not among the results, as it differs from run to run: time and memory of all jobs.
"""

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.paper.origin import locked_versions
from scripts.step.files import write_csv, write_json
from scripts.step.job import job
from scripts.step.records import REMEDY, checked_hash, read_record, sha256_of, source_path

DIGITS = 9  # significant digits of the numbers that a manifest keeps of each table
MAY_BE_EMPTY = ("job", "cpu_seconds", "max_rss_mib")  # of very short jobs


def manifest(published: Sequence[str], results: str, sources: dict, lock: str) -> dict:
    """The manifest of the files ``published`` and of all files that they are made from, read off
    the records below the folder ``results``.

    ``sources`` holds the sha256 of the project's files, by path, when the build began. Raises
    ValueError for a source that has changed since; and for a file that has no record, has changed
    since its job wrote it, or was made from another content of an input than the one there now.
    """
    for name, sha in sources.items():
        place = source_path(name)
        if place is None or sha256_of(place) != sha:
            raise ValueError(f"{name}: changed while the build ran; run again")
    artefacts = {}
    sources = dict(sources)
    waiting = list(published)
    while waiting:
        path = waiting.pop()
        if path in artefacts:
            continue
        sha = checked_hash(path)
        record = read_record(path)
        if record is None:
            raise ValueError(f"{path}: has no record of what it was made from; {REMEDY}")
        artefacts[path] = record | {"sha256": sha}
        results_read = [name for name in record["inputs"] if name.startswith(f"{results}/")]
        for name in record["inputs"].keys() - results_read - sources.keys():
            place = source_path(name)
            sources[name] = sha256_of(place) if place else record["inputs"][name]
        waiting += [*record["outputs"], *results_read]
    hashes = sources | {path: entry["sha256"] for path, entry in artefacts.items()}
    for path, entry in artefacts.items():
        for name, sha in entry["inputs"].items():
            if hashes[name] != sha:
                raise ValueError(
                    f"{path}: made from another {name} than the one there now, which changed "
                    f"meanwhile; delete {path} and run again"
                )
    short = {path: f"<results>{path.removeprefix(results)}" for path in artefacts}

    @cache
    def seeds(path: str) -> set[str]:
        """The seeds of the job that made a file and of all jobs before it."""
        if path not in artefacts:
            return set()
        seeds_of_job = {artefacts[path]["seed"]} - {None}
        return set(map(str, seeds_of_job)).union(*map(seeds, artefacts[path]["inputs"]))

    tex = shutil.which("pdflatex") and subprocess.check_output(["pdflatex", "--version"], text=True)
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "tex": tex and tex.partition("\n")[0],
        "packages": installed(Path(lock).read_text(encoding="utf-8")),
        "sources": dict(sorted(sources.items())),
        "artefacts": {
            short[path]: {key: entry.get(key) for key in ("sha256", "rule", "code", "params")}
            | {
                "seeds": sorted(seeds(path)),
                "inputs": sorted(short.get(name, name) for name in entry["inputs"]),
                "numbers": numbers_of(path),
            }
            for path, entry in sorted(artefacts.items())
        },
    }


def installed(lock: str) -> dict[str, str]:
    """Versions of the locked packages that are installed, and of PyTorch if it is."""
    versions = {}
    for name in [*locked_versions(lock), "torch"]:
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    return versions


def numbers_of(path: str) -> dict[str, list[float | None]]:
    """Numbers that are compared with a tolerance: those of a csv by column; for an npz the mean,
    standard deviation, smallest and largest value of each array. Empty for other files.
    """
    columns = {}
    if path.endswith(".csv"):
        table = pd.read_csv(path).select_dtypes("number")
        columns = {str(name): table[name].to_numpy(float) for name in table}
    elif path.endswith(".npz"):
        with np.load(path) as file:
            arrays = {name: file[name].astype(float) for name in file.files if file[name].size}
        columns = {n: np.array([a.mean(), a.std(), a.min(), a.max()]) for n, a in arrays.items()}
    return {
        name: [float(f"{x:.{DIGITS}g}") if np.isfinite(x) else None for x in column]
        for name, column in columns.items()
    }


def compute_table(folder: Path) -> pd.DataFrame:
    """One row for each job that measured itself, as it last ran: rule, job, seconds, cpu_seconds,
    max_rss_mib; and the machine's python and cores.
    """
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        measured = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        rule, _, wildcards = str(path.relative_to(folder).with_suffix("")).partition("/")
        rows.append((rule, wildcards, measured["s"], measured["cpu_time"], measured["max_rss"]))
    table = pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_rss_mib"])
    return table.assign(python=platform.python_version(), cores=os.cpu_count())


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        output = snakemake.output
        published = [files.paper, *files.figures, files.explorer]
        results = str(Path(files.paper).parent)
        record = params.checkout | manifest(published, results, params.sources, files.lock)
        write_json(record, output.manifest)
        write_csv(compute_table(Path(output.compute).parent), output.compute, MAY_BE_EMPTY)
        log.info("%d files from %d sources", len(record["artefacts"]), len(record["sources"]))
