"""Mean test error of each width, method and generation, and the risks of single replicates."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from model_collapse.statistics import standard_error
from scripts.step.files import NETWORK_POINT, read_arrays, write_arrays, write_csv
from scripts.step.job import job


def points(name: str, widths: Sequence[int], methods: Sequence[str], last: int) -> pd.DataFrame:
    """One row for each point: widths outermost, then methods, then generations 0 … ``last``."""
    rows = product([name], widths, methods, range(last + 1))
    return pd.DataFrame(rows, columns=NETWORK_POINT)


def by_width(files: Sequence[str], widths: Sequence[int]) -> dict[int, list[str]]:
    """Files of trained networks, in the order of ``widths``, by their width."""
    return dict(zip(widths, np.reshape(files, (len(widths), -1)).tolist(), strict=True))


def all_risks(files: Sequence[str], widths: Sequence[int]) -> np.ndarray:
    """Risks (replicates, points) of files of trained networks, replicates together or one each."""
    rows = by_width(files, widths).values()
    return np.hstack(
        [np.vstack([read_arrays(path, "risks")["risks"] for path in row]) for row in rows]
    )


if __name__ == "__main__":
    with job(snakemake) as log:
        axes = snakemake.params.axes
        risks = all_risks(snakemake.input, axes["widths"])
        table = points(snakemake.wildcards.network, **axes).assign(
            risk=risks.mean(axis=0), risk_se=standard_error(risks), replicates=len(risks)
        )
        write_csv(table, snakemake.output.risks)
        write_arrays(snakemake.output.replicates, risks=risks)
        log.info("%d replicates of %d points", *risks.shape)
