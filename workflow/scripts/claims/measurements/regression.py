"""Claims of sections 3 and 4, and of the appendices that prove them, against simulation."""

from itertools import product

import numpy as np

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic
from model_collapse.seeds import random_stream
from model_collapse.simulation.full_matrices import sample_in_full, simulate_chain_in_full
from model_collapse.theory import paper
from model_collapse.theory.equivalents import Equivalent, degrees_of_freedom
from scripts.claims.checks import Check, all_terms, estimate, identity, measure, term, terms


def thm_4_1(seed, *, spectrum, fit, generator, generations, replicates):
    """OLS chains, T, T0 ≥ d + 2: exact at finite size; data and noise drawn in full."""
    for n in generations:
        draws = {"replicates": replicates, "seed": f"{seed}/{n}"}
        drawn = simulate_chain_in_full(spectrum, [generator] * n, fit, **draws)
        arguments = (
            spectrum.dimension,
            fit.samples,
            fit.noise,
            n,
            generator.samples,
            generator.noise,
        )
        exact = paper.ols_chain_risk(*arguments, finite_size=True)
        yield Check(f"n = {n}, with T − d − 1", exact, *estimate(drawn))


def eq_10(seed, *, d, samples, ridges, replicates):
    """κ for Σ = I against its definition on data: λ/κ is the mean of tr λ(XX'/T + λ)^{-1}/T."""
    for T, ridge in product(samples, ridges):
        kappas = []
        for i in range(replicates):
            rng = random_stream(seed, "kappa", T, i)
            x, _ = sample_in_full(isotropic(d), T, np.zeros(d), 0.0, rng)
            gram = x @ x.T / T if d > T else x.T @ x / T
            values = np.maximum(np.linalg.eigvalsh(gram), 0)
            kappas.append(ridge * T / (np.sum(ridge / (values + ridge)) + max(T - d, 0)))
        printed = paper.isotropic_effective_ridge(d / T, ridge)
        yield Check(f"φ = {d / T:g}, λ = {ridge:g}", printed, *estimate(kappas))


def prop_4_2(seed, *, settings, replicates):
    """Clean ridge regression: bias and variance apart."""
    for i, setting in enumerate(settings):
        problem = setting["spectrum"]
        fit = setting["fit"]
        values = terms((problem, [], fit), replicates, f"{seed}/{i}")
        for name in ("bias", "variance"):
            printed = getattr(paper.ridge_risk(problem, fit), name)
            point = f"{name}, {setting['point']}, T = {fit.samples}"
            yield Check(point, printed, *estimate(term(values, name)))


def thm_f_1(seed, *, spectrum, fit, generator, generations, replicates):
    """T0 ≥ d: E = Bias + Var + nσ0²ρ by the formulas, against E with data and noise drawn."""
    n = generations
    draws = {"replicates": replicates, "seed": seed}
    rho = paper.collapse_rate(spectrum, generator.samples, fit)
    printed = paper.ridge_risk(spectrum, fit).total + n * generator.noise**2 * rho
    drawn = simulate_chain_in_full(spectrum, [generator] * n, fit, **draws)
    yield Check(f"n = {n}", printed, *estimate(drawn))


def linear_collapse(
    seed, *, settings, generations, replicates, full_rank=False, shared_design=False
):
    """The collapse is nσ0²ρ, linear in n: ρ of eq (18), T0 ≥ d, or T0 < d and one shared design; or
    of eq (19), full_rank, T0 ≥ d.
    """
    rate = paper.collapse_rate_full_rank if full_rank else paper.collapse_rate
    for i, setting in enumerate(settings):
        problem = setting["spectrum"]
        fit = setting["fit"]
        generator = setting["generator"]
        rho = rate(problem, generator.samples, fit)
        chain = (problem, [generator] * max(generations), fit)
        values = all_terms(chain, replicates, f"{seed}/{i}", shared_design=shared_design)
        collapses = term(values, "collapse")
        for n in generations:
            where = f"{setting['point']}, T0 = {generator.samples}, T = {fit.samples}, n = {n}"
            yield Check(where, n * generator.noise**2 * rho, *estimate(collapses[:, n]))


def eq_18_is_19(seed, *, spectrum, generator_samples, fits):
    """Eq (18) at T0 ≥ d is eq (19), to rounding."""
    for samples, ridge in fits:
        arguments = (spectrum, generator_samples, Fit(samples, ridge))
        both = paper.collapse_rate_full_rank(*arguments), paper.collapse_rate(*arguments)
        yield Check(f"T = {samples}, λ = {ridge:g}", *both)


def cor_4_4_isotropic(seed, *, d, norm, generator, noise, fits, generations, replicates):
    """Σ = I: the test error in closed form."""
    problem = isotropic(d, norm)
    generators = (generations, generator.samples, generator.noise)
    for samples, ridge in fits:
        fit = Fit(samples, ridge, noise)
        chain = (problem, [generator] * generations, fit)
        measured = measure(chain, replicates, f"{seed}/{samples}/{ridge}")
        printed = paper.isotropic_chain_risk(d, norm, *generators, fit)
        yield Check(f"T = {samples}, λ = {ridge:g}", printed, *measured)


def limits_without_noise(seed, *, spectrum, sizes, generations, replicates, shared_design):
    """Noiseless generators, T0 < d, on one shared design or on independent ones."""
    d = spectrum.dimension
    norm = float(np.linalg.norm(spectrum.coefficients))
    for size in sizes:
        chain = spectrum, [Fit(size)] * max(generations), identity(spectrum)
        draws = {"seed": f"{seed}/{size}", "shared_design": shared_design}
        values = all_terms(chain, replicates, **draws)
        for n in generations:
            if shared_design:
                limit = paper.shared_design_limit(d, norm, size)
            else:
                limit = paper.independent_designs_limit(d, norm, [size] * n)
            names = (("squared_norm", "‖ŵ_n‖²"), ("bias_increase", "ΔBias"))
            for (name, symbol), value in zip(names, limit, strict=True):
                point = f"{symbol}, T0/d = {size / d:g}, n = {n}"
                yield Check(point, value, *estimate(term(values[:, n], name)))


def lem_i_1(seed, *, beta, cases, sizes, modes):
    """Σ_k λ_k^n/(1+Dλ_k)^m ≍ D^{−min(m, n−1/β)}: the exponent over D, summed over the modes."""
    eigenvalues = np.arange(1, modes + 1, dtype=float) ** -beta
    for n, m in cases:
        sums = [np.sum(eigenvalues**n / (1 + D * eigenvalues) ** m) for D in sizes]
        slope = np.polyfit(np.log(sizes), np.log(sums), 1)[0]
        yield Check(f"n = {n}, m = {m}", -min(m, n - 1 / beta), float(slope))


def lem_i_2(seed, *, spectrum, fits, step):
    """∂κ/∂λ = 1/(1 − df2/T) against a central difference of the fixed point."""
    eigenvalues = spectrum.eigenvalues
    for samples, ridge in fits:
        ridges = [ridge * (1 + sign * step) for sign in (-1, 0, 1)]
        below, kappa, above = (Equivalent(eigenvalues, Fit(samples, x)).kappa for x in ridges)
        printed = 1 / (1 - degrees_of_freedom(eigenvalues, kappa, 2) / samples)
        measured = (above - below) / (2 * step * ridge)
        yield Check(f"T = {samples}, λ = {ridge:g}", printed, measured)
