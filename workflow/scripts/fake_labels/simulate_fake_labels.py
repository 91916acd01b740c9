"""Simulated errors on true and on fake labels in a few cells of one panel."""

import numpy as np
import pandas as pd

from model_collapse.decomposition import simulate_terms
from model_collapse.protocol import Fit
from model_collapse.slopes import standard_error
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.fake_labels.cells import CELL, fits_of, theory_errors
from scripts.fake_labels.settings import FakeLabels

COLUMNS = [
    *(*CELL, "risk_0", "risk_1", "difference", "difference_se", "theory_0", "theory_1"),
    "replicates",
]


def simulated_labels(block: FakeLabels, panel: str, seed: str) -> pd.DataFrame:
    """Errors in a few cells of a panel, n = 0 and 1 on the same downstream designs."""
    rows, chain, seed = [], [Fit(block.generator_samples)], f"{seed}/{panel}"
    for T, value in block.cells(panel, simulated=True):
        spectrum = block.spectrum(panel, value)
        for tuned in (False, True):
            fits = fits_of(block, spectrum, T, tuned)
            bias = np.array(
                [
                    simulate_terms(spectrum, chain, fits, seed=seed, replicate=i)[..., 0]
                    for i in range(block.replicates)
                ]
            )
            pair = bias[:, [0, 1], [0, 1]]  # n = 0 at its ridge, n = 1 at its own
            gap, limit = pair[:, 1] - pair[:, 0], theory_errors(block, spectrum, fits)
            found = (*pair.mean(axis=0), gap.mean(), standard_error(gap), *limit)
            rows.append((panel, tuned, T, value, *found, block.replicates))
    return pd.DataFrame(rows, columns=COLUMNS)


if __name__ == "__main__":
    with job(snakemake) as log:
        block, panel = FakeLabels(**snakemake.params.block), snakemake.params.panel
        table = simulated_labels(block, panel, snakemake.params.seed)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
