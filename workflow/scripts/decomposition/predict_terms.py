"""Bias, variance and collapse by the recursion, generation by generation."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.decomposition.old import Decomposition

with job(snakemake) as log:
    chain = Decomposition(snakemake.params.decomposition, snakemake.params.block)
    table = chain.predict()
    write_csv(table, snakemake.output[0])
    log.info("%d generations", len(table) - 1)
