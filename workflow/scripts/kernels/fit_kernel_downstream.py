"""Test errors of kernel downstream fits of a block of replicates, (replicates, points)."""

import numpy as np

from model_collapse.kernels import KernelChain, kernel_downstream_errors
from scripts.core.files import POINT, read_arrays, read_csv, write_arrays
from scripts.core.job import job
from scripts.kernels.images import read_problem
from scripts.kernels.settings import KernelProblem

if __name__ == "__main__":
    with job(snakemake) as log:
        files, params = snakemake.input, snakemake.params
        kernel, pool, _, test = read_problem(files, KernelProblem(**params.block))
        points = read_csv(files.simulated, POINT)
        trained = read_arrays(files.generators, "indices", "coefficients").values()
        risks = np.empty((len(next(iter(trained))), len(points)))
        for i, arrays in enumerate(zip(*trained, strict=True)):
            own = {"seed": params.seed, "replicate": int(snakemake.wildcards.first) + i}
            # The points of one T are all generations times all ridges, generations outermost.
            for samples, group in points.groupby("samples"):
                ridges = group["ridge"].to_numpy()[: group["ridge_rule"].nunique()]
                of_group = int(samples), group["generation"].unique(), ridges, params.noise
                errors = kernel_downstream_errors(
                    kernel, pool, KernelChain(*arrays), *test, *of_group, **own
                )
                risks[i, group.index] = errors.ravel()
            log.info("replicate %d: %d points", own["replicate"], len(points))
        write_arrays(snakemake.output[0], risks=risks)
