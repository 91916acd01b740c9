"""Test errors of the downstream fits of a block of replicates, (replicates, points)."""

import numpy as np
import pandas as pd

from model_collapse.problem.spectra import Spectrum
from model_collapse.simulation.chain import downstream_errors
from scripts.schema.spectra import Generators
from scripts.step.files import POINT, read_arrays, read_csv, write_arrays
from scripts.step.job import job


def errors_of(
    spectrum: Spectrum, models: np.ndarray, points: pd.DataFrame, noise: float, **stream
) -> np.ndarray:
    """Test errors of one replicate, (points,), from its chain of models, (n+1, d)."""
    errors = np.empty(len(points))
    for samples, group in points.groupby("samples"):
        ridges = group["ridge"].to_numpy()
        generations = group["generation"]
        errors[group.index] = downstream_errors(
            spectrum, models[generations], int(samples), ridges, noise, **stream
        )
    return errors


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        spectrum = Generators(**snakemake.params.block).problem
        points = read_csv(snakemake.input.points, POINT)
        chains = read_arrays(snakemake.input.generators, "models")["models"]
        risks = [
            errors_of(spectrum, models, points, params.noise, seed=params.seed, replicate=replicate)
            for replicate, models in enumerate(chains, int(snakemake.wildcards.first))
        ]
        write_arrays(snakemake.output[0], risks=np.array(risks))
        log.info("%d replicates of %d points", len(risks), len(points))
