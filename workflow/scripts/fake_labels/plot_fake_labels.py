"""When fake labels help: E(n = 1) over E(n = 0), at a fixed and at the best ridge."""

from matplotlib import pyplot as plt

from scripts.core.files import tables_of
from scripts.core.job import job
from scripts.core.maps import draw_fake_labels

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    theory = tables_of(snakemake.input.theory)
    found = tables_of(snakemake.input.simulated)
    figure = draw_fake_labels(theory, found, snakemake.params.block)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
