"""Theory's errors on true (n = 0) and on fake labels (n = 1), at a fixed and at the best ridge."""

from itertools import product

import pandas as pd

from model_collapse.equivalents import Equivalent
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.theory import risk_of
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.fake_labels.settings import Comparison

CELL = ["panel", "tuned", "samples", "value"]  # columns that name a cell
# Bounds of the best λ. As λ → 0 without noise the error of T > d vanishes: a floor.
TUNED = (1e-6, 1e3)


def predicted_labels(block: Comparison, panel: str, *, simulated: bool = False) -> pd.DataFrame:
    """Cells of a panel, all or the simulated ones: λ and theory's error for n = 0 and n = 1."""
    rows = []
    for (T, value), tuned in product(block.cells(panel, simulated=simulated), (False, True)):
        spectrum, ridges = block.spectrum(panel, value), [float(block.ridge)] * 2
        chains = [[], [Equivalent(spectrum.eigenvalues, Fit(block.generator_samples))]]
        if tuned:
            ridges = [best_ridge(spectrum, chain, T, 0.0, bounds=TUNED) for chain in chains]
        risks = [
            risk_of(spectrum, chain, Fit(T, ridge)).total
            for chain, ridge in zip(chains, ridges, strict=True)
        ]
        rows.append((panel, tuned, T, value, *ridges, *risks))
    return pd.DataFrame(rows, columns=[*CELL, "ridge_0", "ridge_1", "risk_0", "risk_1"])


if __name__ == "__main__":
    with job(snakemake) as log:
        table = predicted_labels(Comparison(**snakemake.params.block), snakemake.wildcards.panel)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
