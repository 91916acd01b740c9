"""The crossover: the exponent of the test error over (a, ell) and over (b, ell)."""

from matplotlib import pyplot as plt

from scripts.core.files import tables_of
from scripts.core.job import job
from scripts.core.maps import draw_crossover

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    theory = tables_of(snakemake.input.theory)
    found = tables_of(snakemake.input.simulated)
    figure = draw_crossover(theory, found, snakemake.params.crossover)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
