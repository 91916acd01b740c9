"""Misprints and false statements: the printed, the right, and the measured value of each.

Printed formulas stand here as printed, to be refuted; nothing else may use them.
"""

import math

import numpy as np

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law
from model_collapse.statistics import fit_exponent
from model_collapse.theory import paper, recursion
from model_collapse.theory.equivalents import Equivalent, degrees_of_freedom
from model_collapse.theory.exponents import ell_crit
from scripts.claims import checks
from scripts.claims.checks import Check, all_terms, estimate, identity, measure, term, terms


def power_of_ten(value: float) -> str:
    """The nearest power of ten, as a point names it."""
    return f"10^{{{round(math.log10(value))}}}"


def err_2a(seed, *, spectrum, generator_samples, generations, replicates):
    """Lem F.7 prints w0'Π(Σ+κ_m)^{-1}w0; it lacks Σ^n."""
    w0 = spectrum.coefficients
    stage = Equivalent(spectrum.eigenvalues, Fit(generator_samples))
    drawn = checks.projections(spectrum, generator_samples, generations, replicates, seed)
    products = np.array([q @ w0 @ w0 for q in drawn])
    for n, values in zip(generations, products.T, strict=True):
        printed = float(np.sum(w0**2 / (spectrum.eigenvalues + stage.kappa) ** n))
        corrected = recursion.expected_product(spectrum, [Fit(generator_samples)] * n, w0, w0)
        yield Check(f"w0'Qw0, n = {n}", printed, *estimate(values), corrected)


def err_2b(seed, *, d, generator_samples, generations, replicates):
    """Lem F.8's second display, a product over stages: average of w0'Q'ΣQw0 over unit w0."""
    eigenvalues = 1 / np.arange(1, d + 1)
    unit = np.ones(d) / math.sqrt(d)
    problem = Spectrum(eigenvalues, unit)
    fit = Fit(generator_samples)
    stage = Equivalent(eigenvalues, fit)
    df2 = degrees_of_freedom(eigenvalues, stage.kappa, 2)
    share = (1 - stage.psi) ** 2 * df2 / (generator_samples - df2)
    drawn = checks.projections(problem, generator_samples, generations, replicates, seed)
    squares = np.array([np.sum(q**2, axis=2) @ eigenvalues / d for q in drawn])
    for n, values in zip(generations, squares.T, strict=True):
        printed = float(np.mean((eigenvalues * (stage.psi**2 + share)) ** n))
        corrected = recursion.expected_square(problem, [fit] * n, unit, unit, eigenvalues)
        yield Check(f"n = {n}", printed, *estimate(values), corrected)


def err_3a(seed, *, spectrum, fit, replicates):
    """Eq (64): the bias lacks κ²."""
    corrected = paper.ridge_risk(spectrum, fit).bias
    printed = corrected / Equivalent(spectrum.eigenvalues, fit).kappa ** 2
    measured = measure((spectrum, [], fit), replicates, seed, "bias")
    yield Check(f"T = {fit.samples}, λ = {fit.ridge:g}", printed, *measured, corrected)


def err_3b(seed, *, d, generator, fit, replicates):
    """F.5 prints (1 − 1/φ0)ρ, negative for T0 > d, for (1/φ0 − 1)ρ."""
    phi, phi_0 = d / fit.samples, d / generator.samples
    kappa = paper.isotropic_effective_ridge(phi, fit.ridge)
    value = (1 + phi * kappa**2 / ((1 + kappa) ** 2 - phi)) / (1 + kappa) ** 2
    drawn = terms((isotropic(d), [generator], fit), replicates, seed)
    rho = estimate((1 / phi_0 - 1) * term(drawn, "collapse"))
    yield Check(f"φ0 = {phi_0:g}, κ = {kappa:.3g}", -value, *rho, value)


def err_3c(seed, *, spectrum, generator, fit, replicates):
    """Eq (1) prints σ0ρ for σ0²ρ: the slope of E in n."""
    noise = generator.noise
    printed = noise * paper.collapse_rate_full_rank(spectrum, generator.samples, fit)
    measured = measure((spectrum, [generator], fit), replicates, seed, "collapse")
    yield Check(f"σ0 = {noise:g}", printed, *measured, noise * printed)


def err_3d(seed, *, law, d, kappas):
    """Eq (54): λ_i + λ_i/κ for 1 + λ_i/κ, and κ^{−γ} for κ^γ, γ = 2r̲."""
    problem = power_law(d, *law)
    s = problem.eigenvalues
    weights = problem.eigenvalues * problem.coefficients**2
    sums = np.array([np.sum(weights * (kappa / (s + kappa)) ** 2) for kappa in kappas])
    kappa = kappas[0]
    gamma = 2 * min(law[1], 1.0)
    printed = float(np.sum(weights / (s + s / kappa) ** 2))
    corrected = float(np.sum(weights / (1 + s / kappa) ** 2))
    yield Check(f"sum at κ = {power_of_ten(kappa)}", printed, float(sums[0]), 0.0, corrected)
    yield Check("exponent of κ", -gamma, *fit_exponent(np.array(kappas), sums), gamma)


def err_3e(seed, *, d, generator_samples, generations, replicates):
    """The proof of Thm F.1 has P_0 for Q_{n−1}: E‖ŵ_n − w0‖² of a noiseless chain."""
    problem = isotropic(d)
    sizes = [generator_samples] * generations
    chain = problem, list(map(Fit, sizes)), identity(problem)
    measured = measure(chain, replicates, seed, "bias")
    limits = (paper.independent_designs_limit(d, 1.0, of)[1] for of in (sizes[:1], sizes))
    printed, corrected = limits
    yield Check(f"n = {generations}", printed, *measured, corrected)


def err_3f(seed, *, spectrum, fit, generator, generations, replicates):
    """Above (5), ŵ_n = w0 for ŵ_0 = w0: then nothing would collapse."""
    chain = spectrum, [generator] * generations, fit
    measured = measure(chain, replicates, seed)
    corrected = recursion.chain_risk(*chain).total
    printed = paper.ridge_risk(spectrum, fit).total
    yield Check(f"E at n = {generations}", printed, *measured, corrected)


def err_3g(seed, *, d, fit, replicates):
    """“Thm 4.1 is the case φ ≥ 1”: its σ²φ/(1−φ) would be a negative variance."""
    problem = isotropic(d)
    phi = d / fit.samples
    measured = measure((problem, [], fit), replicates, seed, "variance")
    corrected = paper.ridge_risk(problem, fit).variance
    yield Check(f"Var at φ = {phi:g}", fit.noise**2 * phi / (1 - phi), *measured, corrected)


def err_5(seed, *, settings, generations, replicates):
    """The proof of Thm 4.6 uses Q'Q = Q: right on average for Σ ∝ I, wrong for other Σ."""
    for i, setting in enumerate(settings):
        problem = setting["spectrum"]
        size = setting["generator_samples"]
        w0 = problem.coefficients
        fits = [Fit(size)] * generations
        drawn = checks.projections(problem, size, [generations], replicates, f"{seed}/{i}")
        measured = estimate(np.array([np.sum((q @ w0) ** 2) for q in drawn]))
        printed = recursion.expected_product(problem, fits, w0, w0)
        corrected = recursion.expected_square(problem, fits, w0, w0, np.ones(problem.dimension))
        yield Check(
            f"w0'Q'Qw0, {setting['point']}, n = {generations}", printed, *measured, corrected
        )


def err_6(seed, *, d, fit, generator, generations, replicates):
    """Figure 1a cites Thm 4.1 for ridge curves; Cor 4.4 applies."""
    measured = measure((isotropic(d), [generator] * generations, fit), replicates, seed)
    generators = (generations, generator.samples, generator.noise)
    printed = paper.ols_chain_risk(d, fit.samples, fit.noise, *generators)
    corrected = paper.isotropic_chain_risk(d, 1.0, *generators, fit)
    yield Check(f"λ = {fit.ridge:g}, n = {generations}", printed, *measured, corrected)


def err_7(seed, *, spectrum, generator_samples, generator_noise, replicates):
    """Break-even is SNR0·(1/φ0 − 1), printed SNR0/(1/φ0 − 1): ‖w0‖²_Σ over the slope in n."""
    for size in generator_samples:
        phi_0 = spectrum.dimension / size
        generators = [Fit(size, noise=generator_noise)]
        chain = spectrum, generators, identity(spectrum)
        slope, error = measure(chain, replicates, f"{seed}/{size}", "collapse")
        measured = spectrum.null_risk / slope
        printed = spectrum.null_risk / generator_noise**2 / (1 / phi_0 - 1)
        corrected = paper.break_even(spectrum, phi_0, generator_noise)
        yield Check(f"φ0 = {phi_0:.3g}", printed, measured, measured * error / slope, corrected)


def err_8(seed, *, d, generator, generations, replicates):
    """Growing data: bounded, but not equal to one generation's error."""
    problem = isotropic(d)
    n = generations
    size = generator.samples
    sizes = [math.ceil(paper.growing_samples(size, m)) for m in range(1, n + 1)]
    chain = problem, [Fit(grown, noise=generator.noise) for grown in sizes], identity(problem)
    of_one_generation = generator.noise**2 * d / (size - d - 1)
    measured, error = measure(chain, replicates, seed, "collapse")
    exact = sum((size - d - 1) / (grown - d - 1) for grown in sizes)
    yield Check(
        f"E(n = {n})/E(n = 1)", 1.0, measured / of_one_generation, error / of_one_generation, exact
    )


def err_9(seed, *, d, generator, generations, replicates):
    """Independent generators, T0 < d: noise saturates, where nσ0²ρ grows without bound."""
    problem = isotropic(d)
    size = generator.samples
    rho = size / (d - size - 1)
    chain = problem, [generator] * max(generations), identity(problem)
    drawn = term(all_terms(chain, replicates, seed), "bias", "collapse")
    for n in generations:
        lost = paper.independent_designs_limit(d, 1.0, [size] * n)[1]
        printed = lost + n * generator.noise**2 * rho
        corrected = paper.saturated_error(d, 1.0, n, size, generator.noise)
        yield Check(f"n = {n}", printed, *estimate(drawn[:, n]), corrected)


def err_10(seed, *, spectrum, generator, fit, replicates):
    """Thm 4.3, Prop F.5: “fake data increase the bias”, B̃ias ≥ Bias + ΔBias."""
    chain = spectrum, [generator], fit
    fake = terms(chain, replicates, f"{seed}/fake")
    true, error = measure((spectrum, [], fit), replicates, f"{seed}/true", "bias")
    moved = recursion.chain_risk(*chain).bias - paper.ridge_risk(spectrum, fit).bias
    more = term(fake, "bias")
    increase = recursion.bias_increase(*chain)
    for name, values, limit in (
        ("B̃ias − Bias", more, moved),
        ("B̃ias − Bias − ΔBias", more - term(fake, "bias_increase"), moved - increase),
    ):
        mean, spread = estimate(values)
        measured = (mean - true, float(np.hypot(spread, error)))
        yield Check(name, 0.0, *measured, limit, "at least")


def err_13(seed, *, spectrum, generator, fit, replicates):
    """ΔBias ≥ E‖Σ^{1/2}Σ̂R‖²_op·E‖Qw0 − w0‖²: an operator norm bounds from above."""
    w0 = spectrum.coefficients
    chain = (spectrum, [generator], fit)
    increase, error = measure(chain, replicates, f"{seed}/increase", "bias_increase")
    drawn = checks.projections(spectrum, generator.samples, [1], replicates, f"{seed}/q")
    lost = estimate(np.array([np.sum((q @ w0 - w0) ** 2) for q in drawn]))
    norm = estimate(checks.operator_norms(spectrum, fit, replicates, seed))
    bound = norm[0] * lost[0]
    spread = math.hypot(error, bound * math.hypot(norm[1] / norm[0], lost[1] / lost[0]))
    point = f"ΔBias − bound, ΔBias = {increase:.3g}"
    yield Check(point, 0.0, increase - bound, spread, relation="at least")


def err_15(seed, *, law, d, generator, noise, samples, full, replicates):
    """Figure 1b “diverges with sample size”: E → σ0²φ0/(1−φ0) at n = 1, then stays."""

    def chain(d, generator, T):
        return power_law(d, *law), [generator], Fit(T, T ** -ell_crit(*law), noise)

    risks = [recursion.chain_risk(*chain(d, generator, float(T))) for T in samples]
    totals = np.array([risk.total for risk in risks])
    slopes = np.diff(np.log(totals)) / np.diff(np.log(samples))
    ceiling = generator.noise**2 * d / (generator.samples - d)
    small = chain(full["d"], full["generator"], full["samples"])
    measured = measure(small, replicates, seed)
    limit = recursion.chain_risk(*small).total
    largest = power_of_ten(samples[-1])
    level = f"E at T = {largest}, null predictor for print"
    point = f"E, simulated, d = {full['d']}, T = {full['samples']}"
    slope = f"slope at T = {largest}, that at {power_of_ten(samples[0])} for print"
    yield Check(slope, float(slopes[0]), float(slopes[-1]), 0.0, 0.0)
    yield Check(level, power_law(d, *law).null_risk, totals[-1], 0.0, ceiling, "at least")
    yield Check(point, small[0].null_risk, *measured, limit, "at least")


def err_16(seed, *, beta, r, dimensions):
    """The coefficients miss the source condition: ‖Σ^{1/2−r}w0‖² grows like log d, not O(1)."""
    problems = [power_law(d, beta, r) for d in dimensions]
    norms = [np.sum(p.eigenvalues ** (1 - 2 * r) * p.coefficients**2) for p in problems]
    first, last = dimensions[0], dimensions[-1]
    point = f"increase, d = {power_of_ten(first)} to {power_of_ten(last)}"
    yield Check(point, 0.0, float(norms[-1] - norms[0]), 0.0, math.log(last / first))
