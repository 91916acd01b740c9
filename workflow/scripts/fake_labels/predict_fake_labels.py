"""Theory's errors on true and on fake labels over one panel's grid, fixed and best ridge."""

import pandas as pd

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.fake_labels.cells import CELL, cells_of
from scripts.fake_labels.settings import Comparison


def predicted_labels(block: Comparison, panel: str) -> pd.DataFrame:
    """Theory's errors on the grid of a panel, at the fixed and at the best ridges."""
    rows = [
        (*cell, *(fit.ridge for fit in fits), *errors)
        for cell, _, fits, errors in cells_of(block, panel)
    ]
    return pd.DataFrame(rows, columns=[*CELL, "ridge_0", "ridge_1", "risk_0", "risk_1"])


if __name__ == "__main__":
    with job(snakemake) as log:
        table = predicted_labels(Comparison(**snakemake.params.block), snakemake.wildcards.panel)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
