"""What the recursion, continued to gradient descent, predicts of networks with a fixed layer."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from model_collapse.filters import FilteredRisk, filtered_chain_of_sample, gradient_descent
from model_collapse.network_chain import CLASSES
from model_collapse.slopes import standard_error
from scripts.networks.old import NetworkExperiment

REACH = 0.25
"""How far left of 0 the contour goes, in units of 1/(learning rate × steps)."""


def predicted_risk(experiment: NetworkExperiment, run: Mapping) -> FilteredRisk:
    """Of one replicate, from the spectrum of its features: the arrays of its file."""
    recipe, block = experiment.recipe, experiment.block
    rate = 2 * recipe.output_weight(CLASSES) * recipe.learning_rate
    steps = recipe.steps(len(run["eigenvalues"]))
    return filtered_chain_of_sample(
        run["eigenvalues"],
        run["powers"],
        gradient_descent(rate, steps),
        REACH / (rate * steps),
        block["generations"],
        noise=block["generator_noise"],
        start_variance=float(run["start_variance"]),
        continued=block["start"] == "continued",
    )


def predicted_risks(
    experiment: NetworkExperiment, width: int, runs: Sequence[FilteredRisk], limit: float
) -> pd.DataFrame:
    """Means over replicates, one row a generation: risk with its standard error, and its parts.

    ``limit``: the learning rate below which gradient descent converges, the least of them.
    """
    totals = np.array([run.total for run in runs])
    parts = {
        name: np.mean([getattr(run, name) for run in runs], axis=0)
        for name in ("bias", "start", "collapse")
    }
    return pd.DataFrame(
        {
            "experiment": experiment.name,
            "width": width,
            "method": "recursion",
            "generation": range(experiment.block["generations"] + 1),
            "risk": totals.mean(axis=0),
            "risk_se": standard_error(totals),
            "replicates": len(totals),
            **parts,
            "stable_learning_rate": limit,
        }
    )
