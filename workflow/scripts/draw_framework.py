"""The diagram of the framework, as PDF for the paper and SVG for the report."""

import subprocess

from pipeline.job import job
from pipeline.tex import typeset

with job(snakemake) as log:
    typeset(snakemake.input.diagram, snakemake.output.pdf, log)
    subprocess.run(["pdftocairo", "-svg", snakemake.output.pdf, snakemake.output.svg], check=True)
