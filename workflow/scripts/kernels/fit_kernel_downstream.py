"""Test errors of kernel downstream fits of a block of replicates, (replicates, points)."""

import numpy as np

from model_collapse.images.kernels import KernelChain, kernel_downstream_errors
from scripts.schema.kernels import KernelProblem
from scripts.step.files import POINT, read_arrays, read_csv, write_arrays
from scripts.step.images import read_problem
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        kernel, pool, _, test = read_problem(files, KernelProblem(**params.block))
        points = read_csv(files.points, POINT)
        trained = read_arrays(files.generators, "indices", "coefficients").values()
        # Points are laid size by size, then generation by generation, all ridges of each.
        sizes, generations = (points[key].unique() for key in ("samples", "generation"))
        ridges = points["ridge"].to_numpy().reshape(len(sizes), len(generations), -1)[:, 0]
        wanted = (*test, sizes, generations, ridges, params.noise)
        risks = []
        for i, arrays in enumerate(zip(*trained, strict=True)):
            own = {"seed": params.seed, "replicate": int(snakemake.wildcards.first) + i}
            chain = KernelChain(*arrays)
            risks.append(kernel_downstream_errors(kernel, pool, chain, *wanted, **own).ravel())
            log.info("replicate %d: %d points", own["replicate"], len(points))
        write_arrays(snakemake.output[0], risks=np.array(risks))
