"""Misprints and false statements: what is printed, what is right, and what is measured.

Printed formulas stand here as printed, to be refuted; nothing else may use them.
"""

import math

import numpy as np

from model_collapse.designs import sample_in_full
from model_collapse.equivalents import Equivalent, Fit, degrees_of_freedom
from model_collapse.exponents import ell_crit
from model_collapse.seeds import random_stream
from model_collapse.slopes import fit_exponent
from model_collapse.spectra import power_law, two_level
from model_collapse.theory import (
    bias_increase,
    break_even,
    chain_risk,
    collapse_rate_full_rank,
    expected_product,
    expected_square,
    growing_samples,
    independent_designs_limit,
    isotropic_chain_risk,
    isotropic_effective_ridge,
    ols_chain_risk,
    ridge_risk,
    saturated_error,
)
from scripts.claims.ledger import Check
from scripts.claims.monte_carlo import estimate, identity_fit, projections, term, terms
from scripts.claims.regression import spelled
from scripts.regression.old import spectrum_of

ISOTROPIC = "isotropic"


def power_of_ten(value: float) -> str:
    """The nearest power of ten, as a point names it."""
    return f"10^{{{round(math.log10(value))}}}"


def err_2a(seed, *, spectrum, generator_samples, generations, replicates):
    """Lem F.7 prints w0'Π(Σ+κ_m)^{-1}w0; it lacks Σ^n."""
    problem, checks = spectrum_of(spectrum), []
    w0 = problem.coefficients
    stage = Equivalent(problem.eigenvalues, Fit(generator_samples))
    for n in generations:
        q = projections(problem, generator_samples, n, replicates, f"{seed}/{n}")
        printed = float(np.sum(w0**2 / (problem.eigenvalues + stage.kappa) ** n))
        corrected = expected_product(problem, [Fit(generator_samples)] * n, w0, w0)
        found = estimate(np.einsum("i,rij,j->r", w0, q, w0))
        checks.append(Check(f"w0'Qw0, n = {n}", printed, *found, corrected))
    return checks


def err_2b(seed, *, d, generator_samples, generations, replicates):
    """Lem F.8's second display, a product over stages: average of w0'Q'ΣQw0 over unit w0."""
    problem, checks = power_law(d, 1.0 + 1e-12, 0.5), []
    eigenvalues = 1 / np.arange(1, d + 1)
    problem = type(problem)(eigenvalues, np.ones(d) / math.sqrt(d))
    stage = Equivalent(eigenvalues, Fit(generator_samples))
    df2 = degrees_of_freedom(eigenvalues, stage.kappa, 2)
    share = (1 - stage.psi) ** 2 * df2 / (generator_samples - df2)
    for n in generations:
        q = projections(problem, generator_samples, n, replicates, f"{seed}/{n}")
        printed = float(np.mean((eigenvalues * (stage.psi**2 + share)) ** n))
        unit = np.ones(d) / math.sqrt(d)
        fits = [Fit(generator_samples)] * n
        corrected = expected_square(problem, fits, unit, unit, eigenvalues)
        found = estimate(np.einsum("j,rji->r", eigenvalues, q**2) / d)
        checks.append(Check(f"n = {n}", printed, *found, corrected))
    return checks


def err_3a(seed, *, spectrum, samples, ridge, replicates):
    """Eq (64): the bias lacks κ²."""
    problem, fit = spectrum_of(spectrum), Fit(samples, ridge)
    corrected = ridge_risk(problem, fit).bias
    printed = corrected / Equivalent(problem.eigenvalues, fit).kappa ** 2
    found = estimate(term(terms(problem, [], fit, replicates, seed), "bias"))
    return [Check(f"T = {samples}, λ = {ridge:g}", printed, *found, corrected)]


def err_3b(seed, *, d, generator_samples, samples, ridge, replicates):
    """F.5 prints (1 − 1/φ0)ρ, negative for T0 > d, for (1/φ0 − 1)ρ."""
    problem, fit = spectrum_of({"name": ISOTROPIC, "d": d}), Fit(samples, ridge)
    phi, phi_0 = d / samples, d / generator_samples
    kappa = isotropic_effective_ridge(phi, ridge)
    value = (1 + phi * kappa**2 / ((1 + kappa) ** 2 - phi)) / (1 + kappa) ** 2
    rho = term(
        terms(problem, [Fit(generator_samples, 0.0, 1.0)], fit, replicates, seed), "collapse"
    )
    found = estimate((1 / phi_0 - 1) * rho)
    return [Check(f"φ0 = {phi_0:g}, κ = {kappa:.3g}", -value, *found, value)]


def err_3c(seed, *, spectrum, generator_samples, generator_noise, samples, ridge, replicates):
    """Eq (1) prints σ0ρ for σ0²ρ: the slope of E in n."""
    problem, fit = spectrum_of(spectrum), Fit(samples, ridge)
    rho = collapse_rate_full_rank(problem, generator_samples, fit)
    generator = Fit(generator_samples, 0.0, generator_noise)
    found = estimate(term(terms(problem, [generator], fit, replicates, seed), "collapse"))
    printed = generator_noise * rho
    return [Check(f"σ0 = {generator_noise:g}", printed, *found, generator_noise * printed)]


def err_3d(seed, *, law, d, kappas):
    """Eq (54): λ_i + λ_i/κ for 1 + λ_i/κ, and κ^{−γ} for κ^γ, γ = 2r̲."""
    problem, sums = power_law(d, *law), []
    weights = problem.eigenvalues * problem.coefficients**2
    for kappa in kappas:
        sums.append(np.sum(weights * (kappa / (problem.eigenvalues + kappa)) ** 2))
    kappa, s = kappas[0], problem.eigenvalues
    printed = float(np.sum(weights / (s + s / kappa) ** 2))
    corrected = float(np.sum(weights / (1 + s / kappa) ** 2))
    slope, gamma = fit_exponent(np.array(kappas), np.array(sums)), 2 * min(law[1], 1.0)
    return [
        Check(f"sum at κ = {power_of_ten(kappa)}", printed, float(sums[0]), 0.0, corrected),
        Check("exponent of κ", -gamma, slope.value, slope.standard_error, gamma),
    ]


def err_3e(seed, *, d, generator_samples, generations, replicates):
    """The proof of Thm F.1 has P_0 for Q_{n−1}: E‖ŵ_n − w0‖² of a noiseless chain."""
    problem, n = spectrum_of({"name": ISOTROPIC, "d": d}), generations
    found = terms(problem, [Fit(generator_samples)] * n, identity_fit(problem), replicates, seed)
    printed = independent_designs_limit(d, 1.0, [generator_samples])[1]
    corrected = independent_designs_limit(d, 1.0, [generator_samples] * n)[1]
    return [Check(f"n = {n}", printed, *estimate(term(found, "bias")), corrected)]


def err_3f(
    seed,
    *,
    spectrum,
    samples,
    ridge,
    noise,
    generator_samples,
    generator_noise,
    generations,
    replicates,
):
    """Above (5), ŵ_n = w0 for ŵ_0 = w0: then nothing would collapse."""
    problem, fit = spectrum_of(spectrum), Fit(samples, ridge, noise)
    generators = [Fit(generator_samples, 0.0, generator_noise)] * generations
    found = estimate(term(terms(problem, generators, fit, replicates, seed)))
    printed = ridge_risk(problem, fit).total
    corrected = chain_risk(problem, generators, fit).total
    return [Check(f"E at n = {generations}", printed, *found, corrected)]


def err_3g(seed, *, d, samples, noise, replicates):
    """“Thm 4.1 is the case φ ≥ 1”: its σ²φ/(1−φ) would be a negative variance."""
    problem, fit = spectrum_of({"name": ISOTROPIC, "d": d}), Fit(samples, 0.0, noise)
    phi = d / samples
    found = estimate(term(terms(problem, [], fit, replicates, seed), "variance"))
    corrected = ridge_risk(problem, fit).variance
    return [Check(f"Var at φ = {phi:g}", noise**2 * phi / (1 - phi), *found, corrected)]


def err_5(seed, *, settings, generations, replicates):
    """The proof of Thm 4.6 uses Q'Q = Q: right on average for Σ ∝ I, wrong for other Σ."""
    checks = []
    for i, setting in enumerate(settings):
        problem, size = spectrum_of(setting["spectrum"]), setting["generator_samples"]
        w0, fits = problem.coefficients, [Fit(size)] * generations
        q = projections(problem, size, generations, replicates, f"{seed}/{i}")
        found = estimate(np.sum((q @ w0) ** 2, axis=1))
        printed = expected_product(problem, fits, w0, w0)
        corrected = expected_square(problem, fits, w0, w0, np.ones(problem.dimension))
        where = f"w0'Q'Qw0, {spelled(setting['spectrum'])}, n = {generations}"
        checks.append(Check(where, printed, *found, corrected))
    return checks


def err_6(
    seed, *, d, samples, ridge, noise, generator_samples, generator_noise, generations, replicates
):
    """Figure 1a cites Thm 4.1 for ridge curves; Cor 4.4 applies."""
    problem, fit = spectrum_of({"name": ISOTROPIC, "d": d}), Fit(samples, ridge, noise)
    generators = [Fit(generator_samples, 0.0, generator_noise)] * generations
    found = estimate(term(terms(problem, generators, fit, replicates, seed)))
    given = (generations, generator_samples, generator_noise)
    printed = ols_chain_risk(d, samples, noise, *given)
    corrected = isotropic_chain_risk(d, 1.0, *given, fit)
    return [Check(f"λ = {ridge:g}, n = {generations}", printed, *found, corrected)]


def err_7(seed, *, spectrum, generator_samples, generator_noise, replicates):
    """Break-even is SNR0·(1/φ0 − 1), printed SNR0/(1/φ0 − 1): ‖w0‖²_Σ over the slope in n."""
    problem, checks = spectrum_of(spectrum), []
    for size in generator_samples:
        phi_0 = problem.dimension / size
        generator = Fit(size, 0.0, generator_noise)
        slope, error = estimate(
            term(
                terms(problem, [generator], identity_fit(problem), replicates, f"{seed}/{size}"),
                "collapse",
            )
        )
        found = problem.null_risk / slope
        printed = problem.null_risk / generator_noise**2 / (1 / phi_0 - 1)
        corrected = break_even(problem, phi_0, generator_noise)
        checks.append(Check(f"φ0 = {phi_0:.3g}", printed, found, found * error / slope, corrected))
    return checks


def err_8(seed, *, d, generator_samples, generator_noise, generations, replicates):
    """Growing data: bounded, but not equal to one generation's error."""
    problem, n = spectrum_of({"name": ISOTROPIC, "d": d}), generations
    sizes = [math.ceil(growing_samples(generator_samples, m)) for m in range(1, n + 1)]
    fits = [Fit(size, 0.0, generator_noise) for size in sizes]
    found = terms(problem, fits, identity_fit(problem), replicates, seed)
    one = generator_noise**2 * d / (generator_samples - d - 1)
    collapse, error = estimate(term(found, "collapse"))
    exact = sum((generator_samples - d - 1) / (size - d - 1) for size in sizes)
    return [Check(f"E(n = {n})/E(n = 1)", 1.0, collapse / one, error / one, exact)]


def err_9(seed, *, d, generator_samples, generator_noise, generations, replicates):
    """Independent generators, T0 < d: noise saturates, where nσ0²ρ grows without bound."""
    problem, checks = spectrum_of({"name": ISOTROPIC, "d": d}), []
    rho = generator_samples / (d - generator_samples - 1)
    for n in generations:
        generators = [Fit(generator_samples, 0.0, generator_noise)] * n
        found = terms(problem, generators, identity_fit(problem), replicates, f"{seed}/{n}")
        lost = independent_designs_limit(d, 1.0, [generator_samples] * n)[1]
        printed = lost + n * generator_noise**2 * rho
        corrected = saturated_error(d, 1.0, n, generator_samples, generator_noise)
        found = estimate(term(found, "bias", "collapse"))
        checks.append(Check(f"n = {n}", printed, *found, corrected))
    return checks


def err_10(seed, *, d, weak_eigenvalue, weak_weight, generator_samples, samples, ridge, replicates):
    """Thm 4.3, Prop F.5: “fake data increase the bias”, B̃ias ≥ Bias + ΔBias."""
    problem = two_level(d, weak_eigenvalue, weak_weight)
    generators, fit = [Fit(generator_samples)], Fit(samples, ridge)
    fake = terms(problem, generators, fit, replicates, f"{seed}/fake")
    true, error = estimate(term(terms(problem, [], fit, replicates, f"{seed}/true"), "bias"))
    clean = ridge_risk(problem, fit).bias
    moved = chain_risk(problem, generators, fit).bias
    checks = []
    for name, values, increase in (
        ("B̃ias − Bias", term(fake, "bias"), 0.0),
        (
            "B̃ias − Bias − ΔBias",
            term(fake, "bias") - term(fake, "bias_increase"),
            bias_increase(problem, generators, fit),
        ),
    ):
        mean, spread = estimate(values)
        found = (mean - true, float(np.hypot(spread, error)))
        checks.append(Check(name, 0.0, *found, moved - clean - increase, "at least"))
    return checks


def err_13(seed, *, spectrum, generator_samples, samples, ridge, replicates):
    """ΔBias ≥ E‖Σ^{1/2}Σ̂R‖²_op·E‖Qw0 − w0‖²: an operator norm bounds from above."""
    problem, fit = spectrum_of(spectrum), Fit(samples, ridge)
    w0, d = problem.coefficients, problem.dimension
    found = terms(problem, [Fit(generator_samples)], fit, replicates, f"{seed}/increase")
    increase, error = estimate(term(found, "bias_increase"))
    q = projections(problem, generator_samples, 1, replicates, f"{seed}/q")
    lost = estimate(np.sum((q @ w0 - w0) ** 2, axis=1))
    norms = []
    for i in range(replicates):
        rng = random_stream(seed, "operator norm", i)
        x, _ = sample_in_full(problem, samples, np.zeros(d), 0.0, rng)
        gram = x.T @ x / samples
        kept = gram @ np.linalg.inv(gram + ridge * np.eye(d))
        norms.append(np.linalg.norm(np.sqrt(problem.eigenvalues)[:, None] * kept, 2) ** 2)
    norm = estimate(np.array(norms))
    bound = norm[0] * lost[0]
    spread = math.hypot(error, bound * math.hypot(norm[1] / norm[0], lost[1] / lost[0]))
    return [
        Check(
            f"ΔBias − bound, ΔBias = {increase:.3g}",
            0.0,
            increase - bound,
            spread,
            None,
            "at least",
        )
    ]


def err_15(seed, *, spectrum, generator_samples, generator_noise, noise, samples, full, replicates):
    """Figure 1b “diverges with sample size”: E → σ0²φ0/(1−φ0) at n = 1, then stays."""
    problem = spectrum_of(spectrum)
    crit, d = ell_crit(spectrum["beta"], spectrum["r"]), problem.dimension
    generator = [Fit(generator_samples, 0.0, generator_noise)]
    totals = np.array(
        [chain_risk(problem, generator, Fit(T, T**-crit, noise)).total for T in map(float, samples)]
    )
    slopes = np.diff(np.log(totals)) / np.diff(np.log(samples))
    ceiling = generator_noise**2 * d / (generator_samples - d)
    small, T = spectrum_of(spectrum | {"d": full["d"]}), full["samples"]
    noisy, fit = [Fit(full["generator_samples"], 0.0, generator_noise)], Fit(T, T**-crit, noise)
    found = estimate(term(terms(small, noisy, fit, replicates, seed)))
    limit = chain_risk(small, noisy, fit).total
    where = f"E, full matrices, d = {full['d']}, T = {T}"
    return [
        Check(
            f"slope at T = {power_of_ten(samples[-1])}",
            float(slopes[0]),
            float(slopes[-1]),
            0.0,
            0.0,
        ),
        Check(
            f"E at T = {power_of_ten(samples[-1])}, null predictor for print",
            problem.null_risk,
            totals[-1],
            0.0,
            ceiling,
            "at least",
        ),
        Check(where, small.null_risk, *found, limit, "at least"),
    ]


def err_16(seed, *, beta, r, dimensions):
    """The coefficients miss the source condition: ‖Σ^{1/2−r}w0‖² grows like log d, not O(1)."""
    norms = []
    for d in dimensions:
        problem = power_law(d, beta, r)
        norms.append(np.sum(problem.eigenvalues ** (1 - 2 * r) * problem.coefficients**2))
    growth = math.log(dimensions[-1] / dimensions[0])
    point = f"increase, d = {power_of_ten(dimensions[0])} to {power_of_ten(dimensions[-1])}"
    return [Check(point, 0.0, float(norms[-1] - norms[0]), 0.0, growth)]
