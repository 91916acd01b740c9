"""The downstream ridge that is best in theory."""

from collections.abc import Sequence

import numpy as np

from model_collapse.problem.arguments import float_array, with_plain_numbers
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import Equivalent
from model_collapse.theory.recursion import risk_of

# Points of the grids that search for the best ridge, the width of log λ at which they end, and how
# many numbers a grid of fits has at once: as many as a processor keeps near.
COARSE, FINE, RESOLVED, BLOCK = 41, 9, 1e-6, 2**17


@with_plain_numbers
def best_ridge(
    spectrum: Spectrum,
    chain: Sequence[Equivalent],
    samples: np.ndarray | float,
    noise: float,
    *,
    bounds: tuple[float, float] = (1e-12, 1e4),
) -> np.ndarray | float:
    """The λ that minimises the recursion's test error after the generators ``chain``, for each T of
    an array at once.

    A coarse grid over log λ finds the valley, as the error may have several; finer grids about the
    lowest point find its bottom, to 10^−6 of λ. If the error keeps falling up to a bound, that
    bound is returned. Raises ValueError unless 0 < first bound ≤ second.
    """
    if not 0 < bounds[0] <= bounds[1] < np.inf:
        raise ValueError(f"bounds must be two positive numbers, the lower first, not {bounds}")
    sizes = float_array(samples)
    many = max(1, BLOCK // (COARSE * len(spectrum.eigenvalues)))
    blocks = np.split(sizes.ravel(), range(many, sizes.size, many))
    found = [_lowest(spectrum, chain, block[:, None], noise, np.log(bounds)) for block in blocks]
    return np.concatenate(found).reshape(sizes.shape)[()]


def _lowest(spectrum, chain, sizes, noise, bounds) -> np.ndarray:
    """best_ridge for sizes (S, 1) and bounds of log λ: shape (S,)."""
    low, high, points = *np.broadcast_arrays(*bounds, sizes)[:2], COARSE
    while True:
        grid = np.linspace(low[:, 0], high[:, 0], points, axis=-1)
        risks = risk_of(spectrum, chain, Fit(sizes, np.exp(grid), noise)).total
        lowest = np.argmin(risks, axis=-1)[:, None]
        if np.max(high - low) < RESOLVED:
            return np.exp(np.take_along_axis(grid, lowest, axis=-1))[:, 0]
        ends = np.maximum(lowest - 1, 0), np.minimum(lowest + 1, points - 1)
        low, high = (np.take_along_axis(grid, end, axis=-1) for end in ends)
        points = FINE
