"""Eigenvalues of the kernel and the target's coefficients, from images kept apart for this, and
from half of them.
"""

from model_collapse.images.kernels import kernel_spectrum
from scripts.schema.kernels import KernelProblem
from scripts.step.files import write_arrays
from scripts.step.images import read_problem
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        block = KernelProblem(**snakemake.params.block)
        kernel, _, images, _ = read_problem(snakemake.input, block)
        count = len(images.images)
        x = images.features(images.images)
        gram = kernel(x, x)
        last = slice(-(count // 2), None)
        spectrum = kernel_spectrum(gram, images.targets)
        half = kernel_spectrum(gram[last, last], images.targets[last])
        write_arrays(
            snakemake.output[0],
            eigenvalues=spectrum.eigenvalues,
            coefficients=spectrum.coefficients,
            half_eigenvalues=half.eigenvalues,
            half_coefficients=half.coefficients,
        )
        log.info("%d eigenvalues from %d images", spectrum.dimension, count)
