"""Tables of networks: every point, growth with the generation, SGD against its theory."""

from pathlib import Path

import numpy as np

from pipeline.files import named_after, read_csv, read_json, write_csv
from pipeline.job import job
from pipeline.network_tables import (
    agreement_table,
    agreement_tex,
    all_points,
    growth_table,
    growth_tex,
)

with job(snakemake) as log:
    files, images = snakemake.input, read_json(snakemake.input.images)["name"]
    simulated = {
        name: read_csv(path).assign(samples=snakemake.params.sizes[name][images]["samples"])
        for name, path in named_after(files.simulated).items()
    }
    risks = {name: np.load(path)["risks"] for name, path in named_after(files.replicates).items()}
    theory = {name: read_csv(path) for name, path in named_after(files.theory).items()}
    write_csv(all_points(simulated, theory), snakemake.output.points)
    for name, table, tex in (
        ("growth", growth_table(simulated, risks), growth_tex),
        ("agreement", agreement_table(simulated, risks, theory), agreement_tex),
    ):
        write_csv(table, snakemake.output[name])
        Path(snakemake.output[f"{name}_tex"]).write_text(tex(table), encoding="utf-8")
    reference = read_csv(files.reference)
    Path(snakemake.output.reference_tex).write_text(growth_tex(reference), encoding="utf-8")
    log.info("%d experiments, %d in the reference run", len(simulated), len(reference))
