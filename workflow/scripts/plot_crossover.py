"""The crossover: the exponent of the test error over (a, ell) and over (b, ell)."""

from matplotlib import pyplot as plt

from pipeline.files import named_after, read_csv
from pipeline.job import job
from pipeline.maps import draw_crossover

with job(snakemake) as log:
    plt.style.use(snakemake.input.style)
    theory = {name: read_csv(path) for name, path in named_after(snakemake.input.theory).items()}
    found = {name: read_csv(path) for name, path in named_after(snakemake.input.simulated).items()}
    figure = draw_crossover(theory, found, snakemake.params.crossover)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
