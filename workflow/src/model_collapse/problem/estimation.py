"""A regression problem estimated from data of one's own: eigenvalues of Σ, teacher, label noise.

A ridge fit ŷ to T rows shows both left sides, at every ridge λ:

    tr Σ̂(Σ̂+λ)^{-1} = df ≃ tr Σ(Σ+κ)^{-1},    κ = λ/(1 − df/T),
    y'(y − ŷ)/(T − df) ≃ σ² + κ·w0'Σ(Σ+κ)^{-1}w0.

Over a grid of ridges the right ones are linear in how many eigenvalues there are of each of a grid
of sizes, in w0'Σw0 of each size, and in σ², none of them negative. Their sums are known: there are
rank Σ eigenvalues, and w0'Σw0 + σ² is the variance of the labels. These are problems of
non-negative least squares, which neither the spread of sample eigenvalues nor the noise of fitted
coefficients biases. The first is El Karoui's (2008), in terms of degrees of freedom.

Neither σ² nor w0'Σw0 changes if columns get other units, so both come from fits to columns of unit
variance. How many eigenvalues there are of each size, and what w0'Σw0 each has of the known sum,
come from fits to the columns in the user's units, which are those of a ridge.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from model_collapse.problem.arguments import whole_number
from model_collapse.problem.spectra import Spectrum
from model_collapse.problem.tables import numbers_of
from model_collapse.seeds import random_stream

RIDGES = 6  # in a decade of the grid
LEAST, MOST = 1e-4, 1e2  # of them, in units of the mean eigenvalue and of the largest
SIZES = 10  # of eigenvalues in a decade, from a tenth of the least κ to the largest in the sample
NEAR = 100.0  # times or one by it: ridges and sizes further from all eigenvalues show nothing
SUM = 1.6  # weight of a known sum, beside all ridges together
FEWEST = 8  # rows
KEPT = 0.75  # of them in a draw of the jackknife
STEPS = 100  # of non-negative least squares, per unknown
LEAST_SHARE = 1e-28  # of the labels' variance: below, a residual is rounding
SMALLEST, LARGEST = 1e-140, 1e140  # ranges of values: squares and quotients of others leave float64
CONSTANT = 8 * np.finfo(float).eps  # of the largest value: a smaller range is rounding


@dataclass(frozen=True)
class Estimate:
    """A Spectrum of d eigenvalues, largest first, and the standard deviation σ of label noise.

    The eigenvalues are those of the covariance of the columns in the units in which they were
    given, so a Fit's ridge is in the same units. w0'Σw0, which is ``spectrum.null_risk``, and σ² do
    not depend on the columns' units; they add up to the variance of the labels.
    """

    spectrum: Spectrum
    noise: float


@dataclass(frozen=True)
class Sample:
    """A table in its own axes: means are taken off, which leaves T = rows − 1.

    ``eigenvalues`` and ``powers``, both (rank,), are those of X'X/T and the squares of y along its
    left singular vectors over T; ``beyond`` is what of ``variance`` = y'y/T no column explains.
    """

    rows: int
    eigenvalues: np.ndarray
    powers: np.ndarray
    beyond: float
    variance: float


@dataclass(frozen=True)
class Curves:
    """What ridge fits to a sample show: κ, df, y'(y − ŷ)/(T − df) and 1 − df/T, each (ridges,)."""

    kappa: np.ndarray
    freedom: np.ndarray
    residual: np.ndarray
    saved: np.ndarray


def estimate(X: ArrayLike, y: ArrayLike) -> Estimate:
    """The problem behind rows and labels; means are taken off both.

    Rows must be about a linear map of independent entries, as in all theory here. Neither the order
    of rows nor the units of columns change σ² and w0'Σw0. What T rows cannot resolve counts as
    noise: below the least κ of the grid the teacher of columns of unit variance is 0.

    Parameters
    ----------
    X : array_like, shape (T, d)
        Finite real numbers, T ≥ d ≥ 2 and T ≥ 8. Columns may be constant or depend on others: each
        adds an eigenvalue of 0.
    y : array_like, shape (T,)
        Labels, finite real numbers that are not all the same.

    Returns
    -------
    Estimate
        Spectrum in units of X and y, and σ in units of y.

    Raises
    ------
    ValueError
        For other shapes; for what is no finite real number: text, categories, dates, complex
        numbers, missing or masked values, sparse matrices; if y or all of X is constant; for
        values whose squares are beyond float64.

    References
    ----------
    N. El Karoui, Spectrum estimation for large dimensional covariance matrices using random matrix
    theory, Annals of Statistics 36 (2008).

    Examples
    --------
    >>> from model_collapse.simulation.full_matrices import sample_in_full
    >>> from model_collapse.problem.spectra import isotropic
    >>> truth, stream = isotropic(50), np.random.default_rng(0)
    >>> found = estimate(*sample_in_full(truth, 2000, truth.coefficients, 0.5, stream))
    >>> print(f"{found.spectrum.null_risk:.2f} {found.noise:.2f}")
    1.03 0.50
    """
    return _estimated(*_checked(X, y))


def with_error(
    predict: Callable[[Estimate], ArrayLike],
    X: ArrayLike,
    y: ArrayLike,
    *,
    draws: int = 40,
    seed: int | str = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """What ``predict`` makes of the estimate from all rows, and its standard error.

    The jackknife of Shao and Wu (1989), which deletes many rows: t of T rows, drawn at random, have
    T/t times the variance of all and covary with them by that of all, so that it is t/(T − t) of
    their mean square distance. A bootstrap would repeat rows, which at T ~ d looks like fewer rows.
    Fewer rows per column know less than in proportion: in the tests' problems the error is 0.8 to 2
    times the true one at T ≥ 4d, and up to 2.5 times at T = 2d.

    Parameters
    ----------
    predict : callable
        From an Estimate to numbers of any one shape.
    X, y : array_like, shapes (T, d) and (T,)
        As in ``estimate``.
    draws : int
        How many times a quarter of the rows is left out, at least 1.
    seed : int or str
        Of the draws.

    Returns
    -------
    tuple of two arrays
        Prediction and standard error, each of the shape that ``predict`` returns.

    Raises
    ------
    ValueError
        For no draws, if all of X is constant in one, and as ``estimate`` does.

    References
    ----------
    J. Shao and C. F. J. Wu, A general theory for jackknife variance estimation, Annals of
    Statistics 17 (1989).
    """
    draws = whole_number("draws", draws, 1)
    X, y = _checked(X, y)
    prediction = np.asarray(predict(_estimated(X, y)))
    stream = random_stream(seed, "jackknife")
    T, t = len(X), round(KEPT * len(X))
    picks = [stream.permutation(T)[:t] for _ in range(draws)]
    others = np.array([predict(_estimated(X[rows], y[rows])) for rows in picks])
    return prediction, np.sqrt(t / (T - t) * np.mean((others - prediction) ** 2, axis=0))


def _checked(X: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels as float64, sorted: the order in which a user has them changes no digit."""
    X, y = numbers_of("X", X), numbers_of("y", y)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"X must be of shape (T, d) and y (T,), not {X.shape} and {y.shape}")
    T, d = X.shape
    if d < 2:
        raise ValueError("X must have several columns: the theory is a limit of many")
    if max(d, FEWEST) > T:
        raise ValueError(f"X must have at least {max(d, FEWEST)} rows for {d} columns, not {T}")
    if not _ranges("y", y[:, None])[0]:
        raise ValueError("y is constant: there is nothing to learn")
    _ranges("X", X)
    order = np.lexsort([*X.T, y])
    return X[order], y[order]


def _ranges(name: str, columns: np.ndarray) -> np.ndarray:
    """Largest less smallest value of columns (T, k), shape (k,); 0 of a column that is constant.

    Raises ValueError for ranges whose squares are no numbers of float64.
    """
    with np.errstate(over="ignore"):
        ranges = np.ptp(columns, axis=0)
    ranges[ranges <= CONSTANT * np.max(np.abs(columns), axis=0)] = 0.0
    beyond = (ranges > 0) & ~((ranges >= SMALLEST) & (ranges <= LARGEST))
    if np.any(beyond):
        column = np.argmax(beyond)
        where = f"column {column} of X" if name == "X" else name
        raise ValueError(
            f"{where} has values up to {ranges[column]:.0e} apart, and squares of that leave "
            f"float64: give {name} in units in which it is {SMALLEST:.0e} to {LARGEST:.0e}"
        )
    return ranges


def _estimated(X: np.ndarray, y: np.ndarray) -> Estimate:
    X = np.where(_ranges("X", X) > 0, X - X.mean(axis=0), 0.0)
    if not np.any(X):
        raise ValueError("X is constant, in all rows or a draw: there is nothing to learn from")
    widths, d = np.std(X, axis=0), X.shape[1]
    standardised = _sample(X / np.where(widths > 0, widths, 1.0), y)
    seen_rank = len(standardised.eigenvalues)
    # As many as there are rows do not show whether columns depend on each other.
    rank = d if seen_rank == standardised.rows else seen_rank
    noise = _noise(standardised, rank)
    # Largest columns first: the SVD then has all digits of the small ones.
    seen = _sample(X[:, np.argsort(-widths)], y, seen_rank)
    sizes, counts, powers = _spectrum_and_teacher(seen, rank, noise)
    coefficients = np.sqrt(powers / (counts * sizes))
    zeros = np.zeros(d - rank)
    eigenvalues, coefficients = (
        np.append(np.repeat(values, counts)[::-1], zeros) for values in (sizes, coefficients)
    )
    return Estimate(Spectrum(eigenvalues, coefficients), float(np.sqrt(noise)))


def _sample(X: np.ndarray, y: np.ndarray, rank: int | None = None) -> Sample:
    """In the axes of X (T, d), whose rank is numpy's if it is not known."""
    X, y = X - X.mean(axis=0), y - y.mean()
    T = len(X) - 1
    left, singular, _ = np.linalg.svd(X, full_matrices=False)
    if rank is None:
        rank = np.sum(singular > max(X.shape) * np.finfo(float).eps * singular[0])
    left, singular = left[:, :rank], singular[:rank]
    along = left.T @ y
    rest = y - left @ along
    return Sample(T, singular**2 / T, along**2 / T, rest @ rest / T, y @ y / T)


def _curves(seen: Sample, ridges: np.ndarray) -> Curves:
    """At ridges of at least 0, and above 0 if there are no more rows than the rank."""
    T, s, ridges = seen.rows, seen.eigenvalues, ridges[:, None]
    lost = np.sum(ridges / (s + ridges), axis=1)
    saved = (T - len(s) + lost) / T
    residual = seen.beyond + np.sum(ridges / (s + ridges) * seen.powers, axis=1)
    return Curves(ridges[:, 0] / saved, len(s) - lost, residual / saved, saved)


def _noise(seen: Sample, rank: int) -> float:
    """σ²: the part of the residuals that is there at every ridge, 0 among them."""
    ridges = _ridges(seen.eigenvalues, LEAST * np.mean(seen.eigenvalues))
    curves = _curves(seen, ridges)
    sizes, _ = _spectrum(curves, seen.eigenvalues, rank)
    sizes = sizes[sizes >= curves.kappa[0]]  # smaller ones look like noise
    if seen.rows > len(seen.eigenvalues):
        curves = _curves(seen, np.append(0.0, ridges))  # a very small σ² shows in least squares
    shares = np.column_stack([_residuals(curves, sizes), np.ones(len(curves.kappa))])
    weights = _weights(curves, seen.variance)
    parts = _nonnegative(shares * weights[:, None], curves.residual * weights, seen.variance)
    return float(parts[-1])


def _spectrum_and_teacher(
    seen: Sample, rank: int, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct eigenvalues, smallest first, how many there are of each, and their w0'Σw0."""
    s = seen.eigenvalues
    curves = _curves(seen, _ridges(s, min(LEAST * np.mean(s), np.min(s))))
    sizes, counts = _spectrum(curves, s, rank)
    return sizes, counts, _teacher(curves, sizes, noise, seen.variance)


def _ridges(eigenvalues: np.ndarray, least: float) -> np.ndarray:
    """From the least to where nothing is left of the largest eigenvalue."""
    return _grid(least, MOST * np.max(eigenvalues), RIDGES, eigenvalues)


def _grid(lowest: float, highest: float, per_decade: int, near: np.ndarray) -> np.ndarray:
    """Both ends and points between them, so many in a decade, but none in wide gaps of ``near``."""
    points = np.geomspace(lowest, highest, 1 + round(per_decade * np.log10(highest / lowest)))
    ordered = np.sort(near)
    above = ordered[np.minimum(np.searchsorted(ordered, points), len(ordered) - 1)]
    below = ordered[np.maximum(np.searchsorted(ordered, points) - 1, 0)]
    in_gap = (points > NEAR * below) & (points < above / NEAR)
    return points[~in_gap]


def _spectrum(curves: Curves, seen: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct eigenvalues, smallest first, and how many of the rank each stands for."""
    sizes = _grid(curves.kappa[0] / 10, np.max(seen), SIZES, seen)
    shares = sizes / (sizes + curves.kappa[:, None]) / curves.freedom[:, None]
    numbers = _nonnegative(shares, np.ones(len(curves.kappa)), rank)
    ranks = (np.arange(rank) + 0.5) / rank
    quantiles = np.searchsorted(np.cumsum(numbers) / np.sum(numbers), ranks)
    return np.unique(sizes[quantiles], return_counts=True)


def _teacher(curves: Curves, sizes: np.ndarray, noise: float, variance: float) -> np.ndarray:
    """w0'Σw0 of each size: what is left of the labels' variance beside σ²."""
    weights = _weights(curves, variance)
    wanted = (curves.residual - noise) * weights
    return _nonnegative(_residuals(curves, sizes) * weights[:, None], wanted, variance - noise)


def _residuals(curves: Curves, sizes: np.ndarray) -> np.ndarray:
    """The residuals of unit power at each size: shape (ridges, sizes)."""
    return curves.kappa[:, None] / (sizes + curves.kappa[:, None])


def _weights(curves: Curves, variance: float) -> np.ndarray:
    """One over the standard deviations of residuals, which T − df squares make up, to a factor."""
    least = LEAST_SHARE * variance if variance > 0 else 1.0  # labels of a draw may be all the same
    return np.sqrt(curves.saved) / np.maximum(curves.residual, least)


def _nonnegative(shares: np.ndarray, wanted: np.ndarray, total: float) -> np.ndarray:
    """The numbers x ≥ 0 (k,) of sum ``total`` for which shares (n, k) @ x is about wanted (n,)."""
    if total <= 0:
        return np.zeros(shares.shape[1])
    weight = SUM * np.sqrt(len(wanted))
    rows = np.vstack([shares * total, np.full(shares.shape[1], weight)])
    lengths = np.linalg.norm(rows, axis=0)
    parts, _ = nnls(rows / lengths, np.append(wanted, weight), maxiter=STEPS * len(lengths))
    parts /= lengths
    return total * parts / np.sum(parts)
