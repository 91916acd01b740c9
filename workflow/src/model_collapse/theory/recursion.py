"""Test error of a chain of generations: one recursion; the paper's formulas are special cases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import hypot, log2, prod

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import float_array
from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import Equivalent, equivalent_of

MANY_STAGES = 1000  # from so many on, different stages are solved together, equal ones by powers
STAGE_COST = 1e5  # multiplications in a product of matrices that take as long as one stage
BLOCK = 2**17  # numbers of stages that are solved together, as many as stay in a processor's cache


@dataclass(frozen=True)
class Risk:
    """Test error E = bias + variance + collapse, each in the square of a label's units.

    Parameters
    ----------
    bias : float or array
        The error of a noiseless chain, the paper's B̃ias; for a grid of fits an array of its shape,
        as all terms are.
    variance : float or array
        The term that comes from the label noise of the downstream fit, Var.
    collapse : float or array
        The term that comes from the label noise of the generators, nσ0²ρ where T0 ≥ d.
    """

    bias: np.ndarray | float
    variance: np.ndarray | float
    collapse: np.ndarray | float

    @property
    def total(self) -> np.ndarray | float:
        """E_test."""
        return self.bias + self.variance + self.collapse


def chain_risk(
    spectrum: Spectrum, generators: Generators, downstream: Fit, *, shared_design: bool = False
) -> Risk:
    """Test error of a downstream ridge fit after a chain of generators, for any T, λ and σ of each.

    Exact in the high-dimensional limit. W_{n+1} = Σ, W_m = Φ_m(W_{m+1}) and

        bias  = w0'W_0w0 − 2 w0'ΣΨ_n…Ψ_0w0 + w0'Σw0        (summed so that nothing cancels)
        noise = Σ_m N_m(W_{m+1})        (m = n is the variance, m < n the collapse)

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    generators : sequence of Fit, or Chain
        First to last; without generators the data are clean.
    downstream : Fit
        The last fit, or a Fit of arrays, a grid of fits that are solved at once.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).

    Returns
    -------
    Risk
        Numbers, or for a grid of fits arrays of its shape.

    Raises
    ------
    ValueError
        As Chain does, and if an endless spectrum was cut too early for a fit.

    References
    ----------
    Theorems 4.1, 4.3, 4.5 and 4.6 of the paper (NeurIPS 2024) are special cases.

    Examples
    --------
    >>> from model_collapse.problem.spectra import isotropic
    >>> risk = chain_risk(isotropic(100), [Fit(200, noise=0.5)] * 3, Fit(400, noise=0.5))
    >>> print(f"{risk.collapse:.2f} of {risk.total:.2f}")
    0.75 of 0.83
    """
    return risk_of(spectrum, equivalents_of(spectrum, generators, shared_design), downstream)


def risk_of(spectrum: Spectrum, chain: Sequence[Equivalent], downstream: Fit) -> Risk:
    """``chain_risk`` for generators as Equivalents, which can be reused for many downstream fits.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    chain : sequence of Equivalent
        The generators, as ``equivalents_of`` returns them.
    downstream : Fit
        The last fit, or a grid of fits.

    Returns
    -------
    Risk
        Numbers, or for a grid of fits arrays of its shape.

    Raises
    ------
    ValueError
        If an endless spectrum was cut too early for the downstream fit.
    """
    last = equivalent_of(spectrum, downstream)
    variance = last.noise(spectrum.eigenvalues)
    _, collapse = _pull_back(chain, last.phi(spectrum.eigenvalues))
    return Risk(_bias(spectrum, [*chain, last], spectrum.eigenvalues), variance, collapse)


def _bias(
    spectrum: Spectrum, chain: Sequence[Equivalent], weights: np.ndarray
) -> np.ndarray | float:
    """E‖M_{k−1}…M_0w0 − w0‖²_A for weights A of shape (d,): A(1 − ΠΨ)² and the variance of the M.

    Sums of positive terms: w0'Ww0 − 2w0'AΠΨw0 + w0'Aw0 would cancel where the bias is small.
    """
    lost = np.zeros_like(spectrum.eigenvalues)  # 1 − ΠΨ
    shrunk = np.ones_like(spectrum.eigenvalues)  # ΠΨ
    for stage, times in _runs(chain):
        if times > 1:
            lost = lost + shrunk * _lost_after(stage, times)
            shrunk = shrunk * stage.psi**times
            continue
        lost = lost + shrunk * stage.residual
        shrunk = shrunk * stage.psi
    scatter = np.zeros_like(spectrum.eigenvalues)
    mean = weights
    for stage, times in _runs(chain[::-1]):
        if times > 1:
            scatter, mean, _ = _repeated(stage, times, scatter, mean)
            continue
        scatter = stage.psi**2 * scatter + stage.spread(mean + scatter)
        mean = stage.psi**2 * mean
    squares = spectrum.counts * spectrum.coefficients**2
    return (weights * lost**2 + scatter) @ squares


def equivalents_of(
    spectrum: Spectrum, generators: Generators, shared_design: bool = False
) -> list[Equivalent]:
    """The generators as independent stages, first to last, some of them merged.

    OLS on one shared design is a projection P_0, idempotent, so n of them are one fit whose noise
    variance is the sum of theirs; so are n fits of one size that lose nothing, OLS on T ≥ rank Σ.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    generators : sequence of Fit, or Chain
        First to last.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).

    Returns
    -------
    list of Equivalent
        Equal stages are one object.

    Raises
    ------
    ValueError
        As Chain does, and if an endless spectrum was cut too early for a generator.
    """
    chain = Chain.of(generators, shared_design)
    fits = []
    for (size, ridge), run in groupby(chain.fits, lambda fit: (fit.samples, fit.ridge)):
        alike = list(run)
        if chain.design == "shared" or (ridge == 0 and size >= spectrum.rank):
            alike = [Fit(size, 0.0, hypot(*(fit.noise for fit in alike)))]
        fits += alike
    unique = list(dict.fromkeys(fits))
    stages = [Equivalent(spectrum.eigenvalues, fit, spectrum.counts) for fit in unique]
    if len(unique) >= MANY_STAGES:
        _solve_together(stages)
    if spectrum.least_kappa:
        for stage in stages:
            spectrum.require_kappa(stage.kappa)
    distinct = dict(zip(unique, stages, strict=True))
    return [distinct[fit] for fit in fits]


def _solve_together(stages: Sequence[Equivalent]) -> None:
    """Compute and store the cached properties of stages on one spectrum, in blocks.

    The numbers are those of one stage after the other, up to rounding.
    """
    s = stages[0].eigenvalues
    counts = stages[0].counts
    for first in range(0, len(stages), size := max(1, BLOCK // len(s))):
        block = stages[first : first + size]
        fits = [(stage.fit.samples, stage.fit.ridge, stage.fit.noise) for stage in block]
        grid = Equivalent(s, Fit(*np.array(fits, dtype=float).T), counts)
        for name in ("kappa", "psi", "residual", "sigma_g_squared", "df2", "residual_samples"):
            for stage, values in zip(block, getattr(grid, name), strict=True):
                vars(stage)[name] = values


def _runs(chain: Sequence[Equivalent]) -> Iterator[tuple[Equivalent, int]]:
    """Yield stages and how often each is repeated: once, or so often that _repeated is cheaper."""
    for _, run in groupby(chain, key=id):
        alike = list(run)
        times = len(alike)
        rows = 2 * len(alike[0].eigenvalues) + 1  # rows of the matrix in _repeated
        if times >= MANY_STAGES and rows**3 * log2(times) < STAGE_COST * times:
            yield alike[0], times
        else:
            yield from ((stage, 1) for stage in alike)


def _lost_after(stage: Equivalent, times: int) -> np.ndarray:
    """1 − Ψ^n, shape (d,), with all digits."""
    with np.errstate(divide="ignore"):  # log 0 where Ψ = 0
        return -np.expm1(times * np.log1p(-stage.residual))


def _repeated(
    stage: Equivalent, times: int, scatter: np.ndarray, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Apply n equal stages at once to the ``scatter`` and ``mean`` of _bias, both (…, d).

    Returns both after these stages, and the stages' label noise (…). One stage is a matrix of
    non-negative numbers on (scatter, mean, noise), so squaring it loses no more digits than n
    stages one by one.
    """
    d = len(stage.eigenvalues)
    squares = np.diag(stage.psi**2)
    modes = np.eye(d)
    spread = stage.spread(modes).T
    noise = stage.noise(modes)
    matrix = np.zeros((2 * d + 1, 2 * d + 1))
    matrix[:d, :d] = squares + spread
    matrix[:d, d:-1] = spread
    matrix[d:-1, d:-1] = squares
    matrix[-1] = np.r_[noise, noise, 1.0]
    state = np.concatenate([scatter, mean, np.zeros((*scatter.shape[:-1], 1))], axis=-1)
    while times:
        if times % 2:
            state = state @ matrix.T
        times //= 2
        if times:
            matrix = matrix @ matrix
    return state[..., :d], state[..., d:-1], state[..., -1][()]


def _pull_back(
    chain: Sequence[Equivalent], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray | float]:
    """Φ_0(…Φ_{n−1}(A)) for weights A of shape (d,), and the sum of the stages' label noise."""
    noise = np.zeros(weights.shape[:-1])[()]
    for stage, times in _runs(chain[::-1]):
        if times > 1:
            weights, _, added = _repeated(stage, times, weights, np.zeros_like(weights))
            noise += added
            continue
        noise += stage.noise(weights)
        weights = stage.phi(weights)
    return weights, noise


def expected_norm(
    spectrum: Spectrum,
    generators: Generators,
    weights: ArrayLike | None = None,
    *,
    shared_design: bool = False,
) -> float:
    """E‖ŵ_n‖²_A of the last generator, label noise included.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    generators : sequence of Fit, or Chain
        First to last.
    weights : array_like, shape (d,), optional
        The diagonal A; the identity by default.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).

    Returns
    -------
    float
        In the square of a label's units, if A is in those of Σ.

    Raises
    ------
    ValueError
        As ``equivalents_of`` does.
    """
    weights = np.ones_like(spectrum.eigenvalues) if weights is None else float_array(weights)
    chain = equivalents_of(spectrum, generators, shared_design)
    pulled, noise = _pull_back(chain, weights)
    return float(np.sum(spectrum.counts * pulled * spectrum.coefficients**2) + noise)


def expected_product(
    spectrum: Spectrum, generators: Generators, u: ArrayLike, v: ArrayLike
) -> float:
    """E u'Qv for Q = M_{n−1}…M_0, which is u'ΣG_{n−1}…ΣG_0 v.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ.
    generators : sequence of Fit, or Chain of independent designs
        First to last.
    u, v : array_like, shape (d,)
        Vectors in the eigenbasis of Σ.

    Returns
    -------
    float
        The mean over designs.

    Raises
    ------
    ValueError
        As ``equivalents_of`` does.

    References
    ----------
    Lemma F.7 of the paper (NeurIPS 2024), with its Σ^n.
    """
    chain = equivalents_of(spectrum, generators)
    shrunk = prod((stage.psi for stage in chain), start=spectrum.counts)
    return float(np.sum(np.multiply(float_array(u), float_array(v)) * shrunk))


def expected_square(
    spectrum: Spectrum, generators: Generators, u: ArrayLike, v: ArrayLike, weights: ArrayLike
) -> float:
    """E u'Q'AQv for Q = M_{n−1}…M_0, which is u'Φ_0(…Φ_{n−1}(A))v.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ.
    generators : sequence of Fit, or Chain of independent designs
        First to last.
    u, v : array_like, shape (d,)
        Vectors in the eigenbasis of Σ.
    weights : array_like, shape (d,)
        The diagonal A.

    Returns
    -------
    float
        The mean over designs.

    Raises
    ------
    ValueError
        As ``equivalents_of`` does.

    References
    ----------
    Lemma F.8 of the paper (NeurIPS 2024): the printed formula is that for A = Σ and n = 1, and it
    is not multiplicative in n unless Σ ∝ I.
    """
    pulled, _ = _pull_back(equivalents_of(spectrum, generators), float_array(weights))
    return float(np.sum(spectrum.counts * np.multiply(float_array(u), float_array(v)) * pulled))


def bias_increase(
    spectrum: Spectrum, generators: Generators, downstream: Fit, *, shared_design: bool = False
) -> np.ndarray | float:
    """ΔBias = E‖Σ̂R(Q w0 − w0)‖²_Σ, with Q the product of the generators' projections.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    generators : sequence of Fit, or Chain
        First to last.
    downstream : Fit
        The last fit, or a grid of fits.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).

    Returns
    -------
    float or array
        A number, or for a grid of fits an array of its shape.

    Raises
    ------
    ValueError
        As ``chain_risk`` does.

    References
    ----------
    Theorem 4.3 of the paper (NeurIPS 2024).
    """
    last = equivalent_of(spectrum, downstream)
    weights = last.phi(spectrum.eigenvalues)
    return _bias(spectrum, equivalents_of(spectrum, generators, shared_design), weights)
