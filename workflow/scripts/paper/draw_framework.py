"""The diagram of the framework, as PDF for the paper and SVG for the report."""

import subprocess

from scripts.core.job import job
from scripts.core.tex import typeset

with job(snakemake) as log:
    typeset(snakemake.input.diagram, snakemake.output.pdf, log)
    subprocess.run(["pdftocairo", "-svg", snakemake.output.pdf, snakemake.output.svg], check=True)
