"""Scaling-law tables 1 to 3: exponents predicted, from theory and from simulation."""

import pandas as pd

from scripts.core.files import tables_of, write_csv
from scripts.core.job import job
from scripts.scaling.tables import (
    clean_tex,
    collapsed_tex,
    crossover_tex,
    crossover_theory,
    with_simulation,
)

with job(snakemake) as log:
    theory = tables_of(snakemake.input.theory)
    found = tables_of(snakemake.input.simulated)
    tables = {
        name: with_simulation(theory[f"exponents_{name}"], found[f"exponents_{name}"])
        for name in ("clean", "collapsed")
    }
    maps = [found[f"exponents_{name}"] for name in ("over_a", "over_b")]
    crossover = crossover_theory(pd.concat(maps), snakemake.params.scaling)
    write_csv(tables["clean"], snakemake.output.clean)
    write_csv(tables["collapsed"], snakemake.output.collapsed)
    write_csv(crossover, snakemake.output.crossover)
    noisy = tables["collapsed"]["sigma"] == 1
    for path, text in (
        (snakemake.output.clean_tex, clean_tex(tables["clean"])),
        (snakemake.output.noiseless_tex, collapsed_tex(tables["collapsed"][~noisy])),
        (snakemake.output.noisy_tex, collapsed_tex(tables["collapsed"][noisy])),
        (snakemake.output.crossover_tex, crossover_tex(crossover)),
    ):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    log.info("%d cells", sum(map(len, tables.values())) + len(crossover))
