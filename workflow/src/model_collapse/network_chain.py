"""Generations of networks on images, each trained on what the one before says of its images."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model_collapse.backends import Backend, to_numpy
from model_collapse.networks import (
    Layers,
    Recipe,
    batch_orders,
    initial_layers,
    label_noise,
    predict,
    stacked,
    train,
)

CLASSES = 10
# Is told the generation, the epoch and the training losses of the job's replicates, (R,).
Report = Callable[[int, int, np.ndarray], None]


@dataclass(frozen=True)
class Data:
    """Images for R replicates: inputs (M, p), float32, and labels (M,), 0–9, with test images.

    drawn (D, R, N): the rows that each replicate is trained on; D = 1 where all generations share
    them, else one a generation.
    """

    inputs: np.ndarray
    labels: np.ndarray
    drawn: np.ndarray
    test_inputs: np.ndarray
    test_labels: np.ndarray

    def rows(self, generation: int) -> np.ndarray:
        """The rows of one generation, (R, N); after the last, those of the last."""
        return self.drawn[min(generation, len(self.drawn) - 1)]

    def truth(self) -> np.ndarray:
        """One-hot labels of generation 0's images, (R, N, 10)."""
        return one_hot(self.labels[self.rows(0)])

    @property
    def replicates(self) -> int:
        """R."""
        return self.drawn.shape[1]


@dataclass(frozen=True)
class Generation:
    """A trained generation of R networks.

    outputs (R, N, k) on the images that the next generation is trained on, noiseless; risks (R,),
    test errors as mean squared errors per output; layers, from which training may go on.
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
    """Generation 0 on true labels, any other on the outputs of the one before plus noise.

    Raises ValueError for a batch larger than the data; for a loss that is not finite, at the end of
    its epoch, naming generation, replicate and epoch; or for a test error that is not.
    """
    replicates, rows = range(data.replicates), data.rows(generation)
    count, inputs = rows.shape[1], data.inputs.shape[1]
    if generation == 0:
        labels = data.truth()
    else:
        z = [label_noise(count, CLASSES, r, seed=seed, generation=generation) for r in replicates]
        labels = before.outputs + noise * np.stack(z)
    if continued and generation > 0:
        layers = before.layers
    else:
        layers = stacked(
            [
                initial_layers(
                    width, inputs, CLASSES, initialisation, seed=seed, stream=(r, generation)
                )
                for r in replicates
            ]
        )

    def after_epoch(epoch: int, loss: np.ndarray) -> None:
        require_finite(loss, generation, epoch)
        report(generation, epoch, loss)

    images = backend.array(data.inputs, "float32")
    with np.errstate(over="ignore", invalid="ignore"):  # after_epoch speaks of it
        layers = train(
            layers.map(lambda array: backend.array(array, "float32")),
            images,
            backend.array(rows, "int64"),
            backend.array(labels, "float32"),
            recipe,
            batch_orders(count, replicates, seed=seed, generation=generation),
            after_epoch=after_epoch,
        )
        following = backend.array(data.rows(generation + 1), "int64")
        outputs = to_numpy(predict(layers, images, recipe, following))
        tested = predict(layers, backend.array(data.test_inputs, "float32"), recipe)
        risks = mean_squared_error(to_numpy(tested), data.test_labels)
    require_finite_risks(risks[None], range(generation, generation + 1))
    return Generation(outputs, risks, layers.map(to_numpy))


def mean_squared_error(outputs: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean over images and outputs of (outputs − one-hot labels)²: (…, n, k) and (n,) to (…)."""
    return np.mean((outputs.astype(float) - one_hot(labels)) ** 2, axis=(-2, -1))


def require_finite(loss: np.ndarray, generation: int, epoch: int, *, first: int = 0) -> None:
    """Raise ValueError naming generation, epoch and replicate if a loss (R,) is not finite.

    ``first`` is the number of the first replicate.
    """
    broken = np.flatnonzero(~np.isfinite(loss))
    if len(broken):
        raise ValueError(
            f"generation {generation}: the training loss of replicate {first + broken[0]} is not "
            f"finite in epoch {epoch}; finished jobs are kept; a smaller learning_rate, the "
            f"loss mean or other pixels may converge"
        )


def require_finite_risks(risks: np.ndarray, generations: range, *, first: int = 0) -> None:
    """Raise ValueError naming generation and replicate if a test error (G, R) is not finite: the
    last step diverged. ``first`` is the number of the first replicate.
    """
    broken = np.argwhere(~np.isfinite(risks))
    if len(broken):
        generation, replicate = broken[0]
        raise ValueError(
            f"generation {generations[generation]}: the test error of replicate "
            f"{first + replicate} is not finite after the last epoch; finished jobs are kept; a "
            f"smaller learning_rate, the loss mean or other pixels may converge"
        )
