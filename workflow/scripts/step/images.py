"""The problem of kernel ridge on images: a kernel, and images, scaled and split."""

import numpy as np

from model_collapse.images.kernels import Kernel
from model_collapse.images.pool import Pool
from scripts.schema.kernels import KernelProblem
from scripts.step.files import read_arrays, read_json


def read_problem(
    files, block: KernelProblem
) -> tuple[Kernel, Pool, Pool, tuple[np.ndarray, np.ndarray]]:
    """The kernel, the pool that fits draw from, the images kept apart for the spectrum, and the
    test set, features (N, p) and targets (N,), label mod 2.
    """
    record = read_json(files.source)
    images = read_arrays(files.images)
    targets = images["train_labels"] % 2
    pool = Pool.prepare(images["train_images"], targets, block.pixels, record["white"])
    test = pool.features(images["test_images"]), images["test_labels"] % 2.0
    for_fits, for_spectrum = pool.split(block.on(record["name"]).spectrum_images)
    return Kernel(**block.kernel.model_dump()), for_fits, for_spectrum, test
