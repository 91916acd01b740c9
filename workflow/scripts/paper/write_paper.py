"""The paper, from its TeX and the build's figures, tables and numbers."""

from pathlib import Path

from scripts.core.job import job
from scripts.paper.tex import typeset

if __name__ == "__main__":
    with job(snakemake) as log:
        folders = dict.fromkeys(str(Path(path).parent) for path in snakemake.input.included)
        typeset(snakemake.input.main, snakemake.output[0], log, list(folders))
