"""Bias, variance and collapse by the recursion, generation by generation."""

from pipeline.decompositions import Decomposition
from pipeline.files import write_csv
from pipeline.job import job

with job(snakemake) as log:
    chain = Decomposition(snakemake.params.decomposition, snakemake.params.block)
    table = chain.predict()
    write_csv(table, snakemake.output[0])
    log.info("%d generations", len(table) - 1)
