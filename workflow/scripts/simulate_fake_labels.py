"""Simulated errors on true and on fake labels in a few cells of one panel."""

from pipeline.fake_labels import Comparison
from pipeline.files import write_csv
from pipeline.job import job
from pipeline.simulated import simulated_labels

with job(snakemake) as log:
    comparison = Comparison(snakemake.params.block)
    table = simulated_labels(comparison, snakemake.params.panel, snakemake.params.seed)
    write_csv(table, snakemake.output[0])
    log.info("%d cells", len(table))
