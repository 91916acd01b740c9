"""Bias, variance and collapse against the generation, theory over simulation."""

from matplotlib import pyplot as plt

from scripts.core.files import arrays_of, tables_of
from scripts.core.job import job
from scripts.core.maps import draw_decomposition

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    theory = tables_of(snakemake.input.theory)
    terms = arrays_of(snakemake.input.simulated, "terms")
    figure = draw_decomposition(theory, terms, snakemake.params.blocks)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
