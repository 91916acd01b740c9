"""What kernel ridge on images is about: a kernel, and images, scaled and split."""

import numpy as np

from model_collapse.images.kernels import Kernel
from model_collapse.images.pool import Pool
from scripts.core.files import read_arrays, read_json
from scripts.core.kernels import KernelProblem


def read_problem(
    files, block: KernelProblem
) -> tuple[Kernel, Pool, Pool, tuple[np.ndarray, np.ndarray]]:
    """The kernel, the pool that fits draw from, the images kept apart for the spectrum, and the
    test set, features (N, p) and targets (N,), label mod 2.
    """
    record, images = read_json(files.source), read_arrays(files.images)
    targets = images["train_labels"] % 2
    whole = Pool.prepare(images["train_images"], targets, block.pixels, record["white"])
    test = whole.features(images["test_images"]), images["test_labels"] % 2.0
    parts = whole.split(block.on(record["name"]).spectrum_images)
    return Kernel(**block.kernel.model_dump()), *parts, test
