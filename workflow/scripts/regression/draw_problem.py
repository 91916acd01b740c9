"""Spectrum and teacher of one experiment."""

import numpy as np

from scripts.core.job import job
from scripts.regression.old import Experiment

with job(snakemake) as log:
    spectrum = Experiment(snakemake.params.experiment, snakemake.params.block).spectrum
    np.savez(
        snakemake.output[0],
        eigenvalues=spectrum.eigenvalues,
        coefficients=spectrum.coefficients,
    )
    log.info("d = %d, null risk %g", spectrum.dimension, spectrum.null_risk)
