"""Theory for networks with a fixed hidden layer: the recursion, continued to gradient
descent, on the spectrum of each replicate's features.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from model_collapse.networks.generations import CLASSES
from model_collapse.statistics import standard_error
from model_collapse.theory.spectral_filters import filtered_chain_of_sample, gradient_descent
from scripts.networks.settings import Training
from scripts.networks.summarise_networks import by_width, points
from scripts.step.files import read_arrays, read_json, write_csv
from scripts.step.job import job

REACH = 0.25  # how far left of 0 the contour goes, in units of 1/(learning rate × steps)


def predicted(
    table: pd.DataFrame, training: Training, images: str, runs: Sequence[Mapping]
) -> pd.DataFrame:
    """``table``, a row for each generation, with means over ``runs``, the files' arrays of each
    replicate on "mnist" or "digits": risk with its standard error, and parts; and the learning rate
    below which gradient descent converges, the least of them.
    """
    recipe = training.recipe(images)
    risks = []
    rate = 2 * recipe.output_weight(CLASSES) * recipe.learning_rate
    for run in runs:
        steps = recipe.steps(len(run["eigenvalues"]))
        risk = filtered_chain_of_sample(
            run["eigenvalues"],
            run["powers"],
            gradient_descent(rate, steps),
            REACH / (rate * steps),
            training.generations,
            noise=training.generator_noise,
            start_variance=float(run["start_variance"]),
            continued=training.start == "continued",
        )
        risks.append({"risk": risk.total} | vars(risk))
    found = {name: np.array([risk[name] for risk in risks]) for name in risks[0]}
    means = {name: values.mean(axis=0) for name, values in found.items()}
    return table.assign(
        risk=means.pop("risk"),
        risk_se=standard_error(found["risk"]),
        replicates=len(runs),
        **means,
        stable_learning_rate=min(float(run["limit"]) for run in runs),
    )


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        tables = []
        training = Training(**params.block)
        images = read_json(snakemake.input.source)["name"]
        for width, files in by_width(snakemake.input.trained, params.widths).items():
            runs = [read_arrays(path) for path in files]
            axes = [width], ["recursion"], training.generations
            table = points(snakemake.wildcards.features, *axes)
            tables.append(predicted(table, training, images, runs))
            log.info("width %d: %d replicates", width, len(runs))
        write_csv(pd.concat(tables, ignore_index=True), snakemake.output[0])
