"""The recursion contains the paper's formulas, each where the paper states it."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.stats import invwishart

from model_collapse.equivalents import Equivalent, degrees_of_freedom
from model_collapse.exponents import effective_samples, ell_crit, ell_star, smooth_effective_samples
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import Spectrum, isotropic, power_law
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
    downstream = Fit(10**5, 1e-12)
    assert_same(
        bias_increase(spectrum, generators, downstream, shared_design=True), increase, rtol=1e-9
    )
    assert_same(increase, 1.5**2 * (1 - 30 / 80))


def test_theorem_4_6_with_sizes_on_both_sides_of_d():
    spectrum, sizes = isotropic(80, norm=1.5), [30, 200, 60, 80]
    generators = [Fit(size) for size in sizes]
    norm, increase = independent_designs_limit(80, 1.5, sizes)
    assert_same(expected_norm(spectrum, generators), norm)
    assert_same(norm, 1.5**2 * (30 / 80) * (60 / 80))
    assert_same(bias_increase(spectrum, generators, Fit(10**5, 1e-12)), increase, rtol=1e-9)


def test_ridge_generators_of_vanishing_ridge_are_ols():
    downstream = Fit(100, 1e-2, 0.1)
    ols = chain_risk(POWER, [Fit(50, 0, 0.2)] * 3, downstream).total
    ridge = chain_risk(POWER, [Fit(50, 1e-13, 0.2)] * 3, downstream).total
    assert_same(ridge, ols, rtol=1e-7)


def test_generators_with_endless_clean_data_change_nothing():
    downstream = Fit(100, 1e-2, 0.1)
    chain = [Fit(1e13, 0, 0.2)] * 3
    assert_same(
        chain_risk(POWER, chain, downstream).total,
        chain_risk(POWER, [], downstream).total,
        rtol=1e-9,
    )


def test_an_overwhelming_ridge_is_the_null_predictor():
    assert_same(
        chain_risk(POWER, [Fit(50, 0, 1)], Fit(100, 1e12, 1)).total, POWER.null_risk, rtol=1e-9
    )


def test_risk_is_quadratic_in_noise_and_linear_in_its_parts():
    parts = [
        chain_risk(POWER, [Fit(50, 0, a), Fit(90, 0, b)], Fit(100, 1e-2, c)).total
        for a, b, c in ((0.1, 0.2, 0.3), (0, 0, 0), (0.1, 0, 0), (0, 0.2, 0), (0, 0, 0.3))
    ]
    assert_same(parts[0] - parts[1], sum(part - parts[1] for part in parts[2:]), rtol=1e-10)


def test_bias_increase_closes_the_bias():
    """B̃ias = Bias + ΔBias + a cross term 2w0'(W − ΣΨ_n)(Ψ_{n−1}…Ψ_0 − 1)w0, W = Φ_n(Σ)."""
    downstream, generators = Fit(110, 1e-3), [Fit(40)] * 2
    whole = chain_risk(POWER, generators, downstream).bias
    clean = chain_risk(POWER, [], downstream).bias
    stages = equivalents_of(POWER, [*generators, downstream])
    weights = stages[-1].phi(POWER.eigenvalues)
    lost = stages[0].psi * stages[1].psi - 1
    cross = 2 * np.sum(
        (weights - POWER.eigenvalues * stages[-1].psi) * lost * POWER.coefficients**2
    )
    assert_same(whole, clean + bias_increase(POWER, generators, downstream) + cross, rtol=1e-10)


def test_labels_of_a_fitted_model_can_beat_true_labels():
    """The counterexample to B̃ias ≥ Bias + ΔBias for T0 < d: w0 in weak directions."""
    spectrum = Spectrum(
        np.r_[np.ones(100), np.full(100, 0.02)], np.r_[np.zeros(100), np.full(100, 0.1)]
    )
    downstream = Fit(110, 1e-3)
    fake = chain_risk(spectrum, [Fit(60)], downstream).bias
    clean = chain_risk(spectrum, [], downstream).bias
    assert fake < 0.7 * clean
    assert bias_increase(spectrum, [Fit(60)], downstream) > 0


def test_infinite_risk_of_noisy_ols_at_rank_many_samples():
    assert chain_risk(POWER, [Fit(80, 0, 0.1)], Fit(200, 0.1)).total == np.inf
    assert np.isfinite(chain_risk(POWER, [Fit(80, 0, 0.0)], Fit(200, 0.1)).total)


def test_formulas_refuse_sizes_outside_their_theorem():
    for call in (
        lambda: ols_chain_risk(80, 81, 0.1, 1, 200, 0.1),
        lambda: ols_chain_risk(80, 200, 0.1, 1, 81, 0.1),
        lambda: collapse_rate_full_rank(POWER, 80, Fit(100, 0.1)),
        lambda: isotropic_chain_risk(80, 1, 1, 80, 0.1, Fit(100, 0.1)),
    ):
        with pytest.raises(ValueError, match="must be at least"):
            call()


def test_exponents_of_the_paper():
    assert_same(ell_crit(2.0, 0.375), 0.8)
    assert ell_crit(2.0, 3.0) == ell_crit(2.0, 1.0)
    assert_same(ell_star(2.0, 0.375, b=0.5), 0.4)
    assert_same(ell_star(2.0, 0.375, b=0.5, a=0.25), 0.2)
    assert ell_star(2.0, 0.375, b=9.0) == 2.0


def test_effective_samples_meet_their_limits():
    assert effective_samples(1000, 600, 0) == 1000
    assert effective_samples(100, 600, 10) == 60
    assert effective_samples(50, 600, 10) == 50
    assert_same(smooth_effective_samples(1000, 600, 0, 1.0), 1000)
    assert_same(smooth_effective_samples(1e15, 600, 10, 1.0), 60, rtol=1e-9)


def test_best_ridge_of_isotropic_clean_data():
    """Σ = I, n = 0: the best ridge is known, λ = σ²φ/‖w0‖²."""
    spectrum = isotropic(80, norm=1.5)
    assert_same(best_ridge(spectrum, [], 200, 0.4), 0.4**2 * 0.4 / 1.5**2, rtol=1e-4)


def test_best_ridge_is_nowhere_beaten():
    chain = [Fit(150, 0, 1.0)] * 4
    best = best_ridge(POWER, equivalents_of(POWER, chain), 1000, 1.0)
    lowest = chain_risk(POWER, chain, Fit(1000, best, 1.0)).total
    for factor in (0.1, 0.5, 0.9, 1.1, 2, 10):
        assert chain_risk(POWER, chain, Fit(1000, best * factor, 1.0)).total > lowest


def test_the_effective_rule_at_the_paper_s_scale():
    """Figure 1b at T = 10,000, n = 10: corrected rule and best ridge against a = 0."""
    spectrum, chain = power_law(300, 2.0, 0.375), [Fit(600, 0, 1.0)] * 10
    best = best_ridge(spectrum, equivalents_of(spectrum, chain), 10_000, 1.0)
    ridges = (effective_samples(10_000, 600, 10) ** -0.8, best, 600**-0.8)
    got = [chain_risk(spectrum, chain, Fit(10_000, ridge, 1.0)).total for ridge in ridges]
    assert np.round(got, 3).tolist() == [0.169, 0.160, 0.343]


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


def test_formulas_are_given_from_the_first_size_where_they_hold():
    for size, noise in ((102, 0.1), (103, 0.1)):
        assert ols_chain_risk(100, size, noise, 1, size, noise, finite_size=True) > 0
    with pytest.raises(ValueError, match="T must be at least 102"):
        ols_chain_risk(100, 101, 0.1, 1, 200, 0.1)
    spectrum = isotropic(100)
    assert collapse_rate_full_rank(spectrum, 101, Fit(200, 0.1)) > 0
    with pytest.raises(ValueError, match="T0 must be at least 101"):
        collapse_rate_full_rank(spectrum, 100, Fit(200, 0.1))
