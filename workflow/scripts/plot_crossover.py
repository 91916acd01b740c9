"""The crossover: the exponent of the test error over (a, ell) and over (b, ell)."""

from matplotlib import pyplot as plt

from pipeline.files import tables_of
from pipeline.job import job
from pipeline.maps import draw_crossover

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    theory = tables_of(snakemake.input.theory)
    found = tables_of(snakemake.input.simulated)
    figure = draw_crossover(theory, found, snakemake.params.crossover)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
