"""The points to simulate in one kernel experiment, of the sizes that suit the images found."""

import pandas as pd

from scripts.kernels.settings import KernelSweep
from scripts.schema.ridge_rules import RIDGE_RULES, Situation
from scripts.step.files import POINT, read_json, write_csv
from scripts.step.job import job


def points_of(name: str, block: KernelSweep, images: str) -> pd.DataFrame:
    """One row for each point of an experiment on "mnist" or "digits", columns POINT."""
    size = block.on(images).generator_samples
    variance = block.generator_noise**2
    rows = [
        (name, n, T, rule, *RIDGE_RULES[rule].ridges(at))
        for T in block.samples(images)
        for n in block.generations
        for at in [Situation(T, size, n * variance, block.noise, ell_crit=block.ell_crit)]
        for rule in block.ridge_rules
    ]
    return pd.DataFrame(rows, columns=POINT)


if __name__ == "__main__":
    with job(snakemake) as log:
        images = read_json(snakemake.input[0])["name"]
        block = KernelSweep(**snakemake.params.block)
        points = points_of(snakemake.wildcards.kernel, block, images)
        log.info("%d points to simulate on %s", len(points), images)
        write_csv(points, snakemake.output[0])
