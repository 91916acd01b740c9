"""Misprints and false statements: what is printed, what is right, and what is measured.

Printed formulas stand here as printed, to be refuted; nothing else may use them.
"""

import math

import numpy as np

from model_collapse import theory
from model_collapse.equivalents import Equivalent, degrees_of_freedom
from model_collapse.exponents import ell_crit
from model_collapse.protocol import Fit
from model_collapse.slopes import fit_exponent
from model_collapse.spectra import Spectrum, isotropic, power_law, two_level
from scripts.claims import monte_carlo
from scripts.claims.checks import Check
from scripts.claims.monte_carlo import estimate, identity, measure, problem_of, spelled, term, terms


def power_of_ten(value: float) -> str:
    """The nearest power of ten, as a point names it."""
    return f"10^{{{round(math.log10(value))}}}"


def err_2a(seed, *, spectrum, generator_samples, generations, replicates):
    """Lem F.7 prints w0'Π(Σ+κ_m)^{-1}w0; it lacks Σ^n."""
    problem = problem_of(spectrum)
    w0, stage = problem.coefficients, Equivalent(problem.eigenvalues, Fit(generator_samples))
    for n in generations:
        q = monte_carlo.projections(problem, generator_samples, n, replicates, f"{seed}/{n}")
        printed = float(np.sum(w0**2 / (problem.eigenvalues + stage.kappa) ** n))
        corrected = theory.expected_product(problem, [Fit(generator_samples)] * n, w0, w0)
        found = estimate(np.einsum("i,rij,j->r", w0, q, w0))
        yield Check(f"w0'Qw0, n = {n}", printed, *found, corrected)


def err_2b(seed, *, d, generator_samples, generations, replicates):
    """Lem F.8's second display, a product over stages: average of w0'Q'ΣQw0 over unit w0."""
    eigenvalues, unit = 1 / np.arange(1, d + 1), np.ones(d) / math.sqrt(d)
    problem = Spectrum(eigenvalues, unit)
    stage = Equivalent(eigenvalues, Fit(generator_samples))
    df2 = degrees_of_freedom(eigenvalues, stage.kappa, 2)
    share = (1 - stage.psi) ** 2 * df2 / (generator_samples - df2)
    for n in generations:
        q = monte_carlo.projections(problem, generator_samples, n, replicates, f"{seed}/{n}")
        printed = float(np.mean((eigenvalues * (stage.psi**2 + share)) ** n))
        fits = [Fit(generator_samples)] * n
        corrected = theory.expected_square(problem, fits, unit, unit, eigenvalues)
        found = estimate(np.einsum("j,rji->r", eigenvalues, q**2) / d)
        yield Check(f"n = {n}", printed, *found, corrected)


def err_3a(seed, *, spectrum, samples, ridge, replicates):
    """Eq (64): the bias lacks κ²."""
    problem, fit = problem_of(spectrum), Fit(samples, ridge)
    corrected = theory.ridge_risk(problem, fit).bias
    printed = corrected / Equivalent(problem.eigenvalues, fit).kappa ** 2
    found = measure(problem, [], fit, replicates, seed, "bias")
    yield Check(f"T = {samples}, λ = {ridge:g}", printed, *found, corrected)


def err_3b(seed, *, d, generator_samples, samples, ridge, replicates):
    """F.5 prints (1 − 1/φ0)ρ, negative for T0 > d, for (1/φ0 − 1)ρ."""
    problem, fit = isotropic(d), Fit(samples, ridge)
    phi, phi_0 = d / samples, d / generator_samples
    kappa = theory.isotropic_effective_ridge(phi, ridge)
    value = (1 + phi * kappa**2 / ((1 + kappa) ** 2 - phi)) / (1 + kappa) ** 2
    found = terms(problem, [Fit(generator_samples, noise=1.0)], fit, replicates, seed)
    rho = estimate((1 / phi_0 - 1) * term(found, "collapse"))
    yield Check(f"φ0 = {phi_0:g}, κ = {kappa:.3g}", -value, *rho, value)


def err_3c(seed, *, spectrum, generator_samples, generator_noise, samples, ridge, replicates):
    """Eq (1) prints σ0ρ for σ0²ρ: the slope of E in n."""
    problem, fit = problem_of(spectrum), Fit(samples, ridge)
    printed = generator_noise * theory.collapse_rate_full_rank(problem, generator_samples, fit)
    generator = Fit(generator_samples, noise=generator_noise)
    found = measure(problem, [generator], fit, replicates, seed, "collapse")
    yield Check(f"σ0 = {generator_noise:g}", printed, *found, generator_noise * printed)


def err_3d(seed, *, law, d, kappas):
    """Eq (54): λ_i + λ_i/κ for 1 + λ_i/κ, and κ^{−γ} for κ^γ, γ = 2r̲."""
    problem = power_law(d, *law)
    s, weights = problem.eigenvalues, problem.eigenvalues * problem.coefficients**2
    sums = np.array([np.sum(weights * (kappa / (s + kappa)) ** 2) for kappa in kappas])
    kappa, gamma = kappas[0], 2 * min(law[1], 1.0)
    printed = float(np.sum(weights / (s + s / kappa) ** 2))
    corrected = float(np.sum(weights / (1 + s / kappa) ** 2))
    yield Check(f"sum at κ = {power_of_ten(kappa)}", printed, float(sums[0]), 0.0, corrected)
    yield Check("exponent of κ", -gamma, *fit_exponent(np.array(kappas), sums), gamma)


def err_3e(seed, *, d, generator_samples, generations, replicates):
    """The proof of Thm F.1 has P_0 for Q_{n−1}: E‖ŵ_n − w0‖² of a noiseless chain."""
    problem, sizes = isotropic(d), [generator_samples] * generations
    fits = [Fit(size) for size in sizes]
    found = measure(problem, fits, identity(problem), replicates, seed, "bias")
    printed = theory.independent_designs_limit(d, 1.0, sizes[:1])[1]
    corrected = theory.independent_designs_limit(d, 1.0, sizes)[1]
    yield Check(f"n = {generations}", printed, *found, corrected)


def err_3f(
    seed, *, spectrum, samples, ridge, noise, generator_samples, generator_noise, generations,
    replicates,
):  # fmt: skip
    """Above (5), ŵ_n = w0 for ŵ_0 = w0: then nothing would collapse."""
    problem, fit = problem_of(spectrum), Fit(samples, ridge, noise)
    generators = [Fit(generator_samples, noise=generator_noise)] * generations
    found = measure(problem, generators, fit, replicates, seed)
    corrected = theory.chain_risk(problem, generators, fit).total
    yield Check(f"E at n = {generations}", theory.ridge_risk(problem, fit).total, *found, corrected)


def err_3g(seed, *, d, samples, noise, replicates):
    """“Thm 4.1 is the case φ ≥ 1”: its σ²φ/(1−φ) would be a negative variance."""
    problem, fit, phi = isotropic(d), Fit(samples, noise=noise), d / samples
    found = measure(problem, [], fit, replicates, seed, "variance")
    corrected = theory.ridge_risk(problem, fit).variance
    yield Check(f"Var at φ = {phi:g}", noise**2 * phi / (1 - phi), *found, corrected)


def err_5(seed, *, settings, generations, replicates):
    """The proof of Thm 4.6 uses Q'Q = Q: right on average for Σ ∝ I, wrong for other Σ."""
    for i, setting in enumerate(settings):
        problem, size = problem_of(setting["spectrum"]), setting["generator_samples"]
        w0, fits = problem.coefficients, [Fit(size)] * generations
        q = monte_carlo.projections(problem, size, generations, replicates, f"{seed}/{i}")
        found = estimate(np.sum((q @ w0) ** 2, axis=1))
        printed = theory.expected_product(problem, fits, w0, w0)
        corrected = theory.expected_square(problem, fits, w0, w0, np.ones(problem.dimension))
        where = f"w0'Q'Qw0, {spelled(setting['spectrum'])}, n = {generations}"
        yield Check(where, printed, *found, corrected)


def err_6(
    seed, *, d, samples, ridge, noise, generator_samples, generator_noise, generations, replicates
):
    """Figure 1a cites Thm 4.1 for ridge curves; Cor 4.4 applies."""
    problem, fit = isotropic(d), Fit(samples, ridge, noise)
    generators = [Fit(generator_samples, noise=generator_noise)] * generations
    found = measure(problem, generators, fit, replicates, seed)
    given = (generations, generator_samples, generator_noise)
    printed = theory.ols_chain_risk(d, samples, noise, *given)
    corrected = theory.isotropic_chain_risk(d, 1.0, *given, fit)
    yield Check(f"λ = {ridge:g}, n = {generations}", printed, *found, corrected)


def err_7(seed, *, spectrum, generator_samples, generator_noise, replicates):
    """Break-even is SNR0·(1/φ0 − 1), printed SNR0/(1/φ0 − 1): ‖w0‖²_Σ over the slope in n."""
    problem = problem_of(spectrum)
    for size in generator_samples:
        phi_0, generator = problem.dimension / size, Fit(size, noise=generator_noise)
        given = (problem, [generator], identity(problem), replicates, f"{seed}/{size}")
        slope, error = measure(*given, "collapse")
        found = problem.null_risk / slope
        printed = problem.null_risk / generator_noise**2 / (1 / phi_0 - 1)
        corrected = theory.break_even(problem, phi_0, generator_noise)
        yield Check(f"φ0 = {phi_0:.3g}", printed, found, found * error / slope, corrected)


def err_8(seed, *, d, generator_samples, generator_noise, generations, replicates):
    """Growing data: bounded, but not equal to one generation's error."""
    problem, n = isotropic(d), generations
    sizes = [math.ceil(theory.growing_samples(generator_samples, m)) for m in range(1, n + 1)]
    fits = [Fit(size, noise=generator_noise) for size in sizes]
    one = generator_noise**2 * d / (generator_samples - d - 1)
    found, error = measure(problem, fits, identity(problem), replicates, seed, "collapse")
    exact = sum((generator_samples - d - 1) / (size - d - 1) for size in sizes)
    yield Check(f"E(n = {n})/E(n = 1)", 1.0, found / one, error / one, exact)


def err_9(seed, *, d, generator_samples, generator_noise, generations, replicates):
    """Independent generators, T0 < d: noise saturates, where nσ0²ρ grows without bound."""
    problem, rho = isotropic(d), generator_samples / (d - generator_samples - 1)
    for n in generations:
        generators = [Fit(generator_samples, noise=generator_noise)] * n
        given = (problem, generators, identity(problem), replicates, f"{seed}/{n}")
        found = measure(*given, "bias", "collapse")
        lost = theory.independent_designs_limit(d, 1.0, [generator_samples] * n)[1]
        printed = lost + n * generator_noise**2 * rho
        corrected = theory.saturated_error(d, 1.0, n, generator_samples, generator_noise)
        yield Check(f"n = {n}", printed, *found, corrected)


def err_10(seed, *, d, weak_eigenvalue, weak_weight, generator_samples, samples, ridge, replicates):
    """Thm 4.3, Prop F.5: “fake data increase the bias”, B̃ias ≥ Bias + ΔBias."""
    problem = two_level(d, weak_eigenvalue, weak_weight)
    generators, fit = [Fit(generator_samples)], Fit(samples, ridge)
    fake = terms(problem, generators, fit, replicates, f"{seed}/fake")
    true, error = measure(problem, [], fit, replicates, f"{seed}/true", "bias")
    moved = theory.chain_risk(problem, generators, fit).bias - theory.ridge_risk(problem, fit).bias
    more, increase = term(fake, "bias"), theory.bias_increase(problem, generators, fit)
    for name, values, limit in (
        ("B̃ias − Bias", more, moved),
        ("B̃ias − Bias − ΔBias", more - term(fake, "bias_increase"), moved - increase),
    ):
        mean, spread = estimate(values)
        found = (mean - true, float(np.hypot(spread, error)))
        yield Check(name, 0.0, *found, limit, "at least")


def err_13(seed, *, spectrum, generator_samples, samples, ridge, replicates):
    """ΔBias ≥ E‖Σ^{1/2}Σ̂R‖²_op·E‖Qw0 − w0‖²: an operator norm bounds from above."""
    problem, fit = problem_of(spectrum), Fit(samples, ridge)
    given = (problem, [Fit(generator_samples)], fit, replicates, f"{seed}/increase")
    increase, error = measure(*given, "bias_increase")
    w0 = problem.coefficients
    q = monte_carlo.projections(problem, generator_samples, 1, replicates, f"{seed}/q")
    lost = estimate(np.sum((q @ w0 - w0) ** 2, axis=1))
    norm = estimate(monte_carlo.operator_norms(problem, fit, replicates, seed))
    bound = norm[0] * lost[0]
    spread = math.hypot(error, bound * math.hypot(norm[1] / norm[0], lost[1] / lost[0]))
    point = f"ΔBias − bound, ΔBias = {increase:.3g}"
    yield Check(point, 0.0, increase - bound, spread, relation="at least")


def err_15(seed, *, spectrum, generator_samples, generator_noise, noise, samples, full, replicates):
    """Figure 1b “diverges with sample size”: E → σ0²φ0/(1−φ0) at n = 1, then stays."""
    problem, crit = problem_of(spectrum), ell_crit(spectrum["beta"], spectrum["r"])
    generator, sizes = [Fit(generator_samples, noise=generator_noise)], map(float, samples)
    risks = [theory.chain_risk(problem, generator, Fit(T, T**-crit, noise)) for T in sizes]
    totals = np.array([risk.total for risk in risks])
    slopes = np.diff(np.log(totals)) / np.diff(np.log(samples))
    ceiling = generator_noise**2 * problem.dimension / (generator_samples - problem.dimension)
    small, T = problem_of(spectrum | {"d": full["d"]}), full["samples"]
    noisy = [Fit(full["generator_samples"], noise=generator_noise)]
    fit = Fit(T, T**-crit, noise)
    found = measure(small, noisy, fit, replicates, seed)
    limit = theory.chain_risk(small, noisy, fit).total
    largest, point = power_of_ten(samples[-1]), f"E, full matrices, d = {full['d']}, T = {T}"
    level = f"E at T = {largest}, null predictor for print"
    yield Check(f"slope at T = {largest}", float(slopes[0]), float(slopes[-1]), 0.0, 0.0)
    yield Check(level, problem.null_risk, totals[-1], 0.0, ceiling, "at least")
    yield Check(point, small.null_risk, *found, limit, "at least")


def err_16(seed, *, beta, r, dimensions):
    """The coefficients miss the source condition: ‖Σ^{1/2−r}w0‖² grows like log d, not O(1)."""
    problems = [power_law(d, beta, r) for d in dimensions]
    norms = [np.sum(p.eigenvalues ** (1 - 2 * r) * p.coefficients**2) for p in problems]
    first, last = dimensions[0], dimensions[-1]
    point = f"increase, d = {power_of_ten(first)} to {power_of_ten(last)}"
    yield Check(point, 0.0, float(norms[-1] - norms[0]), 0.0, math.log(last / first))
