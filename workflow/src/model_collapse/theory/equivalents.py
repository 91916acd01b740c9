"""One ridge fit in the high-dimensional limit: κ, degrees of freedom, and its two moments.

With T samples, ridge λ and label noise σ on labels Xw, the fit is ŵ = Mw + v, where
M = Σ̂(Σ̂+λ)^{-1} and v = (Σ̂+λ)^{-1}X'E/T. Every operator below is diagonal in the eigenbasis of Σ
and stored as a vector of shape (d,).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import float_array, plain
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, rank_of

MAX_NEWTON_STEPS = 200
ALL_LOST = 1e-12  # a difference this small, relative to its terms, has hardly a digit left
HALF_LOST = 1e-8  # a difference this small, relative to its terms, has lost half of its digits
WIDE_GAP = 1e-4  # if 1 − df_2/T is smaller at T < rank Σ, κ lies in a wide gap of the spectrum

Numbers = TypeVar("Numbers", bound=np.ndarray | float)


@overload
def degrees_of_freedom(
    eigenvalues: ArrayLike, kappa: float, order: int = 1, counts: ArrayLike = 1.0
) -> float: ...
@overload
def degrees_of_freedom(
    eigenvalues: ArrayLike, kappa: ArrayLike, order: int = 1, counts: ArrayLike = 1.0
) -> np.ndarray | float: ...
def degrees_of_freedom(
    eigenvalues: ArrayLike, kappa: ArrayLike, order: int = 1, counts: ArrayLike = 1.0
) -> np.ndarray | float:
    """df_m(κ) = tr Σ^m (Σ+κ)^{-m}; at κ = 0 the rank of Σ.

    Parameters
    ----------
    eigenvalues : array_like, shape (d,)
        At least 0.
    kappa : float or array_like
        κ ≥ 0.
    order : int
        m, at least 1.
    counts : array_like, shape (d,), or float
        How many modes each eigenvalue stands for.

    Returns
    -------
    float or array
        Degrees of freedom, of the shape of ``kappa``.

    Raises
    ------
    ValueError
        For an eigenvalue below 0.
    """
    eigenvalues = float_array(eigenvalues)
    if not np.all(eigenvalues >= 0):
        raise ValueError("eigenvalues must be non-negative")
    return np.sum(np.asarray(counts, float) * _mean(eigenvalues, kappa) ** plain(order), axis=-1)


def _mean(eigenvalues: np.ndarray, kappa: ArrayLike) -> np.ndarray:
    """Σ(Σ+κ)^{-1} for κ of shape (…): (…, d); at κ = 0 the projection onto the range of Σ."""
    eigenvalues = np.asarray(eigenvalues, float)
    kappas = np.asarray(kappa, float)[..., None]
    return eigenvalues / np.where((kappas > 0) | (eigenvalues > 0), eigenvalues + kappas, 1.0)


@overload
def effective_ridge(
    eigenvalues: ArrayLike, samples: float, ridge: float, counts: ArrayLike = 1.0
) -> float: ...
@overload
def effective_ridge(
    eigenvalues: ArrayLike, samples: ArrayLike, ridge: ArrayLike, counts: ArrayLike = 1.0
) -> np.ndarray | float: ...
def effective_ridge(
    eigenvalues: ArrayLike, samples: ArrayLike, ridge: ArrayLike, counts: ArrayLike = 1.0
) -> np.ndarray | float:
    """κ(λ, T), the largest root of κ − λ = κ·df_1(κ)/T; 0 when λ = 0 and T ≥ rank Σ.

    Newton's method starts from λ + tr Σ/T. The function is convex to the right of its largest root
    and non-negative there, so the iterates fall monotonically. Where T − df_1 loses the digits of
    κ, other formulas replace it: ``_tiny_ridge`` for a κ far below all positive eigenvalues, and
    ``_between`` for one in a wide gap of the spectrum, or from which a step would leave none.

    Parameters
    ----------
    eigenvalues : array_like, shape (d,)
        Finite, at least 0, one of them positive.
    samples, ridge : float or array_like
        T > 0 and λ ≥ 0, finite; arrays broadcast.
    counts : array_like, shape (d,), or float
        How many modes each eigenvalue stands for.

    Returns
    -------
    float or array
        κ, of the shape to which T and λ broadcast.

    Raises
    ------
    ValueError
        For values outside these ranges.
    ArithmeticError
        If the iterates still fall after MAX_NEWTON_STEPS.
    """
    T, ridges = np.broadcast_arrays(float_array(samples), float_array(ridge))
    if not np.all((T > 0) & (T < np.inf)):
        raise ValueError(f"samples must be a number of more than 0, not {samples!s}")
    if not np.all((ridges >= 0) & (ridges < np.inf)):
        raise ValueError(f"ridge must be a number of at least 0, not {ridge!s}")
    eigenvalues = float_array(eigenvalues)
    if not (np.all((eigenvalues >= 0) & (eigenvalues < np.inf)) and np.any(eigenvalues > 0)):
        raise ValueError("eigenvalues must be finite and non-negative, and one of them positive")
    counts = np.broadcast_to(np.asarray(counts, float), eigenvalues.shape)
    shape = T.shape
    T = T.ravel()
    ridges = ridges.ravel()
    tiny = _tiny_ridge(eigenvalues, counts, T, ridges)
    moving = np.flatnonzero(np.isnan(tiny))
    kappas = np.where(np.isnan(tiny), ridges + eigenvalues @ counts / T, tiny)
    slopes = np.ones_like(kappas)  # 1 − df_2/T
    lost = np.zeros(len(kappas), dtype=bool)  # the last step would leave κ without digits
    for _ in range(MAX_NEWTON_STEPS):
        if not len(moving):
            in_a_gap = (slopes < WIDE_GAP) & (T < rank_of(eigenvalues, counts))
            for i in np.flatnonzero(in_a_gap | lost):
                kappas[i] = _between(eigenvalues, counts, T[i], ridges[i])
            return kappas.reshape(shape)[()]
        kappa = kappas[moving]
        size = T[moving]
        shrink = eigenvalues / (eigenvalues + kappa[:, None])
        value = kappa - ridges[moving] - kappa * (shrink @ counts) / size
        shrink *= shrink
        slopes[moving] = slope = 1 - shrink @ counts / size
        # A slope that is not positive has lost all digits of T − df_2: κ stays, its descent ends.
        following = kappa - value / np.where(slope > 0, slope, np.inf)
        lost[moving] = following < ALL_LOST * kappa
        # Rounding ends the descent: at T = rank with a tiny λ it stalls at about 5e-12, relative.
        falls = (following < kappa) & (kappa - following > 4 * np.finfo(float).eps * kappa)
        falls &= ~lost[moving]
        moving = moving[falls]
        kappas[moving] = following[falls]
    raise ArithmeticError(
        f"effective ridge still moving after {MAX_NEWTON_STEPS} Newton steps "
        f"(T = {T[moving[0]]:g}, λ = {ridges[moving[0]]:g}, d = {len(eigenvalues)})"
    )


def _tiny_ridge(
    eigenvalues: np.ndarray, counts: np.ndarray, samples: np.ndarray, ridges: np.ndarray
) -> np.ndarray:
    """κ if T ≥ rank Σ and κ is far below all positive eigenvalues, else nan; all (fits,), as T, λ.

    Then κ(T − rank Σ) + κ² tr Σ^{-1} ≃ λT. Newton's method has all digits of κ down to 10^−20 of
    the least eigenvalue, but at T = rank Σ half of them at HALF_LOST.
    """
    present = eigenvalues > 0
    rank = rank_of(eigenvalues, counts)
    least = np.min(eigenvalues[present])
    inverse = np.sum(counts[present] * (least / eigenvalues[present]))  # tr Σ^{-1}, times least
    kappa = np.sqrt(ridges) * np.sqrt(samples) * np.sqrt(least / inverse)
    np.divide(ridges, (samples - rank) / samples, out=kappa, where=samples > rank)
    far_below = kappa < np.where(samples == rank, HALF_LOST, 1e-20) * least
    return np.where((samples >= rank) & far_below, kappa, np.nan)


def _between(eigenvalues: np.ndarray, counts: np.ndarray, samples: float, ridge: float) -> float:
    """κ in a wide gap of the spectrum, with N eigenvalues above it, where T − df_1(κ) loses its
    digits.

    The same equation, T − df_1(κ) = Tλ/κ, without differences of large terms is

        T − N + Σ_above κ/(s + κ) − Σ_below s/(s + κ) − Tλ/κ = 0.

    The left side rises in log κ: the root is found by bisection, then a step of Newton's method.
    """

    def excess(kappa: float) -> tuple[float, float]:
        """The left side and its slope in log κ."""
        above = eigenvalues > kappa
        psi = eigenvalues / (eigenvalues + kappa)
        residual = kappa / (eigenvalues + kappa)
        penalty = samples * (ridge / kappa)  # Tλ/κ
        unfitted = samples - np.sum(counts[above]) + counts @ np.where(above, residual, -psi)
        damped: np.ndarray = psi * residual
        return unfitted - penalty, counts @ damped + penalty

    low = np.log(np.finfo(float).tiny)
    high = np.log(ridge + eigenvalues @ counts / samples)
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if excess(np.exp(middle))[0] < 0 else (low, middle)
    kappa = np.exp(middle)
    value, slope = excess(kappa)
    return float(kappa * np.exp(-value / slope))


def times_square(numbers: np.ndarray | float, factors: np.ndarray | float) -> np.ndarray | float:
    """numbers²·factors, with the digits of the plain product, but no overflow of the squares.

    Parameters
    ----------
    numbers, factors : float or array
        Numbers that broadcast.

    Returns
    -------
    float or array
        Products, of the shape to which both broadcast.
    """
    mantissas, powers = np.frexp(numbers)
    return mantissas**2 * np.ldexp(factors, 2 * powers)


class Shrinkage(Generic[Numbers]):
    """Functions of Σ and an effective ridge: ``eigenvalues``, ``counts`` (d,) and ``kappa``."""

    eigenvalues: np.ndarray
    counts: np.ndarray
    if TYPE_CHECKING:

        @property
        def kappa(self) -> Numbers: ...

    @cached_property
    def psi(self) -> np.ndarray:
        """Ψ = ΣG, the mean of M, shape (d,)."""
        return _mean(self.eigenvalues, self.kappa)

    @cached_property
    def residual(self) -> np.ndarray:
        """1 − Ψ = κG, shape (d,), without cancellation where κ is small."""
        kappa = np.asarray(self.kappa)[..., None]
        lost = (kappa == 0) & (self.eigenvalues == 0)
        return np.where(lost, 1.0, kappa / np.where(lost, 1.0, self.eigenvalues + kappa))

    @cached_property
    def sigma_g_squared(self) -> np.ndarray:
        """ΣG², shape (d,); zero off the range of Σ when κ = 0."""
        return self.psi**2 / np.where(self.psi > 0, self.eigenvalues, 1.0)

    @cached_property
    def df2(self) -> Numbers:
        """df_2(κ) = tr Ψ²; the rank of Σ where κ = 0."""
        return np.sum(self.counts * self.psi**2, axis=-1)


@dataclass(frozen=True)
class Equivalent(Shrinkage[np.ndarray | float]):
    """The deterministic equivalent of one Fit on data of covariance Σ, eigenvalues shape (d,).

    With κ = κ(λ, T) and G = (Σ+κ)^{-1}, for any diagonal A independent of the fit's X:
    E[M] ≃ Ψ, E[M A M] ≃ Φ(A), E[v'Av] ≃ N(A). A Fit of arrays is a grid of fits: values of shape
    (d,) then have the shape (…, d), and numbers (…).

    Parameters
    ----------
    eigenvalues : array_like, shape (d,)
        Those of Σ.
    fit : Fit
        One fit, or a grid of fits.
    counts : array_like, shape (d,), or float
        How many modes each eigenvalue stands for, as in Spectrum.
    """

    eigenvalues: np.ndarray
    fit: Fit
    counts: np.ndarray = 1.0  # type: ignore[assignment]  # __post_init__ makes it an array

    if TYPE_CHECKING:

        def __init__(self, eigenvalues: ArrayLike, fit: Fit, counts: ArrayLike = 1.0) -> None: ...

    def __post_init__(self) -> None:
        for name in ("eigenvalues", "counts"):
            values = getattr(self, name)
            if not (isinstance(values, np.ndarray) and values.dtype == np.float64):
                object.__setattr__(self, name, float_array(values))
        if np.shape(self.counts) != np.shape(self.eigenvalues):
            counts = np.broadcast_to(self.counts, self.eigenvalues.shape)
            object.__setattr__(self, "counts", counts)

    @cached_property
    def kappa(self) -> np.ndarray | float:
        """κ(λ, T)."""
        return effective_ridge(self.eigenvalues, self.fit.samples, self.fit.ridge, self.counts)

    @cached_property
    def residual_samples(self) -> np.ndarray | float:
        """T − df_2(κ); zero when λ = 0 and T = rank Σ.

        Where this difference has lost its digits, it is T − rank Σ + tr(1 − Ψ²), on the range of Σ,
        for T ≥ rank Σ, and for a smaller T it is Tλ/κ + tr Ψ(1 − Ψ), as T − df_1 = Tλ/κ.
        """
        T = self.fit.samples
        counts = self.counts
        rank = rank_of(self.eigenvalues, counts)
        difference = T - self.df2
        if not np.any(lost := difference < np.where(T >= rank, HALF_LOST, WIDE_GAP) * T):
            return difference
        present = self.eigenvalues > 0
        damped = np.sum(counts * present * self.residual * (1 + self.psi), axis=-1)
        share = self.fit.ridge / np.where(self.kappa > 0, self.kappa, 1.0)
        crossed = T * share + np.sum(counts * self.psi * self.residual, axis=-1)
        return np.where(lost, np.where(T >= rank, T - rank + damped, crossed), difference)[()]

    def _trace(self, weights: np.ndarray) -> np.ndarray | float:
        """tr(AΣG²)."""
        return (weights * self.sigma_g_squared) @ self.counts

    def phi(self, weights: np.ndarray) -> np.ndarray:
        """Φ(A) = Ψ²A + κ²ΣG²·tr(AΣG²)/(T − df_2(κ)), the mean of MAM, for A of shape (d,)."""
        return self.psi**2 * weights + self.spread(weights)

    def spread(self, weights: np.ndarray) -> np.ndarray:
        """Φ(A) − Ψ²A = κ²ΣG²·tr(AΣG²)/(T − df_2(κ)), shape (d,): due to the variance of M."""
        remaining = np.where(self.kappa > 0, self.residual_samples, 1.0)
        # κ = m·2^x: powers of two leave all digits as they are, and κ² is never beyond float64.
        mantissa, power = np.frexp(self.kappa)
        share = mantissa**2 * np.ldexp(self._trace(weights), power) / remaining
        return share[..., None] * np.ldexp(self.sigma_g_squared, power[..., None])

    def noise(self, weights: np.ndarray) -> np.ndarray | float:
        """N(A) = σ²·tr(AΣG²)/(T − df_2(κ)), the mean of v'Av, for A of shape (d,).

        Infinite for noisy labels at λ = 0 and T = rank Σ.
        """
        total = self.fit.noise**2 * self._trace(weights)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(total == 0, 0.0, total / self.residual_samples)[()]


def equivalent_of(spectrum: Spectrum, fit: Fit) -> Equivalent:
    """The Equivalent of a fit to data of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ.
    fit : Fit
        One fit, or a grid of fits.

    Returns
    -------
    Equivalent
        The equivalent; for an endless spectrum its κ is computed already.

    Raises
    ------
    ValueError
        If an endless spectrum was cut too early for the fit.
    """
    stage = Equivalent(spectrum.eigenvalues, fit, spectrum.counts)
    if spectrum.least_kappa:
        spectrum.require_kappa(stage.kappa)
    return stage
