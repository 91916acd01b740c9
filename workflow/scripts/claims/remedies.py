"""Claims on what to do about collapse: of other papers on other protocols, and of the paper.

Formulas are theirs, as they are printed or remembered; what is measured is a simulation, or the
recursion for unions of groups where an optimum or an exponent is asked for.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from math import log, log10, sqrt

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import zeta

from model_collapse import remedies
from model_collapse.equivalents import Equivalent
from model_collapse.exponents import effective_samples, ell_crit
from model_collapse.limits import accumulate_real_errors, best_real_weight
from model_collapse.protocol import Fit
from model_collapse.protocols import expected_errors, simulate_errors
from model_collapse.seeds import random_stream
from model_collapse.slopes import standard_error
from model_collapse.spectra import isotropic, power_law
from model_collapse.tuning import BOUNDS, best_ridges, lowest
from scripts.claims.checks import Check, estimate

GOLDEN = (sqrt(5) - 1) / 2  # 1/φ_g


def ratio(over: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """The ratio of two means over replicates, which may be paired, and its standard error."""
    value = np.mean(over) / np.mean(under)
    return float(value), float(standard_error(over - value * under) / np.mean(under))


def best_share(error: Callable[[float], float]) -> float:
    """The share of real data at which an error is lowest."""
    options = {"xatol": 1e-7}
    return float(minimize_scalar(error, bounds=(0.01, 1), method="bounded", options=options).x)


def gerstgrasser_one_design(seed, *, settings, replicates, relation="equal"):
    """Two errors compared: E_n of a protocol over E_m of the same, or of the one in ``over``. Rows
    that both have are the same in both.
    """
    for i, own in enumerate(settings):
        given = {"replicates": replicates, "seed": f"{seed}/{i}"}
        found = [
            simulate_errors(own["spectrum"], protocol, n, **given)[:, n]
            for protocol, n in (
                (own["protocol"], own["n"]),
                (own.get("over", own["protocol"]), own.get("m", 0)),
            )
        ]
        yield Check(own["point"], own["printed"], *ratio(*found), relation=relation)


gerstgrasser_bound = gerstgrasser_few_rows = gerstgrasser_noiseless = gerstgrasser_one_design
barzilai_vanishing_share = dey_universal = dey_power_law = gerstgrasser_one_design
kazdan_gradual = kazdan_dense = kazdan_above = kazdan_plateau = gerstgrasser_one_design
alemohammad_fixed_real = alemohammad_fresh_real = bertrand_stable = gerstgrasser_one_design
he_prevents = he_ridge = he_retuned = garg_least_squares = garg_other_shares = (
    gerstgrasser_one_design
)
jain_far_off = jain_unweighted = strong_plateau = gerstgrasser_one_design
yi_gain = yi_center = yi_reversal = gerstgrasser_one_design


def gerstgrasser_fixed_ridge(
    seed, *, spectrum, samples, ridge, noise, generations, replicates, printed
):
    """Kept rows and one λ of the mean loss: its penalty αT_1/T_{1:k} is λ for α = kλ."""
    protocol = remedies.accumulate_kept(samples, lambda k: k * ridge, noise)
    given = {"replicates": replicates, "seed": seed}
    errors = simulate_errors(spectrum, protocol, max(generations), **given)
    for n in generations:
        found = ratio(errors[:, n], errors[:, 0])
        yield Check(f"E_{{{n}}}/E_0 at λ = {ridge:g}", printed, *found, relation="at most")


def he_golden(seed, *, d, samples, ratios, generations):
    """The real weight of the lowest E_n, by the recursion for least squares on T_r + T_s rows."""
    spectrum = isotropic(d).condensed()
    for size, rho in product(samples, ratios):

        def error(weight, given=(size, rho * size, 0, 1.0)):
            return expected_errors(spectrum, remedies.mix(*given, weight), generations)[-1]

        point = f"d/T_s = {d / size:.3g}, T_r/T_s = {rho:.3g}"
        yield Check(point, best_real_weight(rho), best_share(error))


he_ratios = he_high_dimension = he_golden


def garg_interpolation(seed, *, settings, designs, printed, relation="equal"):
    """One X for ever, fresh real and synthetic labels in each generation, averaged with share a.

    Of the direction of X with singular value s a fit keeps h = s²/(s²+λT), so its coefficient ends
    at the mean haw_0/(1 − h(1−a)) and the variance σ²(a²+(1−a)²)s²/(s²+λT)²/(1 − h²(1−a)²), for w0
    of a random direction. Measured: the share a of the lowest mean error over designs.
    """
    for i, own in enumerate(settings):
        spectrum, size, ridge, noise = (own[k] for k in ("spectrum", "samples", "ridge", "noise"))
        d, seen = spectrum.dimension, []
        for j in range(designs):
            x = random_stream(seed, i, j).standard_normal((size, d)) * np.sqrt(spectrum.eigenvalues)
            _, s, directions = np.linalg.svd(x)
            square = np.append(s**2, np.zeros(d - len(s)))
            weights = directions**2 @ spectrum.eigenvalues  # ‖direction‖²_Σ
            seen.append((square[: len(s)], weights[: len(s)], np.sum(weights[len(s) :])))

        def error(a, seen=seen, penalty=ridge * size, d=d, noise=noise):
            found = []
            for square, weights, unseen in seen:
                h, b = square / (square + penalty), 1 - a
                bias = ((1 - h) / (1 - h * b)) ** 2 / d
                added = noise**2 * (a**2 + b**2) * square / (square + penalty) ** 2
                found.append(unseen / d + weights @ (bias + added / (1 - (h * b) ** 2)))
            return np.mean(found)

        point = f"best share, {own['point']}, T/d = {size / d:.3g}, λ = {ridge:g}, σ = {noise:g}"
        yield Check(point, printed, best_share(error), relation=relation)


garg_half = garg_interpolation


def garg_dynamic(seed, *, d, samples, generations):
    """The best real weight of each generation by the recursion, T ≫ d: ratios of Fibonacci numbers,
    and in the end the error of the one weight that is best for ever.
    """
    spectrum, weights, fibonacci = isotropic(d).condensed(), [1.0], [1, 1]

    def errors(weights):
        protocol = remedies.mix(samples, samples, 0, 1.0, remedies.listed(weights))
        return expected_errors(spectrum, protocol, len(weights) - 1)

    for k in range(2, generations + 2):
        weights.append(best_share(lambda a: errors([*weights, a])[-1]))
        fibonacci += [sum(fibonacci[-2:]), fibonacci[-2] + 2 * fibonacci[-1]]
        yield Check(f"weight of model {k}", fibonacci[-2] / fibonacci[-1], weights[-1])
    end, fixed = (errors(w)[-1] for w in (weights, [1.0] + [GOLDEN] * 40))
    yield Check(f"E_{{{generations}}} over E_{{40}} of one weight", 1.0, end / fixed)


def strong_theorem_1(seed, *, settings, replicates):
    """E = B + V + ζ of real rows and rows of one other model w0 + Δ, term by term.

    With n rows in all, shares p_1 real and p_2, u = df_2/(n − df_2) and G = (Σ+κ)^{-1}:
    B = κ²w0'ΣG²w0·(1+u), V = σ²u and
    ζ = p_2²(1 + p_1u) tr ΔΣ³G² + p_2u tr ΔΣ(p_1Σ+κ)²G², Δ the covariance of w − w0.
    """
    for i, own in enumerate(settings):
        spectrum, spread, noise = own["spectrum"], own["spread"], own["noise"]
        real, other, ridge = own["real_samples"], own["samples"], own["ridge"]
        rows, values = real + other, spectrum.eigenvalues
        stage = Equivalent(values, Fit(rows, ridge))
        g_squared = 1 / (values + stage.kappa) ** 2
        freedom = values**2 @ g_squared
        u, p_1, p_2 = freedom / (rows - freedom), real / rows, other / rows
        lost = stage.kappa**2 * (spectrum.coefficients**2 * values) @ g_squared * (1 + u)
        wrong = (
            p_2**2 * (1 + p_1 * u) * values**3
            + p_2 * u * values * (p_1 * values + stage.kappa) ** 2
        )
        terms = {"B": lost, "V": noise**2 * u, "ζ": spread * wrong @ g_squared}
        terms["E"] = sum(terms.values())
        without = replace(spectrum, coefficients=0 * spectrum.coefficients)
        drawn = {
            "B": (spectrum, 0.0, 0.0),
            "V": (without, 0.0, noise),
            "ζ": (without, spread, 0.0),
            "E": (spectrum, spread, noise),
        }
        for name, (problem, delta, sigma) in drawn.items():
            protocol = remedies.two_groups(other, real, delta, ridge, sigma)
            given = {"replicates": replicates, "seed": f"{seed}/{i}/{name}"}
            found = simulate_errors(problem, protocol, 0, **given)
            yield Check(f"{name}, {own['point']}", terms[name], *estimate(found[:, 0]))


def strong_any_ridge(seed, *, d, share, spread, noise, decades):
    """d log E/d log T at the best ridge, by the recursion, with a fixed share of other rows."""
    spectrum, errors = isotropic(d).condensed(), []
    for size in (10.0**decade for decade in decades):

        def error(ridge, rows=(share * size, (1 - share) * size)):
            protocol = remedies.two_groups(*rows, spread / d, ridge, noise)
            return expected_errors(spectrum, protocol, 0)[0]

        errors.append(error(lowest(error, BOUNDS)))
    for (low, before), (high, after) in pairwise(zip(decades, errors, strict=True)):
        slope = log10(after / before) / (high - low)
        point = f"T = 10^{{{low}}} to 10^{{{high}}}, E → {after:.4g}"
        yield Check(point, 0.0, slope)


def xu_linear(seed, *, spectrum, samples, noise, simulated, exact, replicates):
    """E_{2n} − E_n of T_k = kT_1 rows, in units of σ²d/T_1: at least 1/2 however large n is."""
    protocol = remedies.growing(samples, float, 0, noise)
    unit = noise**2 * spectrum.dimension / samples
    given = {"replicates": replicates, "seed": seed}
    errors = simulate_errors(spectrum, protocol, 2 * simulated, **given) / unit
    found = estimate(errors[:, 2 * simulated] - errors[:, simulated])
    yield Check(f"n = {simulated}, simulated", 1 / 2, *found, relation="at least")
    errors = expected_errors(spectrum.condensed(), protocol, 2 * exact, finite_size=True) / unit
    found = float(errors[2 * exact] - errors[exact])
    yield Check(f"n = {exact}, exact", 1 / 2, found, relation="at least")


def xu_superlinear(seed, *, spectrum, samples, noise, powers, generations, replicates):
    """E_n/E_0 of T_k = T_1k^a rows, least squares: at most ζ(a), a > 1."""
    for a in powers:
        protocol = remedies.growing(samples, lambda k, a=a: k**a, 0, noise)
        given = {"replicates": replicates, "seed": f"{seed}/{a}"}
        errors = simulate_errors(spectrum, protocol, generations, **given)
        found = ratio(errors[:, -1], errors[:, 0])
        yield Check(
            f"T_k = T_1k^{{{a:g}}}, n = {generations}", float(zeta(a)), *found, relation="at most"
        )


def xu_bias(seed, *, spectrum, samples, noise, ell, slow, fast, generations):
    """E_n/E_0 of T_k = T_1k^a rows with λ_k = T_k^{−ℓ}, whose bias adds up unless aℓ > 1: what is
    slow exceeds the ζ(a) that holds without bias; from n to 2n what is fast stays as it is.
    """

    def errors(a):
        size = lambda k: samples * k**a  # noqa: E731
        protocol = remedies.replace(size, lambda k: size(k) ** -ell, noise)
        return expected_errors(spectrum.condensed(), protocol, 2 * generations)

    found = errors(slow)
    yield Check(f"T_k = T_1k^{{{slow:g}}}, E_n/E_0, n = {2 * generations}", float(zeta(slow)),
                float(found[-1] / found[0]), relation="at least")  # fmt: skip
    found = errors(fast)
    yield Check(f"T_k = T_1k^{{{fast:g}}}, E_{{{2 * generations}}}/E_{{{generations}}}", 1.0,
                float(found[-1] / found[generations]))  # fmt: skip


def wang_rate(seed, *, d, samples, shares, window):
    """The exponent of E_n in n if all rows are kept and a share p of each batch is real: the square
    of a distance that falls at the slower of the baseline rate, 1/2, and p.
    """
    for p in shares:
        errors = accumulate_real_errors(d, samples, p, max(window))
        slope = log(errors[window[1]] / errors[window[0]]) / log(window[1] / window[0])
        yield Check(f"p = {p:g}", -2 * min(1 / 2, p), slope)


def final_adaptive_ridge(seed, *, law, d, samples, noise, generations, replicates, alone=False):
    """E_n at the ridge T_eff^{−ℓ_crit} of the last fit, T_eff = T_0/max(nσ², 1), over that at
    T^{−ℓ_crit}; or ``alone``, over that of kept rows at their best penalty. T = T_0.
    """
    spectrum, n, given = power_law(d, *law), generations, {"replicates": replicates, "seed": seed}

    def error(protocol):
        return simulate_errors(spectrum, protocol, n, **given)[:, n]

    def adapted(size):
        ridges = remedies.last_only(size ** -ell_crit(*law), n)
        return error(remedies.replace(samples, ridges, noise))

    adaptive = adapted(effective_samples(samples, samples, n * noise**2))
    point = f"E_{{{n}}} at T_eff^{{−ℓ_crit}} over "
    if not alone:
        found = ratio(adaptive, adapted(samples))
        yield Check(f"{point}that at T^{{−ℓ_crit}}", 1.0, *found, relation="at most")
        return

    def kept(penalty):
        return remedies.accumulate_kept(samples, penalty, noise)

    best = best_ridges(spectrum, kept, n)[0]
    found = ratio(adaptive, error(kept(best)))
    yield Check(f"{point}that of kept rows", 1.0, *found, relation="at least")


final_adaptive_alone = final_adaptive_ridge


def final_last_ridge(
    seed, *, spectrum, samples, noise, generations, replicates, rule, other, relation
):
    """E_n of *replace* with ridges by one rule of the library's over that by another, both the best
    in theory.
    """

    def protocol(ridges):
        return remedies.replace(samples, ridges, noise)

    n, found = generations, []
    for name in (rule, other):
        ridges = best_ridges(spectrum.condensed(), protocol, n, name)
        given = {"replicates": replicates, "seed": seed}
        tuned = protocol(remedies.listed(ridges))
        found.append(simulate_errors(spectrum, tuned, n, **given)[:, n])
    yield Check(f"E_{{{n}}}, {rule} over {other}", 1.0, *ratio(*found), relation=relation)


final_greedy_ridges = final_last_ridge
