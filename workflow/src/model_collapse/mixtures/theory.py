"""Test errors of protocols in the high-dimensional limit: joint second moments of the models.

A fit to groups i with labels of models whose errors are f_i = b_i − w0 has the error

    e = m + ξ,   m = Ψf̄ + (1−Ψ)e_∅,   E ξ² = ΣG²·V per coordinate,
    V = Σ_i δ_i[σ_i² + E‖f_i − m‖²_Σ]/(1 − D df_2),

with f̄ = Σ q_if_i, the error e_∅ = −w0 of the null predictor, q, δ and D of
``mixtures.equivalents``, and ξ uncorrelated with all models before: each group contributes its
label noise and its labeller's disagreement with the fit. So E e_je_k, per coordinate, is a
recursion. It contains chain_risk, and the paper has only that: ``replace``.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isclose

import numpy as np

from model_collapse.mixtures.equivalents import Rows, UnionFit
from model_collapse.mixtures.groups import (
    Generation,
    Group,
    Labeller,
    Outsider,
    Protocol,
    Verifier,
    last_uses,
    unfold,
)
from model_collapse.problem.arguments import whole_number
from model_collapse.problem.spectra import Spectrum


def expected_errors(
    spectrum: Spectrum, protocol: Protocol, generations: int, *, finite_size: bool = False
) -> np.ndarray:
    """Test errors E_0, …, E_n of a protocol, exact in the high-dimensional limit.

    Kept rows have a formula if every generation adds one group, labelled by the model before, to
    those of the one before, and the penalty of the summed loss is constant (``kept_errors``).

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    protocol : Protocol
        A function from k to the Generation of model k.
    generations : int
        n, at least 0.
    finite_size : bool
        Whether the means of least squares are those at the given d. Every union must have d + 2
        rows or more, all of one weight.

    Returns
    -------
    ndarray, shape (n + 1,)
        E‖ŵ − w0‖²_Σ, in the square of a label's units.

    Raises
    ------
    ValueError
        For other kept rows and for drawn rows, which are only simulated, for finite_size outside
        its domain, if an endless spectrum was cut too early for a fit, and as ``unfold`` does.

    Examples
    --------
    >>> from model_collapse.mixtures.remedies import accumulate
    >>> from model_collapse.problem.spectra import isotropic
    >>> expected_errors(isotropic(100), accumulate(200, noise=0.5), 3).round(3)
    array([0.25 , 0.167, 0.137, 0.122])
    """
    generations = whole_number("generations", generations, 0)
    unions = unfold(spectrum, protocol, generations)
    if any(union.drawn for union in unions):
        raise ValueError("rows drawn from a pool have no formula here: simulate them")
    if finite_size and any(group.verifier for union in unions for group in union.groups):
        raise ValueError("finite_size is not exact for verified rows")
    last = last_uses(unions, "rows")
    keeps = any(last[group.rows] > k for k, union in enumerate(unions, 1) for group in union.groups)
    return (kept_errors if keeps else redrawn_errors)(spectrum, unions, finite_size)


@dataclass(frozen=True)
class Moments:
    """E e_je_k per coordinate, ``second`` of shape (m, m, d), for errors e of ``models``.

    The first model, None, is the null predictor, with the error −w0. The truth has no error and is
    left out.
    """

    spectrum: Spectrum
    models: tuple[Labeller | None, ...]
    second: np.ndarray

    @classmethod
    def at_start(cls, spectrum: Spectrum, outsiders: Sequence[Outsider]) -> "Moments":
        """The moments of the null predictor and of outsiders, E Δ² = spread."""
        second = np.zeros((len(outsiders) + 1,) * 2 + spectrum.eigenvalues.shape)
        second[0, 0] = spectrum.coefficients**2
        for j, outsider in enumerate(outsiders, 1):
            second[j, j] = outsider.spread
        return cls(spectrum, (None, *outsiders), second)

    @property
    def weights(self) -> np.ndarray:
        """Weights of the coordinates in ‖·‖²_Σ, shape (d,)."""
        return self.spectrum.counts * self.spectrum.eigenvalues

    def row(self, shares: dict[Labeller, float]) -> np.ndarray:
        """The error Σ c_je_j of an average of models as coefficients c, shape (m,)."""
        return np.array([0.0 if model is None else shares.get(model, 0.0) for model in self.models])

    def product(self, a: np.ndarray, b: np.ndarray) -> float:
        """E⟨a, b⟩_Σ of errors that are combinations of the models', coefficients (m,) or (m, d)."""
        a, b = (c if c.ndim == 2 else c[:, None] for c in (a, b))
        crossed = np.sum(self.second * b, axis=1)
        return float(np.sum(a * crossed * self.weights))

    def gaps(self, deltas: np.ndarray, labels: np.ndarray, mean: np.ndarray) -> float:
        """Σ_i δ_i E‖f_i − m‖²_Σ for labellers as rows, labels of (g, m), and m as (m, d)."""
        labelled = np.tensordot((labels.T * deltas) @ labels, self.second, 2)
        twice = 2 * (deltas @ labels)[:, None] - np.sum(deltas) * mean
        return float((labelled - np.sum(twice * self.with_all(mean), axis=0)) @ self.weights)

    def gap_to_verifier(self, group: Group, verifier: Verifier) -> float:
        """ρ² of a verified group; 0 where labels are the verifier's, so that it keeps all rows."""
        u = self.row({group.labels: 1.0}) - self.row({verifier.model: 1.0})
        return self.product(u, u) + group.noise**2

    def with_all(self, error: np.ndarray) -> np.ndarray:
        """E e_jm for all models j, shape (m, d), of a combination m of them, (m, d)."""
        return np.einsum("md,mjd->jd", error, self.second)

    def with_model(self, k: int, fit: UnionFit, mean: np.ndarray, variance: float) -> "Moments":
        """The moments with those of model k, e = m + ξ and E ξ² = ΣG²·V, V the variance."""
        crossed = self.with_all(mean)
        square = np.sum(mean * crossed, axis=0) + fit.sigma_g_squared * variance
        second = np.empty((len(crossed) + 1,) * 2 + square.shape)
        second[:-1, :-1] = self.second
        second[-1, :-1] = second[:-1, -1] = crossed
        second[-1, -1] = square
        return replace(self, models=(*self.models, k), second=second)

    def only(self, models: Sequence[Labeller]) -> "Moments":
        """The moments of the null predictor and of some of the models."""
        places = [i for i, model in enumerate(self.models) if model is None or model in models]
        names = tuple(self.models[i] for i in places)
        return replace(self, models=names, second=self.second.take(places, 0).take(places, 1))

    def last_error(self) -> float:
        """‖ŵ − w0‖²_Σ of the last model, in expectation."""
        return float(self.second[-1, -1] @ self.weights)


def redrawn_errors(
    spectrum: Spectrum, unions: Sequence[Generation], finite_size: bool = False
) -> np.ndarray:
    """E_0, …, E_n of generations that share no rows, shape (n + 1,): the recursion."""
    last = last_uses(unions, "labels")
    for verifier in (group.verifier for union in unions for group in union.groups):
        if verifier:
            last[verifier.model] = len(unions)
    moments = Moments.at_start(spectrum, [model for model in last if isinstance(model, Outsider)])
    errors = []
    # Unions of the same sizes, weights and ridge have one equivalent.
    fits: dict[Hashable, UnionFit] = {}
    for k, union in enumerate(unions, 1):
        group = union.groups[0]
        verifier = group.verifier
        if verifier and moments.gap_to_verifier(group, verifier) > 0:
            fit, mean, variance = _verified(moments, group, verifier, union.ridge)
        else:
            rows = Rows.each(union.groups)
            shape = (*((row.samples, row.weight) for row in rows), union.ridge)
            if shape not in fits:
                fits[shape] = UnionFit.of(spectrum, rows, union.ridge, finite_size)
            fit = fits[shape]
            labels = np.array([moments.row(row.shares) for row in rows])
            mean = mean_of(fit, labels)
            variance = noise_of(fit, rows) + fit.gap_gain * moments.gaps(fit.deltas, labels, mean)
        moments = moments.with_model(k, fit, mean, variance)
        errors.append(moments.last_error())
        moments = moments.only(
            [model for model in moments.models if model is not None and last.get(model, 0) > k]
        )
    return np.array(errors)


def mean_of(fit: UnionFit, labels: np.ndarray) -> np.ndarray:
    """m = Ψf̄ + (1−Ψ)e_∅ as coefficients (m, d), for labellers as rows, labels of (g, m)."""
    mean = np.outer(fit.shares @ labels, fit.psi)
    mean[0] += fit.residual
    return mean


def noise_of(fit: UnionFit, rows: Sequence[Rows]) -> float:
    """The part of V that comes from label noise."""
    return float(fit.deltas @ [row.variance for row in rows]) * fit.noise_gain


def _verified(
    moments: Moments, group: Group, verifier: Verifier, ridge: float
) -> tuple[UnionFit, np.ndarray, float]:
    """The fit to verified rows, its mean (m, d), and V.

    With u = e − e_v, ρ² = ‖u‖²_Σ + σ², kept share P and variance ratio t, they act as PT rows with
    labels of w_v + c·u, and V is δ·E(y − x'm)², given that they are kept, times the gain of noise.
    Holds if ‖u‖²_Σ concentrates, so for flat spectra.
    """
    t = verifier.kept_variance
    rows = Rows.each([replace(group, samples=group.samples * verifier.kept_share)])
    fit = UnionFit.of(moments.spectrum, rows, ridge)
    outsider = moments.row({verifier.model: 1.0})
    u = moments.row({group.labels: 1.0}) - outsider
    null = np.eye(len(u))[0]
    rho_squared = moments.gap_to_verifier(group, verifier)
    learned = moments.product(u, np.outer(u, fit.psi))
    lost = moments.product(u, np.outer(outsider - null, fit.residual))
    c = (t - (1 - t) * lost / rho_squared) / (1 - (1 - t) * learned / rho_squared)
    mean = mean_of(fit, (outsider + c * u)[None])
    gap = mean - outsider[:, None]
    p = moments.product(u, gap)
    residual = (
        t * rho_squared - 2 * t * p + moments.product(gap, gap) - (1 - t) * p**2 / rho_squared
    )
    return fit, mean, float(fit.deltas[0] * residual * fit.noise_gain)


def kept_errors(
    spectrum: Spectrum, unions: Sequence[Generation], finite_size: bool = False
) -> np.ndarray:
    """E_0, …, E_n if every generation keeps all rows and adds X_k with labels of model k − 1.

    With one penalty α of the summed loss the normal equations of model k − 1 give, exactly,
    ŵ_k = ŵ_{k−1} + (S_k + α)^{-1}X_k'ε_k: only noise is added, and in the limit it adds
    δ_kσ²·df_2/(1 − D df_2) to the error. Raises ValueError for other kept rows.
    """
    for k, (before, union) in enumerate(pairwise(unions), 2):
        *old, new = union.groups
        penalties = (each.ridge * each.total_weight for each in (before, union))
        if tuple(old) != before.groups or new.labels != k - 1 or not isclose(*penalties):
            raise ValueError(
                "kept rows have a formula only if each generation adds rows labelled by the model "
                "before, at one penalty of the summed loss: simulate these"
            )
    errors = [redrawn_errors(spectrum, unions[:1], finite_size)[0]]
    noiseless = [replace(group, noise=0.0) for group in unions[-1].groups]
    for union in unions[1:]:
        rows = Rows.each([*noiseless[: len(union.groups) - 1], union.groups[-1]])
        fit = UnionFit.of(spectrum, rows, union.ridge, finite_size)
        errors.append(errors[-1] + noise_of(fit, rows) * fit.df2)
    return np.array(errors)
