"""The chains of generators of a block of replicates: ŵ_0 … ŵ_n, (replicates, n+1, d)."""

import numpy as np

from model_collapse.chain import train_generators
from scripts.core.files import read_spectrum
from scripts.core.job import job
from scripts.regression.old import Experiment

with job(snakemake) as log:
    spectrum = read_spectrum(snakemake.input.problem)
    experiment = Experiment(snakemake.params.experiment, snakemake.params.block)
    generators = experiment.generators(snakemake.params.generations)
    models = []
    for replicate in range(int(snakemake.params.first), int(snakemake.params.last) + 1):
        models.append(
            train_generators(
                spectrum,
                generators,
                shared_design=experiment.shared_design,
                seed=snakemake.params.seed,
                replicate=replicate,
            )
        )
        log.info("replicate %d: %d generators", replicate, len(generators))
    np.savez(snakemake.output[0], models=np.array(models))
