"""Theory's errors on true and on fake labels over one panel's grid, fixed and best ridge."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.fake_labels.old import Comparison

with job(snakemake) as log:
    table = Comparison(snakemake.params.block).predict(snakemake.params.panel)
    write_csv(table, snakemake.output[0])
    log.info("%d cells", len(table))
