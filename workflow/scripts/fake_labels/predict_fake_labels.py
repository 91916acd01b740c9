"""Theory's errors on true (n = 0) and on fake labels (n = 1), at a fixed and at the best ridge."""

from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from model_collapse.problem.fits import Fit
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import equivalents_of, risk_of
from scripts.fake_labels.settings import Comparison
from scripts.step.files import write_csv
from scripts.step.job import job

CELL = ["panel", "tuned", "samples", "value"]  # columns that name a cell
# Bounds of the best λ. As λ → 0 without noise the error of T > d vanishes: a floor.
TUNED = (1e-6, 1e3)


def predicted_labels(block: Comparison, panel: str, *, simulated: bool = False) -> pd.DataFrame:
    """Cells of a panel, all or the simulated ones: λ and theory's error for n = 0 and n = 1."""
    rows = []
    for value, cells in groupby(block.cells(panel, simulated=simulated), key=itemgetter(1)):
        spectrum = block.spectrum(panel, value).condensed()
        sizes = np.array([T for T, _ in cells])
        ridges = np.full((len(sizes), 2, 2), float(block.ridge))  # (sizes, tuned, n)
        risks = np.empty_like(ridges)
        for n in (0, 1):
            chain = equivalents_of(spectrum, [Fit(block.generator_samples)] * n)
            ridges[:, 1, n] = best_ridge(spectrum, chain, sizes, 0.0, bounds=TUNED)
            fits = Fit(sizes[:, None], ridges[:, :, n])
            risks[:, :, n] = risk_of(spectrum, chain, fits).total
        rows += [
            (panel, bool(tuned), int(sizes[i]), value, *ridges[i, tuned], *risks[i, tuned])
            for i, tuned in np.ndindex(len(sizes), 2)
        ]
    return pd.DataFrame(rows, columns=[*CELL, "ridge_0", "ridge_1", "risk_0", "risk_1"])


if __name__ == "__main__":
    with job(snakemake) as log:
        table = predicted_labels(Comparison(**snakemake.params.block), snakemake.wildcards.panel)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
