"""Theory's errors on true and on fake labels over one panel's grid, fixed and best ridge."""

from pipeline.fake_labels import Comparison
from pipeline.files import write_csv
from pipeline.job import job

with job(snakemake) as log:
    table = Comparison(snakemake.params.block).predict(snakemake.params.panel)
    write_csv(table, snakemake.output[0])
    log.info("%d cells", len(table))
