"""A chain of networks of one width: all generations, all replicates together.

Until the last generation is finished, those that are lie in a hidden file beside the output, so a
job that was interrupted goes on after them.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path

import numpy as np

from model_collapse.networks.generations import Generation, train_generation
from model_collapse.networks.sgd import Layers
from scripts.networks.training import task_of
from scripts.step.files import read_arrays, write_arrays
from scripts.step.job import job
from scripts.step.records import publish, sha256_of, temporary_path

Train = Callable[[int, Generation | None], Generation]


def train_chain(train: Train, last: int, unfinished: Path, key: str) -> dict[str, np.ndarray]:
    """Outputs (G, R, N, k) and test errors, risks (R, G), of generations 0 … ``last``.

    ``train(m, before)`` trains generation m. Generations that the file ``unfinished`` holds under
    the same ``key`` are not trained again, and each generation but the last is added to it.
    """
    outputs, risks, before = read_unfinished(unfinished, key)
    for m in range(len(risks), last + 1):
        before = train(m, before)
        outputs.append(before.outputs)
        risks.append(before.risks)
        if m < last:
            arrays = {"outputs": outputs, "risks": risks} | vars(before.layers)
            np.savez(temporary_path(unfinished), key=key, **arrays)
            publish(unfinished)
    return {"outputs": np.stack(outputs), "risks": np.stack(risks, axis=1)}


def read_unfinished(path: Path, key: str) -> tuple[list, list, Generation | None]:
    """Outputs and test errors of all generations that are finished, and all of the last; nothing
    if there is no file, or one of another key.
    """
    file = read_arrays(str(path)) if path.is_file() else {}
    if file.get("key") != key:
        return [], [], None
    outputs = list(file["outputs"])
    risks = list(file["risks"])
    layers = Layers(*(file[field.name] for field in fields(Layers)))
    return outputs, risks, Generation(outputs[-1], risks[-1], layers)


def key_of(params: Mapping, images: str) -> str:
    """A digest of params, with the code's digest among them, of the images, and of this file."""
    inputs = [dict(params), sha256_of(images), sha256_of(__file__)]
    text = json.dumps(inputs, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


if __name__ == "__main__":
    files = snakemake.input
    params = snakemake.params
    path = Path(snakemake.output[0])
    unfinished = path.with_name(f".unfinished-{path.name}")
    with job(snakemake) as log:
        training, *task, options = task_of(files, params, log)
        train = partial(train_generation, *task, int(snakemake.wildcards.width), **options)
        chain = train_chain(train, training.generations, unfinished, key_of(params, files.images))
        write_arrays(snakemake.output[0], **chain)
        log.info("test errors %s", chain["risks"])
    unfinished.unlink(missing_ok=True)
