"""Blocks of ``random_features`` and ``networks`` in the config as the objects of the library."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging import Logger

import numpy as np
import pandas as pd

from model_collapse.network_chain import Data, Generation
from model_collapse.networks import Layers, Recipe
from scripts.core.files import read_arrays

RECIPE = ("epochs", "batch_size", "learning_rate", "loss", "output_scaling")
PATIENCE = 10.0
"""Seconds between two reports of progress."""


@dataclass(frozen=True)
class NetworkExperiment:
    """Networks trained in generations: one block of ``random_features`` or ``networks``."""

    name: str
    block: dict

    @property
    def recipe(self) -> Recipe:
        """How they are trained."""
        return Recipe(**{key: self.block[key] for key in RECIPE})

    @property
    def convention(self) -> dict:
        """What train_generation and train_features take of the block."""
        return {
            "initialisation": self.block["initialisation"],
            "noise": self.block["generator_noise"],
            "continued": self.block["start"] == "continued",
        }

    def points(self, methods: tuple[str, ...] = ("sgd",)) -> pd.DataFrame:
        """One row a point: widths outermost, then methods, then generations 0, 1, …"""
        rows = [
            (self.name, width, method, n)
            for width in self.block["widths"]
            for method in methods
            for n in range(self.block["generations"] + 1)
        ]
        return pd.DataFrame(rows, columns=["experiment", "width", "method", "generation"])

    def check(self, section: str, pools: dict[str, int], tests: dict[str, int]) -> None:
        """Raise ValueError, naming the key, for a single replicate, a batch larger than the data,
        or for more images than either set has (``pools`` to train on, ``tests``).
        """
        if self.block["replicates"] < 2:
            raise ValueError(f"{section}.{self.name}.replicates: a standard error needs at least 2")
        for images, sizes in self.block["sizes"].items():
            where = f"{section}.{self.name}.sizes.{images}"
            if self.block["batch_size"] > sizes["samples"]:
                raise ValueError(
                    f"{section}.{self.name}.batch_size: {self.block['batch_size']} is more than "
                    f"the {sizes['samples']} samples of {where}"
                )
            for key, there in (("samples", pools[images]), ("test_images", tests[images])):
                if sizes[key] > there:
                    raise ValueError(
                        f"{where}.{key}: {sizes[key]} are more than the {there} images there are"
                    )


def read_data(path: str) -> Data:
    """What draw_network_images wrote, grey values scaled to features, float32."""
    file = read_arrays(path)
    return Data(
        scaled(file["images"], file),
        file["labels"],
        file["drawn"],
        scaled(file["test_images"], file),
        file["test_labels"],
    )


def scaled(images: np.ndarray, file: Mapping) -> np.ndarray:
    """Grey values as features, (image − offset)·scale, float32; ``file`` holds offset and scale."""
    return ((images - file["offset"]) * file["scale"]).astype(np.float32)


def write_generation(generation: Generation, path: str, *, with_layers: bool) -> None:
    """A generation's outputs, test errors and losses; its weights if training goes on from them."""
    layers = vars(generation.layers) if with_layers else {}
    arrays = {"outputs": generation.outputs, "losses": generation.losses}
    np.savez(path, risks=generation.risks[:, None], **arrays, **layers)


def read_generation(path: str) -> Generation:
    """What write_generation wrote; without weights, layers of None."""
    file = read_arrays(path)
    layers = map(file.get, ("hidden", "hidden_bias", "output", "output_bias"))
    return Generation(file["outputs"], file["risks"][:, 0], file["losses"], Layers(*layers))


def progress(log: Logger, epochs: int, generations: int = 1) -> Callable:
    """A report for training: every PATIENCE seconds a line with the expected end.

    ``generations``: how many the job trains.
    """
    begun = last = 0.0
    done = 0

    def report(generation: int, epoch: int, loss: np.ndarray) -> None:
        nonlocal begun, last, done
        now = time.monotonic()
        done += 1
        if done == 1:  # what went before, such as an eigendecomposition, is no measure of an epoch
            begun = last = now
        elif now - last >= PATIENCE or epoch == epochs:
            last = now
            left = (now - begun) / (done - 1) * (epochs * generations - done)
            log.info(
                "generation %d, epoch %d of %d, training loss %.4g; about %.0f s left in this job",
                generation,
                epoch,
                epochs,
                loss.mean(),
                left,
            )

    return report
