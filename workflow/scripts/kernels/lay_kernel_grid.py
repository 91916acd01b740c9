"""The points to simulate in one kernel experiment, of the sizes that suit the images found."""

from scripts.core.files import read_json, write_csv
from scripts.core.job import job
from scripts.kernels.old import KernelExperiment

with job(snakemake) as log:
    images = read_json(snakemake.input.source)["name"]
    experiment = KernelExperiment(snakemake.params.experiment, snakemake.params.block)
    points = experiment.points(images)
    log.info("%d points to simulate on %s", len(points), images)
    write_csv(points, snakemake.output.simulated)
