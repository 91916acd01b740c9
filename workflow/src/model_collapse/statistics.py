"""Means and slopes with their errors: exponents of power laws, growth in the generation."""

from typing import NamedTuple

import numpy as np

from model_collapse.problem.arguments import float_array

LEAST_POINTS = 3


def standard_error(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over replicates.

    Parameters
    ----------
    values : array, shape (replicates, …)
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
    values = float_array(values)
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


class Slope(NamedTuple):
    """A slope and its standard error."""

    value: float
    standard_error: float


def in_window(x: np.ndarray, low: float, high: float) -> np.ndarray:
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


def fit_slope(x: np.ndarray, y: np.ndarray) -> Slope:
    """Least-squares slope of y against x, with its error from the residuals.

    Parameters
    ----------
    x, y : array, shape (points,)
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
    x = float_array(x)
    y = float_array(y)
    require_points(len(np.unique(x)), "the fit")
    centred = x - x.mean()
    slope = centred @ y / (centred @ centred)
    residuals = y - y.mean() - slope * centred
    error = np.sqrt(residuals @ residuals / (len(x) - 2) / (centred @ centred))
    return Slope(float(slope), float(error))


def fit_exponent(x: np.ndarray, y: np.ndarray) -> Slope:
    """The exponent p of y ∝ x^p: the slope of log y against log x, as ``fit_slope`` finds it.

    Parameters
    ----------
    x, y : array, shape (points,)
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


def mean_slope(x: np.ndarray, y: np.ndarray, degree: int = 1) -> list[Slope]:
    """Coefficients of x, x², …: one polynomial fit for each replicate, then means and errors.

    Parameters
    ----------
    x : array, shape (points,)
        At least three different numbers.
    y : array, shape (replicates, points)
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
    x = float_array(x)
    y = float_array(y)
    require_points(len(np.unique(x)), "the fit")
    if len(y) < 2:
        raise ValueError(f"the error of a slope needs at least 2 replicates, not {len(y)}")
    fits = np.polynomial.polynomial.polyfit(x, y.T, degree)
    return [Slope(float(row.mean()), float(standard_error(row))) for row in fits[1:]]


def mean_exponent(x: np.ndarray, y: np.ndarray) -> Slope:
    """The exponent p of y ∝ x^p, as ``mean_slope`` of logarithms finds it.

    Parameters
    ----------
    x : array, shape (points,)
        Positive numbers, at least three different ones.
    y : array, shape (replicates, points)
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


def _logarithm(name: str, values: np.ndarray) -> np.ndarray:
    """log of positive numbers. Raises ValueError, with their name, for others."""
    numbers = float_array(values)
    if not np.all(numbers > 0):
        raise ValueError(f"{name} must be positive, as an exponent is a slope of logarithms")
    return np.log(numbers)
