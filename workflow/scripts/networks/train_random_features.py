"""All generations of one replicate of networks with a fixed hidden layer."""

import numpy as np

from model_collapse.backends import Backend
from model_collapse.random_features import METHODS, train_features
from scripts.core.job import job
from scripts.networks.old import NetworkExperiment, progress, read_data

with job(snakemake) as log:
    experiment = NetworkExperiment(snakemake.params.network, snakemake.params.block)
    generations, recipe = snakemake.params.block["generations"], experiment.recipe
    log.info("features, Gram matrix and eigendecomposition first")
    run = train_features(
        read_data(snakemake.input.images),
        recipe,
        int(snakemake.params.width),
        int(snakemake.params.replicate),
        generations,
        **experiment.convention,
        backend=Backend(**snakemake.params.backend),
        seed=snakemake.params.seed,
        report=progress(log, recipe.epochs, generations + 1),
    )
    np.savez(snakemake.output[0], **vars(run) | {"risks": run.risks.reshape(1, -1)})
    log.info("gradient descent diverges from a learning rate of %.4g on", run.limit)
    for method, risks in zip(METHODS, run.risks, strict=True):
        log.info("%s: test errors %s", method, risks)
