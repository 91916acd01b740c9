"""The recursion contains the paper's formulas, each where the paper states it."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.stats import invwishart

from model_collapse.equivalents import Equivalent, degrees_of_freedom
from model_collapse.protocol import Fit
from model_collapse.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.theory import (
    bias_increase,
    break_even,
    chain_risk,
    collapse_rate,
    collapse_rate_full_rank,
    equivalents_of,
    expected_norm,
    expected_product,
    expected_square,
    growing_samples,
    growth_sum,
    independent_designs_limit,
    isotropic_chain_risk,
    ols_chain_risk,
    ridge_risk,
    saturated_error,
    shared_design_limit,
)
from scripts.claims.monte_carlo import projections

POWER = power_law(80, 2.0, 0.375)
SPECTRA = [isotropic(80, norm=1.5), POWER]
GENERATIONS = [0, 1, 2, 7]


def total(generators, samples=100, ridge=1e-2, noise=0.1) -> float:
    """The test error on the power law."""
    return chain_risk(POWER, generators, Fit(samples, ridge, noise)).total


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("n", GENERATIONS)
def test_theorem_4_1(spectrum, n):
    risk = chain_risk(spectrum, [Fit(200, 0, 0.3)] * n, Fit(500, 0, 0.2))
    assert_same(risk.total, ols_chain_risk(80, 500, 0.2, n, 200, 0.3))
    assert_same(risk.bias, 0)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("downstream", [Fit(500, 1e-3, 0.2), Fit(50, 1e-2, 0.2), Fit(50, 0, 0.2)])
def test_proposition_4_2(spectrum, downstream):
    risk, printed = chain_risk(spectrum, [], downstream), ridge_risk(spectrum, downstream)
    assert_same(risk.bias, printed.bias)
    assert_same(risk.variance, printed.variance)
    assert risk.collapse == 0


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("downstream", [Fit(500, 1e-3, 0.2), Fit(50, 1e-2, 0.2)])
@pytest.mark.parametrize("n", GENERATIONS)
def test_equations_18_and_19_with_enough_samples(spectrum, downstream, n):
    """T0 ≥ d: E = Bias + Var + nσ0²ρ, linear in n, the bias that of clean data."""
    risk = chain_risk(spectrum, [Fit(120, 0, 0.3)] * n, downstream)
    rho = collapse_rate(spectrum, 120, downstream)
    assert_same(risk.collapse, n * 0.3**2 * rho)
    assert_same(rho, collapse_rate_full_rank(spectrum, 120, downstream))
    assert_same(risk.bias, ridge_risk(spectrum, downstream).bias)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("size", [20, 60, 120])
def test_equation_18_with_a_shared_design(spectrum, size):
    downstream = Fit(200, 1e-2, 0.1)
    risk = chain_risk(spectrum, [Fit(size, 0, 0.3)] * 4, downstream, shared_design=True)
    assert_same(risk.collapse, 4 * 0.3**2 * collapse_rate(spectrum, size, downstream))


def test_equation_18_is_not_linear_for_independent_over_parametrised_generators():
    """Isotropic, η = T0/d < 1: noise saturates as (1−η^n)/(1−η), not n."""
    d, size, n, noise = 80, 30, 6, 0.3
    spectrum, eta = isotropic(d), size / d
    got = chain_risk(spectrum, [Fit(size, 0, noise)] * n, Fit(10**6, 0, 0.0))
    saturated = noise**2 * size / (d - size) * (1 - eta**n) / (1 - eta)
    assert_same(got.collapse, saturated)
    assert_same(got.bias, 1 - eta**n)


@pytest.mark.parametrize("n", GENERATIONS)
@pytest.mark.parametrize("downstream", [Fit(500, 1e-3, 0.2), Fit(50, 1e-2, 0.2)])
def test_corollary_4_4_isotropic(n, downstream):
    spectrum = isotropic(80, norm=1.5)
    total = chain_risk(spectrum, [Fit(120, 0, 0.3)] * n, downstream).total
    assert_same(total, isotropic_chain_risk(80, 1.5, n, 120, 0.3, downstream), rtol=1e-10)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_theorem_4_5(n):
    spectrum, generators = isotropic(80, norm=1.5), [Fit(30)] * n
    norm, increase = shared_design_limit(80, 1.5, 30)
    assert_same(expected_norm(spectrum, generators, shared_design=True), norm)
    found = bias_increase(spectrum, generators, Fit(10**5, 1e-12), shared_design=True)
    assert_same(found, increase, rtol=1e-9)
    assert_same(increase, 1.5**2 * (1 - 30 / 80))


def test_theorem_4_6_with_sizes_on_both_sides_of_d():
    spectrum, sizes = isotropic(80, norm=1.5), [30, 200, 60, 80]
    generators = [Fit(size) for size in sizes]
    norm, increase = independent_designs_limit(80, 1.5, sizes)
    assert_same(expected_norm(spectrum, generators), norm)
    assert_same(norm, 1.5**2 * (30 / 80) * (60 / 80))
    assert_same(bias_increase(spectrum, generators, Fit(10**5, 1e-12)), increase, rtol=1e-9)


def test_ridge_generators_of_vanishing_ridge_are_ols():
    ols, ridge = (total([Fit(50, ridge, 0.2)] * 3) for ridge in (0, 1e-13))
    assert_same(ridge, ols, rtol=1e-7)


def test_generators_with_endless_clean_data_change_nothing():
    assert_same(total([Fit(1e13, 0, 0.2)] * 3), total([]), rtol=1e-9)


def test_an_overwhelming_ridge_is_the_null_predictor():
    assert_same(total([Fit(50, 0, 1)], 100, 1e12, 1), POWER.null_risk, rtol=1e-9)


def test_risk_is_quadratic_in_noise_and_linear_in_its_parts():
    parts = [
        total([Fit(50, 0, a), Fit(90, 0, b)], 100, 1e-2, c)
        for a, b, c in ((0.1, 0.2, 0.3), (0, 0, 0), (0.1, 0, 0), (0, 0.2, 0), (0, 0, 0.3))
    ]
    assert_same(parts[0] - parts[1], sum(part - parts[1] for part in parts[2:]), rtol=1e-10)


def test_bias_increase_closes_the_bias():
    """B̃ias = Bias + ΔBias + a cross term 2w0'(W − ΣΨ_n)(Ψ_{n−1}…Ψ_0 − 1)w0, W = Φ_n(Σ)."""
    downstream, generators = Fit(110, 1e-3), [Fit(40)] * 2
    whole, clean = (chain_risk(POWER, chain, downstream).bias for chain in (generators, []))
    *stages, last = equivalents_of(POWER, [*generators, downstream])
    weights = last.phi(POWER.eigenvalues) - POWER.eigenvalues * last.psi
    lost = stages[0].psi * stages[1].psi - 1
    cross = 2 * np.sum(weights * lost * POWER.coefficients**2)
    assert_same(whole, clean + bias_increase(POWER, generators, downstream) + cross, rtol=1e-10)


def test_labels_of_a_fitted_model_can_beat_true_labels():
    """The counterexample to B̃ias ≥ Bias + ΔBias for T0 < d: w0 in weak directions."""
    spectrum, downstream = two_level(200, 0.02, 1.0), Fit(110, 1e-3)
    fake, clean = (chain_risk(spectrum, chain, downstream).bias for chain in ([Fit(60)], []))
    assert fake < 0.7 * clean
    assert bias_increase(spectrum, [Fit(60)], downstream) > 0


def test_infinite_risk_of_noisy_ols_at_rank_many_samples():
    assert total([Fit(80, 0, 0.1)], 200, 0.1, 0) == np.inf
    assert np.isfinite(total([Fit(80, 0, 0.0)], 200, 0.1, 0))


def test_products_of_projections_by_full_matrices():
    """Lemmas F.7 and F.8, corrected, for Σ = diag(1/j), d = 60, T0 = 30, up to n = 3."""
    d, size = 60, 30
    spectrum = Spectrum(1 / np.arange(1, d + 1), np.ones(d) / np.sqrt(d))
    u, v = spectrum.coefficients, np.cos(np.arange(d))
    q = {n: projections(spectrum, size, n, 1500, f"test/{n}") for n in (1, 3)}
    for n, draws in q.items():
        fits = [Fit(size)] * n
        product = np.einsum("i,rij,j->r", u, draws, v)
        square = np.einsum("ri,i,ri->r", draws @ u, spectrum.eigenvalues, draws @ v)
        for found, expected in (
            (product, expected_product(spectrum, fits, u, v)),
            (square, expected_square(spectrum, fits, u, v, spectrum.eigenvalues)),
        ):
            error = found.std(ddof=1) / np.sqrt(len(found))
            assert abs(found.mean() - expected) < 4 * error + 0.02 * abs(expected)


def test_isotropic_projections_keep_a_share_of_the_samples_each():
    u, v = np.cos(np.arange(80)), np.sin(np.arange(80))
    found = expected_product(isotropic(80), [Fit(30), Fit(60), Fit(200)], u, v)
    assert_same(found, u @ v * (30 / 80) * (60 / 80), rtol=1e-9)


def test_the_square_of_one_projection_is_the_printed_formula():
    spectrum, fit = power_law(50, 1.5, 0.5), Fit(20)
    s, stage = spectrum.eigenvalues, Equivalent(spectrum.eigenvalues, fit)
    df2 = degrees_of_freedom(s, stage.kappa, 2)
    printed = s * (stage.psi**2 + (1 - stage.psi) ** 2 * df2 / (20 - df2))
    for j in (0, 7, 49):
        unit = np.eye(50)[j]
        assert_same(expected_square(spectrum, [fit], unit, unit, s), printed[j])


def test_saturation_is_the_recursion_in_the_limit():
    """Both to first order in 1/d: the finite-size formula has d − T0 − 1 for d − T0."""
    d, size, noise = 40_000, 16_000, 0.5
    spectrum = isotropic(d, norm=1.5)
    for n in (1, 2, 7):
        limit = chain_risk(spectrum, [Fit(size, 0.0, noise)] * n, Fit(4 * d)).total
        assert_same(saturated_error(d, 1.5, n, size, noise), limit, rtol=1e-4)
    growth = [saturated_error(100, 1.0, n, 50, noise) for n in (1, 2, 500, 1000)]
    assert_same(growth[2], growth[3])
    with pytest.raises(ValueError, match="T0 must be below"):
        saturated_error(100, 1.0, 1, 99, 0.1)


def test_break_even_is_where_collapse_passes_the_null_predictor():
    spectrum, noise, phi_0 = isotropic(60), 0.3, 0.25
    n = break_even(spectrum, phi_0, noise)
    collapse = chain_risk(spectrum, [Fit(240, 0.0, noise)], Fit(300)).collapse
    assert_same(n * collapse, spectrum.null_risk)


def test_growing_sizes():
    assert growing_samples(100, 1) == 100
    assert_same(growing_samples(100, 5), 100 * 5 * np.log(5) ** 2)


def test_the_sum_of_growing_data():
    """The paper's own sum, 1 + Σ 1/(m log²m), and the same at φ0 = 1/2."""
    assert abs(growth_sum(0.0, np.inf) - 3.1097) < 1e-4
    assert abs(growth_sum(0.5, np.inf) - 2.649) < 1e-3
    assert abs(growth_sum(0.0, 100) - 2.89) < 0.01
    assert growth_sum(0.3, 1) == 1


def test_a_small_bias_keeps_its_digits():
    """λ far below the last eigenvalue: the bias is κ²Σw_j²/λ_j, 20 digits below the null risk."""
    spectrum, ridge = power_law(40, 1.5, 0.5), 1e-12
    fit = Fit(10_000, ridge)
    kappa = Equivalent(spectrum.eigenvalues, fit).kappa
    expected = ridge_risk(spectrum, fit).bias
    assert 0 < expected < 1e-18
    for n in (0, 3):
        assert_same(chain_risk(spectrum, [Fit(80)] * n, fit).bias, expected, rtol=1e-9)
    assert_same(expected, kappa**2 * np.sum(spectrum.coefficients**2 / spectrum.eigenvalues), 0.05)


def test_finite_size_least_squares_is_the_mean_of_the_inverse_wishart():
    """E tr Σ(X'X)^{-1} is d/(T−d−1) for any Σ."""
    d, samples, size = 6, 15, 11
    trace = {T: np.trace(invwishart(df=T, scale=np.eye(d)).mean()) for T in (samples, size)}
    expected = 0.3**2 * trace[samples] + 4 * 0.7**2 * trace[size]
    assert_same(ols_chain_risk(d, samples, 0.3, 4, size, 0.7, finite_size=True), expected)


@pytest.mark.parametrize(
    ("formula", "first", "name"),
    [
        (lambda size: ols_chain_risk(100, size, 0.1, 1, 200, 0.1, finite_size=True), 102, "T"),
        (lambda size: ols_chain_risk(100, 200, 0.1, 1, size, 0.1, finite_size=True), 102, "T0"),
        (lambda size: collapse_rate_full_rank(isotropic(100), size, Fit(200, 0.1)), 101, "T0"),
        (lambda size: isotropic_chain_risk(100, 1, 1, size, 0.1, Fit(200, 0.1)), 101, "T0"),
    ],
)
def test_formulas_hold_from_their_first_size_on(formula, first, name):
    assert 0 < formula(first) < np.inf
    assert 0 < formula(first + 1) < formula(first)
    with pytest.raises(ValueError, match=f"{name} must be at least {first} here, not {first - 1}"):
        formula(first - 1)
