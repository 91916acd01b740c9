"""The diagram of the framework, as PDF for the paper and SVG for the report."""

import subprocess

from scripts.paper.write_paper import typeset
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        pdf, svg = snakemake.output.pdf, snakemake.output.svg
        typeset(snakemake.input.diagram, pdf, log)
        subprocess.run(["pdftocairo", "-svg", pdf, svg], check=True)
