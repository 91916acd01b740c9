"""What a kernel experiment is about: a kernel, and images, scaled and split."""

from dataclasses import dataclass

import numpy as np

from model_collapse.kernels import Kernel
from model_collapse.pixels import Pool
from scripts.core.files import read_arrays, read_json
from scripts.kernels.settings import KernelProblem


@dataclass(frozen=True)
class Problem:
    """The kernel, the pool that fits draw from, the images kept apart for the spectrum, and the
    test set: features (N, p) and targets (N,), label mod 2.
    """

    kernel: Kernel
    pool: Pool
    kept_apart: Pool
    test_features: np.ndarray
    test_targets: np.ndarray


def read_problem(files, block: KernelProblem) -> Problem:
    """The problem of a block of the config, from the ``images`` and their ``source`` in files."""
    record, images = read_json(files.source), read_arrays(files.images)
    targets = images["train_labels"] % 2
    whole = Pool.prepare(images["train_images"], targets, block.pixels, record["white"])
    pool, kept_apart = whole.split(block.on(record["name"]).spectrum_images)
    features = whole.features(images["test_images"])
    kernel = Kernel(**block.kernel.model_dump())
    return Problem(kernel, pool, kept_apart, features, images["test_labels"] % 2.0)
