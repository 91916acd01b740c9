"""The ridge that is best in theory, and risks along a scaling law."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model_collapse.arguments import plain, with_plain_numbers
from model_collapse.equivalents import Equivalent, Fit
from model_collapse.exponents import Law
from model_collapse.spectra import Spectrum, power_law
from model_collapse.theory import Risk, equivalents_of, risk_of

PHI_0 = 0.5  # d/T0 along a scaling law with generators
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
    sizes = np.asarray(samples, float)
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


class Size(NamedTuple):
    """One point of a scaling law: the dimension d, and T."""

    dimension: int
    samples: float


@with_plain_numbers
def size_at(law: Law, dimension: int) -> Size:
    """The size with T0 = d/φ0 and T = T0^{1/b}, for a law with generators."""
    return Size(dimension, (dimension / PHI_0) ** (1 / law.b))


@with_plain_numbers
def sizes_across(
    law: Law, window: Sequence[float], points: int, dimension: int | None = None
) -> list[Size]:
    """Sizes across a window: of d with generators, of T^{min(ℓ/β, 1)} at that d without."""
    steps = np.geomspace(*window, points)
    if law.b is not None:
        return [size_at(law, round(step)) for step in steps]
    growth = min(law.ell / law.beta, 1.0)
    return [Size(dimension, step ** (1 / growth)) for step in steps]


def law_risk(law: Law, size: Size) -> Risk:
    """The recursion's terms at one size for σ = 1; without generators the collapse is 0.

    OLS generators with T0 > d lose nothing, so n of them act as one of noise variance nσ0² = T^a.
    """
    size = Size(*map(plain, size))
    spectrum = power_law(size.dimension, law.beta, law.r, condensed=True)
    chain = equivalents_of(spectrum, law_generators(law, size, size.samples**law.a))
    return risk_of(spectrum, chain, Fit(size.samples, size.samples**-law.ell, 1.0))


def law_generators(law: Law, size: Size, collapse_noise: float) -> list[Fit]:
    """One OLS generator of noise variance nσ0², or none on clean data."""
    if law.b is None:
        return []
    return [Fit(round(size.dimension / PHI_0), 0.0, float(np.sqrt(collapse_noise)))]
