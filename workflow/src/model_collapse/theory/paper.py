"""The paper's named formulas, each with its number and on the domain that the paper states.

They are special cases of the recursion.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import inf, log, prod, sqrt

import numpy as np

from model_collapse.problem.arguments import (
    LARGEST_SQUARED,
    as_number,
    whole_number,
    with_plain_numbers,
)
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import WIDE_GAP, equivalent_of, times_square
from model_collapse.theory.recursion import Risk

SUMMED_GENERATIONS = 10**6  # terms of growth_sum that are added one by one


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
    """σ²φ/(1−φ) + nσ0²φ0/(1−φ0), the test error of OLS after n OLS generators, Σ of full rank.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    samples, noise : float
        T ≥ d + 2 and σ of the downstream fit; φ = d/T.
    generations : float
        n ≥ 0.
    generator_samples, generator_noise : float
        T0 ≥ d + 2 and σ0 of each generator; φ0 = d/T0.
    finite_size : bool
        Whether the mean is exact at this d: d/(T−d−1) replaces φ/(1−φ).

    Returns
    -------
    float
        In the square of a label's units.

    Raises
    ------
    ValueError
        For smaller T or T0, a d that is not a dimension, and n below 0.

    References
    ----------
    Theorem 4.1 of the paper (NeurIPS 2024).
    """
    d = whole_number("the dimension d", d, 1)
    _require_at_least_0("generations", generations)
    _require_samples("T", samples, d + 2)
    _require_samples("T0", generator_samples, d + 2)
    gap = d + 1 if finite_size else d
    collapse = generations * generator_noise**2 * d / (generator_samples - gap)
    return noise**2 * d / (samples - gap) + collapse


@with_plain_numbers
def isotropic_effective_ridge(phi: float, ridge: float) -> float:
    """κ = (λ + φ̄ + √((λ+φ̄)² + 4λ))/2 for Σ = I, with φ̄ = φ − 1.

    Written so that nothing cancels for φ < 1 and λ → 0.

    Parameters
    ----------
    phi, ridge : float
        φ = d/T > 0 and λ ≥ 0.

    Returns
    -------
    float
        κ.

    References
    ----------
    Equation (10) of the paper (NeurIPS 2024).
    """
    shifted = ridge + phi - 1
    if shifted > LARGEST_SQUARED:
        return float(shifted)  # the square overflows, and 1 is lost beside it
    root = sqrt(shifted**2 + 4 * ridge)
    return (shifted + root) / 2 if shifted > 0 else 2 * ridge / (root - shifted) if root else 0.0


def ridge_risk(spectrum: Spectrum, downstream: Fit) -> Risk:
    """Bias κ²w0'Σ(Σ+κ)^{-2}w0/(1−df_2/T) and variance σ²(df_2/T)/(1−df_2/T) on clean data.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    downstream : Fit
        The fit, of single numbers.

    Returns
    -------
    Risk
        In the square of a label's units; the collapse is 0.

    Raises
    ------
    ValueError
        At λ = 0 and T = rank Σ, and if an endless spectrum was cut too early for the fit.

    References
    ----------
    Proposition 4.2 of the paper (NeurIPS 2024).
    """
    s = spectrum.eigenvalues
    fit = equivalent_of(spectrum, downstream)
    used = fit.df2 / downstream.samples
    remaining = 1 - used
    if remaining < WIDE_GAP:
        remaining = fit.residual_samples / downstream.samples  # with all digits
    _require_no_pole(remaining)
    bias = np.sum(spectrum.counts * s * (fit.residual * spectrum.coefficients) ** 2) / remaining
    return Risk(float(bias), downstream.noise**2 * used / remaining, 0.0)


@with_plain_numbers
def collapse_rate(spectrum: Spectrum, generator_samples: float, downstream: Fit) -> float:
    """ρ of the collapse term nσ0²ρ.

    It holds for OLS generators if T0 ≥ d, or for any T0 if all share one design.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ.
    generator_samples : float
        T0 > 0.
    downstream : Fit
        The last fit, of single numbers.

    Returns
    -------
    float
        ρ.

    Raises
    ------
    ValueError
        If λ = 0 and T = rank Σ for the last fit or T0 = rank Σ, and if an endless spectrum was cut
        too early for a fit.

    References
    ----------
    Equation (18), Theorem 4.3 of the paper (NeurIPS 2024).
    """
    s = spectrum.eigenvalues
    last = equivalent_of(spectrum, downstream)
    first = equivalent_of(spectrum, Fit(generator_samples))
    # In units of 2^unit, which leave all digits as they are: squares neither over- nor underflow.
    unit = np.frexp(np.max(s))[1]
    both = (
        spectrum.counts
        * np.ldexp(first.sigma_g_squared, unit)
        * np.ldexp(last.sigma_g_squared, unit)
    )
    _require_no_pole(first.residual_samples)
    _require_no_pole(last.residual_samples)
    kappa = np.ldexp(last.kappa, -unit)
    scaled = np.ldexp(s, -unit)
    spread = times_square(kappa, np.sum(both)) * last.df2 / last.residual_samples
    return float((np.sum(scaled**2 * both) + spread) / first.residual_samples)


@with_plain_numbers
def collapse_rate_full_rank(spectrum: Spectrum, generator_samples: float, downstream: Fit) -> float:
    """ρ = [df_2 + κ² tr(Σ+κ)^{-2}·df_2/(T−df_2)]/(T0−d) of the collapse term nσ0²ρ, T0 > d.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ, of full rank.
    generator_samples : float
        T0 ≥ d + 1.
    downstream : Fit
        The last fit, of single numbers.

    Returns
    -------
    float
        ρ.

    Raises
    ------
    ValueError
        For a smaller T0, and at λ = 0 and T = d.

    References
    ----------
    Equation (19), Corollary 4.4 of the paper (NeurIPS 2024).
    """
    d = spectrum.dimension
    _require_samples("T0", generator_samples, d + 1)
    last = equivalent_of(spectrum, downstream)
    _require_no_pole(last.residual_samples)
    spread = np.sum(spectrum.counts * last.residual**2) * last.df2 / last.residual_samples
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
    """(κ²‖w0‖²+σ²φ)/((1+κ)²−φ) + nσ0²ρ, the test error for Σ = I and OLS generators with T0 > d.

    ρ = φ0/(1−φ0)·(1/(1+κ)²)·(1 + φκ²/((1+κ)²−φ)), φ = d/T and φ0 = d/T0.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    norm : float
        ‖w0‖.
    generations : float
        n ≥ 0.
    generator_samples, generator_noise : float
        T0 ≥ d + 1 and σ0 of each generator.
    downstream : Fit
        The last fit, of single numbers.

    Returns
    -------
    float
        In the square of a label's units.

    Raises
    ------
    ValueError
        For T0 ≤ d, a d that is not a dimension, n below 0, and at λ = 0 and T = d.

    References
    ----------
    Corollary 4.4 of the paper (NeurIPS 2024).
    """
    d = whole_number("the dimension d", d, 1)
    _require_at_least_0("generations", generations)
    _require_samples("T0", generator_samples, d + 1)
    samples, ridge, noise = downstream.numbers
    phi = d / samples
    phi_0 = d / generator_samples
    kappa = isotropic_effective_ridge(phi, ridge)
    if kappa > LARGEST_SQUARED:
        return norm**2  # nothing is learned, and squares overflow
    gap = (1 + kappa) ** 2 - phi
    _require_no_pole(gap)
    rho = phi_0 / (1 - phi_0) / (1 + kappa) ** 2 * (1 + phi * kappa**2 / gap)
    clean = (kappa**2 * norm**2 + noise**2 * phi) / gap
    return clean + generations * generator_noise**2 * rho


@with_plain_numbers
def shared_design_limit(d: int, norm: float, generator_samples: float) -> tuple[float, float]:
    """The limits ‖w0‖²/φ0 of ‖ŵ_n‖² and ‖w0‖²(1−1/φ0) of ΔBias, the same for all n ≥ 1.

    They are for Σ = I, one shared design, T0 < d, σ0 = 0, and downstream T > d and λ → 0.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    norm : float
        ‖w0‖.
    generator_samples : float
        T0 ≥ 0; φ0 = d/T0.

    Returns
    -------
    (float, float)
        The squared norm and ΔBias.

    Raises
    ------
    ValueError
        For a d that is not a dimension, and T0 below 0.

    References
    ----------
    Theorem 4.5 of the paper (NeurIPS 2024).
    """
    return independent_designs_limit(d, norm, [generator_samples])


@with_plain_numbers
def independent_designs_limit(
    d: int, norm: float, generator_samples: Sequence[float]
) -> tuple[float, float]:
    """The limits η‖w0‖² of ‖ŵ_n‖² and (1−η)‖w0‖² of ΔBias, with η = Π_m min(1/φ_m, 1).

    They are for Σ = I, independent designs, σ0 = 0, and downstream T > d and λ → 0.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    norm : float
        ‖w0‖.
    generator_samples : sequence of float
        T_m ≥ 0 of each generator; φ_m = d/T_m.

    Returns
    -------
    (float, float)
        The squared norm and ΔBias.

    Raises
    ------
    ValueError
        For a d that is not a dimension, and a T_m below 0.

    References
    ----------
    Theorem 4.6 of the paper (NeurIPS 2024).
    """
    d = whole_number("the dimension d", d, 1)
    for samples in generator_samples:
        _require_at_least_0("generator_samples", samples)
    eta = prod(min(samples / d, 1.0) for samples in generator_samples)
    return eta * norm**2, (1 - eta) * norm**2


def _require_samples(name: str, samples: float, least: float) -> None:
    if not as_number(samples) >= least:
        raise ValueError(f"{name} must be at least {least} here, not {samples}")


def _require_at_least_0(name: str, value: float) -> None:
    if not as_number(value) >= 0:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")


def _require_no_pole(denominator: np.ndarray | float) -> None:
    if denominator == 0:
        raise ValueError("this formula of the paper has a pole at λ = 0 and T = rank Σ")


@with_plain_numbers
def saturated_error(
    d: int, norm: float, generations: int, generator_samples: float, generator_noise: float
) -> float:
    """E‖ŵ_n − w0‖² for Σ = I and independent OLS generators with T0 < d − 1, exact at finite size.

    It is ‖w0‖²(1−η^n) + σ0²·T0/(d−T0−1)·(1−η^n)/(1−η), η = T0/d. Unlike nσ0²ρ it is not linear
    in n.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    norm : float
        ‖w0‖.
    generations : int
        n ≥ 0.
    generator_samples, generator_noise : float
        T0, from 0 to below d − 1, and σ0 of each generator.

    Returns
    -------
    float
        In the square of a label's units.

    Raises
    ------
    ValueError
        For T0 ≥ d − 1, a d that is not a dimension, and T0 or n below 0.
    """
    d = whole_number("the dimension d", d, 1)
    _require_at_least_0("generations", generations)
    _require_at_least_0("generator_samples", generator_samples)
    if not generator_samples < d - 1:
        raise ValueError(f"T0 must be below d - 1 = {d - 1} here, not {generator_samples}")
    eta = generator_samples / d
    noise = generator_noise**2 * generator_samples / (d - generator_samples - 1)
    return (1 - eta**generations) * (norm**2 + noise / (1 - eta))


@with_plain_numbers
def growing_samples(generator_samples: float, m: int) -> float:
    """T_m = T0·m·log²m for m ≥ 2 and T0 for m < 2, not rounded to a whole number.

    Parameters
    ----------
    generator_samples : float
        T0 ≥ 0.
    m : int
        The number of the generation, at least 0.

    Returns
    -------
    float
        T_m.

    Raises
    ------
    ValueError
        For T0 below 0, or an m that is negative or not whole.

    References
    ----------
    The paragraph after Theorem 4.1 of the paper (NeurIPS 2024).
    """
    _require_at_least_0("generator_samples", generator_samples)
    m = whole_number("m", m, 0)
    return generator_samples * _growth(m)


def _growth(m: int) -> float:
    """T_m/T0."""
    return m * log(m) ** 2 if m >= 2 else 1.0


@lru_cache(maxsize=4)
def _growths(last: int) -> np.ndarray:
    """T_m/T0 for m = 1 … last, shape (last,)."""
    growth = np.array([_growth(m) for m in range(1, last + 1)])
    growth.flags.writeable = False  # the cache hands out the same array again
    return growth


@with_plain_numbers
def growth_sum(phi_0: float, generations: float) -> float:
    """Collapse after n generations over that of one, for T_m = T0·m·log²m.

    It is Σ_{m=1..n} φ_m/(1−φ_m) over its first term, and as φ0 → 0 the paper's 1 + Σ 1/(m log²m).
    Terms beyond SUMMED_GENERATIONS are added by an integral of 1/(m log²m), which errs by 10^−10.

    Parameters
    ----------
    phi_0 : float
        φ0 = d/T0, from 0 to below T_2/T0 = 0.96, as all T_m must be above d.
    generations : int or inf
        n ≥ 0.

    Returns
    -------
    float
        The ratio.

    Raises
    ------
    ValueError
        For a φ0 outside its range, and for n below 0 or not whole.
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
    """SNR0·(1/φ0 − 1), the n beyond which OLS is worse than predicting zero.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model; SNR0 = ‖w0‖²_Σ/σ0².
    phi_0 : float
        φ0 = d/T0, between 0 and 1.
    generator_noise : float
        σ0 > 0.

    Returns
    -------
    float
        n, in general not whole.

    Raises
    ------
    ValueError
        Unless 0 < φ0 < 1 and σ0 > 0.
    """
    if not (0 < phi_0 < 1 and generator_noise > 0):
        raise ValueError(
            f"break-even needs 0 < d/T0 < 1 and noise, not d/T0 = {phi_0}, σ0 = {generator_noise}"
        )
    return spectrum.null_risk / generator_noise**2 * (1 / phi_0 - 1)
