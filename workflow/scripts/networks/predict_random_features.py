"""What theory predicts of networks with a fixed hidden layer: the recursion, continued to gradient
descent, on the spectrum of each replicate's features.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from model_collapse.filters import FilteredRisk, filtered_chain_of_sample, gradient_descent
from model_collapse.network_chain import CLASSES
from model_collapse.slopes import standard_error
from scripts.core.files import read_arrays, write_csv
from scripts.core.job import job
from scripts.networks.settings import Training
from scripts.networks.summarise_networks import by_width

REACH = 0.25  # how far left of 0 the contour goes, in units of 1/(learning rate × steps)


def predicted_risk(training: Training, run: Mapping) -> FilteredRisk:
    """Of one replicate, whose file holds the arrays ``run``."""
    rate = 2 * training.recipe.output_weight(CLASSES) * training.learning_rate
    steps = training.recipe.steps(len(run["eigenvalues"]))
    return filtered_chain_of_sample(
        run["eigenvalues"],
        run["powers"],
        gradient_descent(rate, steps),
        REACH / (rate * steps),
        training.generations,
        noise=training.generator_noise,
        start_variance=float(run["start_variance"]),
        continued=training.start == "continued",
    )


def predicted(name: str, width: int, training: Training, runs: Sequence[Mapping]) -> pd.DataFrame:
    """Means over replicates, one row for each generation: risk with its standard error, and parts;
    and the learning rate below which gradient descent converges, the least of them.
    """
    risks = [predicted_risk(training, run) for run in runs]
    totals = np.array([risk.total for risk in risks])
    parts = {part: np.mean([vars(risk)[part] for risk in risks], axis=0) for part in vars(risks[0])}
    return pd.DataFrame(
        {
            "experiment": name,
            "width": width,
            "method": "recursion",
            "generation": range(totals.shape[1]),
            "risk": totals.mean(axis=0),
            "risk_se": standard_error(totals),
            "replicates": len(totals),
            **parts,
            "stable_learning_rate": min(float(run["limit"]) for run in runs),
        }
    )


if __name__ == "__main__":
    with job(snakemake) as log:
        params, tables = snakemake.params, []
        training = Training(**params.block)
        for width, files in by_width(snakemake.input, params.widths).items():
            runs = [read_arrays(path) for path in files]
            tables.append(predicted(snakemake.wildcards.features, width, training, runs))
            log.info("width %d: %d replicates", width, len(runs))
        write_csv(pd.concat(tables, ignore_index=True), snakemake.output[0])
