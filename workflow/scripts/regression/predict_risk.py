"""The recursion's test error by its terms, at simulated points and between them, for curves."""

import numpy as np
import pandas as pd

from model_collapse.problem.fits import Fit
from model_collapse.theory.recursion import risk_of
from scripts.regression.points import chains_of, points_of
from scripts.regression.settings import Curves
from scripts.step.files import write_csv
from scripts.step.job import job


def predicted(name: str, block: Curves, refine: int) -> pd.DataFrame:
    """One row for each point, columns PREDICTED."""
    points = points_of(name, block, block.curve(refine), refine)
    chains = chains_of(block)
    terms = pd.DataFrame(
        index=points.index, columns=["risk", "bias", "variance", "collapse"], dtype=float
    )
    for n, group in points.groupby("generation"):
        fits = Fit(group["samples"].to_numpy(), group["ridge"].to_numpy(), block.noise)
        risk = risk_of(block.problem, chains[n], fits)
        terms.loc[group.index] = np.column_stack([risk.total, *vars(risk).values()])
    return points.join(terms)


if __name__ == "__main__":
    with job(snakemake) as log:
        block = Curves(**snakemake.params.block)
        table = predicted(snakemake.wildcards.experiment, block, snakemake.params.refinement)
        write_csv(table, snakemake.output[0])
        log.info("%d points", len(table))
