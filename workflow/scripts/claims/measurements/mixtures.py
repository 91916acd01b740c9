"""Claims of other papers on real data mixed with synthetic: its best share, and the error left.

Formulas are theirs, as they are printed or remembered; what is measured is a simulation, or the
recursion for unions of groups where the claim is on an optimum or an exponent.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from math import log, log10, sqrt

import numpy as np
from scipy.optimize import minimize_scalar

from model_collapse.mixtures import remedies
from model_collapse.mixtures.limits import accumulate_real_errors, best_real_weight
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import BOUNDS, lowest
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic
from model_collapse.seeds import random_stream
from model_collapse.theory.equivalents import Equivalent
from scripts.claims.checks import Check, estimate

GOLDEN = (sqrt(5) - 1) / 2  # 1/φ_g


def best_share(error: Callable[[float], float]) -> float:
    """The share of real data at which an error is lowest."""
    options = {"xatol": 1e-7}
    return float(minimize_scalar(error, bounds=(0.01, 1), method="bounded", options=options).x)


def best_weight_of_real_rows(seed, *, d, samples, ratios, generations):
    """The real weight of the lowest E_n, by the recursion for least squares on T_r + T_s rows."""
    spectrum = isotropic(d).condensed()
    for size, rho in product(samples, ratios):

        def error(weight, groups=(size, rho * size, 0, 1.0)):
            return expected_errors(spectrum, remedies.mix(*groups, weight), generations)[-1]

        point = f"d/T_s = {d / size:.3g}, T_r/T_s = {rho:.3g}"
        yield Check(point, best_real_weight(rho), best_share(error))


def best_share_of_real_labels(seed, *, settings, designs, printed, relation="equal"):
    """One X for ever, fresh real and synthetic labels in each generation, averaged with share a.

    Of the direction of X with singular value s a fit keeps h = s²/(s²+λT), so its coefficient ends
    at the mean haw_0/(1 − h(1−a)) and the variance σ²(a²+(1−a)²)s²/(s²+λT)²/(1 − h²(1−a)²), for w0
    of a random direction. Measured: the share a of the lowest mean error over designs.
    """
    for i, setting in enumerate(settings):
        spectrum, size, ridge, noise = (
            setting[k] for k in ("spectrum", "samples", "ridge", "noise")
        )
        d = spectrum.dimension
        seen = []
        for j in range(designs):
            x = random_stream(seed, i, j).standard_normal((size, d)) * np.sqrt(spectrum.eigenvalues)
            _, s, directions = np.linalg.svd(x)
            square = np.append(s**2, np.zeros(d - len(s)))
            weights = directions**2 @ spectrum.eigenvalues  # ‖direction‖²_Σ
            seen.append((square[: len(s)], weights[: len(s)], np.sum(weights[len(s) :])))

        def error(a, seen=seen, penalty=ridge * size, d=d, noise=noise):
            errors = []
            for square, weights, unseen in seen:
                h = square / (square + penalty)
                b = 1 - a
                bias = ((1 - h) / (1 - h * b)) ** 2 / d
                added = noise**2 * (a**2 + b**2) * square / (square + penalty) ** 2
                errors.append(unseen / d + weights @ (bias + added / (1 - (h * b) ** 2)))
            return np.mean(errors)

        point = (
            f"best share, {setting['point']}, T/d = {size / d:.3g}, λ = {ridge:g}, σ = {noise:g}"
        )
        yield Check(point, printed, best_share(error), relation=relation)


def garg_dynamic(seed, *, d, samples, generations):
    """The best real weight of each generation by the recursion, T ≫ d: ratios of Fibonacci numbers,
    and in the end the error of the one weight that is best for ever.
    """
    spectrum = isotropic(d).condensed()
    weights = [1.0]
    fibonacci = [1, 1]

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
    for i, setting in enumerate(settings):
        spectrum = setting["spectrum"]
        spread = setting["spread"]
        noise = setting["noise"]
        ridge = setting["ridge"]
        real = setting["real_samples"]
        other = setting["samples"]
        rows = real + other
        values = spectrum.eigenvalues
        stage = Equivalent(values, Fit(rows, ridge))
        g_squared = 1 / (values + stage.kappa) ** 2
        freedom = values**2 @ g_squared
        u = freedom / (rows - freedom)
        p_1 = real / rows
        p_2 = other / rows
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
            draws = {"replicates": replicates, "seed": f"{seed}/{i}/{name}"}
            errors = simulate_errors(problem, protocol, 0, **draws)
            yield Check(f"{name}, {setting['point']}", terms[name], *estimate(errors[:, 0]))


def strong_any_ridge(seed, *, d, share, spread, noise, decades):
    """d log E/d log T at the best ridge, by the recursion, with a fixed share of other rows."""
    spectrum = isotropic(d).condensed()
    errors = []
    for size in (10.0**decade for decade in decades):

        def error(ridge, rows=(share * size, (1 - share) * size)):
            protocol = remedies.two_groups(*rows, spread / d, ridge, noise)
            return expected_errors(spectrum, protocol, 0)[0]

        errors.append(error(lowest(error, BOUNDS)))
    for (low, before), (high, after) in pairwise(zip(decades, errors, strict=True)):
        slope = log10(after / before) / (high - low)
        point = f"T = 10^{{{low}}} to 10^{{{high}}}, E → {after:.4g}"
        yield Check(point, 0.0, slope)


def wang_rate(seed, *, d, samples, shares, window):
    """The exponent of E_n in n if all rows are kept and a share p of each batch is real: the square
    of a distance that falls at the slower of the baseline rate, 1/2, and p.
    """
    for p in shares:
        errors = accumulate_real_errors(d, samples, p, max(window))
        slope = log(errors[window[1]] / errors[window[0]]) / log(window[1] / window[0])
        yield Check(f"p = {p:g}", -2 * min(1 / 2, p), slope)
