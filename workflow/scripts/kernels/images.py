"""The images of a kernel experiment: scaled, and split into those to draw and those kept apart."""

from dataclasses import dataclass

import numpy as np

from model_collapse.pixels import Pool
from scripts.core.files import read_arrays, read_json


@dataclass(frozen=True)
class Images:
    """The pool that fits draw from, the images kept apart for the spectrum, and the test set:
    features (N, p) and targets (N,), label mod 2.
    """

    pool: Pool
    kept_apart: Pool
    test_features: np.ndarray
    test_targets: np.ndarray


def read_pool(arrays: str, source: str, block: dict) -> Images:
    """The images as a kernel experiment's block scales and splits them."""
    record, images = read_json(source), read_arrays(arrays)
    whole = Pool.prepare(
        images["train_images"], images["train_labels"] % 2, block["pixels"], record["white"]
    )
    pool, kept_apart = whole.split(block["sizes"][record["name"]]["spectrum_images"])
    features = whole.features(images["test_images"])
    return Images(pool, kept_apart, features, images["test_labels"] % 2.0)
