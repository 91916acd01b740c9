"""Test errors of the downstream fits of a block of replicates, (replicates, points)."""

import numpy as np

from model_collapse.chain import downstream_errors
from scripts.core.files import read_arrays, read_csv, read_spectrum
from scripts.core.grids import POINT
from scripts.core.job import job

with job(snakemake) as log:
    spectrum = read_spectrum(snakemake.input.problem)
    points = read_csv(snakemake.input.simulated, POINT)
    chains = read_arrays(snakemake.input.generators, "models")["models"]
    first = int(snakemake.params.first)
    risks = np.empty((len(chains), len(points)))
    for i, models in enumerate(chains):
        for samples, group in points.groupby("samples"):
            risks[i, group.index] = downstream_errors(
                spectrum,
                models[group["generation"]],
                int(samples),
                group["ridge"].to_numpy(),
                snakemake.params.noise,
                seed=snakemake.params.seed,
                replicate=first + i,
            )
        log.info("replicate %d: %d points", first + i, len(points))
    np.savez(snakemake.output[0], risks=risks)
