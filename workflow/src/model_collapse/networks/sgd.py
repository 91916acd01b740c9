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

from model_collapse.networks.backends import Array, rows_into
from model_collapse.networks.sparse_inputs import SparseInputs
from model_collapse.seeds import random_stream

# Ways to train the output layer alone, in random_features: SGD; the gradient-descent filter, which
# is the mean of SGD; endless training.
METHODS = ("sgd", "filter", "ridgeless")
# The inputs of a step are multiplied in blocks of pixels. More blocks leave out more zeros, and
# cost more calls, which pays for many hidden units.
LEAST_PRODUCTS = 2
MOST_PRODUCTS = 6
UNITS_PER_PRODUCT = 32
BLOCK = 2048  # rows of a forward pass at once: bounds the memory for hidden units


@dataclass(frozen=True)
class Recipe:
    """How networks are trained: SGD on the squared error, averaged over a batch.

    Parameters
    ----------
    epochs, batch_size : int
        At least 1.
    learning_rate : float
        At least 0, finite.
    loss : {"mean", "sum"}
        "mean" averages over the outputs as well, "sum" adds them up.
    output_scaling : {"none", "inverse_sqrt_width"}
        "inverse_sqrt_width" multiplies the network's output by 1/√H, "none" leaves it.

    Raises
    ------
    ValueError
        For another loss or output_scaling, or a number out of range.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str = "mean"
    output_scaling: str = "none"

    def __post_init__(self) -> None:
        for name, least in (("epochs", 1), ("batch_size", 1), ("learning_rate", 0)):
            if not least <= getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if self.loss not in ("mean", "sum"):
            raise ValueError(f"loss must be mean or sum, not {self.loss!r}")
        if self.output_scaling not in ("none", "inverse_sqrt_width"):
            raise ValueError(
                f"output_scaling must be none or inverse_sqrt_width, not {self.output_scaling!r}"
            )

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
    """Weights and biases of R networks with p inputs, H hidden units and k outputs.

    A single network has no axis R; one hidden layer with G output layers has an axis G in the
    last two.

    Parameters
    ----------
    hidden : array, shape (R, p, H)
        Weights of the hidden layer.
    hidden_bias : array, shape (R, 1, H)
        Its biases.
    output : array, shape (R, H, k)
        Weights of the output layer.
    output_bias : array, shape (R, 1, k)
        Its biases.
    """

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array

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
    variance 2/(fan-in) before the ReLU and 1/(fan-in) after it, biases 0. Raises ValueError for
    another initialisation.
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
    """One untrained network, as Layers without R; each layer has its own random stream."""
    draw = partial(initial_layer, initialisation=initialisation, seed=seed, stream=stream)
    return Layers(*draw("hidden", (inputs, width)), *draw("output", (width, outputs)))


def stacked(networks: list[Layers]) -> Layers:
    """Single networks as one batch of R."""
    arrays = zip(*(vars(network).values() for network in networks), strict=True)
    return Layers(*map(np.stack, arrays))


def forward(layers: Layers, x: Array, scale: float) -> tuple[Array, Array]:
    """Hidden units (R, B, H) and outputs (R, B, k) for inputs (R, B, p), or (B, p) for all."""
    xp = array_namespace(x)
    z = xp.matmul(x, layers.hidden)
    z += layers.hidden_bias
    hidden = xp.clip(z, 0, None)
    return hidden, scale * (xp.matmul(hidden, layers.output) + layers.output_bias)


def train(
    layers: Layers,
    images: SparseInputs,
    drawn: np.ndarray,
    labels: Array,
    recipe: Recipe,
    orders: Callable[[int], np.ndarray],
    *,
    after_epoch: Callable[[int, np.ndarray], None] = lambda epoch, loss: None,
) -> Layers:
    """Return the layers after SGD; those passed in are not changed.

    images are M images, drawn (R, N) their rows, NumPy's, labels (R, N, k); orders(epoch) is
    (R, N), each row a permutation of 0 … N−1. After each epoch, counted from 1, after_epoch(epoch,
    errors) gets the mean squared errors (R,) of its batches, each measured before its step.

    All arrays of a step are allocated once. ``below`` holds hidden weights and biases as Ω of
    SparseInputs, and ``above`` output weights with the biases as a last row, which a unit of
    constant 1 multiplies. Images of a batch are put in falling order of their reach, so that only
    the first ones need a block of columns: products leave out the rows that are zero there.
    """
    xp = array_namespace(labels)
    transposed = xp.matrix_transpose
    device = labels.device
    replicates, samples = drawn.shape
    outputs = labels.shape[-1]
    width = layers.width
    size = min(recipe.batch_size, samples)
    scale = recipe.scale(width)
    factor = 2 * recipe.learning_rate * recipe.output_weight(outputs) * scale
    below = images.enter(layers.hidden, layers.hidden_bias)
    above = xp.concat([layers.output, layers.output_bias], axis=1)
    columns = images.columns(min(LEAST_PRODUCTS + width // UNITS_PER_PRODUCT, MOST_PRODUCTS))
    constants = slice(0, 2)  # the columns q and 1 of SparseInputs, in the first block
    kind = {"dtype": labels.dtype, "device": device}
    inputs = xp.empty((replicates * size, images.rows.shape[1]), **kind)
    units = xp.ones((replicates, size, width + 1), **kind)  # the last is constant
    residuals = xp.empty_like(labels)
    offsets = np.arange(replicates)[:, None] * samples
    flat_labels = xp.reshape(labels, (-1, outputs))
    for epoch in range(1, recipe.epochs + 1):
        order, depths = images.batches(drawn, orders(epoch), size, columns)
        rows = xp.asarray(np.take_along_axis(drawn, order, axis=1), device=device)
        targets = picked(flat_labels, xp.asarray(order + offsets, device=device))
        for i, first in enumerate(range(0, samples, size)):
            batch = slice(first, first + size)
            residual = residuals[:, batch, :]
            count = residual.shape[1]
            x = rows_into(
                inputs[: replicates * count, :], images.rows, xp.reshape(rows[:, batch], (-1,))
            )
            x = xp.reshape(x, (replicates, count, -1))
            blocks = [
                (x[:, :depth, block], block, depth)
                for block, depth in zip(columns, depths[i], strict=True)
                if depth
            ]
            # Forward. The first block is for all rows of the batch, and overwrites.
            hidden = units[:, :count, :width]
            (pixels, block, _), *others = blocks
            xp.matmul(pixels, below[:, block, :], out=hidden)
            for pixels, block, depth in others:
                hidden[:, :depth, :] += pixels @ below[:, block, :]
            gradient = xp.astype(hidden > 0, hidden.dtype)  # first the derivative of the ReLU
            hidden *= gradient
            xp.matmul(units[:, :count, :], above, out=residual)
            residual *= scale
            residual -= targets[:, batch, :]
            # Backward. ``above`` changes only after the hidden gradient has used it.
            slope = residual * (factor / count)  # learning rate times the gradient in the outputs
            gradient *= slope @ transposed(above[:, :width, :])
            above -= transposed(units[:, :count, :]) @ slope
            for pixels, block, depth in blocks:
                step = transposed(pixels) @ gradient[:, :depth, :]
                if block.start == 0:
                    step[:, constants, :] = images.metric @ step[:, constants, :]
                below[:, block, :] -= step
        losses = xp.sum(residuals**2, axis=(1, 2))
        after_epoch(epoch, np.asarray(losses.tolist()) / (samples * outputs))
    hidden, hidden_bias = images.leave(below)
    return Layers(hidden, hidden_bias, above[:, :width, :], above[:, width:, :])


def picked(array: Array, rows: Array) -> Array:
    """The rows (R, n) of an array (M, k): (R, n, k)."""
    xp = array_namespace(array)
    return xp.reshape(xp.take(array, xp.reshape(rows, (-1,)), axis=0), (*rows.shape, -1))


def predict(layers: Layers, images: Array, recipe: Recipe, drawn: Array | None = None) -> Array:
    """Outputs (R, n, k) for images (n, p), or for the rows ``drawn`` (R, n) of them."""
    xp = array_namespace(images)
    count = images.shape[0] if drawn is None else drawn.shape[1]
    outputs = []
    for start in range(0, count, BLOCK):
        if drawn is None:
            x = images[start : start + BLOCK, :]
        else:
            x = picked(images, drawn[:, start : start + BLOCK])
        _, block_outputs = forward(layers, x, recipe.scale(layers.width))
        outputs.append(block_outputs)
    return xp.concat(outputs, axis=1)


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
