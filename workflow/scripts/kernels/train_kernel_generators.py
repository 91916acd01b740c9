"""The kernel generators of a block of replicates: images and coefficients, (replicates, n, T0)."""

import numpy as np

from model_collapse.kernels import train_kernel_generators
from scripts.core.files import read_json
from scripts.core.job import job
from scripts.kernels.images import read_pool
from scripts.kernels.old import KernelExperiment

with job(snakemake) as log:
    block = snakemake.params.block
    pool = read_pool(snakemake.input.images, snakemake.input.source, block).pool
    experiment = KernelExperiment(snakemake.params.experiment, block)
    generators = experiment.generators(read_json(snakemake.input.source)["name"])
    chains = []
    for replicate in range(int(snakemake.params.first), int(snakemake.params.last) + 1):
        chains.append(
            train_kernel_generators(
                experiment.kernel,
                pool,
                generators,
                seed=snakemake.params.seed,
                replicate=replicate,
            )
        )
        log.info("replicate %d: %d generators", replicate, len(generators))
    np.savez(
        snakemake.output[0],
        indices=np.array([chain.indices for chain in chains]),
        coefficients=np.array([chain.coefficients for chain in chains]),
    )
