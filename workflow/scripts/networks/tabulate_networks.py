"""Tables of networks: every point, growth with the generation, SGD against its theory."""

from pathlib import Path

from scripts.core.files import arrays_of, read_csv, read_json, tables_of, write_csv
from scripts.core.grids import NETWORK
from scripts.core.job import job
from scripts.networks.tables import (
    agreement_table,
    agreement_tex,
    all_points,
    growth_table,
    growth_tex,
)

with job(snakemake) as log:
    files, images = snakemake.input, read_json(snakemake.input.images)["name"]
    simulated = {
        name: table.assign(samples=snakemake.params.sizes[name][images]["samples"])
        for name, table in tables_of(files.simulated, NETWORK).items()
    }
    risks = arrays_of(files.replicates, "risks")
    theory = tables_of(files.theory)
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
