"""One figure of networks: this build, and the reference run that is kept beside the paper."""

from matplotlib import pyplot as plt

from pipeline.files import read_csv
from pipeline.job import job
from pipeline.network_figures import draw_networks

with job(snakemake) as log:
    plt.style.use(snakemake.input.style)
    files = {"build": snakemake.input.points, "reference": snakemake.input.reference}
    runs = {run: read_csv(path) for run, path in files.items()}
    labels = {run: f"{points['samples'].max():,} images" for run, points in runs.items()}
    figure = draw_networks(snakemake.params.panels, runs, labels)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
