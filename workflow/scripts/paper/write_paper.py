"""The paper, from its TeX and the build's figures, tables and numbers."""

from pathlib import Path

from scripts.core.job import job
from scripts.core.tex import typeset

with job(snakemake) as log:
    included = [*snakemake.input.figures, *snakemake.input.tables]
    folders = dict.fromkeys(str(Path(path).parent) for path in included)
    typeset(snakemake.input.main, snakemake.output[0], log, list(folders))
