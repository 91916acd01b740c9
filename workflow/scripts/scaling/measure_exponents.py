"""Exponents of the test error from the recursion, for every cell of one table or map."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from model_collapse.statistics import Slope, fit_exponent
from model_collapse.theory.exponents import corrected_exponent
from model_collapse.theory.scaling_laws import Size, law_risk, sizes_across
from scripts.scaling.cells import CELL, THEORY, Cell
from scripts.step.files import write_csv
from scripts.step.job import job

unit_risk = cache(law_risk)


def theory_exponents(
    cells: Sequence[Cell],
    windows: Sequence[tuple[int, int]],
    points: int,
    dimension: int | None,
    largest_drift: float,
) -> pd.DataFrame:
    """Exponents of the recursion in the last window, their standard errors from the scatter about
    the power law; the drift since the window before, and True if that is small.
    """
    rows = []
    for cell in cells:
        before, last = (sizes_across(cell.law, w, points, dimension) for w in windows[-2:])
        slope = window_exponent(cell, last)
        drift = slope.value - window_exponent(cell, before).value
        exponents = (cell.printed, corrected_exponent(cell.law, bool(cell.sigma)), slope.value)
        ends = (last[0].samples, last[-1].samples)
        small = abs(drift) <= largest_drift
        rows.append((*cell, *exponents, slope.standard_error, *ends, drift, small))
    return pd.DataFrame(rows, columns=[*CELL, *THEORY])


def window_exponent(cell: Cell, sizes: Sequence[Size]) -> Slope:
    """The exponent of E in T over these sizes."""
    # The collapse is proportional to nσ0² = T^a: cells that differ in a share their risks.
    risks = [(size.samples, unit_risk(replace(cell.law, a=0.0), size)) for size in sizes]
    errors = [cell.error(x.bias, x.variance, T**cell.a * x.collapse) for T, x in risks]
    return fit_exponent([T for T, _ in risks], np.array(errors))


if __name__ == "__main__":
    with job(snakemake) as log:
        cells = list(map(Cell._make, snakemake.params.cells))
        exponents = theory_exponents(cells, **snakemake.params.fits)
        write_csv(exponents, snakemake.output[0], may_be_empty=["b"])
        log.info("%d cells, %d not asymptotic", len(exponents), (~exponents["asymptotic"]).sum())
