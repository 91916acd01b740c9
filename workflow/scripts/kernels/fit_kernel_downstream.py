"""Test errors of kernel downstream fits of a block of replicates, (replicates, points)."""

import numpy as np
import pandas as pd

from model_collapse.kernels import KernelChain, kernel_downstream_errors
from scripts.core.files import POINT, read_arrays, read_csv, write_arrays
from scripts.core.job import job
from scripts.kernels.images import Problem, read_problem
from scripts.kernels.settings import KernelProblem


def fit(
    problem: Problem, points: pd.DataFrame, chain: KernelChain, noise: float, **stream
) -> np.ndarray:
    """Test errors of one replicate, (points,); ``stream`` is its seed and number.

    The points of one T are all generations times all ridges, generations outermost.
    """
    risks = np.empty(len(points))
    for samples, group in points.groupby("samples"):
        errors = kernel_downstream_errors(
            problem.kernel,
            problem.pool,
            chain,
            problem.test_features,
            problem.test_targets,
            int(samples),
            group["generation"].unique(),
            group["ridge"].to_numpy()[: group["ridge_rule"].nunique()],
            noise,
            **stream,
        )
        risks[group.index] = errors.ravel()
    return risks


if __name__ == "__main__":
    with job(snakemake) as log:
        files, params = snakemake.input, snakemake.params
        problem = read_problem(files, KernelProblem(**params.block))
        points, risks = read_csv(files.simulated, POINT), []
        trained = read_arrays(files.generators, "indices", "coefficients")
        first = int(snakemake.wildcards.first)
        for i, chain in enumerate(map(KernelChain, *trained.values()), first):
            risks.append(fit(problem, points, chain, params.noise, seed=params.seed, replicate=i))
            log.info("replicate %d: %d points", i, len(points))
        write_arrays(snakemake.output[0], risks=np.array(risks))
