"""Means and slopes with their errors: exponents of power laws, growth in the generation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import float_array

LEAST_POINTS = 3


def standard_error(values: ArrayLike) -> np.ndarray:
    """Standard error of the mean over replicates.

    Parameters
    ----------
    values : array_like, shape (replicates, …)
        Numbers of any numeric type.

    Returns
    -------
    ndarray, shape (…)
        Standard errors; nan for a single replicate.

    Raises
    ------
    ValueError
        For values that are not real numbers.
    """
    numbers = float_array(values)
    if len(numbers) < 2:
        return np.full(numbers.shape[1:], np.nan)
    return numbers.std(axis=0, ddof=1) / np.sqrt(len(numbers))


class Slope(NamedTuple):
    """A slope and its standard error.

    Parameters
    ----------
    value : float
        The slope, or an exponent.
    standard_error : float
        Its standard error, at least 0.
    """

    value: float
    standard_error: float


def in_window(x: ArrayLike, low: float, high: float) -> np.ndarray:
    """Booleans (points,): true for x in [low, high].

    Raises ValueError for a window that is empty or holds fewer than three points.
    """
    inside = (np.asarray(x) >= low) & (np.asarray(x) <= high)
    if not inside.any():
        raise ValueError(f"the fit window {low:g} to {high:g} is empty: it holds none of the sizes")
    require_points(int(inside.sum()), f"the fit window {low:g} to {high:g}")
    return inside


def require_points(count: int, where: str) -> None:
    """Raise ValueError for fewer than three different points, from which a slope has no error."""
    if count < LEAST_POINTS:
        raise ValueError(f"{where} holds {count} points; a slope needs at least {LEAST_POINTS}")


def fit_slope(x: ArrayLike, y: ArrayLike) -> Slope:
    """Least-squares slope of y against x, with its error from the residuals.

    Parameters
    ----------
    x, y : array_like, shape (points,)
        At least three different x.

    Returns
    -------
    Slope
        The slope and its standard error.

    Raises
    ------
    ValueError
        For fewer than three different x, and values that are not real numbers.
    """
    places = float_array(x)
    values = float_array(y)
    require_points(len(np.unique(places)), "the fit")
    centred = places - places.mean()
    slope = centred @ values / (centred @ centred)
    residuals = values - values.mean() - slope * centred
    error = np.sqrt(residuals @ residuals / (len(places) - 2) / (centred @ centred))
    return Slope(float(slope), float(error))


def fit_exponent(x: ArrayLike, y: ArrayLike) -> Slope:
    """The exponent p of y ∝ x^p: the slope of log y against log x, as ``fit_slope`` finds it.

    Parameters
    ----------
    x, y : array_like, shape (points,)
        Positive numbers; at least three different x.

    Returns
    -------
    Slope
        The exponent and its standard error.

    Raises
    ------
    ValueError
        For numbers that are not positive, and as ``fit_slope`` does.
    """
    return fit_slope(_logarithm("x", x), _logarithm("y", y))


def mean_slope(x: ArrayLike, y: ArrayLike, degree: int = 1) -> list[Slope]:
    """Coefficients of x, x², …: one polynomial fit for each replicate, then means and errors.

    Parameters
    ----------
    x : array_like, shape (points,)
        At least three different numbers.
    y : array_like, shape (replicates, points)
        At least two replicates. Rows are independent; the points of a row need not be.
    degree : int
        The degree of the polynomial, at least 1.

    Returns
    -------
    list of Slope, of length ``degree``
        Coefficients and their standard errors, without the constant.

    Raises
    ------
    ValueError
        For fewer than three different x or two replicates, and values that are not real numbers.
    """
    places = float_array(x)
    values = float_array(y)
    require_points(len(np.unique(places)), "the fit")
    if len(values) < 2:
        raise ValueError(f"the error of a slope needs at least 2 replicates, not {len(values)}")
    fits = np.polynomial.polynomial.polyfit(places, values.T, degree)
    return [Slope(float(row.mean()), float(standard_error(row))) for row in fits[1:]]


def mean_exponent(x: ArrayLike, y: ArrayLike) -> Slope:
    """The exponent p of y ∝ x^p, as ``mean_slope`` of logarithms finds it.

    Parameters
    ----------
    x : array_like, shape (points,)
        Positive numbers, at least three different ones.
    y : array_like, shape (replicates, points)
        Positive numbers, at least two replicates.

    Returns
    -------
    Slope
        The exponent and its standard error.

    Raises
    ------
    ValueError
        For numbers that are not positive, and as ``mean_slope`` does.
    """
    return mean_slope(_logarithm("x", x), _logarithm("y", y))[0]


def _logarithm(name: str, values: ArrayLike) -> np.ndarray:
    """log of positive numbers. Raises ValueError, with their name, for others."""
    numbers = float_array(values)
    if not np.all(numbers > 0):
        raise ValueError(f"{name} must be positive, as an exponent is a slope of logarithms")
    return np.log(numbers)
