"""Claims of sections 3 and 4, and of the appendices that prove them, against full matrices."""

from itertools import product

import numpy as np

from model_collapse import theory
from model_collapse.chain import simulate_chain_in_full
from model_collapse.designs import sample_in_full
from model_collapse.equivalents import Equivalent, degrees_of_freedom
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream
from model_collapse.spectra import isotropic
from scripts.claims.checks import Check
from scripts.claims.monte_carlo import estimate, identity, measure, problem_of, spelled, term, terms


def thm_4_1(
    seed, *, spectrum, samples, noise, generator_samples, generator_noise, generations, replicates
):
    """OLS chains, T, T0 ≥ d + 2: exact at finite size; data and noise drawn in full."""
    problem, fit = problem_of(spectrum), Fit(samples, noise=noise)
    generator = Fit(generator_samples, noise=generator_noise)
    for n in generations:
        own = {"replicates": replicates, "seed": f"{seed}/{n}"}
        drawn = simulate_chain_in_full(problem, [generator] * n, fit, **own)
        given = (problem.dimension, samples, noise, n, generator_samples, generator_noise)
        exact = theory.ols_chain_risk(*given, finite_size=True)
        yield Check(f"n = {n}, with T − d − 1", exact, *estimate(drawn))


def eq_10(seed, *, d, samples, ridges, replicates):
    """κ for Σ = I against its definition on data: λ/κ is the mean of tr λ(XX'/T + λ)^{-1}/T."""
    problem = isotropic(d)
    for T, ridge in product(samples, ridges):
        found = []
        for i in range(replicates):
            rng = random_stream(seed, "kappa", T, i)
            x, _ = sample_in_full(problem, T, np.zeros(d), 0.0, rng)
            gram = x @ x.T / T if d > T else x.T @ x / T
            values = np.maximum(np.linalg.eigvalsh(gram), 0)
            found.append(ridge * T / (np.sum(ridge / (values + ridge)) + max(T - d, 0)))
        printed = theory.isotropic_effective_ridge(d / T, ridge)
        yield Check(f"φ = {d / T:g}, λ = {ridge:g}", printed, *estimate(found))


def prop_4_2(seed, *, settings, replicates):
    """Clean ridge regression: bias and variance apart."""
    for i, setting in enumerate(settings):
        problem = problem_of(setting["spectrum"])
        fit = Fit(setting["samples"], setting["ridge"], setting["noise"])
        found = terms(problem, [], fit, replicates, f"{seed}/{i}")
        for name in ("bias", "variance"):
            printed = getattr(theory.ridge_risk(problem, fit), name)
            point = f"{name}, {spelled(setting['spectrum'])}, T = {fit.samples}"
            yield Check(point, printed, *estimate(term(found, name)))


def thm_f_1(
    seed, *, spectrum, samples, ridge, noise, generator_samples, generator_noise, generations,
    replicates,
):  # fmt: skip
    """T0 ≥ d: E = Bias + Var + nσ0²ρ by the formulas, against E with data and noise drawn."""
    problem, fit, n = problem_of(spectrum), Fit(samples, ridge, noise), generations
    generators = [Fit(generator_samples, noise=generator_noise)] * n
    rho = theory.collapse_rate(problem, generator_samples, fit)
    printed = theory.ridge_risk(problem, fit).total + n * generator_noise**2 * rho
    drawn = simulate_chain_in_full(problem, generators, fit, replicates=replicates, seed=seed)
    yield Check(f"n = {n}", printed, *estimate(drawn))


def _collapse(seed, settings, generations, replicates, rate, shared_design=False):
    """The collapse term against nσ0²ρ, whose formula is ``rate`` (problem, T0, fit)."""
    for i, setting in enumerate(settings):
        problem, size = problem_of(setting["spectrum"]), setting["generator_samples"]
        fit, noise = Fit(setting["samples"], setting["ridge"]), setting["generator_noise"]
        rho = rate(problem, size, fit)
        for n in generations:
            given = (problem, [Fit(size, noise=noise)] * n, fit, replicates, f"{seed}/{i}/{n}")
            found = term(terms(*given, shared_design=shared_design), "collapse")
            where = f"{spelled(setting['spectrum'])}, T0 = {size}, T = {fit.samples}, n = {n}"
            yield Check(where, n * noise**2 * rho, *estimate(found))


def thm_4_3(seed, *, settings, generations, replicates, shared_design=False):
    """Eq (18): the collapse is nσ0²ρ, linear in n; T0 ≥ d, or T0 < d and one shared design."""
    return _collapse(seed, settings, generations, replicates, theory.collapse_rate, shared_design)


thm_4_3_shared = thm_4_3


def cor_4_4(seed, *, settings, generations, replicates):
    """Eq (19), T0 ≥ d."""
    return _collapse(seed, settings, generations, replicates, theory.collapse_rate_full_rank)


def eq_18_is_19(seed, *, spectrum, generator_samples, fits):
    """Eq (18) at T0 ≥ d is eq (19), to rounding."""
    problem = problem_of(spectrum)
    for samples, ridge in fits:
        given = (problem, generator_samples, Fit(samples, ridge))
        both = theory.collapse_rate_full_rank(*given), theory.collapse_rate(*given)
        yield Check(f"T = {samples}, λ = {ridge:g}", *both)


def cor_4_4_isotropic(
    seed, *, d, norm, generator_samples, generator_noise, noise, fits, generations, replicates
):
    """Σ = I: the whole test error in closed form."""
    problem = isotropic(d, norm)
    generators = [Fit(generator_samples, noise=generator_noise)] * generations
    given = (d, norm, generations, generator_samples, generator_noise)
    for samples, ridge in fits:
        fit, own_seed = Fit(samples, ridge, noise), f"{seed}/{samples}/{ridge}"
        found = measure(problem, generators, fit, replicates, own_seed)
        printed = theory.isotropic_chain_risk(*given, fit)
        yield Check(f"T = {samples}, λ = {ridge:g}", printed, *found)


def _projected(seed, spectrum, sizes, generations, replicates, shared_design):
    problem = problem_of(spectrum)
    d, norm = problem.dimension, float(np.linalg.norm(problem.coefficients))
    for size, n in product(sizes, generations):
        if shared_design:
            limit = theory.shared_design_limit(d, norm, size)
        else:
            limit = theory.independent_designs_limit(d, norm, [size] * n)
        given = (problem, [Fit(size)] * n, identity(problem), replicates, f"{seed}/{size}/{n}")
        found = terms(*given, shared_design=shared_design)
        names = (("squared_norm", "‖ŵ_n‖²"), ("bias_increase", "ΔBias"))
        for (name, symbol), value in zip(names, limit, strict=True):
            point = f"{symbol}, T0/d = {size / d:g}, n = {n}"
            yield Check(point, value, *estimate(term(found, name)))


def thm_4_5(seed, *, spectrum, sizes, generations, replicates):
    """Noiseless generators on one shared design, T0 < d."""
    return _projected(seed, spectrum, sizes, generations, replicates, True)


def thm_4_6(seed, *, spectrum, sizes, generations, replicates):
    """Noiseless generators on independent designs, T0 < d: exponentially fast collapse."""
    return _projected(seed, spectrum, sizes, generations, replicates, False)


def lem_i_1(seed, *, beta, cases, sizes, modes):
    """Σ_k λ_k^n/(1+Dλ_k)^m ≍ D^{−min(m, n−1/β)}: the exponent over D, summed over the modes."""
    eigenvalues = np.arange(1, modes + 1, dtype=float) ** -beta
    for n, m in cases:
        sums = [np.sum(eigenvalues**n / (1 + D * eigenvalues) ** m) for D in sizes]
        slope = np.polyfit(np.log(sizes), np.log(sums), 1)[0]
        yield Check(f"n = {n}, m = {m}", -min(m, n - 1 / beta), float(slope))


def lem_i_2(seed, *, spectrum, fits, step):
    """∂κ/∂λ = 1/(1 − df2/T) against a central difference of the fixed point."""
    eigenvalues = problem_of(spectrum).eigenvalues
    for samples, ridge in fits:
        ridges = [ridge * (1 + sign * step) for sign in (-1, 0, 1)]
        below, kappa, above = (Equivalent(eigenvalues, Fit(samples, x)).kappa for x in ridges)
        printed = 1 / (1 - degrees_of_freedom(eigenvalues, kappa, 2) / samples)
        found = (above - below) / (2 * step * ridge)
        yield Check(f"T = {samples}, λ = {ridge:g}", printed, found)
