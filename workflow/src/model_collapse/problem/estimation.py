"""A regression problem estimated from data of one's own: eigenvalues of Σ, teacher, label noise.

A ridge fit ŷ to T rows shows both left sides, at every ridge λ:

    tr Σ̂(Σ̂+λ)^{-1} = df ≃ tr Σ(Σ+κ)^{-1},    κ = λ/(1 − df/T),
    y'(y − ŷ)/(T − df) ≃ σ² + κ·w0'Σ(Σ+κ)^{-1}w0.

Take a grid of ridges, and a grid of possible eigenvalues. At each ridge the right sides are linear
in the numbers of eigenvalues at each grid point, in their parts of w0'Σw0, and in σ², none of them
negative. Two sums are known: there are rank Σ eigenvalues, and w0'Σw0 + σ² is the variance of the
labels. These are problems of non-negative least squares, which neither the spread of sample
eigenvalues nor the noise of fitted coefficients biases. The first is El Karoui's (2008), in terms
of degrees of freedom.

Neither σ² nor w0'Σw0 changes if columns get other units, so both come from fits to columns of unit
variance. The numbers of eigenvalues, and their parts of the known w0'Σw0, come from fits to the
columns in the user's units, which are those of a ridge.
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

RIDGES_PER_DECADE = 6
SMALLEST_RIDGE = 1e-4  # in units of the mean eigenvalue
LARGEST_RIDGE = 1e2  # in units of the largest eigenvalue
SIZES_PER_DECADE = 10  # eigenvalues, from a tenth of the least κ to the largest of the sample
GAP_FACTOR = 100.0  # a ridge or size that is further from all eigenvalues shows nothing
SUM_WEIGHT = 1.6  # weight of a known sum, relative to all ridges together
FEWEST_ROWS = 8
JACKKNIFE_SHARE = 0.75  # share of the rows in a draw of the jackknife
STEPS_PER_UNKNOWN = 100  # most steps of non-negative least squares
LEAST_RESIDUAL = 1e-28  # share of the labels' variance, below which a residual is rounding
SMALLEST_RANGE = 1e-140  # values closer together have squares and quotients beyond float64
LARGEST_RANGE = 1e140  # and so have values further apart
CONSTANT_RANGE = 8 * np.finfo(float).eps  # share of the largest value: a smaller range is rounding


@dataclass(frozen=True)
class Estimate:
    """A Spectrum of d eigenvalues, largest first, and the standard deviation σ of label noise.

    The eigenvalues are those of the covariance of the columns in the units in which they were
    given, so a Fit's ridge is in the same units. w0'Σw0, which is ``spectrum.null_risk``, and σ² do
    not depend on the columns' units; they add up to the variance of the labels.

    Parameters
    ----------
    spectrum : Spectrum
        d eigenvalues, largest first, and the size of the teacher along their eigenvectors.
    noise : float
        σ ≥ 0, in units of the labels.
    """

    spectrum: Spectrum
    noise: float


@dataclass(frozen=True)
class Sample:
    """A centred table in the eigenbasis of X'X/T, T = ``rows``, one less than the table has.

    ``eigenvalues``, (rank,), are those of X'X/T; ``powers``, (rank,), are (u'y)²/T for the left
    singular vectors u of X; ``unexplained`` is the part of ``variance`` = y'y/T off the columns.
    """

    rows: int
    eigenvalues: np.ndarray
    powers: np.ndarray
    unexplained: float
    variance: float


@dataclass(frozen=True)
class Curves:
    """Ridge fits to a sample: κ, df, y'(y − ŷ)/(T − df) and 1 − df/T, each (ridges,)."""

    kappa: np.ndarray
    freedom: np.ndarray
    residual: np.ndarray
    remaining: np.ndarray


def estimate(X: ArrayLike, y: ArrayLike) -> Estimate:
    """Estimate the problem behind rows and labels, after centring both.

    Rows must be about a linear map of independent entries, as in all theory here. Neither the order
    of rows nor the units of columns change σ² and w0'Σw0. A signal that T rows cannot resolve
    counts as noise: below the least κ of the grid the teacher of columns of unit variance is 0.

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
        For other shapes; for text, categories, dates, complex numbers, missing, masked or infinite
        values, and sparse matrices; if y or all of X is constant; for values whose squares are
        beyond float64.

    References
    ----------
    N. El Karoui, Spectrum estimation for large dimensional covariance matrices using random matrix
    theory, Annals of Statistics 36 (2008).

    Examples
    --------
    >>> from model_collapse.simulation.full_matrices import sample_in_full
    >>> from model_collapse.problem.spectra import isotropic
    >>> truth = isotropic(50)
    >>> stream = np.random.default_rng(0)
    >>> X, y = sample_in_full(truth, 2000, truth.coefficients, 0.5, stream)
    >>> problem = estimate(X, y)
    >>> print(f"{problem.spectrum.null_risk:.2f} {problem.noise:.2f}")
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
    """Return a prediction from the estimate on all rows, and its standard error.

    The error is that of the jackknife of Shao and Wu (1989), which deletes many rows. A prediction
    from t of T rows, drawn at random, has T/t times the variance of the one from all rows, and
    their covariance is that variance; so it is t/(T − t) times their mean square distance. A
    bootstrap would repeat rows, which at T ~ d looks like fewer rows. With fewer rows per column
    the variance grows faster than T/t: in the tests' problems the error is 0.8 to 2 times the true
    one at T ≥ 4d, and up to 2.5 times at T = 2d.

    Parameters
    ----------
    predict : callable
        A function of an Estimate that returns numbers, always of one shape.
    X, y : array_like, shapes (T, d) and (T,)
        As in ``estimate``.
    draws : int
        The number of times that a quarter of the rows is left out, at least 1.
    seed : int or str
        The seed of the draws.

    Returns
    -------
    tuple of two arrays
        Prediction and standard error, each of the shape that ``predict`` returns.

    Raises
    ------
    ValueError
        For fewer than 1 draw, if X is constant in a draw, and as ``estimate`` does.

    References
    ----------
    J. Shao and C. F. J. Wu, A general theory for jackknife variance estimation, Annals of
    Statistics 17 (1989).
    """
    draws = whole_number("draws", draws, 1)
    X, y = _checked(X, y)
    prediction = np.asarray(predict(_estimated(X, y)))
    stream = random_stream(seed, "jackknife")
    T = len(X)
    t = round(JACKKNIFE_SHARE * T)
    subsets = [stream.permutation(T)[:t] for _ in range(draws)]
    redrawn = np.array([predict(_estimated(X[rows], y[rows])) for rows in subsets])
    return prediction, np.sqrt(t / (T - t) * np.mean((redrawn - prediction) ** 2, axis=0))


def _checked(X: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and labels as float64, sorted, so that their order changes no digit."""
    X = numbers_of("X", X)
    y = numbers_of("y", y)
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"X must be of shape (T, d) and y (T,), not {X.shape} and {y.shape}")
    T, d = X.shape
    if d < 2:
        raise ValueError("X must have several columns: the theory is a limit of many")
    fewest = max(d, FEWEST_ROWS)
    if fewest > T:
        raise ValueError(f"X must have at least {fewest} rows for {d} columns, not {T}")
    if not _ranges("y", y[:, None])[0]:
        raise ValueError("y is constant: there is nothing to learn")
    _ranges("X", X)
    order = np.lexsort([*X.T, y])
    return X[order], y[order]


def _ranges(name: str, columns: np.ndarray) -> np.ndarray:
    """Largest minus smallest value of columns (T, k), shape (k,); 0 for a constant column.

    Raises ValueError for ranges whose squares are beyond float64.
    """
    with np.errstate(over="ignore"):
        ranges = np.ptp(columns, axis=0)
    ranges[ranges <= CONSTANT_RANGE * np.max(np.abs(columns), axis=0)] = 0.0
    beyond = (ranges > 0) & ~((ranges >= SMALLEST_RANGE) & (ranges <= LARGEST_RANGE))
    if np.any(beyond):
        column = np.argmax(beyond)
        where = f"column {column} of X" if name == "X" else name
        raise ValueError(
            f"{where} has values up to {ranges[column]:.0e} apart, and squares of that leave "
            f"float64: give {name} in units in which it is {SMALLEST_RANGE:.0e} to "
            f"{LARGEST_RANGE:.0e}"
        )
    return ranges


def _estimated(X: np.ndarray, y: np.ndarray) -> Estimate:
    """Return ``estimate`` for rows and labels that are checked and sorted."""
    X = np.where(_ranges("X", X) > 0, X - X.mean(axis=0), 0.0)
    if not np.any(X):
        raise ValueError("X is constant, in all rows or a draw: there is nothing to learn from")
    d = X.shape[1]
    deviations = np.std(X, axis=0)
    standardised = _sample(X / np.where(deviations > 0, deviations, 1.0), y)
    sample_rank = len(standardised.eigenvalues)
    # A rank as large as the number of rows does not show whether columns depend on each other.
    rank = d if sample_rank == standardised.rows else sample_rank
    noise = _noise(standardised, rank)
    # Largest columns first: the SVD then has all digits of the small ones.
    sample = _sample(X[:, np.argsort(-deviations)], y, sample_rank)
    sizes, counts, powers = _spectrum_and_teacher(sample, rank, noise)
    coefficients = np.sqrt(powers / (counts * sizes))
    zeros = np.zeros(d - rank)
    eigenvalues, coefficients = (
        np.append(np.repeat(values, counts)[::-1], zeros) for values in (sizes, coefficients)
    )
    return Estimate(Spectrum(eigenvalues, coefficients), float(np.sqrt(noise)))


def _sample(X: np.ndarray, y: np.ndarray, rank: int | None = None) -> Sample:
    """Return rows X (T + 1, d) and labels as a Sample; without a ``rank``, X has NumPy's."""
    X = X - X.mean(axis=0)
    y = y - y.mean()
    T = len(X) - 1
    left, singular, _ = np.linalg.svd(X, full_matrices=False)
    if rank is None:
        rank = np.sum(singular > max(X.shape) * np.finfo(float).eps * singular[0])
    left = left[:, :rank]
    singular = singular[:rank]
    projections = left.T @ y
    residual = y - left @ projections
    return Sample(T, singular**2 / T, projections**2 / T, residual @ residual / T, y @ y / T)


def _curves(sample: Sample, ridges: np.ndarray) -> Curves:
    """Return Curves at ridges of at least 0, or above 0 if the rank is that of all rows."""
    T = sample.rows
    s = sample.eigenvalues
    ridges = ridges[:, None]
    lost = np.sum(ridges / (s + ridges), axis=1)
    remaining = (T - len(s) + lost) / T
    residual = sample.unexplained + np.sum(ridges / (s + ridges) * sample.powers, axis=1)
    return Curves(ridges[:, 0] / remaining, len(s) - lost, residual / remaining, remaining)


def _noise(sample: Sample, rank: int) -> float:
    """σ², the part of the residuals that is the same at every ridge, 0 included."""
    ridges = _ridges(sample.eigenvalues, SMALLEST_RIDGE * np.mean(sample.eigenvalues))
    curves = _curves(sample, ridges)
    sizes, _ = _spectrum(curves, sample.eigenvalues, rank)
    sizes = sizes[sizes >= curves.kappa[0]]  # smaller ones look like noise
    if sample.rows > len(sample.eigenvalues):
        curves = _curves(sample, np.append(0.0, ridges))  # a very small σ² shows in least squares
    shares = np.column_stack([_residuals(curves, sizes), np.ones(len(curves.kappa))])
    weights = _weights(curves, sample.variance)
    *_, noise = _nonnegative(shares * weights[:, None], curves.residual * weights, sample.variance)
    return float(noise)


def _spectrum_and_teacher(
    sample: Sample, rank: int, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distinct eigenvalues, smallest first, the number of each, and their parts of w0'Σw0."""
    s = sample.eigenvalues
    curves = _curves(sample, _ridges(s, min(SMALLEST_RIDGE * np.mean(s), np.min(s))))
    sizes, counts = _spectrum(curves, s, rank)
    return sizes, counts, _teacher(curves, sizes, noise, sample.variance)


def _ridges(eigenvalues: np.ndarray, least: float) -> np.ndarray:
    """Ridges from the least up to LARGEST_RIDGE, where even the largest eigenvalue is damped."""
    return _grid(least, LARGEST_RIDGE * np.max(eigenvalues), RIDGES_PER_DECADE, eigenvalues)


def _grid(lowest: float, highest: float, per_decade: int, eigenvalues: np.ndarray) -> np.ndarray:
    """Points from lowest to highest, equally far apart in logarithm, but none in wide gaps between
    eigenvalues.
    """
    points = np.geomspace(lowest, highest, 1 + round(per_decade * np.log10(highest / lowest)))
    ordered = np.sort(eigenvalues)
    above = ordered[np.minimum(np.searchsorted(ordered, points), len(ordered) - 1)]
    below = ordered[np.maximum(np.searchsorted(ordered, points) - 1, 0)]
    in_gap = (points > GAP_FACTOR * below) & (points < above / GAP_FACTOR)
    return points[~in_gap]


def _spectrum(
    curves: Curves, sample_eigenvalues: np.ndarray, rank: int
) -> tuple[np.ndarray, np.ndarray]:
    """Distinct eigenvalues, smallest first, and the number of each, which add up to the rank."""
    lowest = curves.kappa[0] / 10
    sizes = _grid(lowest, np.max(sample_eigenvalues), SIZES_PER_DECADE, sample_eigenvalues)
    shares = sizes / (sizes + curves.kappa[:, None]) / curves.freedom[:, None]
    numbers = _nonnegative(shares, np.ones(len(curves.kappa)), rank)
    ranks = (np.arange(rank) + 0.5) / rank
    quantiles = np.searchsorted(np.cumsum(numbers) / np.sum(numbers), ranks)
    return np.unique(sizes[quantiles], return_counts=True)


def _teacher(curves: Curves, sizes: np.ndarray, noise: float, variance: float) -> np.ndarray:
    """The part of w0'Σw0 at each size; all parts add up to the labels' variance minus σ²."""
    weights = _weights(curves, variance)
    signal = (curves.residual - noise) * weights
    return _nonnegative(_residuals(curves, sizes) * weights[:, None], signal, variance - noise)


def _residuals(curves: Curves, sizes: np.ndarray) -> np.ndarray:
    """Residuals that w0'Σw0 = 1 at one size would leave, shape (ridges, sizes)."""
    return curves.kappa[:, None] / (sizes + curves.kappa[:, None])


def _weights(curves: Curves, variance: float) -> np.ndarray:
    """Inverse standard deviations of residuals, means of T − df squares, up to a factor."""
    # The labels of a draw may all be the same.
    least = LEAST_RESIDUAL * variance if variance > 0 else 1.0
    return np.sqrt(curves.remaining) / np.maximum(curves.residual, least)


def _nonnegative(shares: np.ndarray, targets: np.ndarray, total: float) -> np.ndarray:
    """Numbers x ≥ 0, (k,), of sum ``total`` for which shares (n, k) @ x is about targets (n,)."""
    if total <= 0:
        return np.zeros(shares.shape[1])
    weight = SUM_WEIGHT * np.sqrt(len(targets))
    equations = np.vstack([shares * total, np.full(shares.shape[1], weight)])
    lengths = np.linalg.norm(equations, axis=0)
    steps = STEPS_PER_UNKNOWN * len(lengths)
    solution, _ = nnls(equations / lengths, np.append(targets, weight), maxiter=steps)
    solution /= lengths
    return total * solution / np.sum(solution)
