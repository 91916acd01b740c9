"""Simulated errors on true and on fake labels in a few cells of one panel."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.core.simulated import simulated_labels
from scripts.fake_labels.old import Comparison

with job(snakemake) as log:
    comparison = Comparison(snakemake.params.block)
    table = simulated_labels(comparison, snakemake.params.panel, snakemake.params.seed)
    write_csv(table, snakemake.output[0])
    log.info("%d cells", len(table))
