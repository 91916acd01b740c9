"""Scaling-law tables 4 to 6: growth in n, projections, growing data and break-even."""

from pathlib import Path

from scripts.core.files import arrays_of, tables_of, write_csv
from scripts.core.job import job
from scripts.decomposition.old import Decomposition
from scripts.decomposition.tables import (
    Chain,
    growing_table,
    growing_tex,
    projections_table,
    projections_tex,
    slopes_table,
    slopes_tex,
)

with job(snakemake) as log:
    theory = tables_of(snakemake.input.theory)
    simulated = arrays_of(snakemake.input.simulated, "terms")
    chains = {
        name: Chain(Decomposition(name, block), simulated[name], theory[name])
        for name, block in snakemake.params.blocks.items()
    }
    shown = snakemake.params.shown
    for name, table, tex in (
        ("slopes", slopes_table([chains[n] for n in shown["slopes"]]), slopes_tex),
        (
            "projections",
            projections_table([chains[n] for n in shown["projections"]]),
            projections_tex,
        ),
        (
            "growing",
            growing_table(
                [chains[n] for n in shown["growing"]], [chains[n] for n in shown["break_even"]]
            ),
            growing_tex,
        ),
    ):
        write_csv(table, snakemake.output[name])
        Path(snakemake.output[f"{name}_tex"]).write_text(tex(table), encoding="utf-8")
        log.info("%s: %d rows", name, len(table))
