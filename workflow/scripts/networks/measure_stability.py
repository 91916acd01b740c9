"""Learning rates from which gradient descent diverges on fixed features, by convention."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import get_args

import pandas as pd

from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import CLASSES
from model_collapse.networks.random_features import layers_of, top_eigenvalue
from scripts.networks.draw_network_images import draw_images
from scripts.networks.settings import Initialisation
from scripts.networks.training import scaled
from scripts.output.formats import number
from scripts.output.tables import Column, Table
from scripts.schema.settings import Pixels
from scripts.step.files import read_arrays, read_json, write_csv
from scripts.step.job import job

LOSSES = {"mean": 1 / CLASSES, "sum": 1.0}  # what each multiplies an output's squared error by


def limit(rate: float, converges: bool) -> str:
    """A learning rate from which gradient descent diverges, in bold if the paper's converges."""
    return rf"\textbf{{{number(rate)}}}" if converges else number(rate)


STABILITY = Table(  # a column for each of LOSSES
    Column("pixels", "pixels", align="l"),
    Column("initialisation", "initialisation", align="l"),
    Column("diverges_from_mean", "loss averaged", limit, also=["converges_mean"]),
    Column("diverges_from_sum", "summed", limit, also=["converges_sum"]),
)


def limits(
    images: Mapping, source: Mapping, block: Mapping, backend: Backend, seed: str
) -> Iterator[dict]:
    """The learning rate from which gradient descent diverges, on the images and features of
    replicate 0 of a ``stability_block``, under each convention.
    """
    width = block["width"]
    learning_rate = block["learning_rate"]
    for pixels, initialisation in product(get_args(Pixels), get_args(Initialisation)):
        alone = {"sizes": block["sizes"], "pixels": pixels, "replicates": 1}
        drawn = draw_images(images, source, alone, 1, seed)
        inputs = scaled(drawn["images"][drawn["drawn"][0, 0]], drawn)
        layers = layers_of(width, inputs.shape[1], 1, initialisation, seed=seed, replicate=0)
        top = top_eigenvalue(inputs, layers, backend) / len(inputs)
        for loss, weight in LOSSES.items():
            rate = 2 / (2 * weight * top)
            yield {
                "width": width,
                "pixels": pixels,
                "initialisation": initialisation,
                "loss": loss,
                "learning_rate": learning_rate,
                "diverges_from": rate,
                "converges": learning_rate < rate,
            }


def by_loss(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each pixels and initialisation, a column for each loss, as printed."""
    mean, summed = (table[table["loss"] == loss] for loss in LOSSES)
    return mean.merge(summed, on=["pixels", "initialisation"], suffixes=("_mean", "_sum"))


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        images = read_arrays(files.images)
        source = read_json(files.source)
        backend = Backend(**params.backend)
        table = pd.DataFrame(limits(images, source, params.block, backend, params.seed))
        table.insert(0, "experiment", params.name)
        write_csv(table, snakemake.output.stability)
        STABILITY.write_tex(by_loss(table), snakemake.output.stability_tex)
        log.info("%d of %d conventions converge", table["converges"].sum(), len(table))
