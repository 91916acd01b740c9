"""The manifest of a build: every file that it made, from what, by which rule; and two compared."""

import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.core.records import checked_hash, read_record, sha256_of
from scripts.paper.provenance import locked_versions

SOURCES = ("Snakefile", "config", "paper", "requirements.lock", "workflow")
"""What a build is made from, below the project's folder."""
RTOL, SE_TOL = 1e-6, 0.5
"""Tolerances between machines: relative to the larger number, or in standard errors where a table
gives them, as networks amplify last digits to a part of one.
"""
TEXT_ONLY = "text only"
"""What differs in a table whose numbers are the same."""
DIGITS = 9
"""Significant digits of the numbers that a manifest keeps of each table."""
UNKNOWN = {"rule": None, "seed": None, "params": None, "inputs": {}, "outputs": []}
"""The record of a file that came out of Snakemake's between-workflow cache."""
IDENTICAL, AGREES, DIFFERS, MISSING, NEW, UNTRACED = (
    *("identical", "within tolerance", "differs", "missing here", "not in the other"),
    "not traced in one",  # it took files out of Snakemake's cache, without what came before them
)


def checkout() -> dict[str, str | bool | None]:
    """The commit, and whether the files of SOURCES are as committed; None without a repository."""
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != Path.cwd().resolve():
        return {"commit": None, "clean": None}
    changed = _git("status", "--porcelain", "--", *SOURCES)
    return {"commit": _git("rev-parse", "HEAD"), "clean": changed == ""}


def _git(*arguments: str) -> str | None:
    try:
        run = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return None if run.returncode else run.stdout.strip()


def manifest(published: Sequence[str], results: str, lock: str, checkout: dict) -> dict:
    """All that ``published`` is made from, read off the records below the folder ``results``.

    Raises ValueError for a file that has changed since its job wrote it, or that was made from
    another content of a source than the one there now.
    """
    artefacts, sources = {}, {}
    waiting = list(published)
    while waiting:
        path = waiting.pop()
        if path in artefacts:
            continue
        found = checked_hash(path)
        record = read_record(path) or UNKNOWN
        artefacts[path] = {"sha256": found, **record}
        made = [name for name in record["inputs"] if name.startswith(f"{results}/")]
        sources |= {name: sha for name, sha in record["inputs"].items() if name not in made}
        waiting += [*record["outputs"], *made]
    _check_up_to_date(artefacts, sources)
    short = {path: f"<results>{path.removeprefix(results)}" for path in artefacts}
    return {
        **checkout,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "tex": tex_version(),
        "packages": installed(Path(lock).read_text(encoding="utf-8")),
        "sources": dict(sorted(sources.items())),
        "artefacts": {
            short[path]: {
                "sha256": entry["sha256"],
                "rule": entry["rule"],
                "seeds": _seeds(path, artefacts),
                "params": entry["params"],
                "inputs": sorted(short.get(name, name) for name in entry["inputs"]),
                "numbers": numbers_of(path),
            }
            for path, entry in sorted(artefacts.items())
        },
    }


def _check_up_to_date(artefacts: dict, sources: dict) -> None:
    there = {name: sha256_of(name) for name in sources if Path(name).is_file()}
    there |= {path: entry["sha256"] for path, entry in artefacts.items()}
    for path, entry in artefacts.items():
        for name, sha in entry["inputs"].items():
            if there.get(name, sha) != sha:
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
    for name in [*locked_versions(lock, None), "torch"]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def tex_version() -> str | None:
    """The first line of what pdflatex says of itself; None without TeX."""
    try:
        run = subprocess.run(["pdflatex", "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return run.stdout.partition("\n")[0] or None


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


def changed_since(ours: dict, results: str) -> list[str]:
    """Files that are gone, or whose hash is no longer the one in the manifest of their build."""
    found = []
    for name, entry in ours["artefacts"].items():
        path = Path(name.replace("<results>", results, 1))
        if not path.is_file() or sha256_of(path) != entry["sha256"]:
            found.append(str(path))
    return found


def compare(ours: dict, theirs: dict) -> pd.DataFrame:
    """One row an artefact of either manifest: artefact, rule, state, largest_difference (relative,
    or in standard errors), because (what it is made from that differs).

    A table with other bytes agrees if its numbers do; a figure, a tex file or the paper if all it
    is made from is the same or agrees.
    """
    rows: dict[str, dict] = {}

    def judge(name: str) -> str:
        """The state of an artefact; its row is kept."""
        if name in rows:
            return rows[name]["state"]
        here, there = (which["artefacts"].get(name) for which in (ours, theirs))
        row = rows[name] = {"artefact": name, "rule": (here or there)["rule"], "because": ""}
        if here is None or there is None:
            missing, which = (MISSING, ours) if here is None else (NEW, theirs)
            cached = any(entry["rule"] is None for entry in which["artefacts"].values())
            row["state"] = UNTRACED if cached else missing
        elif here["sha256"] == there["sha256"]:
            row["state"] = IDENTICAL
        else:
            changed = [one for one in here["inputs"] if source_or_state(one) != IDENTICAL]
            changed += sorted(set(there["inputs"]) - set(here["inputs"]))
            changed += [key for key in ("params", "seeds", "rule") if here[key] != there[key]]
            row["because"] = ", ".join(changed) or "same sources: other versions or another CPU"
            if here["numbers"] or there["numbers"]:
                row |= _numbers_agree(here["numbers"], there["numbers"])
                if name.endswith(".npz") and row["largest_difference"] == TEXT_ONLY:
                    row |= {"state": AGREES, "largest_difference": "packing only"}
            else:
                agree = changed and all(source_or_state(one) == AGREES for one in changed)
                row["state"] = AGREES if agree else DIFFERS
        return row["state"]

    def source_or_state(name: str) -> str:
        """The state of an input, or whether a parameter is the same."""
        if name in ours["artefacts"]:
            return judge(name)
        same = ours["sources"].get(name) == theirs["sources"].get(name)
        return IDENTICAL if same else DIFFERS

    for name in sorted(ours["artefacts"] | theirs["artefacts"]):
        judge(name)
    columns = ["artefact", "rule", "state", "largest_difference", "because"]
    return pd.DataFrame(rows.values()).reindex(columns=columns).sort_values("artefact")


def _numbers_agree(here: dict, there: dict) -> dict[str, str]:
    """The state of a table by its numbers, and their largest difference."""
    if here.keys() != there.keys() or any(len(here[c]) != len(there[c]) for c in here):
        return {"state": DIFFERS, "largest_difference": "other columns or rows"}
    worst, agree = (0.0, ""), True
    for name, values in here.items():
        one, other = (np.array(v, float) for v in (values, there[name]))
        gap = np.where(np.isnan(one) & np.isnan(other), 0, abs(one - other))
        scale = np.fmax(abs(one), abs(other))
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.where(gap == 0, 0, gap / scale)
        errors = np.array(there.get(f"{name}_se", [0.0] * len(one)), float)
        near = (relative <= RTOL) | (gap <= SE_TOL * errors)
        agree &= bool(near.all())
        largest = float(np.nan_to_num(relative, nan=np.inf).max(initial=0))
        worst = max(worst, (largest, name))
    text = f"{worst[0]:.1e} in {worst[1]}" if worst[0] else TEXT_ONLY
    return {"state": AGREES if agree and worst[0] else DIFFERS, "largest_difference": text}


def summary(table: pd.DataFrame, ours: dict, theirs: dict) -> str:
    """The comparison as text: the table less arrays that are the same, where the builds came from,
    what differs in versions and sources, and a count of each state.
    """
    shown = table[(table["state"] != IDENTICAL) | ~table["artefact"].str.endswith(".npz")]
    shown = shown.fillna("").assign(because=shown["because"].str.slice(0, 100))
    padded = {name: shown[name].str.ljust(shown[name].str.len().max()) for name in shown}
    lines = [pd.DataFrame(padded).to_string(index=False, justify="left"), ""]
    for label, which in (("here", ours), ("other", theirs)):
        state = {True: "clean", False: "with changes", None: "no repository"}[which["clean"]]
        lines.append(
            f"{label}: commit {which['commit']}, {state}, Python {which['python']}, "
            f"{which['machine']}, {which['tex']}"
        )
    for kind in ("packages", "sources"):
        one, other = ours[kind], theirs[kind]
        apart = [name for name in sorted(one | other) if one.get(name) != other.get(name)]
        if apart:
            shown = [
                f"{n} {one.get(n)} | {other.get(n)}" if kind == "packages" else n for n in apart
            ]
            lines.append(f"{kind} that differ: {', '.join(shown)}")
    counts = table["state"].value_counts()
    lines.append("; ".join(f"{counts[state]} {state}" for state in counts.index))
    return "\n".join(lines)
