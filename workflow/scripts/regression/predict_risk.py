"""The recursion's test error by its terms, at simulated points and between them, for curves."""

import pandas as pd

from model_collapse.protocol import Fit
from model_collapse.theory import risk_of
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.regression.lay_grid import chains_of, points_of
from scripts.regression.settings import Curves


def predicted(name: str, block: Curves, refine: int) -> pd.DataFrame:
    """One row for each point, columns PREDICTED."""
    points, chains = points_of(name, block, block.curve(refine), refine), chains_of(block)
    risks = [
        risk_of(block.problem, chains[p.generation], Fit(p.samples, p.ridge, block.noise))
        for p in points.itertuples()
    ]
    return points.assign(risk=[risk.total for risk in risks]).join(pd.DataFrame(map(vars, risks)))


if __name__ == "__main__":
    with job(snakemake) as log:
        block = Curves(**snakemake.params.block)
        table = predicted(snakemake.wildcards.experiment, block, snakemake.params.refinement)
        write_csv(table, snakemake.output[0])
        log.info("%d points", len(table))
