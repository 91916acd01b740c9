"""Exponents of the test error from simulation, one fit a replicate."""

from pipeline.files import write_csv
from pipeline.job import job
from pipeline.laws import block_of, cells_of
from pipeline.simulated import simulated_exponents

with job(snakemake) as log:
    table, scaling = snakemake.params.table, snakemake.params.scaling
    cells = cells_of(scaling, table, simulated=True)
    simulated = block_of(scaling, table)["simulated"]
    write_csv(
        simulated_exponents(cells, simulated, snakemake.params.seed, log), snakemake.output[0]
    )
