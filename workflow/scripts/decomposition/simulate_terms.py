"""Bias, variance and collapse of each replicate and generation: (replicates, n+1, TERMS)."""

import numpy as np

from model_collapse.simulation.terms import simulate_terms
from scripts.decomposition.settings import Decomposition
from scripts.step.files import write_arrays
from scripts.step.job import job


def simulated_terms(block: Decomposition, seed: str) -> np.ndarray:
    """TERMS of each replicate and generation: (replicates, generations + 1, TERMS)."""
    chain = (block.problem, block.chain(), [block.downstream])
    replicates = range(block.replicates)
    return np.array([simulate_terms(*chain, seed=seed, replicate=i)[:, 0] for i in replicates])


if __name__ == "__main__":
    with job(snakemake) as log:
        terms = simulated_terms(Decomposition(**snakemake.params.block), snakemake.params.seed)
        write_arrays(snakemake.output[0], terms=terms)
        log.info("%d replicates, %d generations", len(terms), terms.shape[1] - 1)
