"""Simulated errors on true and on fake labels in a few cells of one panel."""

import numpy as np
import pandas as pd

from model_collapse.problem.fits import Fit
from model_collapse.simulation.terms import simulate_terms
from model_collapse.statistics import standard_error
from scripts.fake_labels.predict_fake_labels import CELL, predicted_labels
from scripts.fake_labels.settings import FakeLabels
from scripts.step.files import write_csv
from scripts.step.job import job

MEASURED = ["risk_0", "risk_1", "difference", "difference_se", "theory_0", "theory_1", "replicates"]


def simulated_labels(block: FakeLabels, panel: str, seed: str) -> pd.DataFrame:
    """Errors in a few cells of a panel, n = 0 and 1 on the same downstream designs."""
    chain = [Fit(block.generator_samples)]
    rows = []
    for cell in predicted_labels(block, panel, simulated=True).itertuples(index=False):
        fits = [Fit(cell.samples, cell.ridge_0), Fit(cell.samples, cell.ridge_1)]
        spectrum = block.spectrum(panel, cell.value)
        terms = np.array(
            [
                simulate_terms(spectrum, chain, fits, seed=f"{seed}/{panel}", replicate=i)
                for i in range(block.replicates)
            ]
        )
        pair = terms[:, [0, 1], [0, 1], 0]  # the bias of n = 0 at its ridge, of n = 1 at its own
        gap = pair[:, 1] - pair[:, 0]
        risks = (*pair.mean(axis=0), gap.mean(), standard_error(gap), cell.risk_0, cell.risk_1)
        rows.append((*cell[: len(CELL)], *risks, block.replicates))
    return pd.DataFrame(rows, columns=[*CELL, *MEASURED])


if __name__ == "__main__":
    with job(snakemake) as log:
        block = FakeLabels(**snakemake.params.block)
        panel = snakemake.wildcards.panel
        table = simulated_labels(block, panel, snakemake.params.seed)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
