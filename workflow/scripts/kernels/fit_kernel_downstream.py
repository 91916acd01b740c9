"""Test errors of kernel downstream fits of a block of replicates, (replicates, points)."""

import numpy as np

from model_collapse.kernels import Kernel, KernelChain, kernel_downstream_errors
from scripts.core.files import read_arrays, read_csv
from scripts.core.grids import POINT
from scripts.core.job import job
from scripts.kernels.images import read_pool

with job(snakemake) as log:
    block = snakemake.params.block
    images = read_pool(snakemake.input.images, snakemake.input.source, block)
    points = read_csv(snakemake.input.simulated, POINT)
    trained = read_arrays(snakemake.input.generators, "indices", "coefficients")
    chains = list(map(KernelChain, trained["indices"], trained["coefficients"]))
    first = int(snakemake.params.first)
    risks = np.empty((len(chains), len(points)))
    for i, chain in enumerate(chains):
        for samples, group in points.groupby("samples"):
            # The points of one T are all generations times all ridges, generations outermost.
            errors = kernel_downstream_errors(
                Kernel(**block["kernel"]),
                images.pool,
                chain,
                images.test_features,
                images.test_targets,
                int(samples),
                group["generation"].unique(),
                group["ridge"].to_numpy()[: group["ridge_rule"].nunique()],
                block["noise"],
                seed=snakemake.params.seed,
                replicate=first + i,
            )
            risks[i, group.index] = errors.ravel()
        log.info("replicate %d: %d points", first + i, len(points))
    np.savez(snakemake.output[0], risks=risks)
