"""Bias, variance and collapse against the generation, theory over simulation."""

import numpy as np
from matplotlib import pyplot as plt

from pipeline.files import named_after, read_csv
from pipeline.job import job
from pipeline.maps import draw_decomposition

with job(snakemake) as log:
    plt.style.use(snakemake.input.style)
    theory = {name: read_csv(path) for name, path in named_after(snakemake.input.theory).items()}
    files = named_after(snakemake.input.simulated)
    terms = {name: np.load(path)["terms"] for name, path in files.items()}
    figure = draw_decomposition(theory, terms, snakemake.params.blocks)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
