"""The points to simulate in one kernel experiment, of the sizes that suit the images found."""

from pipeline.files import read_json, write_csv
from pipeline.job import job
from pipeline.kernel_experiments import KernelExperiment

with job(snakemake) as log:
    images = read_json(snakemake.input.source)["name"]
    experiment = KernelExperiment(snakemake.params.experiment, snakemake.params.block)
    points = experiment.points(images)
    log.info("%d points to simulate on %s", len(points), images)
    write_csv(points, snakemake.output.simulated)
