"""Shared by both kinds of training: images as features, options, reports of progress."""

import time
from collections.abc import Callable, Mapping
from logging import Logger

import numpy as np

from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import Data
from model_collapse.networks.sgd import Recipe
from scripts.networks.settings import Training
from scripts.step.files import read_arrays, read_json

PATIENCE = 10.0  # seconds between two reports of progress


def read_data(path: str) -> Data:
    """The data that draw_network_images wrote, grey values scaled to features, float32."""
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


def task_of(files, params, log: Logger) -> tuple[Training, Data, Recipe, dict]:
    """A job's settings, and the first arguments and the keywords of train_generation and
    train_features. Logs a warning if the learning rate is not that of MNIST.
    """
    training = Training(**params.block)
    recipe = training.recipe(read_json(files.source)["name"])
    if recipe.learning_rate != training.learning_rate:
        log.warning("NOT MNIST: trained at learning rate %g", recipe.learning_rate)
    options = {
        "initialisation": training.initialisation,
        "noise": training.generator_noise,
        "continued": training.start == "continued",
        "backend": Backend(**params.backend),
        "seed": params.seed,
        "report": progress(log, training.epochs, training.generations),
    }
    return training, read_data(files.images), recipe, options


def progress(log: Logger, epochs: int, last: int) -> Callable:
    """A function that logs progress, with the expected end, every PATIENCE seconds and at the end
    of each generation. ``epochs``: of each generation; ``last``: the job's last generation.
    """
    begun = reported = 0.0
    done = -1

    def report(generation: int, epoch: int, loss: np.ndarray) -> None:
        nonlocal begun, reported, done
        now = time.monotonic()
        done += 1
        if done == 0:  # the time before, as for an eigendecomposition, is not that of an epoch
            begun = reported = now
        elif now - reported >= PATIENCE or epoch == epochs:
            reported = now
            log.info(
                "generation %d, epoch %d of %d, training loss %.4g; about %.0f s left in this job",
                generation,
                epoch,
                epochs,
                loss.mean(),
                (now - begun) / done * (epochs * (last - generation + 1) - epoch),
            )

    return report
