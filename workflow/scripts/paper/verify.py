"""Hash every file of the build again, and print a comparison with another build's manifest."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from scripts.paper.origin import hashes_of
from scripts.step.files import read_json
from scripts.step.job import job
from scripts.step.records import sha256_of

# Tolerances between machines: relative to the larger number, or in standard errors where a table
# gives them, as networks amplify last digits to a fraction of one.
RTOL = 1e-6
SE_TOL = 0.5
TEXT_ONLY = "text only"  # the difference between tables whose numbers are the same
# States of an artefact.
IDENTICAL = "identical"
AGREES = "within tolerance"
DIFFERS = "differs"
MISSING = "missing here"
NEW = "not in the other"
MOST_LISTED = 12  # packages, sources and files in a message
MADE_BY = ("code", "params", "seeds", "rule")
COLUMNS = ["artefact", "rule", "state", "largest_difference", "because"]


def changed_since(ours: dict, results: str) -> list[str]:
    """Files that are gone, or whose hash is no longer the one in the manifest of their build."""
    hashes = hashes_of(ours, results)
    return [p for p, sha in hashes.items() if not Path(p).is_file() or sha256_of(p) != sha]


def named_otherwise(otherwise: dict[str, str]) -> str:
    """A sentence on files that this config and code would make otherwise, with the differences."""
    files = [f"{path} ({difference})" for path, difference in otherwise.items()]
    more = f" and {len(files) - MOST_LISTED} more" if len(files) > MOST_LISTED else ""
    return (
        f"{len(files)} of them are not what this config and code would make: "
        f"{', '.join(files[:MOST_LISTED])}{more}; build again, or name the config that they are of"
    )


def compare(ours: dict, theirs: dict) -> pd.DataFrame:
    """One row for each artefact of either manifest: artefact, rule, state, largest_difference
    (relative, or in standard errors), because (the inputs and parameters that differ).

    The state depends on bytes and numbers alone. A table with other bytes agrees if its numbers do;
    a figure, a tex file or the paper agrees if only inputs of it differ, and all of these agree.
    """

    @cache
    def compared(name: str) -> dict[str, str]:
        """The row of an artefact; for a source, its state alone."""
        our_entry = ours["artefacts"].get(name)
        their_entry = theirs["artefacts"].get(name)
        if not (our_entry or their_entry):
            same = ours["sources"].get(name) == theirs["sources"].get(name)
            return {"state": IDENTICAL if same else DIFFERS}
        row = {"artefact": name, "rule": (our_entry or their_entry)["rule"], "because": ""}
        if not (our_entry and their_entry):
            return row | {"state": NEW if our_entry else MISSING}
        if our_entry["sha256"] == their_entry["sha256"]:
            return row | {"state": IDENTICAL}
        inputs = sorted({*our_entry["inputs"], *their_entry["inputs"]})
        states = {source: compared(source)["state"] for source in inputs}
        states = {source: state for source, state in states.items() if state != IDENTICAL}
        states |= {key: DIFFERS for key in MADE_BY if our_entry.get(key) != their_entry.get(key)}
        row["because"] = ", ".join(states) or "same sources: other versions or another CPU"
        if not (our_entry["numbers"] or their_entry["numbers"]):
            agree = states and set(states.values()) == {AGREES}
            return row | {"state": AGREES if agree else DIFFERS}
        row |= _numbers_agree(our_entry["numbers"], their_entry["numbers"])
        if name.endswith(".npz") and row["largest_difference"] == TEXT_ONLY:
            row |= {"state": AGREES, "largest_difference": "packing only"}
        return row

    rows = map(compared, sorted(ours["artefacts"] | theirs["artefacts"]))
    return pd.DataFrame(rows).reindex(columns=COLUMNS)


def _numbers_agree(here: dict, there: dict) -> dict[str, str]:
    """The state of a table or of arrays by their numbers, and the largest difference."""
    if {c: len(v) for c, v in here.items()} != {c: len(v) for c, v in there.items()}:
        return {"state": DIFFERS, "largest_difference": "other columns or rows"}
    worst = (0.0, "")
    agree = True
    for name, values in here.items():
        ours = np.array(values, float)
        theirs = np.array(there[name], float)
        gap = np.where(np.isnan(ours) & np.isnan(theirs), 0, abs(ours - theirs))
        with np.errstate(invalid="ignore", divide="ignore"):
            relative = np.where(gap == 0, 0, gap / np.fmax(abs(ours), abs(theirs)))
        errors = np.array(there.get(f"{name}_se", [0.0] * len(ours)), float)
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
    for label, build in (("here", ours), ("other", theirs)):
        state = {True: "clean", False: "with changes", None: "no repository"}[build["clean"]]
        versions = f"Python {build['python']}, {build['machine']}, {build['tex']}"
        lines.append(f"{label}: commit {build['commit']}, {state}, {versions}")
    for kind, form in (("packages", "{0} {1} | {2}"), ("sources", "{0}")):
        names = sorted(ours[kind] | theirs[kind])
        pairs = [(name, ours[kind].get(name), theirs[kind].get(name)) for name in names]
        differing = [form.format(*pair) for pair in pairs if pair[1] != pair[2]]
        if differing:
            count = len(differing)
            more = f" and {count - MOST_LISTED} more" if count > MOST_LISTED else ""
            lines.append(f"{kind} that differ: {', '.join(differing[:MOST_LISTED])}{more}")
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
