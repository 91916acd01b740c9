"""Claims of sections 3 and 4, and of the appendices that prove them, against full matrices."""

import numpy as np

from model_collapse.chain import simulate_chain_in_full
from model_collapse.designs import sample_in_full
from model_collapse.equivalents import Equivalent, Fit, degrees_of_freedom
from model_collapse.seeds import random_stream
from model_collapse.theory import (
    collapse_rate,
    collapse_rate_full_rank,
    independent_designs_limit,
    isotropic_chain_risk,
    isotropic_effective_ridge,
    ols_chain_risk,
    ridge_risk,
    shared_design_limit,
)
from scripts.claims.ledger import Check
from scripts.claims.monte_carlo import estimate, identity_fit, term, terms
from scripts.regression.old import spectrum_of


def spelled(spectrum: dict) -> str:
    """A spectrum's name in words, as points are called."""
    return spectrum["name"].replace("_", " ")


def thm_4_1(
    seed, *, spectrum, samples, noise, generator_samples, generator_noise, generations, replicates
):
    """OLS chains, T, T0 ≥ d + 2: exact at finite size; data and noise drawn in full."""
    problem, checks = spectrum_of(spectrum), []
    for n in generations:
        found = simulate_chain_in_full(
            problem,
            [Fit(generator_samples, 0.0, generator_noise)] * n,
            Fit(samples, 0.0, noise),
            replicates=replicates,
            seed=f"{seed}/{n}",
        )
        exact = ols_chain_risk(
            problem.dimension,
            samples,
            noise,
            n,
            generator_samples,
            generator_noise,
            finite_size=True,
        )
        checks.append(Check(f"n = {n}, with T − d − 1", exact, *estimate(found)))
    return checks


def eq_10(seed, *, d, samples, ridges, replicates):
    """κ for Σ = I against its definition on data: λ/κ is the mean of tr λ(XX'/T + λ)^{-1}/T."""
    problem, checks = spectrum_of({"name": "isotropic", "d": d}), []
    for T in samples:
        for ridge in ridges:
            found = []
            for i in range(replicates):
                rng = random_stream(seed, "kappa", T, i)
                x, _ = sample_in_full(problem, T, np.zeros(d), 0.0, rng)
                gram = x @ x.T / T if d > T else x.T @ x / T
                values = np.maximum(np.linalg.eigvalsh(gram), 0)
                kept = np.sum(ridge / (values + ridge)) + max(T - d, 0)
                found.append(ridge * T / kept)
            printed = isotropic_effective_ridge(d / T, ridge)
            checks.append(Check(f"φ = {d / T:g}, λ = {ridge:g}", printed, *estimate(found)))
    return checks


def prop_4_2(seed, *, settings, replicates):
    """Clean ridge regression: bias and variance apart."""
    checks = []
    for i, setting in enumerate(settings):
        problem = spectrum_of(setting["spectrum"])
        fit = Fit(setting["samples"], setting["ridge"], setting["noise"])
        found, limit = terms(problem, [], fit, replicates, f"{seed}/{i}"), ridge_risk(problem, fit)
        where = f"{spelled(setting['spectrum'])}, T = {fit.samples}"
        checks.append(Check(f"bias, {where}", limit.bias, *estimate(term(found, "bias"))))
        found = term(found, "variance")
        checks.append(Check(f"variance, {where}", limit.variance, *estimate(found)))
    return checks


def thm_f_1(
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
    """T0 ≥ d: E = Bias + Var + nσ0²ρ by the formulas, against E with data and noise drawn."""
    problem, n = spectrum_of(spectrum), generations
    fit = Fit(samples, ridge, noise)
    rho = collapse_rate(problem, generator_samples, fit)
    printed = ridge_risk(problem, fit).total + n * generator_noise**2 * rho
    drawn = simulate_chain_in_full(
        problem,
        [Fit(generator_samples, 0.0, generator_noise)] * n,
        fit,
        replicates=replicates,
        seed=seed,
    )
    return [Check(f"n = {n}", printed, *estimate(drawn))]


def _collapse(seed, settings, generations, replicates, rate, shared_design=False):
    checks = []
    for i, setting in enumerate(settings):
        problem, size = spectrum_of(setting["spectrum"]), setting["generator_samples"]
        fit, noise = Fit(setting["samples"], setting["ridge"]), setting["generator_noise"]
        rho = rate(problem, size, fit)
        for n in generations:
            found = terms(
                problem,
                [Fit(size, 0.0, noise)] * n,
                fit,
                replicates,
                f"{seed}/{i}/{n}",
                shared_design=shared_design,
            )
            where = f"{spelled(setting['spectrum'])}, T0 = {size}, T = {fit.samples}, n = {n}"
            found = estimate(term(found, "collapse"))
            checks.append(Check(where, n * noise**2 * rho, *found))
    return checks


def thm_4_3(seed, *, settings, generations, replicates):
    """Eq (18), T0 ≥ d: the collapse is nσ0²ρ, linear in n."""
    return _collapse(seed, settings, generations, replicates, collapse_rate)


def thm_4_3_shared(seed, *, settings, generations, replicates):
    """Eq (18), T0 < d, one shared design."""
    return _collapse(seed, settings, generations, replicates, collapse_rate, shared_design=True)


def cor_4_4(seed, *, settings, generations, replicates):
    """Eq (19), T0 ≥ d."""
    return _collapse(seed, settings, generations, replicates, collapse_rate_full_rank)


def eq_18_is_19(seed, *, spectrum, generator_samples, fits):
    """Eq (18) at T0 ≥ d is eq (19), to rounding."""
    problem, checks = spectrum_of(spectrum), []
    for samples, ridge in fits:
        fit = Fit(samples, ridge)
        checks.append(
            Check(
                f"T = {samples}, λ = {ridge:g}",
                collapse_rate_full_rank(problem, generator_samples, fit),
                collapse_rate(problem, generator_samples, fit),
            )
        )
    return checks


def cor_4_4_isotropic(
    seed, *, d, norm, generator_samples, generator_noise, noise, fits, generations, replicates
):
    """Σ = I: the whole test error in closed form."""
    problem, checks = spectrum_of({"name": "isotropic", "d": d, "norm": norm}), []
    generators = [Fit(generator_samples, 0.0, generator_noise)] * generations
    for samples, ridge in fits:
        fit = Fit(samples, ridge, noise)
        printed = isotropic_chain_risk(
            d, norm, generations, generator_samples, generator_noise, fit
        )
        found = terms(problem, generators, fit, replicates, f"{seed}/{samples}/{ridge}")
        checks.append(Check(f"T = {samples}, λ = {ridge:g}", printed, *estimate(term(found))))
    return checks


def _projected(seed, spectrum, sizes, generations, replicates, shared_design):
    problem, checks = spectrum_of(spectrum), []
    norm = float(np.linalg.norm(problem.coefficients))
    for size in sizes:
        for n in generations:
            limit = (
                shared_design_limit(problem.dimension, norm, size)
                if shared_design
                else independent_designs_limit(problem.dimension, norm, [size] * n)
            )
            found = terms(
                problem,
                [Fit(size)] * n,
                identity_fit(problem),
                replicates,
                f"{seed}/{size}/{n}",
                shared_design=shared_design,
            )
            where = f"T0/d = {size / problem.dimension:g}, n = {n}"
            names = (("squared_norm", "‖ŵ_n‖²"), ("bias_increase", "ΔBias"))
            for (name, symbol), value in zip(names, limit, strict=True):
                checks.append(Check(f"{symbol}, {where}", value, *estimate(term(found, name))))
    return checks


def thm_4_5(seed, *, spectrum, sizes, generations, replicates):
    """Noiseless generators on one shared design, T0 < d."""
    return _projected(seed, spectrum, sizes, generations, replicates, True)


def thm_4_6(seed, *, spectrum, sizes, generations, replicates):
    """Noiseless generators on independent designs, T0 < d: exponentially fast collapse."""
    return _projected(seed, spectrum, sizes, generations, replicates, False)


def lem_i_1(seed, *, beta, cases, sizes, modes):
    """Σ_k λ_k^n/(1+Dλ_k)^m ≍ D^{−min(m, n−1/β)}: the exponent over D, summed over the modes."""
    eigenvalues = np.arange(1, modes + 1, dtype=float) ** -beta
    checks = []
    for n, m in cases:
        sums = [np.sum(eigenvalues**n / (1 + D * eigenvalues) ** m) for D in sizes]
        slope = np.polyfit(np.log(sizes), np.log(sums), 1)[0]
        checks.append(Check(f"n = {n}, m = {m}", -min(m, n - 1 / beta), float(slope)))
    return checks


def lem_i_2(seed, *, spectrum, fits, step):
    """∂κ/∂λ = 1/(1 − df2/T) against a central difference of the fixed point."""
    eigenvalues, checks = spectrum_of(spectrum).eigenvalues, []
    for samples, ridge in fits:
        kappa = [
            Equivalent(eigenvalues, Fit(samples, ridge * (1 + sign * step))).kappa
            for sign in (-1, 0, 1)
        ]
        printed = 1 / (1 - degrees_of_freedom(eigenvalues, kappa[1], 2) / samples)
        found = (kappa[2] - kappa[0]) / (2 * step * ridge)
        checks.append(Check(f"T = {samples}, λ = {ridge:g}", printed, found))
    return checks
