"""The recursion contains the paper's formulas, each where the paper states it."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.stats import invwishart

from model_collapse.problem.fits import Chain, Fit
from model_collapse.problem.spectra import isotropic, power_law
from model_collapse.theory import paper
from model_collapse.theory.recursion import (
    bias_increase,
    chain_risk,
    expected_norm,
    expected_product,
)

ISOTROPIC = isotropic(80, norm=1.5)
POWER = power_law(80, 2.0, 0.375)
SIZES = [30, 200, 60, 80]  # on both sides of d
every_spectrum = pytest.mark.parametrize("spectrum", [ISOTROPIC, POWER])
every_n = pytest.mark.parametrize("n", [0, 1, 2, 7])
every_downstream = pytest.mark.parametrize(
    "downstream", [Fit(500, 1e-3, 0.2), Fit(50, 1e-2, 0.2), Fit(50, 0, 0.2)]
)


@every_spectrum
@every_n
def test_theorem_4_1(spectrum, n):
    risk = chain_risk(spectrum, [Fit(200, 0, 0.3)] * n, Fit(500, 0, 0.2))
    assert_same(risk.total, paper.ols_chain_risk(80, 500, 0.2, n, 200, 0.3))
    assert_same(risk.bias, 0)


@every_spectrum
@every_downstream
@every_n
def test_proposition_4_2_and_equations_18_and_19(spectrum, downstream, n):
    """T0 ≥ d: E = Bias + Var + nσ0²ρ, linear in n, bias and variance those of clean data."""
    risk = chain_risk(spectrum, [Fit(120, 0, 0.3)] * n, downstream)
    clean = paper.ridge_risk(spectrum, downstream)
    rho = paper.collapse_rate(spectrum, 120, downstream)
    assert_same([risk.bias, risk.variance], [clean.bias, clean.variance])
    assert_same(risk.collapse, n * 0.3**2 * rho)
    assert_same(rho, paper.collapse_rate_full_rank(spectrum, 120, downstream))


@every_spectrum
@pytest.mark.parametrize("size", [20, 60, 120])
def test_equation_18_with_a_shared_design(spectrum, size):
    downstream = Fit(200, 1e-2, 0.1)
    risk = chain_risk(spectrum, [Fit(size, 0, 0.3)] * 4, downstream, shared_design=True)
    assert_same(risk.collapse, 4 * 0.3**2 * paper.collapse_rate(spectrum, size, downstream))


@every_downstream
@every_n
def test_corollary_4_4_isotropic(n, downstream):
    error = chain_risk(ISOTROPIC, [Fit(120, 0, 0.3)] * n, downstream).total
    printed = paper.isotropic_chain_risk(80, 1.5, n, 120, 0.3, downstream)
    assert_same(error, printed, rtol=1e-10)


@pytest.mark.parametrize(
    ("chain", "limit", "eta"),
    [
        *((Chain([Fit(30)] * n, "shared"), paper.shared_design_limit(80, 1.5, 30), 30 / 80)
          for n in (1, 2, 5)),
        (Chain([Fit(size) for size in SIZES]),
         paper.independent_designs_limit(80, 1.5, SIZES), (30 / 80) * (60 / 80)),
    ],
)  # fmt: skip
def test_theorems_4_5_and_4_6(chain, limit, eta):
    assert_same(limit, [1.5**2 * eta, 1.5**2 * (1 - eta)])
    assert_same(expected_norm(ISOTROPIC, chain), limit[0])
    increase = bias_increase(ISOTROPIC, chain, Fit(10**5, 1e-12))
    assert_same(increase, limit[1], rtol=1e-9)
    u = np.cos(np.arange(80))
    v = np.sin(np.arange(80))
    assert_same(expected_product(ISOTROPIC, chain, u, v), u @ v * eta, rtol=1e-9)


def test_poles_of_the_formulas_are_refused():
    at_rank = Fit(80)
    for formula in (
        lambda: paper.ridge_risk(ISOTROPIC, at_rank),
        lambda: paper.collapse_rate(ISOTROPIC, 80, Fit(120, 0.1)),
        lambda: paper.collapse_rate(ISOTROPIC, 120, at_rank),
        lambda: paper.collapse_rate_full_rank(ISOTROPIC, 120, at_rank),
        lambda: paper.isotropic_chain_risk(80, 1.0, 1, 120, 0.1, at_rank),
    ):
        with pytest.raises(ValueError, match="has a pole at λ = 0 and T = rank Σ"):
            formula()


@pytest.mark.parametrize("n", [1, 2, 7])
def test_saturation_is_the_recursion_in_the_limit(n):
    """Both to first order in 1/d: the finite-size formula has d − T0 − 1 for d − T0."""
    d = 40_000
    size = 16_000
    noise = 0.5
    limit = chain_risk(isotropic(d, norm=1.5), [Fit(size, 0.0, noise)] * n, Fit(4 * d)).total
    assert_same(paper.saturated_error(d, 1.5, n, size, noise), limit, rtol=1e-4)


def test_noise_of_small_generators_saturates():
    """Isotropic, η = T0/d < 1: it grows as (1−η^n)/(1−η), not as the n of equation (18)."""
    last, later = (paper.saturated_error(100, 1.0, n, 50, 0.5) for n in (500, 1000))
    assert_same(last, later)
    with pytest.raises(ValueError, match="T0 must be below"):
        paper.saturated_error(100, 1.0, 1, 99, 0.1)


def test_break_even_is_where_collapse_passes_the_null_predictor():
    collapse = chain_risk(ISOTROPIC, [Fit(320, 0.0, 0.3)], Fit(400)).collapse
    assert_same(paper.break_even(ISOTROPIC, 0.25, 0.3) * collapse, ISOTROPIC.null_risk)
    for phi_0, noise in ((1.5, 0.3), (0.0, 0.3), (0.25, 0.0)):
        with pytest.raises(ValueError, match=f"not d/T0 = {phi_0}, σ0 = {noise}"):
            paper.break_even(ISOTROPIC, phi_0, noise)


def test_growing_data():
    """Sizes, then the paper's own sum, 1 + Σ 1/(m log²m), and the same at φ0 = 1/2."""
    assert paper.growing_samples(100, 1) == 100
    assert_same(paper.growing_samples(100, 5), 100 * 5 * np.log(5) ** 2)
    assert abs(paper.growth_sum(0.0, np.inf) - 3.1097) < 1e-4
    assert abs(paper.growth_sum(0.5, np.inf) - 2.649) < 1e-3
    assert abs(paper.growth_sum(0.0, 100) - 2.89) < 0.01
    assert paper.growth_sum(0.3, 1) == 1
    # Beyond a million generations the sum goes on rising; from n on it is nearly 1/log n.
    steps = [paper.growth_sum(0.0, n) for n in (10**6, 10**6 + 1, 10**9, 10**300, np.inf)]
    term = 1 / ((1e6 + 1) * np.log(1e6 + 1) ** 2)
    assert_same(steps[1] - steps[0], term, rtol=1e-6)
    for sum_so_far, n in ((steps[2], 1e9), (steps[3], 1e300)):
        assert_same(steps[4] - sum_so_far, 1 / np.log(n), rtol=1e-9)
    for generations in (-1, 2.5, np.nan):
        with pytest.raises(ValueError, match="generations must be at least 0, and whole, not"):
            paper.growth_sum(0.1, generations)
    with pytest.raises(ValueError, match=r"phi_0 = d/T0 must be .* below 0.96 here, not 0.97"):
        paper.growth_sum(0.97, 5)


def test_finite_size_least_squares_is_the_mean_of_the_inverse_wishart():
    """E tr Σ(X'X)^{-1} is d/(T−d−1) for any Σ."""
    d = 6
    samples = 15
    generator_samples = 11
    trace = {
        T: np.trace(invwishart(df=T, scale=np.eye(d)).mean()) for T in (samples, generator_samples)
    }
    risk = paper.ols_chain_risk(d, samples, 0.3, 4, generator_samples, 0.7, finite_size=True)
    assert_same(risk, 0.3**2 * trace[samples] + 4 * 0.7**2 * trace[generator_samples])


@pytest.mark.parametrize(
    ("formula", "first", "name"),
    [
        (lambda T: paper.ols_chain_risk(100, T, 0.1, 1, 200, 0.1, finite_size=True), 102, "T"),
        (lambda T: paper.ols_chain_risk(100, 200, 0.1, 1, T, 0.1, finite_size=True), 102, "T0"),
        (lambda T: paper.collapse_rate_full_rank(isotropic(100), T, Fit(200, 0.1)), 101, "T0"),
        (lambda T: paper.isotropic_chain_risk(100, 1, 1, T, 0.1, Fit(200, 0.1)), 101, "T0"),
    ],
)
def test_formulas_hold_from_their_first_size_on(formula, first, name):
    assert 0 < formula(first) < np.inf
    assert 0 < formula(first + 1) < formula(first)
    with pytest.raises(ValueError, match=f"{name} must be at least {first} here, not {first - 1}"):
        formula(first - 1)


@pytest.mark.parametrize(
    ("formula", "arguments"),
    [
        (paper.isotropic_chain_risk, (4, 1.0, -1, 10, 1.0, Fit(10, 0.1, 1.0))),
        (paper.isotropic_chain_risk, (4.5, 1.0, 1, 10, 1.0, Fit(10, 0.1, 1.0))),
        (paper.ols_chain_risk, (-3, 10, 1.0, 1, 10, 1.0)),
        (paper.ols_chain_risk, (3, 10, 1.0, np.nan, 10, 1.0)),
        (paper.ols_chain_risk, (3, "10", 1.0, 1, 10, 1.0)),
        (paper.saturated_error, (10, 1.0, -1, 5, 1.0)),
        (paper.saturated_error, (10, 1.0, 2, -5, 1.0)),
        (paper.independent_designs_limit, (4, 1.0, [-5])),
        (paper.growing_samples, (-10.0, 3)),
        (paper.growing_samples, (10.0, np.nan)),
    ],
)
def test_formulas_refuse_sizes_and_counts_that_are_impossible(formula, arguments):
    with pytest.raises(ValueError, match=r"must be (at least|a number of at least 0)"):
        formula(*arguments)
