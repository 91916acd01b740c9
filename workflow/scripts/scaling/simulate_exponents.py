"""Exponents of the test error from simulation, one fit a replicate."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.core.simulated import simulated_exponents
from scripts.scaling.cells import block_of, cells_of

with job(snakemake) as log:
    table, scaling = snakemake.params.table, snakemake.params.scaling
    cells = cells_of(scaling, table, simulated=True)
    simulated = block_of(scaling, table)["simulated"]
    write_csv(
        simulated_exponents(cells, simulated, snakemake.params.seed, log), snakemake.output[0]
    )
