"""Hash every file of the build again, and print how it compares with another build's manifest."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.core.files import read_json
from scripts.core.job import job
from scripts.core.records import sha256_of
from scripts.paper.origin import hashes_of

# Tolerances between machines: relative to the larger number, or in standard errors where a table
# gives them, as networks amplify last digits to a part of one.
RTOL, SE_TOL = 1e-6, 0.5
TEXT_ONLY = "text only"  # what differs in a table whose numbers are the same
IDENTICAL, AGREES, DIFFERS = "identical", "within tolerance", "differs"
MISSING, NEW = "missing here", "not in the other"
SHOWN = 12  # packages, sources and files that are listed
MADE_BY = ("code", "params", "seeds", "rule")
COLUMNS = ["artefact", "rule", "state", "largest_difference", "because"]


def changed_since(ours: dict, results: str) -> list[str]:
    """Files that are gone, or whose hash is no longer the one in the manifest of their build."""
    hashes = hashes_of(ours, results)
    return [p for p, sha in hashes.items() if not Path(p).is_file() or sha256_of(p) != sha]


def named_otherwise(otherwise: dict[str, str]) -> str:
    """A sentence on files that this config and code would make otherwise, with the differences."""
    files = [f"{path} ({difference})" for path, difference in otherwise.items()]
    more = f" and {len(files) - SHOWN} more" if len(files) > SHOWN else ""
    return (
        f"{len(files)} of them are not what this config and code would make: "
        f"{', '.join(files[:SHOWN])}{more}; build again, or name the config that they are of"
    )


def compare(ours: dict, theirs: dict) -> pd.DataFrame:
    """One row for each artefact of either manifest: artefact, rule, state, largest_difference
    (relative, or in standard errors), because (what it is made from that differs).

    The state depends on bytes and numbers alone: a table with other bytes agrees if its numbers do;
    a figure, a tex file or the paper if all that differs in what it is made from is files that
    agree.
    """

    @cache
    def judged(name: str) -> dict[str, str]:
        """The row of an artefact; of a source, whether it is the same."""
        here, there = (which["artefacts"].get(name) for which in (ours, theirs))
        if not (here or there):
            same = ours["sources"].get(name) == theirs["sources"].get(name)
            return {"state": IDENTICAL if same else DIFFERS}
        row = {"artefact": name, "rule": (here or there)["rule"], "because": ""}
        if not (here and there):
            return row | {"state": NEW if here else MISSING}
        if here["sha256"] == there["sha256"]:
            return row | {"state": IDENTICAL}
        inputs = sorted({*here["inputs"], *there["inputs"]})
        states = {one: state for one in inputs if (state := judged(one)["state"]) != IDENTICAL}
        states |= {key: DIFFERS for key in MADE_BY if here.get(key) != there.get(key)}
        row["because"] = ", ".join(states) or "same sources: other versions or another CPU"
        if not (here["numbers"] or there["numbers"]):
            agree = states and set(states.values()) == {AGREES}
            return row | {"state": AGREES if agree else DIFFERS}
        row |= _numbers_agree(here["numbers"], there["numbers"])
        if name.endswith(".npz") and row["largest_difference"] == TEXT_ONLY:
            row |= {"state": AGREES, "largest_difference": "packing only"}
        return row

    rows = map(judged, sorted(ours["artefacts"] | theirs["artefacts"]))
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def _numbers_agree(here: dict, there: dict) -> dict[str, str]:
    """The state of a table or of arrays by their numbers, and the largest difference."""
    if {c: len(v) for c, v in here.items()} != {c: len(v) for c, v in there.items()}:
        return {"state": DIFFERS, "largest_difference": "other columns or rows"}
    worst, agree = (0.0, ""), True
    for name, values in here.items():
        one, other = (np.array(v, float) for v in (values, there[name]))
        gap = np.where(np.isnan(one) & np.isnan(other), 0, abs(one - other))
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.where(gap == 0, 0, gap / np.fmax(abs(one), abs(other)))
        errors = np.array(there.get(f"{name}_se", [0.0] * len(one)), float)
        agree &= bool(np.all((relative <= RTOL) | (gap <= SE_TOL * errors)))
        worst = max(worst, (float(np.nan_to_num(relative, nan=np.inf).max(initial=0)), name))
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
        made = f"{state}, Python {which['python']}, {which['machine']}, {which['tex']}"
        lines.append(f"{label}: commit {which['commit']}, {made}")
    for kind, form in (("packages", "{0} {1} | {2}"), ("sources", "{0}")):
        names = sorted(ours[kind] | theirs[kind])
        pairs = [(name, ours[kind].get(name), theirs[kind].get(name)) for name in names]
        named = [form.format(*pair) for pair in pairs if pair[1] != pair[2]]
        if named:
            more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
            lines.append(f"{kind} that differ: {', '.join(named[:SHOWN])}{more}")
    counts = table["state"].value_counts()
    lines.append("; ".join(f"{count} {state}" for state, count in counts.items()))
    return "\n".join(lines)


if __name__ == "__main__":
    with job(snakemake) as log:
        manifest = Path(snakemake.params.manifest)
        if not manifest.exists():
            raise ValueError(f"there is no {manifest}: build first, snakemake --cores all")
        ours = read_json(manifest)
        changed = changed_since(ours, str(manifest.parent))
        if changed:
            raise ValueError(f"changed since the build: {', '.join(changed)}")
        print(f"{len(ours['artefacts'])} files are as this build left them", flush=True)
        if otherwise := snakemake.params.otherwise:
            log.warning("%s", named_otherwise(otherwise))
        for other in snakemake.input.against:
            theirs = read_json(other)
            table = compare(ours, theirs)
            print(summary(table, ours, theirs), flush=True)
            apart = table.loc[~table["state"].isin([IDENTICAL, AGREES]), "artefact"]
            if len(apart):
                raise ValueError(f"{len(apart)} files are not as in {other}: {', '.join(apart)}")
