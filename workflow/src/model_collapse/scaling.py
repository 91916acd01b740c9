"""The ridge that is best in theory."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from model_collapse.equivalents import Equivalent, Fit
from model_collapse.spectra import Spectrum
from model_collapse.theory import risk_of


def best_ridge(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    samples: float,
    noise: float,
    *,
    bounds: tuple[float, float] = (1e-12, 1e4),
) -> float:
    """The λ that minimises the recursion's test error after the generators ``chain``.

    A coarse grid over log λ finds the valley (the error may have several), bounded Brent its
    bottom. Where the error keeps falling up to a bound, that bound is what comes back.
    """

    def risk(log_ridge: float) -> float:
        return risk_of(spectrum, chain, Fit(samples, float(np.exp(log_ridge)), noise)).total

    grid = np.linspace(*np.log(bounds), 41)
    lowest = int(np.argmin([risk(x) for x in grid]))
    valley = grid[max(lowest - 1, 0)], grid[min(lowest + 1, len(grid) - 1)]
    found = minimize_scalar(risk, bounds=valley, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
