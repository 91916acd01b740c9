"""The chains of generators of a block of replicates: ŵ_0 … ŵ_n, (replicates, n+1, d)."""

import numpy as np

from model_collapse.simulation.chain import train_generators
from scripts.schema.spectra import Generators
from scripts.step.files import write_arrays
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        block = Generators(**snakemake.params.block)
        first, last = int(snakemake.wildcards.first), int(snakemake.wildcards.last)
        models = [
            train_generators(
                block.problem,
                block.generators(params.generations),
                shared_design=block.shared_design,
                seed=params.seed,
                replicate=replicate,
            )
            for replicate in range(first, last + 1)
        ]
        write_arrays(snakemake.output[0], models=np.array(models))
        log.info("%d replicates of %d generators", len(models), params.generations)
