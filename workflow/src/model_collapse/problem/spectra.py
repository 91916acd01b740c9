"""The regression problem: eigenvalues of Σ and the teacher w0 in Σ's eigenbasis."""

from dataclasses import dataclass
from math import log10
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import (
    LARGEST_SQUARED,
    LARGEST_WHOLE,
    float_array,
    is_number,
    whole_number,
    with_plain_numbers,
)
from model_collapse.problem.quadrature import FARTHEST, quadrature_ranks
from model_collapse.seeds import random_stream

# An estimated eigenvalue counts towards the rank if it exceeds this fraction of the largest one.
RANK_TOLERANCE = 1e-12
SMALLEST_EIGENVALUE = 1e-290  # least one that an endless spectrum has
STEEPEST = 1075.0  # from this β on, λ_2 = 2^−β is 0 in float64
CUT = 1e-6  # share of what a fit sees of tr Σ or ‖w0‖²_Σ that may lie beyond the last rank


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of Σ and the coefficients of the true model w0 in its eigenbasis.

    Computed eigenvalues of a singular matrix have rounding errors of either sign: if one is below
    0, but above −RANK_TOLERANCE times the largest, then all that are so close to 0 become 0.

    Parameters
    ----------
    eigenvalues : array_like, shape (d,)
        At least 0, one of them positive.
    coefficients : array_like, shape (d,)
        Coefficients of w0; in a condensed spectrum their root mean squares.
    counts : array_like, shape (d,), optional
        How many modes each entry stands for: 1 by default. A condensed spectrum, for theory alone,
        has fewer entries than modes.
    least_kappa : float
        Positive for an endless spectrum, d = inf: the least effective ridge κ for which the
        entries are enough. 0 for any other.

    Raises
    ------
    ValueError
        Unless all are finite vectors of one length, counts positive, and eigenvalues as above.
    """

    eigenvalues: np.ndarray
    coefficients: np.ndarray
    counts: np.ndarray = None  # type: ignore[assignment]  # __post_init__ makes None an array
    least_kappa: float = 0.0

    if TYPE_CHECKING:

        def __init__(
            self,
            eigenvalues: ArrayLike,
            coefficients: ArrayLike,
            counts: ArrayLike | None = None,
            least_kappa: float = 0.0,
        ) -> None: ...

    def __post_init__(self) -> None:
        if self.counts is None:
            object.__setattr__(self, "counts", np.ones(np.shape(self.eigenvalues)))
        for name in ("eigenvalues", "coefficients", "counts"):
            try:
                values = float_array(getattr(self, name))
            except (ValueError, OverflowError):  # complex numbers, text, rows of unequal lengths
                values = np.empty(0)
            if values.ndim != 1 or not len(values) or not np.all(np.isfinite(values)):
                raise ValueError(f"{name} must be a non-empty vector of finite numbers")
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if not len(self.eigenvalues) == len(self.coefficients) == len(self.counts):
            raise ValueError(
                f"eigenvalues, coefficients and counts must have one length, not "
                f"{len(self.eigenvalues)}, {len(self.coefficients)} and {len(self.counts)}"
            )
        least = self.eigenvalues.min()
        largest = self.eigenvalues.max()
        if largest <= 0 or least < -RANK_TOLERANCE * largest:
            raise ValueError("eigenvalues must be non-negative, and one of them positive")
        if least < 0:
            rounded = np.where(on_range(self.eigenvalues), self.eigenvalues, 0.0)
            rounded.flags.writeable = False
            object.__setattr__(self, "eigenvalues", rounded)
        if self.counts.min() <= 0:
            raise ValueError("counts must be positive")

    @property
    def dimension(self) -> int | float:
        """d; infinite for an endless spectrum."""
        return np.inf if self.least_kappa else round(np.sum(self.counts))

    @property
    def rank(self) -> float:
        """The rank of Σ, the number of positive eigenvalues."""
        return np.inf if self.least_kappa else rank_of(self.eigenvalues, self.counts)

    def require_kappa(self, kappas: ArrayLike) -> None:
        """Raise ValueError for effective ridges that see where an endless spectrum was cut."""
        if np.any(np.asarray(kappas) < self.least_kappa):
            raise ValueError(
                f"these fits need more of the endless spectrum than its {len(self.eigenvalues)} "
                f"entries, which hold for effective ridges from {self.least_kappa:.2g} on, not "
                f"{np.min(kappas):.2g}: take a larger ridge, fewer samples or a finite d"
            )

    @property
    def null_risk(self) -> float:
        """‖w0‖²_Σ, the test error of predicting zero."""
        return float(np.sum(self.counts * self.eigenvalues * self.coefficients**2))

    def condensed(self) -> "Spectrum":
        """The spectrum with one entry for equal eigenvalues: theory is the same, to rounding."""
        values, entries = np.unique(self.eigenvalues, return_inverse=True)
        counts = np.bincount(entries, self.counts)
        squares = np.bincount(entries, self.counts * self.coefficients**2)
        return Spectrum(values, np.sqrt(squares / counts), counts, self.least_kappa)


def rank_of(eigenvalues: np.ndarray, counts: np.ndarray) -> float:
    """The number of positive eigenvalues, without the rounding errors of a quadrature's weights.

    Parameters
    ----------
    eigenvalues, counts : array, shape (d,)
        Eigenvalues of at least 0, and how many modes each stands for.

    Returns
    -------
    float
        The rank, to six decimals.
    """
    return round(float(np.sum(counts[eigenvalues > 0])), 6)


def on_range(eigenvalues: np.ndarray) -> np.ndarray:
    """The eigenvalues that count towards the rank, those above RANK_TOLERANCE times the largest.

    Parameters
    ----------
    eigenvalues : array, shape (d,)
        At least one of them positive; rounding errors may be negative.

    Returns
    -------
    ndarray of bool, shape (d,)
        True for eigenvalues that count.
    """
    return eigenvalues > RANK_TOLERANCE * np.max(eigenvalues)


@with_plain_numbers
def isotropic(d: int, norm: float = 1.0, seed: int = 0) -> Spectrum:
    """Σ = I in dimension d, and w0 in a random direction.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    norm : float
        ‖w0‖.
    seed : int
        The seed of the direction.

    Returns
    -------
    Spectrum
        With d entries.

    Raises
    ------
    ValueError
        For a d that is below 1 or not whole.
    """
    d = whole_number("the dimension d", d, 1)
    direction = random_stream(seed, "teacher").standard_normal(d)
    return Spectrum(np.ones(d), norm * direction / np.linalg.norm(direction))


@with_plain_numbers
def power_law(d: float, beta: float, r: float, *, condensed: bool = False) -> Spectrum:
    """The power law of eq (23): λ_k = k^{−β} and c_k = k^{−δ/2}, δ = 1 + β(2r − 1).

    The source condition holds up to a logarithm: ‖Σ^{1/2−r}w0‖² = Σ_j 1/j, which is about log d.

    Parameters
    ----------
    d : int or inf
        The dimension, at least 1; inf needs ``condensed``.
    beta, r : float
        The capacity exponent β > 1 and the source exponent r > 0.
    condensed : bool
        For theory: sums over modes are those over some hundred quadrature_ranks. With d = inf they
        end at a rank K. Beyond it lies about 10^−17 of tr Σ and ‖w0‖²_Σ, and of what T ≤ 2^53
        samples see of either, unless λ_K would be below SMALLEST_EIGENVALUE or K above
        10^FARTHEST. Theory refuses fits to which more than CUT of what they see would be lost.

    Returns
    -------
    Spectrum
        With d entries, or some hundred if condensed.

    Raises
    ------
    ValueError
        For exponents or a dimension outside these ranges, and exponents that make a coefficient
        whose square is beyond float64.

    References
    ----------
    Equation (23) of the paper (NeurIPS 2024).

    Examples
    --------
    >>> power_law(3, beta=2.0, r=0.5).eigenvalues.round(3)
    array([1.   , 0.25 , 0.111])
    """
    if not (condensed and d == np.inf):
        d = whole_number("the dimension d", d, 1)
    if not beta > 1:
        raise ValueError(f"the capacity exponent beta must be greater than 1, not {beta}")
    if not r > 0:
        raise ValueError(f"the source exponent r must be positive, not {r}")
    counts = None
    least_kappa = 0.0
    ratio = 1 + min(1, 4 / min(beta, STEEPEST))
    if condensed and d == np.inf:
        decay = min(beta - 1, 2 * beta * r)  # tr Σ or ‖w0‖²_Σ beyond K is of order K^−decay
        resolved = -log10(SMALLEST_EIGENVALUE) / beta  # decades in which eigenvalues have digits
        decades = min(17 / decay + log10(LARGEST_WHOLE), FARTHEST, resolved)
        k, counts = quadrature_ranks(10**decades, ratio)
        least_kappa = float(10 ** (-beta * (decades + log10(CUT) / decay)))
    elif condensed:
        k, counts = quadrature_ranks(float(d), ratio)
    else:
        k = np.arange(1, d + 1, dtype=float)
    delta = 1 + beta * (2 * r - 1)
    with np.errstate(over="ignore"):
        coefficients = k ** (-delta / 2)
    if not np.max(coefficients) <= LARGEST_SQUARED:
        raise ValueError(
            f"the exponents beta = {beta:g} and r = {r:g} give w0 coefficients whose squares are "
            f"beyond float64: take a larger r, a smaller beta or a smaller d"
        )
    return Spectrum(k**-beta, coefficients, counts, least_kappa)


@with_plain_numbers
def two_level(d: int, weak_eigenvalue: float, weak_weight: float) -> Spectrum:
    """Half of the eigenvalues 1 (strong), half ``weak_eigenvalue``; ‖w0‖ = 1.

    Parameters
    ----------
    d : int
        The dimension, even.
    weak_eigenvalue : float
        Above 0 and at most 1.
    weak_weight : float
        The share of ‖w0‖², from 0 to 1, that is spread evenly over the weak directions; the rest
        is spread over the strong ones.

    Returns
    -------
    Spectrum
        With d entries.

    Raises
    ------
    ValueError
        For an odd d, or numbers outside these ranges.
    """
    if not (is_number(d) and d >= 2 and d % 2 == 0):
        raise ValueError(f"the dimension d of a two_level spectrum must be even, not {d}")
    if not 0 < weak_eigenvalue <= 1:
        raise ValueError(f"weak_eigenvalue must be above 0 and at most 1, not {weak_eigenvalue}")
    if not 0 <= weak_weight <= 1:
        raise ValueError(f"weak_weight must be between 0 and 1, not {weak_weight}")
    half = int(d // 2)
    squares = np.repeat([1 - weak_weight, weak_weight], half) / half
    return Spectrum(np.repeat([1.0, weak_eigenvalue], half), np.sqrt(squares))
