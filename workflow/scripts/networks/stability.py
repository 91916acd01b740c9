"""Which learning rates converge on fixed features, convention by convention."""

from itertools import product

import pandas as pd

from model_collapse.backends import Backend
from model_collapse.network_chain import CLASSES
from model_collapse.random_features import layers_of, stable_rate, top_eigenvalue
from scripts.core.formats import number, to_tex
from scripts.networks.images import draw_images
from scripts.networks.old import NetworkExperiment, scaled

PIXELS = ("unit", "centred", "standardized")
INITIALISATIONS = ("uniform", "normal")
LOSSES = ("mean", "sum")


def stability_table(
    experiment: NetworkExperiment, images: dict, record: dict, *, backend: Backend, seed: str
) -> pd.DataFrame:
    """The learning rate from which gradient descent diverges, on the images and features of
    replicate 0 of a block of random_features, under each convention.
    """
    block, width = experiment.block, experiment.block["widths"][0]
    rows = []
    for pixels, initialisation in product(PIXELS, INITIALISATIONS):
        variant = block | {"pixels": pixels, "replicates": 1, "generations": 0}
        drawn = draw_images(
            images, record["white"], variant, block["sizes"][record["name"]], seed=seed
        )
        inputs = scaled(drawn["images"][drawn["drawn"][0, 0]], drawn)
        layers = layers_of(width, inputs.shape[1], 1, initialisation, seed=seed, replicate=0)
        top = top_eigenvalue(inputs, layers, backend) / len(inputs)
        for loss in LOSSES:
            weight = {"mean": 1 / CLASSES, "sum": 1.0}[loss]
            limit = stable_rate(2 * weight * top)
            rows.append(
                {
                    "experiment": experiment.name,
                    "width": width,
                    "pixels": pixels,
                    "initialisation": initialisation,
                    "loss": loss,
                    "learning_rate": block["learning_rate"],
                    "diverges_from": limit,
                    "converges": block["learning_rate"] < limit,
                }
            )
    return pd.DataFrame(rows)


def stability_tex(table: pd.DataFrame) -> str:
    """The table for the paper; what converges in bold."""
    rows = []
    for (pixels, initialisation), group in table.groupby(["pixels", "initialisation"], sort=False):
        limits = group.set_index("loss")
        cells = [
            rf"\textbf{{{number(row.diverges_from)}}}"
            if row.converges
            else number(row.diverges_from)
            for row in (limits.loc[loss] for loss in LOSSES)
        ]
        rows.append((pixels, initialisation, *cells))
    return to_tex(
        pd.DataFrame(rows), ["pixels", "initialisation", "loss averaged", "summed"], "llrr"
    )
