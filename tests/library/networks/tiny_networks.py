"""Images for tests of networks, few and small, and a network written out."""

import numpy as np

from model_collapse.networks.generations import Data
from model_collapse.networks.sgd import Layers, Recipe


def tiny_data(samples: int, replicates: int = 2, draws: int = 1) -> Data:
    """Twelve random images with all labels, replicates of so many, and five to test on."""
    rng = np.random.default_rng(2)
    drawn = [[rng.permutation(12)[:samples] for _ in range(replicates)] for _ in range(draws)]
    images, test_images = (rng.standard_normal((n, 6)).astype(np.float32) for n in (12, 5))
    return Data(images, np.arange(12) % 10, np.array(drawn), test_images, np.arange(5))


def arrays_of(layers: Layers, r: int) -> list[np.ndarray]:
    return [array[r] for array in vars(layers).values()]


def output(arrays, x, recipe: Recipe) -> np.ndarray:
    """One network's outputs as the docstring of networks has them."""
    w1, b1, w2, b2 = arrays
    scale = {"none": 1, "inverse_sqrt_width": 1 / np.sqrt(w1.shape[1])}[recipe.output_scaling]
    return scale * (np.maximum(x @ w1 + b1, 0) @ w2 + b2)
