"""Sizes and test errors along a scaling law."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model_collapse.problem.arguments import plain, whole_number, with_plain_numbers
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import power_law
from model_collapse.theory.exponents import Law
from model_collapse.theory.recursion import Risk, equivalents_of, risk_of

PHI_0 = 0.5  # d/T0 along a scaling law with generators


class Size(NamedTuple):
    """One point of a scaling law: the dimension d, and T.

    Parameters
    ----------
    dimension : int
        d, at least 1.
    samples : float
        T > 0, the number of rows of the downstream fit.
    """

    dimension: int
    samples: float


@with_plain_numbers
def size_at(law: Law, dimension: int) -> Size:
    """The size with T0 = d/φ0 and T = T0^{1/b}, for a law with generators.

    Parameters
    ----------
    law : Law
        Its b is not None.
    dimension : int
        d, at least 1.

    Returns
    -------
    Size
        d and T.

    Raises
    ------
    ValueError
        For a law without generators.
    """
    if law.b is None:
        raise ValueError("a law without generators has no T0 = d/φ0, and so no T = T0^(1/b)")
    return Size(dimension, (dimension / PHI_0) ** (1 / law.b))


@with_plain_numbers
def sizes_across(
    law: Law, window: Sequence[float], points: int, dimension: int | None = None
) -> list[Size]:
    """Sizes across a window, equally far apart in logarithm.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    window : (float, float)
        With generators the range of d; without, that of T^{min(ℓ/β, 1)}.
    points : int
        The number of sizes, at least 1.
    dimension : int, optional
        d of all sizes, for a law without generators.

    Returns
    -------
    list of Size
        From the first end of the window to the second.

    Raises
    ------
    ValueError
        For a number of points that is below 1 or not whole, and without generators if there is no
        dimension.
    """
    first, last = window
    steps = np.geomspace(first, last, whole_number("points", points, 1))
    if law.b is not None:
        return [size_at(law, round(step)) for step in steps]
    if dimension is None:
        raise ValueError("sizes of a law without generators need a dimension")
    growth = min(law.ell / law.beta, 1.0)
    return [Size(dimension, step ** (1 / growth)) for step in steps]


def law_risk(law: Law, size: Size) -> Risk:
    """The recursion's terms at one size of a scaling law, for σ = 1.

    OLS generators with T0 > d lose nothing, so n of them act as one of noise variance nσ0² = T^a.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    size : Size
        d and T.

    Returns
    -------
    Risk
        Bias, variance and collapse; without generators the collapse is 0.

    Raises
    ------
    ValueError
        As ``power_law`` does.
    """
    dimension, samples = map(plain, size)
    size = Size(dimension, samples)
    spectrum = power_law(size.dimension, law.beta, law.r, condensed=True)
    chain = equivalents_of(spectrum, law_generators(law, size, size.samples**law.a))
    return risk_of(spectrum, chain, Fit(size.samples, size.samples**-law.ell, 1.0))


def law_generators(law: Law, size: Size, collapse_noise: float) -> list[Fit]:
    """One OLS generator of noise variance nσ0², or none on clean data.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    size : Size
        d and T.
    collapse_noise : float
        nσ0² ≥ 0.

    Returns
    -------
    list of Fit
        One Fit on T0 = d/φ0 rows; empty for a law without generators.
    """
    if law.b is None:
        return []
    return [Fit(round(size.dimension / PHI_0), 0.0, float(np.sqrt(collapse_noise)))]
