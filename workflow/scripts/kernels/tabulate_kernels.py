"""Kernel tables: capacity and source exponents, growth in n, and where theory fails."""

from pathlib import Path

from scripts.core.files import arrays_of, named_after, read_spectrum, tables_of, write_csv
from scripts.core.grids import PREDICTED, SIMULATED
from scripts.core.job import job
from scripts.kernels.tables import (
    exponents_table,
    exponents_tex,
    growth_table,
    growth_tex,
    universality_table,
    universality_tex,
)

with job(snakemake) as log:
    files, blocks = snakemake.input, snakemake.params.blocks
    spectra = {name: read_spectrum(path) for name, path in named_after(files.problems).items()}
    simulated = tables_of(files.simulated, SIMULATED)
    theory = tables_of(files.theory, PREDICTED)
    risks = arrays_of(files.replicates, "risks")
    for name, table, tex in (
        ("exponents", exponents_table(blocks, spectra, snakemake.params.windows), exponents_tex),
        ("growth", growth_table(simulated, risks, theory), growth_tex),
        ("universality", universality_table(simulated, risks, theory), universality_tex),
    ):
        write_csv(table, snakemake.output[name])
        Path(snakemake.output[f"{name}_tex"]).write_text(tex(table), encoding="utf-8")
        log.info("%s: %d rows", name, len(table))
