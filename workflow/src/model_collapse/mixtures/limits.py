"""Limits of protocols: E_∞ in closed form or as a series, in the high-dimensional limit.

φ = d/T for one generation's fit; σ is the label noise of real and synthetic rows alike. Each is the
limit of ``expected_errors`` for n → ∞; none is in the paper. Functions of φ are for least squares.
They raise ValueError unless 0 < φ < 1, for a share of real data outside [0, 1], and for a negative
noise. Without noise least squares lose nothing, and their limits are 0.
"""

from collections.abc import Callable
from math import inf, pi
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.mixtures.equivalents import Rows, UnionFit
from model_collapse.mixtures.remedies import mix
from model_collapse.problem.arguments import as_number, number_of_at_least_0, share, whole_number
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import equivalent_of

SUMMED_GENERATIONS = 10**5  # terms of the series that are added one by one
LARGEST_PHI_OF_SERIES = 0.1  # up to this φ the first POWERS terms of a series have all digits
POWERS = 17
LARGE_RATIO = 100.0  # above it the difference of best_real_weight loses digits


def replace_limit(spectrum: Spectrum, fit: Fit) -> float:
    """The limit of ``replace`` with κ > 0 (a ridge, or T < d): the null predictor's error or more.

    ‖w0‖²_Σ + V·tr Ψ²/(1−Ψ²), V = σ²/(T − df_2 − tr Ψ²(1−Ψ)/(1+Ψ)). Infinite for noisy OLS.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    fit : Fit
        The fit of every generation, of single numbers.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        If an endless spectrum was cut too early for the fit.
    """
    stage = equivalent_of(spectrum, fit)
    psi = stage.psi
    residual = stage.residual
    noise = number_of_at_least_0("noise", fit.noise)
    if stage.kappa == 0:
        return inf if noise else 0.0
    remaining = fit.samples - spectrum.counts @ (psi**2 + psi**2 * residual / (1 + psi))
    variance = noise**2 / remaining
    return float(
        spectrum.null_risk + variance * spectrum.counts @ (psi**2 / (residual * (1 + psi)))
    )


def mix_limit(
    spectrum: Spectrum,
    samples: float,
    real_samples: float,
    ridge: float = 0.0,
    noise: float = 0.0,
    real_weight: float | None = None,
) -> float:
    """The limit of ``mix`` with fresh real rows; infinite where generations amplify the error.

    The mean is a ridge fit of κ/q_r. With b = κw0/(q_rλ + κ), h = Ψ²/(1 − q_s²Ψ²), D = δ_r + δ_s:
    E_∞ = ‖b‖²_Σ + tr h·(Dσ² + δ_r‖b‖²_Σ)/(1 − D df_2 − tr h[δ_rq_s²Ψ² + δ_s(1−q_sΨ)²]).

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    samples, real_samples : float
        Synthetic and real rows of each generation, both positive.
    ridge, noise : float
        λ ≥ 0, and the standard deviation σ ≥ 0 of the noise on all labels.
    real_weight : float, optional
        The share of the real rows in the loss, above 0 and below 1. By default all rows have one
        weight.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges, and if an endless spectrum was cut too early for the fit.
    """
    ridge = number_of_at_least_0("ridge", ridge)
    noise = number_of_at_least_0("noise", noise)
    groups = mix(samples, real_samples, ridge, noise, real_weight)(2).groups
    if len(groups) == 1:
        raise ValueError("mix_limit needs real and synthetic rows of positive weight")
    rows = [Rows.of([group]) for group in groups]
    fit = UnionFit.of(spectrum, rows, ridge)
    delta_r, delta_s = fit.deltas
    inherited = fit.shares[1] * fit.psi  # q_sΨ
    b = fit.residual / (1 - inherited) * spectrum.coefficients
    bias = spectrum.counts @ (spectrum.eigenvalues * b**2)
    h = fit.psi**2 / (1 - inherited**2)
    gaps = h * (delta_r * inherited**2 + delta_s * (1 - inherited) ** 2)
    remaining = 1 / fit.noise_gain - spectrum.counts @ gaps
    added = (delta_r + delta_s) * noise**2 + delta_r * bias
    if added == 0:
        return 0.0
    if remaining <= 0:
        return inf
    return float(bias + spectrum.counts @ h * added / remaining)


def mix_ols_limit(phi: float, real_share: float, noise: float = 1.0) -> float:
    """The limit of ``mix`` with least squares and equal weights, σ²γ/(q[2 − q − γ(1−q)]).

    γ = φ/(1−φ), φ = d/(T_r + T_s) and q = real_share. Infinite unless φ < (2−q)/(3−2q).

    Parameters
    ----------
    phi, real_share : float
        0 < φ < 1, and the share q of real rows, from 0 to 1.
    noise : float
        σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    phi = _ratio(phi)
    variance = _variance(noise)
    q = share("real_share", real_share)
    gamma = phi / (1 - phi)
    return _over(variance * gamma, q * (2 - q - gamma * (1 - q)))


def mix_labels_limit(phi: float, real_share: float, noise: float = 1.0) -> float:
    """The limit of ``mix_labels`` with least squares: N(a² + (1−a)²)/(a(2−a)), N = σ²φ/(1−φ).

    Smallest at a = 1/φ_g = 0.618…, where it is N/φ_g, φ_g the golden ratio.

    Parameters
    ----------
    phi, real_share : float
        0 < φ < 1, and the share a of the real label, from 0 to 1.
    noise : float
        σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    phi = _ratio(phi)
    variance = _variance(noise)
    a = share("real_share", real_share)
    clean = variance * phi / (1 - phi)
    return _over(clean * (a**2 + (1 - a) ** 2), a * (2 - a))


@overload
def best_real_weight(ratio: float) -> float: ...
@overload
def best_real_weight(ratio: ArrayLike) -> np.ndarray | float: ...
def best_real_weight(ratio: ArrayLike) -> np.ndarray | float:
    """The best constant weight of fresh real rows, T ≫ d, at ρ = T_r/T_s: 1/φ_g at ρ = 1.

    q* = (−ρ + √(ρ² + 4ρ))/2, the steady state of inverse-variance weighting; E_∞ = q*σ²d/T_r. For
    large ratios it is computed as 2/(1 + √(1 + 4/ρ)), in which nothing cancels.

    Parameters
    ----------
    ratio : float or array_like
        ρ ≥ 0.

    Returns
    -------
    float or array
        q*, of the shape of ``ratio``.

    Raises
    ------
    ValueError
        For a ratio below 0, or one that is not a number.
    """
    rho = np.asarray(ratio)
    if rho.dtype.kind not in "iuf" or not np.all(rho >= 0):
        raise ValueError(f"ratio must be a number of at least 0, not {ratio!s}")
    rho = rho.astype(float)
    small = np.minimum(rho, LARGE_RATIO)
    large = np.maximum(rho, LARGE_RATIO)
    difference = (-small + np.sqrt(small**2 + 4 * small)) / 2
    return np.where(rho > LARGE_RATIO, 2 / (1 + np.sqrt(1 + 4 / large)), difference)[()]


def accumulate_kept_limit(phi: float, noise: float = 1.0) -> float:
    """The limit of ``accumulate_kept`` with OLS and fresh x: −σ²(γ_E + digamma(1−φ)).

    The sum is σ²Σ_k φ/(k(k−φ)): (π²/6)σ²φ as φ → 0, and 2σ² log 2 at φ = 1/2. As φ → 0 the terms
    of the closed form cancel; there Σ_{j≥1} ζ(j+1)φ^j, from the geometric series of 1/(k − φ),
    replaces it.

    Parameters
    ----------
    phi, noise : float
        0 < φ < 1 and σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    from scipy.special import digamma, zeta  # not above, as the config's models import this module

    phi = _ratio(phi)
    variance = _variance(noise)
    if phi > LARGEST_PHI_OF_SERIES:
        return float(variance * (-np.euler_gamma - digamma(1 - phi)))
    powers = np.arange(POWERS, 0, -1)
    return float(variance * np.sum(zeta(powers + 1.0) * phi**powers))


def one_design_limit(phi: float, noise: float = 1.0) -> float:
    """The limit of ``accumulate_kept`` with OLS on one x: (π²/6)·σ²φ/(1−φ).

    At finite size d/(T−d−1) replaces φ/(1−φ).

    Parameters
    ----------
    phi, noise : float
        0 < φ < 1 and σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.

    References
    ----------
    Gerstgrasser et al. 2024.
    """
    phi = _ratio(phi)
    variance = _variance(noise)
    return pi**2 / 6 * variance * phi / (1 - phi)


def accumulate_limit(phi: float, noise: float = 1.0) -> float:
    """The limit of ``accumulate`` with OLS; (2 − π²/6)σ²φ as φ → 0.

    Parameters
    ----------
    phi, noise : float
        0 < φ < 1 and σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    phi = _ratio(phi)
    variance = _variance(noise)
    return variance * _pool_limit(lambda k: phi / (k - phi), 0.0)


def subsample_limit(phi: float, noise: float = 1.0) -> float:
    """The limit of ``subsample`` with OLS, infinite unless φ < 1/2; (π²/6)σ²φ as φ → 0.

    Parameters
    ----------
    phi, noise : float
        0 < φ < 1 and σ ≥ 0.

    Returns
    -------
    float
        E_∞, in the square of a label's units; 0 without noise.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    phi = _ratio(phi)
    variance = _variance(noise)
    if phi >= 1 / 2:
        return _over(variance, 0.0)
    gamma = phi / (1 - phi)
    return variance * _pool_limit(lambda k: gamma, gamma / (1 - gamma))


def _ratio(phi: float) -> float:
    """φ as a float. Raises ValueError unless 0 < φ < 1."""
    ratio = as_number(phi)
    if not 0 < ratio < 1:
        raise ValueError(f"phi = d/T must be between 0 and 1, not {phi}")
    return ratio


def _variance(noise: float) -> float:
    """σ² as a float. Raises ValueError unless σ is a number of at least 0."""
    return number_of_at_least_0("noise", noise) ** 2


def _over(added: float, lost_share: float) -> float:
    """The error that a generation adds over the share of errors that it loses: 0 without noise, and
    infinite if no share is lost.
    """
    if added == 0:
        return 0.0
    return added / lost_share if lost_share > 0 else inf


def _pool_limit(gain: Callable[[int], float], last: float) -> float:
    """E_∞/σ² if model k is fitted to labels of models 0 … k − 1 in equal parts, by gain γ_k.

    Its error is that of their mean plus ξ_k. E‖ξ_k‖² = γ_k(σ² + V_k) tends to ``last``; V_k is the
    spread of the models about their mean. So A_{k+1} = A_k + E‖ξ_k‖²/(k+1)² for the error of the
    mean, and V_{k+1} = k/(k+1)·(V_k + E‖ξ_k‖²/(k+1)).
    """
    spread = 0.0  # V_k/σ²
    mean = 0.0  # A_k/σ²
    for k in range(1, SUMMED_GENERATIONS + 1):
        added = gain(k) * (1 + spread)
        mean += added / (k + 1) ** 2
        spread = k / (k + 1) * (spread + added / (k + 1))
    return mean + last / (SUMMED_GENERATIONS + 1.5) + last


def accumulate_real_errors(
    d: int, samples: float, real_share: float, generations: int, noise: float = 1.0
) -> np.ndarray:
    """E_0, …, E_n of OLS with T ≫ d on accumulated batches of T kept rows, a share p of each real.

    v_k = (1 − p/k)²v_{k−1} + σ²d/(k(kT−d−1)), which falls as n^{−min(1, 2p)}. The first batch is
    all real.

    Parameters
    ----------
    d : int
        The dimension, at least 1.
    samples : float
        T > d + 1.
    real_share : float
        p, from 0 to 1.
    generations : int
        n, at least 0.
    noise : float
        σ ≥ 0.

    Returns
    -------
    ndarray, shape (n + 1,)
        Test errors, in the square of a label's units.

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """
    d = whole_number("d", d, 1)
    generations = whole_number("generations", generations, 0)
    samples = number_of_at_least_0("samples", samples)
    variance = _variance(noise)
    real_share = share("real_share", real_share)
    _ratio(d / (samples - 1) if samples > 1 else inf)
    errors = [variance * d / (samples - d - 1)]
    for k in range(2, generations + 2):
        added = variance * d / (k * (k * samples - d - 1))
        errors.append((1 - real_share / k) ** 2 * errors[-1] + added)
    return np.array(errors)
