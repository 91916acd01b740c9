"""A regression problem estimated from data of one's own: eigenvalues of Σ, teacher, label noise.

A ridge fit ŷ to T rows shows both left sides, at every ridge λ:

    tr Σ̂(Σ̂+λ)^{-1} = df ≃ tr Σ(Σ+κ)^{-1},    κ = λ/(1 − df/T),
    y'(y − ŷ)/(T − df) ≃ σ² + κ·w0'Σ(Σ+κ)^{-1}w0.

Over a grid of ridges the right ones are linear in how many eigenvalues there are of each of a grid
of sizes, in w0'Σw0 of each size, and in σ², none of them negative: two problems of non-negative
least squares, which neither the spread of sample eigenvalues nor the noise of fitted coefficients
biases. The first is El Karoui's (2008), in terms of degrees of freedom.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, on_range

RIDGES = 40  # in the grid
LEAST, MOST = 1e-4, 1e2  # of them, in units of the mean eigenvalue and of the largest
SIZES = 80  # of eigenvalues, from a tenth of the least κ up to the largest in the sample
SPLITS = 4  # into halves, each fitted and judged by the other
TOTAL = 10.0  # weight of their total number d, beside 1 of each ridge
FEWEST = 8  # rows
KEPT = 0.75  # of them in a draw of the jackknife


@dataclass(frozen=True)
class Estimate:
    """A Spectrum of d eigenvalues, largest first, and the standard deviation σ of label noise."""

    spectrum: Spectrum
    noise: float


@dataclass(frozen=True)
class Curves:
    """What ridge fits to a sample show, each of shape (RIDGES,): κ, df and y'(y − ŷ)/(T − df)."""

    kappa: np.ndarray
    freedom: np.ndarray
    residual: np.ndarray


def estimate(X: ArrayLike, y: ArrayLike) -> Estimate:
    """The problem behind rows X, shape (T, d), and labels y, shape (T,); means are taken off both.

    Rows must be about a linear map of independent entries, as in all theory here. What T rows
    cannot resolve counts as noise: below a size that cross-validation picks, the teacher is 0.
    Raises ValueError for other shapes, values that are not finite, one column, fewer rows than
    columns or than FEWEST, and if y or all of X is constant.

    >>> from model_collapse.designs import sample_in_full
    >>> from model_collapse.spectra import isotropic
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
    """What ``predict`` makes of the estimate from all rows, of any shape, and its standard error.

    The jackknife of Shao and Wu (1989), which deletes many rows: t of T rows, drawn at random, have
    T/t times the variance of all and covary with them by that of all, so that it is t/(T − t) of
    their mean square distance. A bootstrap would repeat rows, which at T ~ d looks like fewer rows.
    Fewer rows per column know less than in proportion: in the tests' problems the error is 0.8 to 2
    times the true one at T ≥ 4d, and up to 2.5 times at T = 2d. Raises ValueError for no draws, if
    all of X is constant in one, and as ``estimate`` does.
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    X, y = _checked(X, y)
    found, stream = np.asarray(predict(_estimated(X, y))), random_stream(seed, "jackknife")
    T, t = len(X), round(KEPT * len(X))
    picks = [stream.permutation(T)[:t] for _ in range(draws)]
    others = np.array([predict(_estimated(X[rows], y[rows])) for rows in picks])
    return found, np.sqrt(t / (T - t) * np.mean((others - found) ** 2, axis=0))


def _checked(X: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"X must be of shape (T, d) and y (T,), not {X.shape} and {y.shape}")
    for name, values in (("X", X), ("y", y)):
        if not np.all(np.isfinite(values)):
            row = np.argwhere(~np.isfinite(values))[0, 0]
            raise ValueError(f"{name} must hold finite numbers, which row {row} does not")
    T, d = X.shape
    if d < 2:
        raise ValueError("X must have several columns: the theory is a limit of many")
    if max(d, FEWEST) > T:
        raise ValueError(f"X must have at least {max(d, FEWEST)} rows for {d} columns, not {T}")
    if not np.ptp(y):
        raise ValueError("y is constant: there is nothing to learn")
    return X, y


def _estimated(X: np.ndarray, y: np.ndarray) -> Estimate:
    if not np.any(np.ptp(X, axis=0)):
        raise ValueError("X is constant, in all rows or a draw: there is nothing to learn from")
    d, spread = X.shape[1], np.linalg.svd(X - X.mean(0), compute_uv=False) ** 2 / (len(X) - 1)
    ridges = np.geomspace(LEAST * np.sum(spread) / d, MOST * np.max(spread), RIDGES)
    seen = _curves(X, y, ridges)
    sizes, counts = _spectrum(seen, np.max(spread), d)
    unit = np.where(seen.residual > 0, seen.residual, 1.0)  # 0 if labels of a draw are all the same
    *powers, variance = _teacher(seen, sizes, _cut(X, y, ridges, sizes, unit), unit)
    coefficients = np.sqrt(np.array(powers) / (counts * sizes))
    ordered = (np.repeat(values, counts)[::-1] for values in (sizes, coefficients))
    return Estimate(Spectrum(*ordered), float(np.sqrt(variance)))


def _curves(X: np.ndarray, y: np.ndarray, ridges: np.ndarray) -> Curves:
    T, (X, y) = len(X) - 1, (X - X.mean(0), y - y.mean())  # the means take one row's freedom
    left, singular, _ = np.linalg.svd(X, full_matrices=False)
    s, powers = singular**2 / T, (left.T @ y) ** 2 / T
    s, powers = s[on_range(s)], powers[on_range(s)]
    freedom = np.sum(s / (s + ridges[:, None]), axis=1)
    beyond = max(y @ y / T - np.sum(powers), 0.0)
    residual = beyond + ridges * np.sum(powers / (s + ridges[:, None]), axis=1)
    saved = 1 - freedom / T
    return Curves(ridges / saved, freedom, residual / saved)


def _spectrum(seen: Curves, largest: float, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct eigenvalues, smallest first, and how many of d each stands for."""
    sizes = np.geomspace(seen.kappa[0] / 10, largest, SIZES)
    shares = sizes / (sizes + seen.kappa[:, None]) / seen.freedom[:, None]
    wanted = np.append(np.ones(RIDGES), TOTAL)
    numbers, _ = nnls(np.vstack([shares, np.full(SIZES, TOTAL / d)]), wanted)
    ranks = (np.arange(d) + 0.5) / d
    quantiles = np.searchsorted(np.cumsum(numbers) / np.sum(numbers), ranks)
    return np.unique(sizes[quantiles], return_counts=True)


def _teacher(seen: Curves, sizes: np.ndarray, cut: float, unit: np.ndarray) -> np.ndarray:
    """w0'Σw0 of each size, none below the cut, then σ²; deviations are relative to a unit."""
    found, kept = np.zeros(len(sizes) + 1), np.append(sizes >= cut, True)
    shares = _residuals(seen, sizes)[:, kept] / unit[:, None]
    found[kept], _ = nnls(shares, seen.residual / unit)
    return found


def _residuals(seen: Curves, sizes: np.ndarray) -> np.ndarray:
    """The residuals of unit power at each size, then of σ² = 1: shape (RIDGES, sizes + 1)."""
    return np.append(seen.kappa / (sizes[:, None] + seen.kappa), np.ones((1, RIDGES)), axis=0).T


def _cut(
    X: np.ndarray, y: np.ndarray, ridges: np.ndarray, sizes: np.ndarray, unit: np.ndarray
) -> float:
    """The size from which on a teacher, fitted to a half of the rows, predicts the other best."""
    cuts, stream = [*sizes, np.inf], random_stream("cross-validation")
    losses = np.zeros(len(cuts))
    for _ in range(SPLITS):
        rows = np.array_split(stream.permutation(len(X)), 2)
        one, other = (_curves(X[half], y[half], ridges) for half in rows)
        for fitted, judge in ((one, other), (other, one)):
            teachers = [_teacher(fitted, sizes, cut, unit) for cut in cuts]
            gaps = _residuals(judge, sizes) @ np.transpose(teachers) - judge.residual[:, None]
            losses += np.sum((gaps / unit[:, None]) ** 2, axis=0)
    return cuts[np.argmin(losses)]
