"""The deterministic equivalent of one ridge fit to a union of groups of rows.

Groups i have T_i rows, weights u_i with Σ T_iu_i = 1, and labels of models with errors f_i. Let
s ∈ (0, 1] solve Σ_i T_iu_i/(s + u_i df_1(λ/s)) = 1. Then the fit has κ = λ/s,

    q_i = T_iu_i/(s + u_i df_1(κ)),   δ_i = q_i²/T_i,   D = Σ δ_i,   Σ q_i = 1,

for ŵ = Σ_i M_ib_i + v and any diagonal A, with θ(A) = tr(AΣG²)/(1 − D df_2),

    E M_i     ≃ q_iΨ,        E v'Av ≃ θ(A) Σ_i δ_iσ_i²,
    E M_iAM_j ≃ q_iq_jΨ²A + θ(A)Σ[q_iq_jDΨ² − (q_jδ_i + q_iδ_j)Ψ + 1_{i=j}δ_i].

Summed over i and j, or for one group, these are the formulas of ``theory.equivalents``.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model_collapse.mixtures.groups import Group, Labeller
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import (
    WIDE_GAP,
    Shrinkage,
    degrees_of_freedom,
    effective_ridge,
)


@dataclass(frozen=True)
class Rows:
    """Merged groups on one x: T rows of weight w, labels Σ c_jb_j, and noise of variance σ²."""

    samples: float
    weight: float
    shares: dict[Labeller, float]
    variance: float

    @classmethod
    def each(cls, groups: Sequence[Group]) -> "list[Rows]":
        """The groups of a union, with those on the same x merged."""
        by_rows: dict[Hashable, list[Group]] = {}
        for group in groups:
            by_rows.setdefault(group.rows, []).append(group)
        return [cls.of(alike) for alike in by_rows.values()]

    @classmethod
    def of(cls, groups: Sequence[Group]) -> "Rows":
        """Merge groups on the same x: weights add up, labels are averaged.

        Groups of the same labeller and noise are one batch of labels, with one noise.
        """
        weights: dict[tuple[Labeller, float], float] = {}
        for group in groups:
            batch = (group.labels, group.noise)
            weights[batch] = weights.get(batch, 0.0) + group.weight
        total = sum(weights.values())
        shares = dict.fromkeys((labels for labels, _ in weights), 0.0)
        for (labels, _), weight in weights.items():
            shares[labels] += weight / total
        variance = sum((noise * weight / total) ** 2 for (_, noise), weight in weights.items())
        return cls(groups[0].samples, total, shares, variance)


@dataclass(frozen=True)
class UnionFit(Shrinkage[float]):
    """The deterministic equivalent of a fit to a union of designs, arrays over them of shape (g,).

    ``shares`` are the q_i, ``penalties`` the s/u_i, ``deltas`` the δ_i. With the fit's mean m its
    variance is V = Σ_i δ_i[σ_i²·noise_gain + E‖f_i − m‖²_Σ·gap_gain].
    """

    eigenvalues: np.ndarray
    counts: np.ndarray
    kappa: float
    samples: np.ndarray
    shares: np.ndarray
    penalties: np.ndarray
    finite_size: bool = False

    @classmethod
    def of(
        cls,
        spectrum: Spectrum,
        rows: Sequence[Rows],
        ridge: float,
        finite_size: bool = False,
    ) -> "UnionFit":
        """The fit to groups on different x, with ridge λ.

        Raises ValueError for finite_size outside its domain, and if an endless spectrum was cut too
        early for the fit.
        """
        samples = np.array([row.samples for row in rows], dtype=float)
        weights = np.array([row.weight for row in rows], dtype=float)
        total = np.sum(samples)
        d = spectrum.rank
        weights = weights / np.sum(samples * weights)
        alike = np.ptp(weights) <= 1e-14 * np.max(weights)
        if finite_size and not (alike and ridge == 0 and total >= d + 2):
            raise ValueError(
                f"finite_size is exact for least squares on d + 2 = {d + 2:g} rows or more, all of "
                f"one weight"
            )
        # An interpolation does not depend on weights.
        if alike or (ridge == 0 and total < d):
            kappa = effective_ridge(spectrum.eigenvalues, total, ridge, spectrum.counts)
            shares = samples / total
        else:
            kappa, shares = _weighted(spectrum, samples, weights, ridge)
        spectrum.require_kappa(kappa)
        penalties = (ridge / kappa if kappa > 0 else 0.0) / weights
        return cls(
            spectrum.eigenvalues,
            spectrum.counts,
            kappa,
            samples,
            shares,
            penalties,
            finite_size,
        )

    @cached_property
    def deltas(self) -> np.ndarray:
        """δ_i = q_i²/T_i, shape (g,); 1/Σ δ_i is the effective number of rows."""
        return self.shares**2 / self.samples

    @cached_property
    def noise_gain(self) -> float:
        """1/(1 − D df_2), or the exact T/(T − d − 1).

        Where the difference loses its digits, Σ_i δ_i(s/u_i + tr Ψ(1 − Ψ)) replaces it, which is
        the same without cancellation.
        """
        if self.finite_size:
            total = np.sum(self.samples)
            return float(total / (total - self.df2 - 1))
        remaining = 1 - np.sum(self.deltas) * self.df2
        if remaining < WIDE_GAP and self.kappa > 0:
            crossed = self.counts @ (self.psi * self.residual)
            remaining = np.sum(self.deltas * (self.penalties + crossed))
        return 1 / remaining

    @cached_property
    def gap_gain(self) -> float:
        """1/(1 − D df_2), or the exact Tγ_T/d."""
        if self.finite_size:
            total = float(np.sum(self.samples))
            return total * ols_gain(self.df2, total) / self.df2
        return self.noise_gain


def ols_gain(d: float, samples: float) -> float:
    """γ_T, for which E‖Σ_i M_if_i − f̄‖²_Σ = γ_T(Σ_i q_i‖f_i‖²_Σ − ‖f̄‖²_Σ), T ≥ d + 2, λ = 0.

    γ_T = (T²D_T − 1)/(T − 1) with D_T = (T−2)(d+2)/(T(T+2)(T−d−1)); d/(T−d) in the limit.
    """
    d = float(d)
    t = float(samples)
    return (t * (t - 2) * (d + 2) / ((t + 2) * (t - d - 1)) - 1) / (t - 1)


def _weighted(
    spectrum: Spectrum, samples: np.ndarray, weights: np.ndarray, ridge: float
) -> tuple[float, np.ndarray]:
    """κ and the shares q_i of rows of unequal weights u_i, by bisection of log s.

    Σ q_i falls in s. It is at least 1 at the lowest s, λ/(λ + max u·tr Σ) or, without a ridge,
    min u·(T − d).
    """

    def solution(s: float) -> tuple[float, np.ndarray]:
        """κ and the q_i at one s; these add up to 1 at the root."""
        freedom = degrees_of_freedom(spectrum.eigenvalues, ridge / s, 1, spectrum.counts)
        return ridge / s, samples * weights / (s + weights * freedom)

    if ridge > 0:
        lowest = ridge / (ridge + np.max(weights) * spectrum.eigenvalues @ spectrum.counts)
    else:
        lowest = np.min(weights) * (np.sum(samples) - spectrum.rank)
    low, high = np.log(lowest), 0.0
    while low < (middle := (low + high) / 2) < high:
        above = np.sum(solution(np.exp(middle))[1]) > 1
        low, high = (middle, high) if above else (low, middle)
    kappa, shares = solution(np.exp(middle))
    return float(kappa), shares / np.sum(shares)
