"""Simulated errors on true and on fake labels in a few cells of one panel."""

import numpy as np
import pandas as pd

from model_collapse.decomposition import simulate_terms
from model_collapse.protocol import Fit
from model_collapse.slopes import standard_error
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.fake_labels.cells import CELL, cells_of
from scripts.fake_labels.settings import FakeLabels

FOUND = ["risk_0", "risk_1", "difference", "difference_se", "theory_0", "theory_1", "replicates"]


def simulated_labels(block: FakeLabels, panel: str, seed: str) -> pd.DataFrame:
    """Errors in a few cells of a panel, n = 0 and 1 on the same downstream designs."""
    rows, chain, seed = [], [Fit(block.generator_samples)], f"{seed}/{panel}"
    for cell, spectrum, fits, errors in cells_of(block, panel, simulated=True):
        given, every = (spectrum, chain, fits), range(block.replicates)
        terms = np.array([simulate_terms(*given, seed=seed, replicate=i) for i in every])
        pair = terms[:, [0, 1], [0, 1], 0]  # the bias of n = 0 at its ridge, of n = 1 at its own
        gap = pair[:, 1] - pair[:, 0]
        found = (*pair.mean(axis=0), gap.mean(), standard_error(gap), *errors)
        rows.append((*cell, *found, block.replicates))
    return pd.DataFrame(rows, columns=[*CELL, *FOUND])


if __name__ == "__main__":
    with job(snakemake) as log:
        block, panel = FakeLabels(**snakemake.params.block), snakemake.wildcards.panel
        table = simulated_labels(block, panel, snakemake.params.seed)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
