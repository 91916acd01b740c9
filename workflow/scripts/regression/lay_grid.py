"""The points to simulate in one regression experiment."""

from scripts.regression.points import points_of
from scripts.regression.settings import Sweep
from scripts.step.files import write_csv
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        block = Sweep(**snakemake.params.block)
        points = points_of(snakemake.wildcards.experiment, block, block.sizes())
        write_csv(points, snakemake.output[0])
        log.info("%d points to simulate", len(points))
