"""One ridge fit in the high-dimensional limit: κ, degrees of freedom, and its two moments.

With T samples, ridge λ and label noise σ on labels Xw, the fit is ŵ = Mw + v, where
M = Σ̂(Σ̂+λ)^{-1} and v = (Σ̂+λ)^{-1}X'E/T. Every operator below is diagonal in the eigenbasis of Σ
and stored as a vector of shape (d,).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model_collapse.protocol import Fit
from model_collapse.spectra import on_range, rank

MAX_NEWTON_STEPS = 200


def degrees_of_freedom(eigenvalues: np.ndarray, kappa: float, order: int = 1) -> float:
    """df_m(κ) = tr Σ^m (Σ+κ)^{-m} for order m; at κ = 0 the rank of Σ."""
    if kappa == 0:
        return float(rank(eigenvalues))
    return float(np.sum((eigenvalues / (eigenvalues + kappa)) ** order))


def effective_ridge(eigenvalues: np.ndarray, samples: float, ridge: float) -> float:
    """κ(λ, T): the largest root of κ − λ = κ·df_1(κ)/T, for eigenvalues of shape (d,).

    Zero, by definition, when λ = 0 and T ≥ rank Σ. Newton's method from λ + tr Σ/T: the function
    is convex to the right of its largest root and non-negative there, so the iterates fall
    monotonically. Raises ValueError for T ≤ 0 or λ < 0, ArithmeticError if they still fall after
    MAX_NEWTON_STEPS.
    """
    if not samples > 0:
        raise ValueError(f"samples must be positive, not {samples}")
    if not ridge >= 0:
        raise ValueError(f"ridge must not be negative, not {ridge}")
    eigenvalues = np.asarray(eigenvalues, dtype=float)
    if ridge == 0 and samples >= rank(eigenvalues):
        return 0.0
    kappa = ridge + np.sum(eigenvalues) / samples
    for _ in range(MAX_NEWTON_STEPS):
        shrink = eigenvalues / (eigenvalues + kappa)
        value = kappa - ridge - kappa * np.sum(shrink) / samples
        slope = 1 - np.sum(shrink**2) / samples
        following = kappa - value / slope
        # Rounding ends the descent: at T = rank with a tiny λ it stalls at about 5e-12, relative.
        if not following < kappa or kappa - following <= 4 * np.finfo(float).eps * kappa:
            return float(kappa)
        kappa = following
    raise ArithmeticError(
        f"effective ridge still moving after {MAX_NEWTON_STEPS} Newton steps "
        f"(T = {samples}, λ = {ridge}, d = {len(eigenvalues)})"
    )


@dataclass(frozen=True)
class Equivalent:
    """The deterministic equivalent of one Fit on data of covariance Σ, eigenvalues shape (d,).

    With κ = κ(λ, T) and G = (Σ+κ)^{-1}, for any diagonal A independent of the fit's X:
    E[M] ≃ Ψ, E[M A M] ≃ Φ(A), E[v'Av] ≃ N(A).
    """

    eigenvalues: np.ndarray
    fit: Fit

    @cached_property
    def kappa(self) -> float:
        """κ(λ, T)."""
        return effective_ridge(self.eigenvalues, self.fit.samples, self.fit.ridge)

    @cached_property
    def psi(self) -> np.ndarray:
        """Ψ = ΣG, the mean of M, shape (d,)."""
        if self.kappa == 0:
            return on_range(self.eigenvalues).astype(float)
        return self.eigenvalues / (self.eigenvalues + self.kappa)

    @cached_property
    def residual(self) -> np.ndarray:
        """1 − Ψ = κG, shape (d,), without cancellation where κ is small."""
        if self.kappa == 0:
            return (~on_range(self.eigenvalues)).astype(float)
        return self.kappa / (self.eigenvalues + self.kappa)

    @cached_property
    def sigma_g_squared(self) -> np.ndarray:
        """ΣG², shape (d,); zero off the range of Σ when κ = 0."""
        if self.kappa == 0:
            kept = on_range(self.eigenvalues)
            return np.where(kept, 1 / np.where(kept, self.eigenvalues, 1), 0)
        return self.eigenvalues / (self.eigenvalues + self.kappa) ** 2

    @cached_property
    def _residual_samples(self) -> float:
        """T − df_2(κ): zero when λ = 0 and T = rank Σ."""
        return self.fit.samples - degrees_of_freedom(self.eigenvalues, self.kappa, order=2)

    def phi(self, weights: np.ndarray) -> np.ndarray:
        """Φ(A) = Ψ²A + κ²ΣG²·tr(AΣG²)/(T − df_2(κ)), the mean of MAM, for A of shape (d,)."""
        return self.psi**2 * weights + self.spread(weights)

    def spread(self, weights: np.ndarray) -> np.ndarray:
        """Φ(A) − Ψ²A = κ²ΣG²·tr(AΣG²)/(T − df_2(κ)), shape (d,): due to the variance of M."""
        if self.kappa == 0:
            return np.zeros_like(self.eigenvalues)
        share = np.sum(weights * self.sigma_g_squared) / self._residual_samples
        return self.kappa**2 * self.sigma_g_squared * share

    def noise(self, weights: np.ndarray) -> float:
        """N(A) = σ²·tr(AΣG²)/(T − df_2(κ)), the mean of v'Av, for A of shape (d,).

        Infinite for noisy labels at λ = 0 and T = rank Σ.
        """
        trace = np.sum(weights * self.sigma_g_squared)
        if self.fit.noise == 0 or trace == 0:
            return 0.0
        if self._residual_samples == 0:
            return float("inf")
        return float(self.fit.noise**2 * trace / self._residual_samples)
