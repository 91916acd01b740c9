"""The points to simulate in one kernel experiment, of the sizes that suit the images found."""

from scripts.core.files import read_json, write_csv
from scripts.core.job import job
from scripts.kernels.settings import KernelSweep

if __name__ == "__main__":
    with job(snakemake) as log:
        images, params = read_json(snakemake.input.source)["name"], snakemake.params
        points = KernelSweep(**params.block).points(params.experiment, images)
        log.info("%d points to simulate on %s", len(points), images)
        write_csv(points, snakemake.output[0])
