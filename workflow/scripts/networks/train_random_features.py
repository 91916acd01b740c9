"""All generations of one replicate of networks with a fixed hidden layer: one eigendecomposition
serves them all.
"""

from model_collapse.networks.random_features import train_features
from model_collapse.networks.sgd import METHODS
from scripts.networks.training import task_of
from scripts.step.files import write_arrays
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        training, *task, options = task_of(snakemake.input, snakemake.params, log)
        log.info("features, Gram matrix and eigendecomposition first")
        run = train_features(
            *task,
            int(snakemake.wildcards.width),
            int(snakemake.wildcards.replicate),
            training.generations,
            **options,
        )
        write_arrays(snakemake.output[0], **vars(run) | {"risks": run.risks.reshape(1, -1)})
        log.info("gradient descent diverges from a learning rate of %.4g on", run.limit)
        for method, risks in zip(METHODS, run.risks, strict=True):
            log.info("%s: test errors %s", method, risks)
