"""Where protocols end: E_∞ in closed form or as a series, in the high-dimensional limit.

φ = d/T of one generation's fit, σ the label noise of real and synthetic rows alike. Each is the
limit of ``expected_errors`` for n → ∞; none is in the paper. Functions of φ are for least squares,
and raise ValueError unless 0 < φ < 1; so does a share of real data outside [0, 1], and noise that
is no number of at least 0. Without noise nothing is lost in least squares, and their limits are 0.
"""

from collections.abc import Callable
from math import inf, pi

import numpy as np

from model_collapse.mixtures.equivalents import Rows, UnionFit
from model_collapse.mixtures.remedies import mix
from model_collapse.problem.arguments import as_number, number_of_at_least_0, share, whole_number
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import equivalent_of

SUMMED_GENERATIONS = 10**5  # terms of the series that are added one by one
LARGEST_POWERS = 0.1  # up to this φ a series in φ has all digits by its first POWERS terms
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
    left = fit.samples - spectrum.counts @ (psi**2 + psi**2 * residual / (1 + psi))
    variance = noise**2 / left
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
    """Mix with fresh real rows, any T and λ; infinite where generations amplify the error.

    The mean is a ridge fit of κ/q_r. With b = κw0/(q_rλ + κ), h = Ψ²/(1 − q_s²Ψ²), D = δ_r + δ_s:
    E_∞ = ‖b‖²_Σ + tr h·(Dσ² + δ_r‖b‖²_Σ)/(1 − D df_2 − tr h[δ_rq_s²Ψ² + δ_s(1−q_sΨ)²]).
    """
    ridge, noise = number_of_at_least_0("ridge", ridge), number_of_at_least_0("noise", noise)
    groups = mix(samples, real_samples, ridge, noise, real_weight)(2).groups
    if len(groups) == 1:
        raise ValueError("mix_limit needs real and synthetic rows of positive weight")
    rows = [Rows.of([group]) for group in groups]
    fit = UnionFit.of(spectrum, rows, ridge)
    delta_r, delta_s = fit.deltas
    kept = fit.shares[1] * fit.psi  # q_sΨ
    lost = fit.residual / (1 - kept) * spectrum.coefficients  # b
    bias = spectrum.counts @ (spectrum.eigenvalues * lost**2)
    h = fit.psi**2 / (1 - kept**2)
    gaps = h * (delta_r * kept**2 + delta_s * (1 - kept) ** 2)
    left = 1 / fit.noise_gain - spectrum.counts @ gaps
    added = (delta_r + delta_s) * noise**2 + delta_r * bias
    if added == 0:
        return 0.0
    if left <= 0:
        return inf
    return float(bias + spectrum.counts @ h * added / left)


def mix_ols_limit(phi: float, real_share: float, noise: float = 1.0) -> float:
    """Mix of least squares, unweighted, φ = d/(T_r + T_s) < 1 and q the share of real rows:

    σ²γ/(q[2 − q − γ(1−q)]), γ = φ/(1−φ), infinite unless φ < (2−q)/(3−2q).
    """
    phi, variance, q = _ratio(phi), _variance(noise), share("real_share", real_share)
    gamma = phi / (1 - phi)
    left = q * (2 - q - gamma * (1 - q))
    return _over(variance * gamma, left)


def mix_labels_limit(phi: float, real_share: float, noise: float = 1.0) -> float:
    """Averaged labels, least squares: N(a² + (1−a)²)/(a(2−a)), N = σ²φ/(1−φ), finite for φ < 1.

    Smallest at a = 1/φ_g = 0.618…, where it is N/φ_g, φ_g the golden ratio.
    """
    phi, variance, a = _ratio(phi), _variance(noise), share("real_share", real_share)
    once = variance * phi / (1 - phi)
    return _over(once * (a**2 + (1 - a) ** 2), a * (2 - a))


def best_real_weight(ratio: np.ndarray | float) -> np.ndarray | float:
    """The best constant weight of fresh real rows, T ≫ d, at ρ = T_r/T_s: 1/φ_g at ρ = 1.

    q* = (−ρ + √(ρ² + 4ρ))/2, the steady state of inverse-variance weighting; E_∞ = q*σ²d/T_r. Large
    ratios as 2/(1 + √(1 + 4/ρ)), in which nothing cancels. Raises ValueError for a ratio below 0.
    """
    rho = np.asarray(ratio)
    if rho.dtype.kind not in "iuf" or not np.all(rho >= 0):
        raise ValueError(f"ratio must be a number of at least 0, not {ratio}")
    rho = rho.astype(float)
    small, large = np.minimum(rho, LARGE_RATIO), np.maximum(rho, LARGE_RATIO)
    difference = (-small + np.sqrt(small**2 + 4 * small)) / 2
    return np.where(rho > LARGE_RATIO, 2 / (1 + np.sqrt(1 + 4 / large)), difference)[()]


def accumulate_kept_limit(phi: float, noise: float = 1.0) -> float:
    """Kept accumulation of OLS, fresh x: σ²Σ_k φ/(k(k−φ)) = −σ²(γ_E + digamma(1−φ)), φ < 1.

    (π²/6)σ²φ as φ → 0, and 2σ² log 2 at φ = 1/2. Both terms of the closed form cancel as φ → 0:
    there Σ_{j≥1} ζ(j+1)φ^j, the same by the geometric series of 1/(k − φ).
    """
    from scipy.special import digamma, zeta  # not above, as the config's models import this module

    phi, variance = _ratio(phi), _variance(noise)
    if phi > LARGEST_POWERS:
        return float(variance * (-np.euler_gamma - digamma(1 - phi)))
    powers = np.arange(POWERS, 0, -1)
    return float(variance * np.sum(zeta(powers + 1.0) * phi**powers))


def one_design_limit(phi: float, noise: float = 1.0) -> float:
    """Kept accumulation of OLS on one x, φ < 1: (π²/6)·σ²φ/(1−φ), Gerstgrasser et al. 2024.

    At finite size d/(T−d−1) stands for φ/(1−φ).
    """
    phi, variance = _ratio(phi), _variance(noise)
    return pi**2 / 6 * variance * phi / (1 - phi)


def accumulate_limit(phi: float, noise: float = 1.0) -> float:
    """Redrawn accumulation of OLS, φ < 1; (2 − π²/6)σ²φ as φ → 0."""
    phi, variance = _ratio(phi), _variance(noise)
    return variance * _pool_limit(lambda k: phi / (k - phi), 0.0)


def subsample_limit(phi: float, noise: float = 1.0) -> float:
    """Redrawn subsampling of OLS, infinite unless φ < 1/2; (π²/6)σ²φ as φ → 0."""
    phi, variance = _ratio(phi), _variance(noise)
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


def _over(added: float, left: float) -> float:
    """What generations add over the share that they lose: without noise 0, else infinite at 0."""
    if added == 0:
        return 0.0
    return added / left if left > 0 else inf


def _pool_limit(gain: Callable[[int], float], last: float) -> float:
    """E_∞/σ² if model k is fitted to labels of models 0 … k − 1 in equal parts, by gain γ_k.

    Its error is their mean's plus ξ_k, E‖ξ_k‖² = γ_k(σ² + V_k) → ``last``, V_k the spread of the
    models about their mean, so A_{k+1} = A_k + E‖ξ_k‖²/(k+1)² for that of the mean, and
    V_{k+1} = k/(k+1)·(V_k + E‖ξ_k‖²/(k+1)).
    """
    spread, mean = 0.0, 0.0
    for k in range(1, SUMMED_GENERATIONS + 1):
        added = gain(k) * (1 + spread)
        mean += added / (k + 1) ** 2
        spread = k / (k + 1) * (spread + added / (k + 1))
    return mean + last / (SUMMED_GENERATIONS + 1.5) + last


def accumulate_real_errors(
    d: int, samples: float, real_share: float, generations: int, noise: float = 1.0
) -> np.ndarray:
    """E_0, …, E_n of accumulated batches of T kept rows, p of each fresh real; OLS, T ≫ d.

    v_k = (1 − p/k)²v_{k−1} + σ²d/(k(kT−d−1)), which falls as n^{−min(1, 2p)}. The first batch is
    all real.
    """
    d, generations = whole_number("d", d, 1), whole_number("generations", generations, 0)
    samples, variance = number_of_at_least_0("samples", samples), _variance(noise)
    real_share = share("real_share", real_share)
    _ratio(d / (samples - 1) if samples > 1 else inf)
    errors = [variance * d / (samples - d - 1)]
    for k in range(2, generations + 2):
        added = variance * d / (k * (k * samples - d - 1))
        errors.append((1 - real_share / k) ** 2 * errors[-1] + added)
    return np.array(errors)
