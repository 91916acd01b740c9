"""Hash every file of the build again, and print how it compares with another build's manifest."""

from pathlib import Path

import numpy as np
import pandas as pd

from scripts.core.files import read_json
from scripts.core.job import job
from scripts.core.records import sha256_of

# Tolerances between machines: relative to the larger number, or in standard errors where a table
# gives them, as networks amplify last digits to a part of one.
RTOL, SE_TOL = 1e-6, 0.5
TEXT_ONLY = "text only"  # what differs in a table whose numbers are the same
IDENTICAL, AGREES, DIFFERS = "identical", "within tolerance", "differs"
MISSING, NEW = "missing here", "not in the other"
SHOWN = 12  # packages and sources that are listed
MADE_BY = ("code", "params", "seeds", "rule")
COLUMNS = ["artefact", "rule", "state", "largest_difference", "because"]


def changed_since(ours: dict, results: str) -> list[str]:
    """Files that are gone, or whose hash is no longer the one in the manifest of their build."""
    found = []
    for name, entry in ours["artefacts"].items():
        path = Path(name.replace("<results>", results, 1))
        if not path.is_file() or sha256_of(path) != entry["sha256"]:
            found.append(str(path))
    return found


def compare(ours: dict, theirs: dict) -> pd.DataFrame:
    """One row for each artefact of either manifest: artefact, rule, state, largest_difference
    (relative, or in standard errors), because (what it is made from that differs).

    The state depends on bytes and numbers alone: a table with other bytes agrees if its numbers do;
    a figure, a tex file or the paper if all that differs in what it is made from is files that
    agree.
    """
    rows: dict[str, dict] = {}

    def judge(name: str) -> str:
        """The state of an artefact, or whether a source is the same; an artefact's row is kept."""
        here, there = (which["artefacts"].get(name) for which in (ours, theirs))
        if not (here or there):
            same = ours["sources"].get(name) == theirs["sources"].get(name)
            return IDENTICAL if same else DIFFERS
        if name not in rows:
            rows[name] = {"artefact": name, "rule": (here or there)["rule"], "because": ""}
            rows[name] |= _state(name, here, there, judge)
        return rows[name]["state"]

    for name in sorted(ours["artefacts"] | theirs["artefacts"]):
        judge(name)
    return pd.DataFrame(rows.values()).reindex(columns=COLUMNS).sort_values("artefact")


def _state(name: str, here: dict | None, there: dict | None, judge) -> dict[str, str]:
    """The state of one artefact, and what differs in how it was made."""
    if here is None or there is None:
        return {"state": MISSING if here is None else NEW}
    if here["sha256"] == there["sha256"]:
        return {"state": IDENTICAL}
    states = {one: judge(one) for one in sorted({*here["inputs"], *there["inputs"]})}
    apart = [one for one, state in states.items() if state != IDENTICAL]
    apart += [key for key in MADE_BY if here.get(key) != there.get(key)]
    # Modules were among the inputs once.
    changed = list(
        dict.fromkeys("code" if one.endswith((".py", ".lock")) else one for one in apart)
    )
    row = {"because": ", ".join(changed) or "same sources: other versions or another CPU"}
    if not (here["numbers"] or there["numbers"]):
        agree = changed and all(states.get(one) == AGREES for one in changed)
        return row | {"state": AGREES if agree else DIFFERS}
    row |= _numbers_agree(here["numbers"], there["numbers"])
    if name.endswith(".npz") and row["largest_difference"] == TEXT_ONLY:
        row |= {"state": AGREES, "largest_difference": "packing only"}
    return row


def _numbers_agree(here: dict, there: dict) -> dict[str, str]:
    """The state of a table or of arrays by their numbers, and the largest difference."""
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
    """The comparison as text: files that are not identical, where the builds came from, what
    differs in versions and sources, and a count of each state.
    """
    apart = table[table["state"] != IDENTICAL].astype(object).fillna("")
    lines = ["  ".join(row) for row in apart.itertuples(index=False)]
    for label, which in (("here", ours), ("other", theirs)):
        state = {True: "clean", False: "with changes", None: "no repository"}[which["clean"]]
        lines.append(
            f"{label}: commit {which['commit']}, {state}, Python {which['python']}, "
            f"{which['machine']}, {which['tex']}"
        )
    for kind in ("packages", "sources"):
        one, other = ours[kind], theirs[kind]
        named = [name for name in sorted(one | other) if one.get(name) != other.get(name)]
        if kind == "packages":
            named = [f"{name} {one.get(name)} | {other.get(name)}" for name in named]
        if named:
            more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            lines.append(f"{kind} that differ: {', '.join(named[:SHOWN])}{more}")
    counts = table["state"].value_counts()
    lines.append("; ".join(f"{counts[state]} {state}" for state in counts.index))
    return "\n".join(lines)


if __name__ == "__main__":
    with job(snakemake) as log:
        ours = read_json(snakemake.input.manifest)
        changed = changed_since(ours, str(Path(snakemake.input.manifest).parent))
        if changed:
            raise ValueError(f"changed since the build: {', '.join(changed)}")
        print(f"{len(ours['artefacts'])} files are as this build left them", flush=True)
        for other in snakemake.input.against:
            theirs = read_json(other)
            table = compare(ours, theirs)
            print(summary(table, ours, theirs), flush=True)
            apart = table.loc[~table["state"].isin([IDENTICAL, AGREES]), "artefact"]
            if len(apart):
                raise ValueError(f"{len(apart)} files are not as in {other}: {', '.join(apart)}")
