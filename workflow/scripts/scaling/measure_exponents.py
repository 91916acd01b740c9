"""Exponents of the test error from the recursion, for every cell of one table or map."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.scaling.cells import block_of, cells_of, theory_exponents

with job(snakemake) as log:
    table, scaling = snakemake.params.table, snakemake.params.scaling
    cells = cells_of(scaling, table)
    exponents = theory_exponents(cells, block_of(scaling, table), scaling["largest_drift"])
    write_csv(exponents, snakemake.output[0])
    log.info("%d cells, %d not asymptotic", len(exponents), (~exponents["asymptotic"]).sum())
