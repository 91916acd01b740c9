"""Generations of networks on images, each trained on the outputs of the one before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from model_collapse.networks.backends import Backend, to_numpy
from model_collapse.networks.sgd import (
    Layers,
    Recipe,
    batch_orders,
    initial_layers,
    label_noise,
    predict,
    stacked,
    train,
)
from model_collapse.networks.sparse_inputs import SparseInputs

CLASSES = 10
# A function of the generation, the epoch and the training losses (R,) of the job's replicates.
Report = Callable[[int, int, np.ndarray], None]


@dataclass(frozen=True)
class Data:
    """Images for R replicates.

    Parameters
    ----------
    inputs : array, shape (M, p), float32
        Images to train on.
    labels : array, shape (M,)
        Their classes, 0–9.
    drawn : array of int, shape (D, R, N)
        The rows that each replicate is trained on, one draw for each generation, or D = 1 if all
        generations share it.
    test_inputs, test_labels : arrays, shapes (n, p) and (n,)
        Images to test on, and their classes.
    """

    inputs: np.ndarray
    labels: np.ndarray
    drawn: np.ndarray
    test_inputs: np.ndarray
    test_labels: np.ndarray

    @cached_property
    def sparse(self) -> SparseInputs:
        """The inputs in the form that training takes."""
        return SparseInputs.of(self.inputs)

    def rows(self, generation: int) -> np.ndarray:
        """The rows of one generation, (R, N); after the last, those of the last."""
        return self.drawn[min(generation, len(self.drawn) - 1)]


@dataclass(frozen=True)
class Generation:
    """A trained generation of R networks.

    Parameters
    ----------
    outputs : array, shape (R, N, k)
        Noiseless outputs on the images that the next generation is trained on.
    risks : array, shape (R,)
        Test errors, mean squared errors per output.
    layers : Layers
        The trained weights.
    """

    outputs: np.ndarray
    risks: np.ndarray
    layers: Layers


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Labels 0–9 of any shape as 0 and 1 on a new last axis, float32."""
    return np.eye(CLASSES, dtype=np.float32)[labels]


def train_generation(
    data: Data,
    recipe: Recipe,
    width: int,
    generation: int,
    before: Generation | None,
    *,
    initialisation: str,
    noise: float,
    continued: bool,
    backend: Backend,
    seed: int | str,
    report: Report = lambda generation, epoch, loss: None,
) -> Generation:
    """Train generation 0 on true labels, any other on the outputs of the one before plus noise.

    Parameters
    ----------
    data : Data
        The images of R replicates.
    recipe : Recipe
        How networks are trained.
    width : int
        The number of hidden units.
    generation : int
        The number of this generation, from 0 on.
    before : Generation or None
        The generation before; None for generation 0.
    initialisation : {"uniform", "normal"}
        The law of untrained weights, see ``initial_layer``.
    noise : float
        The standard deviation of the noise on a network's labels.
    continued : bool
        Whether training goes on from the layers of the generation before, instead of new ones.
    backend : Backend
        The array library and the device.
    seed : int or str
        The seed of the random streams.
    report : callable
        Is called after each epoch with the generation, the epoch from 1 on, and losses (R,).

    Returns
    -------
    Generation
        Layers, outputs and test errors of the R networks.

    Raises
    ------
    ValueError
        For a loss at the end of an epoch, or a test error, that is not finite, and without the
        generation before if there must be one.
    """
    rows = data.rows(generation)
    replicates = range(len(rows))
    count = rows.shape[1]
    if generation > 0 and before is None:
        raise ValueError(f"generation {generation} learns from the one before, which is missing")
    labeller = before if generation > 0 else None  # None: labels are true
    if labeller is None:
        labels = one_hot(data.labels[rows])
    else:
        z = [label_noise(count, CLASSES, r, seed=seed, generation=generation) for r in replicates]
        labels = labeller.outputs + noise * np.stack(z)
    if continued and labeller is not None:
        layers = labeller.layers
    else:
        draw = partial(initial_layers, width, data.inputs.shape[1], CLASSES, initialisation)
        layers = stacked([draw(seed=seed, stream=(r, generation)) for r in replicates])

    def after_epoch(epoch: int, losses: np.ndarray) -> None:
        require_finite(losses, generation, "training loss", f"in epoch {epoch}")
        report(generation, epoch, losses)

    cast = partial(backend.array, dtype="float32")
    images = cast(data.inputs)
    with np.errstate(over="ignore", invalid="ignore"):  # require_finite reports it
        layers = train(
            layers.map(cast),
            data.sparse.map(cast),
            rows,
            cast(labels),
            recipe,
            batch_orders(count, replicates, seed=seed, generation=generation),
            after_epoch=after_epoch,
        )
        following = backend.array(data.rows(generation + 1), "int64")
        outputs = to_numpy(predict(layers, images, recipe, following))
        test_outputs = predict(layers, cast(data.test_inputs), recipe)
        risks = mean_squared_error(to_numpy(test_outputs), data.test_labels)
    require_finite(risks, generation, "test error", "after the last epoch")
    return Generation(outputs, risks, layers.map(to_numpy))


def mean_squared_error(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean over images and outputs of (outputs − one-hot labels)²: (…, n, k) and (n,) to (…)."""
    return np.mean((outputs.astype(float) - one_hot(labels)) ** 2, axis=(-2, -1))


def require_finite(
    values: np.ndarray, generation: int, what: str, when: str, *, first: int = 0
) -> None:
    """Raise ValueError, naming generation and replicate, if a loss or test error (R,) is infinite
    or nan; ``first`` is the number of the first replicate.

    Losses are measured before a step, so a divergence in the last step shows in the test error
    alone.
    """
    broken = np.flatnonzero(~np.isfinite(values))
    if len(broken):
        raise ValueError(
            f"generation {generation}: the {what} of replicate {first + broken[0]} is not finite "
            f"{when}; finished jobs are kept; a smaller learning_rate, the loss mean or other "
            f"pixels may converge"
        )
