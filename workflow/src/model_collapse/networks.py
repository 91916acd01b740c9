"""Two-layer ReLU networks trained by SGD, all replicates at once, on the array API.

f(x) = s·(W2'relu(W1'x + b1) + b2), s = 1 or 1/√H for H hidden units. Arrays may be of any library
that has the array API; what is random is drawn by NumPy, so it does not depend on the library.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from model_collapse.seeds import random_stream

# Ways to train the output layer on a hidden one that stays as drawn (random_features): SGD; the
# gradient-descent filter, what SGD does on average; endless training.
METHODS = ("sgd", "filter", "ridgeless")
BLOCK = 2048  # rows of a forward pass at once: bounds the memory for hidden units


@dataclass(frozen=True)
class Recipe:
    """How networks are trained: SGD on the squared error, averaged over a batch.

    loss "mean" also averages over the outputs, "sum" adds them up. output_scaling
    "inverse_sqrt_width" multiplies the network's output by 1/√H, "none" leaves it. Raises
    ValueError for any other loss or output_scaling.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str = "mean"
    output_scaling: str = "none"

    def __post_init__(self):
        if self.loss not in ("mean", "sum"):
            raise ValueError(f"loss must be mean or sum, not {self.loss!r}")
        if self.output_scaling not in ("none", "inverse_sqrt_width"):
            raise ValueError(
                f"output_scaling must be none or inverse_sqrt_width, not {self.output_scaling!r}"
            )

    def require_batches(self, samples: int) -> None:
        """Raise ValueError for a batch larger than the N samples."""
        if self.batch_size > samples:
            raise ValueError(
                f"batch_size {self.batch_size} is larger than the {samples} images trained on"
            )

    def steps(self, samples: int) -> int:
        """SGD steps on N samples; the last batch of an epoch may be smaller."""
        return self.epochs * math.ceil(samples / self.batch_size)

    def output_weight(self, outputs: int) -> float:
        """What the loss multiplies each output's squared error by."""
        return 1 / outputs if self.loss == "mean" else 1.0

    def scale(self, width: int) -> float:
        """s."""
        return width**-0.5 if self.output_scaling == "inverse_sqrt_width" else 1.0


@dataclass(frozen=True)
class Layers:
    """Weights of R networks: hidden (R, p, H), hidden_bias (R, 1, H), output (R, H, k),
    output_bias (R, 1, k), with p inputs, H hidden units and k outputs; of one, without R; of one
    hidden layer with G output layers, (p, H), (1, H), (G, H, k), (G, 1, k).
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

    "uniform": all between ±1/√(fan-in), PyTorch's default for linear layers. "normal": weights of
    variance 2/(fan-in) before the ReLU and 1/(fan-in) after it, no biases. Raises ValueError for
    any other initialisation.
    """
    if initialisation not in ("uniform", "normal"):
        raise ValueError(f"initialisation must be uniform or normal, not {initialisation!r}")
    rng = random_stream(seed, f"{name} layer", *shape, *stream)
    if initialisation == "uniform":
        bound = shape[0] ** -0.5
        return rng.uniform(-bound, bound, shape), rng.uniform(-bound, bound, (1, shape[1]))
    deviation = math.sqrt((2.0 if name == "hidden" else 1.0) / shape[0])
    return deviation * rng.standard_normal(shape), np.zeros((1, shape[1]))


def initial_layers(
    width: int, inputs: int, outputs: int, initialisation: str, *, seed: int | str, stream: tuple
) -> Layers:
    """One untrained network, its two layers from streams of their own, as Layers without R."""
    hidden = initial_layer("hidden", (inputs, width), initialisation, seed=seed, stream=stream)
    output = initial_layer("output", (width, outputs), initialisation, seed=seed, stream=stream)
    return Layers(*hidden, *output)


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


def gradients(
    layers: Layers, x, residual_gradient, hidden, *, hidden_fixed: bool = False
) -> Layers:
    """Gradients of a loss whose gradient in W2'relu(…) + b2 is ``residual_gradient`` (R, B, k)."""
    xp = array_namespace(x)
    transposed = xp.matrix_transpose
    output = xp.matmul(transposed(hidden), residual_gradient)
    output_bias = xp.sum(residual_gradient, axis=1, keepdims=True)
    if hidden_fixed:
        return Layers(None, None, output, output_bias)
    back = xp.matmul(residual_gradient, transposed(layers.output))
    back *= xp.astype(hidden > 0, back.dtype)
    return Layers(
        xp.matmul(transposed(x), back), xp.sum(back, axis=1, keepdims=True), output, output_bias
    )


def train(
    layers: Layers,
    images,
    drawn,
    labels,
    recipe: Recipe,
    orders: Callable,
    *,
    hidden_fixed: bool = False,
    after_epoch: Callable[[int, np.ndarray], None] = lambda epoch, loss: None,
) -> Layers:
    """The layers after SGD; those given are left as they are.

    images (M, p), drawn (R, N) rows of images, labels (R, N, k); orders(epoch) is (R, N), each row
    a permutation of 0 … N−1. after_epoch is told each epoch, from 1, and the mean squared error of
    its batches before their steps, (R,). With ``hidden_fixed`` the hidden layer stays as it is:
    the oracle of random_features.sgd.

    Raises ValueError for a batch larger than the data.
    """
    xp = array_namespace(images)
    replicates, samples = drawn.shape
    outputs = labels.shape[-1]
    recipe.require_batches(samples)
    layers = layers.map(lambda array: xp.asarray(array, copy=True))
    kept = (2, 3) if hidden_fixed else (0, 1, 2, 3)
    scale = recipe.scale(layers.width)
    factor = 2 * recipe.learning_rate * recipe.output_weight(outputs) * scale
    flat_drawn, flat_labels = xp.reshape(drawn, (-1,)), xp.reshape(labels, (-1, outputs))
    offsets = xp.arange(replicates, device=drawn.device)[:, None] * samples
    for epoch in range(1, recipe.epochs + 1):
        order = xp.asarray(orders(epoch), device=drawn.device) + offsets
        squares = xp.zeros((replicates,), dtype=labels.dtype, device=labels.device)
        for start in range(0, samples, recipe.batch_size):
            batch = order[:, start : start + recipe.batch_size]
            rows, size = xp.reshape(batch, (-1,)), batch.shape[1]
            x = xp.take(images, xp.take(flat_drawn, rows, axis=0), axis=0)
            x = xp.reshape(x, (replicates, size, -1))
            y = xp.reshape(xp.take(flat_labels, rows, axis=0), (replicates, size, outputs))
            hidden, predicted = forward(layers, x, scale)
            residual = predicted - y
            squares += xp.sum(residual**2, axis=(1, 2))
            descent = gradients(
                layers, x, residual * (factor / size), hidden, hidden_fixed=hidden_fixed
            )
            arrays, steps = list(vars(layers).values()), list(vars(descent).values())
            for i in kept:
                arrays[i] -= steps[i]
        after_epoch(epoch, np.asarray(squares.tolist()) / (samples * outputs))
    return layers


def predict(layers: Layers, images, recipe: Recipe, drawn=None):
    """Outputs (R, n, k) for images (n, p), or for the rows ``drawn`` (R, n) of them."""
    xp = array_namespace(images)
    count = images.shape[0] if drawn is None else drawn.shape[1]
    parts = []
    for start in range(0, count, BLOCK):
        if drawn is None:
            x = images[start : start + BLOCK, :]
        else:
            rows = drawn[:, start : start + BLOCK]
            x = xp.take(images, xp.reshape(rows, (-1,)), axis=0)
            x = xp.reshape(x, (*rows.shape, -1))
        parts.append(forward(layers, x, recipe.scale(layers.width))[1])
    return xp.concat(parts, axis=1)


def batch_orders(
    samples: int, replicates: range, *, seed: int | str, generation: int
) -> Callable[[int], np.ndarray]:
    """orders of train(): in every epoch each replicate sees its N samples in a new order."""
    streams = [random_stream(seed, "batches", replicate, generation) for replicate in replicates]
    return lambda epoch: np.stack([rng.permutation(samples) for rng in streams])


def label_noise(
    samples: int, outputs: int, replicate: int, *, seed: int | str, generation: int
) -> np.ndarray:
    """Standard normal noise (N, k) on the labels of one generation of one replicate."""
    rng = random_stream(seed, "label noise", replicate, generation)
    return rng.standard_normal((samples, outputs))
