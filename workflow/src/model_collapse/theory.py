"""Test error of a chain of generations: one recursion; the paper's formulas are special cases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import hypot, inf, log, log2, prod, sqrt

import numpy as np

from model_collapse.equivalents import WIDE_GAP, Equivalent, times_square
from model_collapse.numeric import LARGEST_SQUARED, float_array, with_plain_numbers
from model_collapse.protocol import Chain, Fit, Generators
from model_collapse.spectra import Spectrum

SUMMED_GENERATIONS = 10**6  # terms of growth_sum that are added one by one
# So many different stages are solved together, so many equal ones in a row by powers of a matrix of
# 2d + 1 rows, if its products cost less than the stages: multiplications that take as long as one.
MANY, STEP_COST = 1000, 1e5
BLOCK = 2**17  # numbers of stages that are solved together


@dataclass(frozen=True)
class Risk:
    """Test error E = bias + variance + collapse, each in the square of a label's units.

    bias is the error of a noiseless chain (the paper's B̃ias), variance comes from the label noise
    of the downstream fit (Var), collapse from that of the generators (nσ0²ρ where T0 ≥ d). Of a
    grid of fits, arrays of its shape.
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

    Without generators the data are clean. With shared_design all generators are OLS fits on one
    X_0 (Thm 4.5). A downstream Fit of arrays is a grid of fits, and κ is found for all at once.
    Raises ValueError as Chain does.

    >>> from model_collapse.spectra import isotropic
    >>> risk = chain_risk(isotropic(100), [Fit(200, noise=0.5)] * 3, Fit(400, noise=0.5))
    >>> print(f"{risk.collapse:.2f} of {risk.total:.2f}")
    0.75 of 0.83
    """
    return risk_of(spectrum, equivalents_of(spectrum, generators, shared_design), downstream)


def risk_of(spectrum: Spectrum, chain: Sequence[Equivalent], downstream: Fit) -> Risk:
    """chain_risk for generators as Equivalents, which can be reused over many downstream fits."""
    last = _equivalent(spectrum, downstream)
    variance = last.noise(spectrum.eigenvalues)
    _, collapse = _pull_back(chain, last.phi(spectrum.eigenvalues))
    return Risk(_bias(spectrum, [*chain, last], spectrum.eigenvalues), variance, collapse)


def _equivalent(spectrum: Spectrum, fit: Fit) -> Equivalent:
    """That of a fit; ValueError if an endless spectrum is cut too early for it."""
    stage = Equivalent(spectrum.eigenvalues, fit, spectrum.counts)
    if spectrum.least_kappa:
        spectrum.require_kappa(stage.kappa)
    return stage


def _bias(
    spectrum: Spectrum, chain: Sequence[Equivalent], weights: np.ndarray
) -> np.ndarray | float:
    """E‖M_{k−1}…M_0w0 − w0‖²_A for weights A of shape (d,): A(1 − ΠΨ)² and the variance of the M.

    Sums of positive terms: w0'Ww0 − 2w0'AΠΨw0 + w0'Aw0 would cancel where the bias is small.
    """
    lost, kept = np.zeros_like(spectrum.eigenvalues), np.ones_like(spectrum.eigenvalues)
    for stage, times in _runs(chain):
        if times > 1:
            lost, kept = lost + kept * _lost_after(stage, times), kept * stage.psi**times
            continue
        lost, kept = lost + kept * stage.residual, kept * stage.psi
    scatter, mean = np.zeros_like(spectrum.eigenvalues), weights
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
    """The generators as independent stages, first to last, as few as say the same.

    OLS on one shared design is a projection P_0, idempotent, so n of them are one fit whose noise
    variance is the sum of theirs; so are n fits of one size that lose nothing, OLS on T ≥ rank Σ.
    Raises ValueError as Chain does.
    """
    chain, s = Chain.of(generators, shared_design), spectrum.eigenvalues
    fits = []
    for (size, ridge), run in groupby(chain.fits, lambda fit: (fit.samples, fit.ridge)):
        alike = list(run)
        if chain.design == "shared" or (ridge == 0 and size >= spectrum.rank):
            alike = [Fit(size, 0.0, hypot(*(fit.noise for fit in alike)))]
        fits += alike
    unique = list(dict.fromkeys(fits))
    stages = [Equivalent(s, fit, spectrum.counts) for fit in unique]
    if len(unique) >= MANY:
        _solve_together(stages)
    if spectrum.least_kappa:
        for stage in stages:
            spectrum.require_kappa(stage.kappa)
    distinct = dict(zip(unique, stages, strict=True))
    return [distinct[fit] for fit in fits]


def _solve_together(stages: Sequence[Equivalent]) -> None:
    """Fill what stages of one spectrum keep of themselves, in blocks that a processor keeps near.

    The same numbers as by one stage after the other, but for rounding.
    """
    s, counts = stages[0].eigenvalues, stages[0].counts
    for first in range(0, len(stages), size := max(1, BLOCK // len(s))):
        block = stages[first : first + size]
        fits = [(stage.fit.samples, stage.fit.ridge, stage.fit.noise) for stage in block]
        grid = Equivalent(s, Fit(*np.array(fits, dtype=float).T), counts)
        for name in ("kappa", "psi", "residual", "sigma_g_squared", "df2", "residual_samples"):
            for stage, values in zip(block, getattr(grid, name), strict=True):
                vars(stage)[name] = values


def _runs(chain: Sequence[Equivalent]) -> Iterator[tuple[Equivalent, int]]:
    """Stages with how often they follow each other: once, or so often that _repeated is cheaper."""
    for _, run in groupby(chain, key=id):
        alike = list(run)
        times, size = len(alike), 2 * len(alike[0].eigenvalues) + 1
        if times >= MANY and size**3 * log2(times) < STEP_COST * times:
            yield alike[0], times
        else:
            yield from ((stage, 1) for stage in alike)


def _lost_after(stage: Equivalent, times: int) -> np.ndarray:
    """1 − Ψ^n, shape (d,), with all digits."""
    with np.errstate(divide="ignore"):  # of Ψ = 0
        return -np.expm1(times * np.log1p(-stage.residual))


def _repeated(
    stage: Equivalent, times: int, scatter: np.ndarray, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """n equal stages at once: the two parts of the weights, shapes (…, d), as _bias takes them
    apart, after them, and their label noise (…).

    One stage is a matrix of non-negative numbers on (scatter, mean, noise), so squaring it loses
    no more digits than n stages one by one.
    """
    d = len(stage.eigenvalues)
    squares, each = np.diag(stage.psi**2), np.eye(d)
    spread, noise = stage.spread(each).T, stage.noise(each)
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


def _pull_back(chain: Sequence[Equivalent], weights: np.ndarray) -> tuple[np.ndarray, float]:
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
    weights: np.ndarray | None = None,
    *,
    shared_design: bool = False,
) -> float:
    """E‖ŵ_n‖²_A, label noise included, for diagonal A of shape (d,); A = I by default."""
    weights = np.ones_like(spectrum.eigenvalues) if weights is None else float_array(weights)
    chain = equivalents_of(spectrum, generators, shared_design)
    pulled, noise = _pull_back(chain, weights)
    return float(np.sum(spectrum.counts * pulled * spectrum.coefficients**2) + noise)


def expected_product(
    spectrum: Spectrum, generators: Generators, u: np.ndarray, v: np.ndarray
) -> float:
    """E u'Qv, Q = M_{n−1}…M_0, for u, v of shape (d,): Lem F.7 with its Σ^n, u'ΣG_{n−1}…ΣG_0 v."""
    chain = equivalents_of(spectrum, generators)
    kept = prod((stage.psi for stage in chain), start=spectrum.counts)
    return float(np.sum(np.multiply(float_array(u), float_array(v)) * kept))


def expected_square(
    spectrum: Spectrum, generators: Generators, u: np.ndarray, v: np.ndarray, weights: np.ndarray
) -> float:
    """E u'Q'AQv for u, v and diagonal A of shape (d,): Lem F.8, which is Φ_0(…Φ_{n−1}(A)).

    For A = Σ and n = 1 the printed formula, which is not multiplicative in n unless Σ ∝ I.
    """
    pulled, _ = _pull_back(equivalents_of(spectrum, generators), float_array(weights))
    return float(np.sum(spectrum.counts * np.multiply(float_array(u), float_array(v)) * pulled))


def bias_increase(
    spectrum: Spectrum, generators: Generators, downstream: Fit, *, shared_design: bool = False
) -> float:
    """ΔBias = E‖Σ̂R(Q w0 − w0)‖²_Σ of Thm 4.3, Q the product of the generators' projections."""
    last = _equivalent(spectrum, downstream)
    weights = last.phi(spectrum.eigenvalues)
    return _bias(spectrum, equivalents_of(spectrum, generators, shared_design), weights)


# The paper's formulas, each on the domain that the paper states.


@with_plain_numbers
def ols_chain_risk(
    d: int,
    samples: float,
    noise: float,
    generations: float,
    generator_samples: float,
    generator_noise: float,
    *,
    finite_size: bool = False,
) -> float:
    """Thm 4.1: σ²φ/(1−φ) + nσ0²φ0/(1−φ0), for λ = 0 and T, T0 ≥ d + 2 and any Σ of full rank.

    With finite_size the exact mean, d/(T−d−1) for φ/(1−φ). Raises ValueError for smaller T, T0.
    """
    _require_samples("T", samples, d + 2)
    _require_samples("T0", generator_samples, d + 2)
    gap = d + 1 if finite_size else d
    collapse = generations * generator_noise**2 * d / (generator_samples - gap)
    return noise**2 * d / (samples - gap) + collapse


@with_plain_numbers
def isotropic_effective_ridge(phi: float, ridge: float) -> float:
    """Eq (10), Σ = I: κ = (λ + φ̄ + √((λ+φ̄)² + 4λ))/2 with φ̄ = φ − 1, φ = d/T.

    Written so that nothing cancels for φ < 1 and λ → 0.
    """
    shifted = ridge + phi - 1
    if shifted > LARGEST_SQUARED:
        return float(shifted)  # the square overflows, and 1 is lost beside it
    root = sqrt(shifted**2 + 4 * ridge)
    return (shifted + root) / 2 if shifted > 0 else 2 * ridge / (root - shifted) if root else 0.0


def ridge_risk(spectrum: Spectrum, downstream: Fit) -> Risk:
    """Prop 4.2, clean data: κ²w0'Σ(Σ+κ)^{-2}w0/(1−df_2/T) and σ²(df_2/T)/(1−df_2/T).

    Raises ValueError at λ = 0 and T = rank Σ.
    """
    s, counts = spectrum.eigenvalues, spectrum.counts
    fit = _equivalent(spectrum, downstream)
    saved = fit.df2 / downstream.samples
    left = 1 - saved
    if left < WIDE_GAP:
        left = fit.residual_samples / downstream.samples  # with all digits
    _require_no_pole(left)
    bias = np.sum(counts * s * (fit.residual * spectrum.coefficients) ** 2) / left
    return Risk(float(bias), downstream.noise**2 * saved / left, 0.0)


@with_plain_numbers
def collapse_rate(spectrum: Spectrum, generator_samples: float, downstream: Fit) -> float:
    """ρ of eq (18), Thm 4.3: the collapse term is nσ0²ρ.

    Holds for OLS generators if T0 ≥ d, or if all share one design (then for any T0). Raises
    ValueError where one of both fits has λ = 0 and T = rank Σ.
    """
    s, counts = spectrum.eigenvalues, spectrum.counts
    last, first = (_equivalent(spectrum, fit) for fit in (downstream, Fit(generator_samples)))
    # In units of 2^unit, which leave all digits as they are: squares neither over- nor underflow.
    unit = np.frexp(np.max(s))[1]
    both = counts * np.ldexp(first.sigma_g_squared, unit) * np.ldexp(last.sigma_g_squared, unit)
    _require_no_pole(first.residual_samples)
    _require_no_pole(last.residual_samples)
    kappa, scaled = np.ldexp(last.kappa, -unit), np.ldexp(s, -unit)
    spread = times_square(kappa, np.sum(both)) * last.df2 / last.residual_samples
    return float((np.sum(scaled**2 * both) + spread) / first.residual_samples)


@with_plain_numbers
def collapse_rate_full_rank(spectrum: Spectrum, generator_samples: float, downstream: Fit) -> float:
    """ρ of eq (19), Cor 4.4, T0 > d: [df_2 + κ² tr(Σ+κ)^{-2}·df_2/(T−df_2)]/(T0−d)."""
    counts, d = spectrum.counts, spectrum.dimension
    _require_samples("T0", generator_samples, d + 1)
    last = _equivalent(spectrum, downstream)
    _require_no_pole(last.residual_samples)
    spread = np.sum(counts * last.residual**2) * last.df2 / last.residual_samples
    return float((last.df2 + spread) / (generator_samples - d))


@with_plain_numbers
def isotropic_chain_risk(
    d: int,
    norm: float,
    generations: float,
    generator_samples: float,
    generator_noise: float,
    downstream: Fit,
) -> float:
    """Cor 4.4, Σ = I, T0 > d: (κ²‖w0‖²+σ²φ)/((1+κ)²−φ) + nσ0²ρ,

    ρ = φ0/(1−φ0)·(1/(1+κ)²)·(1 + φκ²/((1+κ)²−φ)).
    """
    _require_samples("T0", generator_samples, d + 1)
    phi, phi_0 = d / downstream.samples, d / generator_samples
    kappa = isotropic_effective_ridge(phi, downstream.ridge)
    if kappa > LARGEST_SQUARED:
        return norm**2  # nothing is learned, and squares overflow
    gap = (1 + kappa) ** 2 - phi
    _require_no_pole(gap)
    rho = phi_0 / (1 - phi_0) / (1 + kappa) ** 2 * (1 + phi * kappa**2 / gap)
    clean = (kappa**2 * norm**2 + downstream.noise**2 * phi) / gap
    return clean + generations * generator_noise**2 * rho


@with_plain_numbers
def shared_design_limit(d: int, norm: float, generator_samples: float) -> tuple[float, float]:
    """Thm 4.5: (‖ŵ_n‖², ΔBias) → (‖w0‖²/φ0, ‖w0‖²(1−1/φ0)), whatever n ≥ 1.

    Σ = I, one shared design, T0 < d, σ0 = 0; downstream T > d and λ → 0.
    """
    return independent_designs_limit(d, norm, [generator_samples])


@with_plain_numbers
def independent_designs_limit(
    d: int, norm: float, generator_samples: Sequence[float]
) -> tuple[float, float]:
    """Thm 4.6: (‖ŵ_n‖², ΔBias) → (η‖w0‖², (1−η)‖w0‖²), η = Π_m min(1/φ_m, 1).

    Σ = I, independent designs of the T_m given, σ0 = 0; downstream T > d and λ → 0.
    """
    eta = prod(min(samples / d, 1.0) for samples in generator_samples)
    return eta * norm**2, (1 - eta) * norm**2


def _require_samples(name: str, samples: float, least: int) -> None:
    if not samples >= least:
        raise ValueError(f"{name} must be at least {least} here, not {samples}")


def _require_no_pole(left: float) -> None:
    if left == 0:
        raise ValueError("this formula of the paper has a pole at λ = 0 and T = rank Σ")


@with_plain_numbers
def saturated_error(
    d: int, norm: float, generations: int, generator_samples: float, generator_noise: float
) -> float:
    """E‖ŵ_n − w0‖² for Σ = I, independent OLS generators, T0 < d − 1, exact at finite size:

    ‖w0‖²(1−η^n) + σ0²·T0/(d−T0−1)·(1−η^n)/(1−η), η = T0/d. Unlike nσ0²ρ it is not linear in n.
    """
    if not generator_samples < d - 1:
        raise ValueError(f"T0 must be below d - 1 = {d - 1} here, not {generator_samples}")
    eta = generator_samples / d
    noise = generator_noise**2 * generator_samples / (d - generator_samples - 1)
    return (1 - eta**generations) * (norm**2 + noise / (1 - eta))


@with_plain_numbers
def growing_samples(generator_samples: float, m: int) -> float:
    """T_m = T0·m·log²m for m ≥ 2 and T0 before (after Thm 4.1): no longer a whole number."""
    return generator_samples * _growth(m)


def _growth(m: int) -> float:
    """T_m/T0."""
    return m * log(m) ** 2 if m >= 2 else 1.0


@lru_cache(maxsize=4)
def _growths(last: int) -> np.ndarray:
    """T_m/T0 for m = 1 … last, shape (last,)."""
    growth = np.array([_growth(m) for m in range(1, last + 1)])
    growth.flags.writeable = False  # it is kept
    return growth


@with_plain_numbers
def growth_sum(phi_0: float, generations: float) -> float:
    """Collapse after n generations over that of one: Σ_{m=1..n} of φ_m/(1−φ_m), T_m = T0·m·log²m.

    As φ0 → 0 the paper's 1 + Σ 1/(m log²m). Terms beyond SUMMED_GENERATIONS, up to n or without
    end, are added by their integral, of 1/(m log²m), which errs by 10^−10. Raises ValueError unless
    0 ≤ φ0 < T_2/T0 = 0.96, as all T_m must be above d, and for n below 0 or not whole.
    """
    if not 0 <= phi_0 < _growth(2):
        raise ValueError(f"phi_0 = d/T0 must be at least 0 and below 0.96 here, not {phi_0}")
    if not (generations >= 0 and (generations == inf or generations % 1 == 0)):
        raise ValueError(f"generations must be at least 0, and whole, not {generations}")
    last = int(min(generations, SUMMED_GENERATIONS))
    growth = _growths(last)
    total = np.sum((1 - phi_0) / (growth - phi_0))
    if generations == inf:
        total += (1 - phi_0) / np.log(last + 0.5)
    elif generations > last:
        total += (1 - phi_0) * (1 / np.log(last + 0.5) - 1 / np.log(generations + 0.5))
    return float(total)


@with_plain_numbers
def break_even(spectrum: Spectrum, phi_0: float, generator_noise: float) -> float:
    """n beyond which OLS is worse than predicting zero: SNR0·(1/φ0 − 1), SNR0 = ‖w0‖²_Σ/σ0².

    Raises ValueError unless 0 < φ0 < 1 and σ0 > 0.
    """
    if not (0 < phi_0 < 1 and generator_noise > 0):
        raise ValueError(
            f"break-even needs 0 < d/T0 < 1 and noise, not d/T0 = {phi_0}, σ0 = {generator_noise}"
        )
    return spectrum.null_risk / generator_noise**2 * (1 / phi_0 - 1)
