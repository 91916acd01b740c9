"""Hash every file of the build again, and print how it compares with another build's manifest."""

from pathlib import Path

from scripts.core.files import read_json
from scripts.core.job import job
from scripts.paper.manifest import AGREES, IDENTICAL, UNTRACED, changed_since, compare, summary

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
        apart = table.loc[~table["state"].isin([IDENTICAL, AGREES, UNTRACED]), "artefact"]
        if len(apart):
            raise ValueError(f"{len(apart)} files are not as in {other}: {', '.join(apart)}")
