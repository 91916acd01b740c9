"""One figure of networks: this build, and the reference run that is kept beside the paper."""

from matplotlib import pyplot as plt

from scripts.core.files import read_csv
from scripts.core.grids import NETWORK
from scripts.core.job import job
from scripts.networks.figure import draw_networks

with job(snakemake) as log:
    plt.style.use(["default", snakemake.input.style])
    points, reference = (
        read_csv(path, NETWORK) for path in (snakemake.input.points, snakemake.input.reference)
    )
    figure = draw_networks(snakemake.params.panels, points, reference)
    figure.savefig(snakemake.output.pdf)
    figure.savefig(snakemake.output.svg, metadata={"Date": None})
