"""The downstream ridge that is best in theory."""

from collections.abc import Sequence
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import float_array, with_plain_numbers
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import Equivalent
from model_collapse.theory.recursion import risk_of

COARSE_POINTS = 41  # in the first grid over log λ, which finds the valley
FINE_POINTS = 9  # in each later grid, which narrows it
LEAST_WIDTH = 1e-6  # in log λ, of the last grid
BLOCK = 2**17  # numbers in a grid of fits at once, as many as stay in a processor's cache


@overload
def best_ridge(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    samples: float,
    noise: float,
    *,
    bounds: tuple[float, float] = (1e-12, 1e4),
) -> float: ...
@overload
def best_ridge(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    samples: ArrayLike,
    noise: float,
    *,
    bounds: tuple[float, float] = (1e-12, 1e4),
) -> np.ndarray | float: ...
@with_plain_numbers
def best_ridge(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    samples: ArrayLike,
    noise: float,
    *,
    bounds: tuple[float, float] = (1e-12, 1e4),
) -> np.ndarray | float:
    """The λ that minimises the recursion's test error, for each T of an array at once.

    A coarse grid over log λ finds the valley, as the error may have several; finer grids about the
    lowest point find its bottom, to 10^−6 of λ. If the error keeps falling up to a bound, that
    bound is returned.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    chain : sequence of Equivalent
        The generators, as ``equivalents_of`` returns them.
    samples : float or array_like
        T > 0 of the downstream fit.
    noise : float
        σ ≥ 0, the standard deviation of its label noise.
    bounds : (float, float)
        The least and the largest λ, both positive.

    Returns
    -------
    float or array
        λ, of the shape of ``samples``.

    Raises
    ------
    ValueError
        Unless 0 < first bound ≤ second, and as ``risk_of`` does.
    """
    if not 0 < bounds[0] <= bounds[1] < np.inf:
        raise ValueError(f"bounds must be two positive numbers, the lower first, not {bounds}")
    sizes = float_array(samples)
    per_block = max(1, BLOCK // (COARSE_POINTS * len(spectrum.eigenvalues)))
    blocks = np.split(sizes.ravel(), range(per_block, sizes.size, per_block))
    ridges = [_lowest(spectrum, chain, block[:, None], noise, np.log(bounds)) for block in blocks]
    return np.concatenate(ridges).reshape(sizes.shape)[()]


def _lowest(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    sizes: np.ndarray,
    noise: float,
    bounds: np.ndarray,
) -> np.ndarray:
    """``best_ridge`` for sizes (S, 1) and bounds of log λ, shape (S,)."""
    low, high, _ = np.broadcast_arrays(*bounds, sizes)
    points = COARSE_POINTS
    while True:
        grid = np.linspace(low[:, 0], high[:, 0], points, axis=-1)
        risks = risk_of(spectrum, chain, Fit(sizes, np.exp(grid), noise)).total
        lowest = np.argmin(risks, axis=-1)[:, None]
        if np.max(high - low) < LEAST_WIDTH:
            return np.exp(np.take_along_axis(grid, lowest, axis=-1))[:, 0]
        ends = np.maximum(lowest - 1, 0), np.minimum(lowest + 1, points - 1)
        low, high = (np.take_along_axis(grid, end, axis=-1) for end in ends)
        points = FINE_POINTS
