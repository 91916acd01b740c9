"""The manifest of a build: every file that it made, from what, by which rule; and versions."""

import platform
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.core.files import write_json
from scripts.core.job import job
from scripts.core.records import REMEDY, checked_hash, read_record, sha256_of
from scripts.paper.origin import locked_versions

DIGITS = 9  # significant digits of the numbers that a manifest keeps of each table


def manifest(published: Sequence[str], results: str, sources: dict, lock: str) -> dict:
    """All that ``published`` is made from, read off the records below the folder ``results``.

    ``sources``: sha256 of the project's files, by path, when the build began. Raises ValueError for
    one that has changed since, for a file without a record, or that has changed since its job wrote
    it, or that was made from another content of an input than the one there now.
    """
    for name, sha in sources.items():
        if not Path(name).is_file() or sha256_of(name) != sha:
            raise ValueError(f"{name}: changed while the build ran; run again")
    artefacts, sources, waiting = {}, dict(sources), list(published)
    while waiting:
        path = waiting.pop()
        if path in artefacts:
            continue
        found, record = checked_hash(path), read_record(path)
        if record is None:
            raise ValueError(f"{path}: has no record of what it was made from; {REMEDY}")
        artefacts[path] = {"sha256": found, **record}
        made = [name for name in record["inputs"] if name.startswith(f"{results}/")]
        for name in record["inputs"].keys() - made - sources.keys():
            known = Path(name).is_file()  # files outside the project go by their last part
            sources[name] = sha256_of(name) if known else record["inputs"][name]
        waiting += [*record["outputs"], *made]
    _check_up_to_date(artefacts, sources)
    short = {path: f"<results>{path.removeprefix(results)}" for path in artefacts}
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "tex": _tex_version(),
        "packages": installed(Path(lock).read_text(encoding="utf-8")),
        "sources": dict(sorted(sources.items())),
        "artefacts": {
            short[path]: {
                "sha256": entry["sha256"],
                "rule": entry["rule"],
                "code": entry.get("code"),
                "params": entry["params"],
                "seeds": _seeds(path, artefacts),
                "inputs": sorted(short.get(name, name) for name in entry["inputs"]),
                "numbers": numbers_of(path),
            }
            for path, entry in sorted(artefacts.items())
        },
    }


def _check_up_to_date(artefacts: dict, sources: dict) -> None:
    there = sources | {path: entry["sha256"] for path, entry in artefacts.items()}
    for path, entry in artefacts.items():
        for name, sha in entry["inputs"].items():
            if there[name] != sha:
                raise ValueError(
                    f"{path}: made from another {name} than the one there now, which changed "
                    f"meanwhile; delete {path} and run again"
                )


def _seeds(path: str, artefacts: dict) -> list[str]:
    """The seeds of the job that made a file and of all jobs before it."""
    seen, waiting, seeds = set(), [path], set()
    while waiting:
        entry = artefacts.get(name := waiting.pop())
        if entry and name not in seen:
            seen.add(name)
            seeds |= {entry["seed"]} - {None}
            waiting += entry["inputs"]
    return sorted(map(str, seeds))


def installed(lock: str) -> dict[str, str]:
    """Versions of the locked packages that are installed, and of PyTorch if it is."""
    found = {}
    for name in [*locked_versions(lock), "torch"]:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _tex_version() -> str | None:
    """The first line of what pdflatex says of itself; None without TeX."""
    if not shutil.which("pdflatex"):
        return None
    return subprocess.check_output(["pdflatex", "--version"], text=True).partition("\n")[0]


def numbers_of(path: str) -> dict[str, list[float | None]]:
    """What can be compared with a tolerance: the numbers of a csv by column; of an npz, mean,
    standard deviation, least and largest of each array. Nothing of other files.
    """
    if path.endswith(".csv"):
        table = pd.read_csv(path).select_dtypes("number")
        columns = {str(name): table[name].to_numpy(float) for name in table}
    elif path.endswith(".npz"):
        with np.load(path) as file:
            arrays = {name: file[name].astype(float) for name in file.files if file[name].size}
        columns = {n: np.array([a.mean(), a.std(), a.min(), a.max()]) for n, a in arrays.items()}
    else:
        return {}
    return {
        name: [float(f"{x:.{DIGITS}g}") if np.isfinite(x) else None for x in column]
        for name, column in columns.items()
    }


if __name__ == "__main__":
    with job(snakemake) as log:
        files, params = snakemake.input, snakemake.params
        published, results = [files.paper, *files.figures], str(Path(files.paper).parent)
        made = params.checkout | manifest(published, results, params.sources, files.lock)
        write_json(made, snakemake.output[0])
        log.info("%d files from %d sources", len(made["artefacts"]), len(made["sources"]))
