"""Eigenvalues of the kernel and the target's coefficients, from images kept apart for this, and
from half of them.
"""

import numpy as np

from model_collapse.kernels import Kernel, kernel_spectrum
from scripts.core.job import job
from scripts.kernels.images import read_pool

with job(snakemake) as log:
    block = snakemake.params.block
    kept_apart = read_pool(snakemake.input.images, snakemake.input.source, block).kept_apart
    kernel, count = Kernel(**block["kernel"]), len(kept_apart.images)
    spectrum = kernel_spectrum(kernel, kept_apart)
    half = kernel_spectrum(kernel, kept_apart.split(count // 2)[1])
    np.savez(
        snakemake.output[0],
        eigenvalues=spectrum.eigenvalues,
        coefficients=spectrum.coefficients,
        half_eigenvalues=half.eigenvalues,
        half_coefficients=half.coefficients,
    )
    log.info("%d eigenvalues from %d images", spectrum.dimension, len(kept_apart.images))
