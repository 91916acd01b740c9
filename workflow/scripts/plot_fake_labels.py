"""When fake labels help: E(n = 1) over E(n = 0), at a fixed and at the best ridge."""

from matplotlib import pyplot as plt

from pipeline.files import named_after, read_csv
from pipeline.job import job
from pipeline.maps import draw_fake_labels

with job(snakemake) as log:
    plt.style.use(snakemake.input.style)
    theory = {name: read_csv(path) for name, path in named_after(snakemake.input.theory).items()}
    found = {name: read_csv(path) for name, path in named_after(snakemake.input.simulated).items()}
    figure = draw_fake_labels(theory, found, snakemake.params.block)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
