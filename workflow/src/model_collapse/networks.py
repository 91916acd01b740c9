"""Two-layer ReLU networks trained by SGD, all replicates at once, on the array API.

f(x) = s·(W2'relu(W1'x + b1) + b2), s = 1 or 1/√H for H hidden units. Arrays may be of any library
with the array API; random numbers are always NumPy's, so they do not depend on the library.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from array_api_compat import array_namespace

from model_collapse.seeds import random_stream

# Ways to train the output layer alone, in random_features: SGD; the gradient-descent filter, which
# is the mean of SGD; endless training.
METHODS = ("sgd", "filter", "ridgeless")
BLOCK = 2048  # rows of a forward pass at once: bounds the memory for hidden units


@dataclass(frozen=True)
class Recipe:
    """How networks are trained: SGD on the squared error, averaged over a batch.

    loss: "mean" averages over the outputs as well, "sum" adds them up. output_scaling:
    "inverse_sqrt_width" multiplies the network's output by 1/√H, "none" leaves it.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str = "mean"
    output_scaling: str = "none"

    def steps(self, samples: int) -> int:
        """SGD steps on N samples; the last batch of an epoch may be smaller."""
        return self.epochs * math.ceil(samples / self.batch_size)

    def output_weight(self, outputs: int) -> float:
        """The weight of each output's squared error in the loss."""
        return {"mean": 1 / outputs, "sum": 1.0}[self.loss]

    def scale(self, width: int) -> float:
        """s."""
        return {"none": 1.0, "inverse_sqrt_width": width**-0.5}[self.output_scaling]


@dataclass(frozen=True)
class Layers:
    """Weights of R networks with p inputs, H hidden units and k outputs: hidden (R, p, H),
    hidden_bias (R, 1, H), output (R, H, k) and output_bias (R, 1, k).

    A single network has no axis R; one hidden layer with G output layers has an axis G in the
    last two.
    """

    hidden: np.ndarray
    hidden_bias: np.ndarray
    output: np.ndarray
    output_bias: np.ndarray

    @property
    def width(self) -> int:
        """H."""
        return self.hidden.shape[-1]

    def map(self, function: Callable) -> "Layers":
        """The layers with a function applied to each array."""
        return Layers(*map(function, vars(self).values()))


def initial_layer(
    name: str, shape: tuple[int, int], initialisation: str, *, seed: int | str, stream: tuple
) -> tuple[np.ndarray, np.ndarray]:
    """Weights (fan-in, fan-out) and biases (1, fan-out) of the layer "hidden" or "output".

    "uniform": all within ±1/√(fan-in), PyTorch's default for linear layers. "normal": weights of
    variance 2/(fan-in) before the ReLU and 1/(fan-in) after it, biases 0.
    """
    rng = random_stream(seed, f"{name} layer", *shape, *stream)
    if initialisation == "uniform":
        bound = shape[0] ** -0.5
        return rng.uniform(-bound, bound, shape), rng.uniform(-bound, bound, (1, shape[1]))
    deviation = math.sqrt((2.0 if name == "hidden" else 1.0) / shape[0])
    return deviation * rng.standard_normal(shape), np.zeros((1, shape[1]))


def initial_layers(
    width: int, inputs: int, outputs: int, initialisation: str, *, seed: int | str, stream: tuple
) -> Layers:
    """One untrained network, as Layers without R; each layer has its own random stream."""
    draw = partial(initial_layer, initialisation=initialisation, seed=seed, stream=stream)
    return Layers(*draw("hidden", (inputs, width)), *draw("output", (width, outputs)))


def stacked(networks: list[Layers]) -> Layers:
    """Single networks as one batch of R."""
    arrays = zip(*(vars(network).values() for network in networks), strict=True)
    return Layers(*map(np.stack, arrays))


def forward(layers: Layers, x, scale: float):
    """Hidden units (R, B, H) and outputs (R, B, k) for inputs (R, B, p), or (B, p) for all."""
    xp = array_namespace(x)
    z = xp.matmul(x, layers.hidden)
    z += layers.hidden_bias
    hidden = xp.clip(z, 0, None)
    return hidden, scale * (xp.matmul(hidden, layers.output) + layers.output_bias)


def train(
    layers: Layers,
    images,
    drawn,
    labels,
    recipe: Recipe,
    orders: Callable,
    *,
    after_epoch: Callable[[int, np.ndarray], None] = lambda epoch, loss: None,
) -> Layers:
    """The layers after SGD; those passed in are not changed.

    images (M, p), drawn (R, N) rows of images, labels (R, N, k); orders(epoch) is (R, N), each row
    a permutation of 0 … N−1. After each epoch, counted from 1, after_epoch(epoch, errors) gets the
    mean squared errors (R,) of its batches, each measured before its step.
    """
    xp = array_namespace(images)
    transposed = xp.matrix_transpose
    replicates, samples = drawn.shape
    outputs = labels.shape[-1]
    layers = layers.map(lambda array: xp.asarray(array, copy=True))
    scale = recipe.scale(layers.width)
    factor = 2 * recipe.learning_rate * recipe.output_weight(outputs) * scale
    flat_drawn, flat_labels = xp.reshape(drawn, (-1, 1)), xp.reshape(labels, (-1, outputs))
    offsets = xp.arange(replicates, device=drawn.device)[:, None] * samples
    for epoch in range(1, recipe.epochs + 1):
        order = xp.asarray(orders(epoch), device=drawn.device) + offsets
        squares = xp.zeros((replicates,), dtype=labels.dtype, device=labels.device)
        for start in range(0, samples, recipe.batch_size):
            batch = order[:, start : start + recipe.batch_size]
            x = picked(images, picked(flat_drawn, batch)[..., 0])
            hidden, predicted = forward(layers, x, scale)
            residual = predicted - picked(flat_labels, batch)
            squares += xp.sum(residual**2, axis=(1, 2))
            residual *= factor / batch.shape[1]
            back = xp.matmul(residual, transposed(layers.output))
            back *= xp.astype(hidden > 0, back.dtype)
            for weights, biases, below, above in (
                (layers.hidden, layers.hidden_bias, x, back),
                (layers.output, layers.output_bias, hidden, residual),
            ):
                weights -= xp.matmul(transposed(below), above)
                biases -= xp.sum(above, axis=1, keepdims=True)
        after_epoch(epoch, np.asarray(squares.tolist()) / (samples * outputs))
    return layers


def picked(array, rows):
    """The rows (R, n) of an array (M, k): (R, n, k)."""
    xp = array_namespace(array)
    return xp.reshape(xp.take(array, xp.reshape(rows, (-1,)), axis=0), (*rows.shape, -1))


def predict(layers: Layers, images, recipe: Recipe, drawn=None):
    """Outputs (R, n, k) for images (n, p), or for the rows ``drawn`` (R, n) of them."""
    xp = array_namespace(images)
    count = images.shape[0] if drawn is None else drawn.shape[1]
    parts = []
    for start in range(0, count, BLOCK):
        if drawn is None:
            x = images[start : start + BLOCK, :]
        else:
            x = picked(images, drawn[:, start : start + BLOCK])
        parts.append(forward(layers, x, recipe.scale(layers.width))[1])
    return xp.concat(parts, axis=1)


def batch_orders(
    samples: int, replicates: range, *, seed: int | str, generation: int
) -> Callable[[int], np.ndarray]:
    """``orders`` for train(): each replicate sees its N samples in a new order in every epoch."""
    streams = [random_stream(seed, "batches", replicate, generation) for replicate in replicates]
    return lambda epoch: np.stack([rng.permutation(samples) for rng in streams])


def label_noise(
    samples: int, outputs: int, replicate: int, *, seed: int | str, generation: int
) -> np.ndarray:
    """Standard normal noise (N, k) on the labels of one generation of one replicate."""
    rng = random_stream(seed, "label noise", replicate, generation)
    return rng.standard_normal((samples, outputs))
