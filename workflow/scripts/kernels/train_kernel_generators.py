"""The kernel generators of a block of replicates: images and coefficients, (replicates, n, T0)."""

import numpy as np

from model_collapse.images.kernels import train_kernel_generators
from scripts.kernels.settings import KernelGenerators
from scripts.step.files import read_json, write_arrays
from scripts.step.images import read_problem
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        wildcards = snakemake.wildcards
        block = KernelGenerators(**params.block)
        chains = []
        kernel, pool, *_ = read_problem(files, block)
        generators = block.generators(read_json(files.source)["name"], params.generation)
        for replicate in range(int(wildcards.first), int(wildcards.last) + 1):
            chain = train_kernel_generators(
                kernel, pool, generators, seed=params.seed, replicate=replicate
            )
            chains.append(chain)
            log.info("replicate %d: %d generators", replicate, len(generators))
        write_arrays(
            snakemake.output[0],
            indices=np.array([chain.indices for chain in chains]),
            coefficients=np.array([chain.coefficients for chain in chains]),
        )
