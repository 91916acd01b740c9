"""Learning rates from which gradient descent diverges on fixed features, by convention."""

from functools import partial
from itertools import product

import pandas as pd

from model_collapse.backends import Backend
from model_collapse.network_chain import CLASSES
from model_collapse.random_features import layers_of, stable_rate, top_eigenvalue
from scripts.core.files import read_arrays, read_json, write_csv
from scripts.core.formats import number
from scripts.core.job import job
from scripts.core.tables import Column, Table
from scripts.networks.draw_network_images import draw_images
from scripts.networks.training import scaled

PIXELS = ("unit", "centred", "standardized")
INITIALISATIONS = ("uniform", "normal")
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


def stability_table(
    name: str, width: int, learning_rate: float, draw, *, backend: Backend, seed: str
) -> pd.DataFrame:
    """The learning rate from which gradient descent diverges, on the images and features of
    replicate 0 of a block of random_features, under each convention.

    ``draw(pixels=…)``: its images, see draw_images.
    """
    rows = []
    for pixels, initialisation in product(PIXELS, INITIALISATIONS):
        drawn = draw(pixels=pixels)
        inputs = scaled(drawn["images"][drawn["drawn"][0, 0]], drawn)
        layers = layers_of(width, inputs.shape[1], 1, initialisation, seed=seed, replicate=0)
        top = top_eigenvalue(inputs, layers, backend) / len(inputs)
        for loss, weight in LOSSES.items():
            rate = stable_rate(2 * weight * top)
            convention = (name, width, pixels, initialisation, loss)
            rows.append((*convention, learning_rate, rate, learning_rate < rate))
    columns = ["experiment", "width", "pixels", "initialisation", "loss"]
    return pd.DataFrame(rows, columns=[*columns, "learning_rate", "diverges_from", "converges"])


def by_loss(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each pixels and initialisation, a column for each loss, as printed."""
    mean, summed = (table[table["loss"] == loss] for loss in LOSSES)
    return mean.merge(summed, on=["pixels", "initialisation"], suffixes=("_mean", "_sum"))


if __name__ == "__main__":
    with job(snakemake) as log:
        params, record = snakemake.params, read_json(snakemake.input.source)
        draw = partial(
            draw_images,
            read_arrays(snakemake.input.images),
            record["white"],
            params.block["sizes"][record["name"]],
            replicates=1,
            draws=1,
            seed=params.seed,
        )
        table = stability_table(
            params.name,
            params.block["width"],
            params.block["learning_rate"],
            draw,
            backend=Backend(**params.backend),
            seed=params.seed,
        )
        write_csv(table, snakemake.output.table)
        STABILITY.write_tex(by_loss(table), snakemake.output.tex)
        log.info("%d of %d conventions converge", table["converges"].sum(), len(table))
