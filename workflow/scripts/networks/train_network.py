"""One generation of networks of one width, all replicates together."""

from model_collapse.backends import Backend
from model_collapse.network_chain import train_generation
from scripts.core.job import job
from scripts.networks.old import (
    NetworkExperiment,
    progress,
    read_data,
    read_generation,
    write_generation,
)

with job(snakemake) as log:
    experiment = NetworkExperiment(snakemake.params.network, snakemake.params.block)
    convention = experiment.convention
    before = snakemake.input.get("before")
    generation = train_generation(
        read_data(snakemake.input.images),
        experiment.recipe,
        int(snakemake.params.width),
        int(snakemake.params.generation),
        read_generation(before) if before else None,
        **convention,
        backend=Backend(**snakemake.params.backend),
        seed=snakemake.params.seed,
        report=progress(log, experiment.recipe.epochs),
    )
    write_generation(generation, snakemake.output[0], with_layers=convention["continued"])
    log.info("test errors %s", generation.risks)
