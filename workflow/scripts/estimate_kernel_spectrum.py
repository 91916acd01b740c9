"""Eigenvalues of the kernel and the target's coefficients, from images kept apart for this."""

import numpy as np

from model_collapse.kernels import Kernel, kernel_spectrum
from pipeline.job import job
from pipeline.kernel_experiments import read_pool

with job(snakemake) as log:
    block = snakemake.params.block
    kept_apart = read_pool(snakemake.input.images, snakemake.input.source, block).kept_apart
    spectrum = kernel_spectrum(Kernel(**block["kernel"]), kept_apart)
    np.savez(
        snakemake.output[0],
        eigenvalues=spectrum.eigenvalues,
        coefficients=spectrum.coefficients,
    )
    log.info("%d eigenvalues from %d images", spectrum.dimension, len(kept_apart.images))
