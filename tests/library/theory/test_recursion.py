"""The recursion contains the paper's formulas, each where the paper states it."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.stats import invwishart

from model_collapse.mixtures.limits import replace_limit
from model_collapse.problem.fits import Chain, Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.theory import paper, recursion
from model_collapse.theory.equivalents import Equivalent, degrees_of_freedom
from model_collapse.theory.recursion import (
    bias_increase,
    chain_risk,
    expected_norm,
    expected_product,
    expected_square,
)
from scripts.claims.checks import projections

ISOTROPIC, POWER = isotropic(80, norm=1.5), power_law(80, 2.0, 0.375)
SIZES = [30, 200, 60, 80]  # on both sides of d
every_spectrum = pytest.mark.parametrize("spectrum", [ISOTROPIC, POWER])
every_n = pytest.mark.parametrize("n", [0, 1, 2, 7])
every_downstream = pytest.mark.parametrize(
    "downstream", [Fit(500, 1e-3, 0.2), Fit(50, 1e-2, 0.2), Fit(50, 0, 0.2)]
)


def total(generators, samples=100, ridge=1e-2, noise=0.1) -> float:
    """The test error on the power law."""
    return chain_risk(POWER, generators, Fit(samples, ridge, noise)).total


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
    found = chain_risk(ISOTROPIC, [Fit(120, 0, 0.3)] * n, downstream).total
    printed = paper.isotropic_chain_risk(80, 1.5, n, 120, 0.3, downstream)
    assert_same(found, printed, rtol=1e-10)


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
    assert_same(recursion.expected_norm(ISOTROPIC, chain), limit[0])
    increase = recursion.bias_increase(ISOTROPIC, chain, Fit(10**5, 1e-12))
    assert_same(increase, limit[1], rtol=1e-9)
    u, v = np.cos(np.arange(80)), np.sin(np.arange(80))
    assert_same(expected_product(ISOTROPIC, chain, u, v), u @ v * eta, rtol=1e-9)


def test_limits_of_the_fits():
    ols, vanishing = (total([Fit(50, ridge, 0.2)] * 3) for ridge in (0, 1e-13))
    assert_same(vanishing, ols, rtol=1e-7)
    endless_clean_data = [Fit(1e13, 0, 0.2)] * 3
    assert_same(total(endless_clean_data), total([]), rtol=1e-9)
    assert_same(total([Fit(50, 0, 1)], ridge=1e12, noise=1), POWER.null_risk, rtol=1e-9)


def test_risk_is_quadratic_in_noise_and_linear_in_its_parts():
    parts = [
        total([Fit(50, 0, a), Fit(90, 0, b)], noise=c)
        for a, b, c in ((0.1, 0.2, 0.3), (0, 0, 0), (0.1, 0, 0), (0, 0.2, 0), (0, 0, 0.3))
    ]
    assert_same(parts[0] - parts[1], sum(part - parts[1] for part in parts[2:]), rtol=1e-10)


def test_bias_increase_closes_the_bias():
    """B̃ias = Bias + ΔBias + a cross term 2w0'(W − ΣΨ_n)(Ψ_{n−1}…Ψ_0 − 1)w0, W = Φ_n(Σ)."""
    downstream, generators = Fit(110, 1e-3), [Fit(40)] * 2
    whole, clean = (chain_risk(POWER, chain, downstream).bias for chain in (generators, []))
    *stages, last = recursion.equivalents_of(POWER, [*generators, downstream])
    weights = last.phi(POWER.eigenvalues) - POWER.eigenvalues * last.psi
    lost = stages[0].psi * stages[1].psi - 1
    cross = 2 * np.sum(weights * lost * POWER.coefficients**2)
    increase = recursion.bias_increase(POWER, generators, downstream)
    assert_same(whole, clean + increase + cross, rtol=1e-10)


def test_labels_of_a_fitted_model_can_beat_true_labels():
    """The counterexample to B̃ias ≥ Bias + ΔBias for T0 < d: w0 in weak directions."""
    spectrum, downstream = two_level(200, 0.02, 1.0), Fit(110, 1e-3)
    fake, clean = (chain_risk(spectrum, chain, downstream).bias for chain in ([Fit(60)], []))
    assert fake < 0.7 * clean
    assert recursion.bias_increase(spectrum, [Fit(60)], downstream) > 0


@pytest.mark.parametrize("generators", [[], [Fit(29, 0.0, 0.3)] * 3])
def test_a_condensed_spectrum_has_a_whole_rank(generators):
    """Weights of a quadrature add up to 29 ranks but for rounding."""
    spectrum = power_law(29, 2.0, 0.5, condensed=True)
    assert spectrum.rank == 29
    assert chain_risk(spectrum, generators, Fit(29, 0.0, 1.0)).variance == np.inf


def test_poles_of_the_formulas_are_refused():
    at_rank, above = Fit(80), Fit(120, 0.1)
    for formula in (
        lambda: paper.ridge_risk(ISOTROPIC, at_rank),
        lambda: paper.collapse_rate(ISOTROPIC, 80, above),
        lambda: paper.collapse_rate(ISOTROPIC, 120, at_rank),
        lambda: paper.collapse_rate_full_rank(ISOTROPIC, 120, at_rank),
        lambda: paper.isotropic_chain_risk(80, 1.0, 1, 120, 0.1, at_rank),
    ):
        with pytest.raises(ValueError, match="has a pole at λ = 0 and T = rank Σ"):
            formula()


def test_infinite_risk_of_noisy_ols_at_rank_many_samples():
    assert total([Fit(80, 0, 0.1)], 200, 0.1, 0) == np.inf
    assert np.isfinite(total([Fit(80, 0, 0.0)], 200, 0.1, 0))


@pytest.mark.parametrize("n", [1, 3])
def test_products_of_projections_by_full_matrices(n):
    """Lemmas F.7 and F.8, corrected, for Σ = diag(1/j), d = 60, T0 = 30."""
    d, fits = 60, [Fit(30)] * n
    spectrum = Spectrum(1 / np.arange(1, d + 1), np.ones(d) / np.sqrt(d))
    u, v, s = spectrum.coefficients, np.cos(np.arange(d)), spectrum.eigenvalues
    draws = np.array(list(projections(spectrum, 30, [n], 1500, f"test/{n}")))[:, 0]
    found = np.array([
        np.einsum("i,rij,j->r", u, draws, v), np.einsum("ri,i,ri->r", draws @ u, s, draws @ v),
    ])  # fmt: skip
    error = found.std(axis=1, ddof=1) / np.sqrt(1500)
    lemmas = [expected_product(spectrum, fits, u, v), expected_square(spectrum, fits, u, v, s)]
    assert np.all(abs(found.mean(axis=1) - lemmas) < 4 * error + 0.02 * np.abs(lemmas))


def test_the_square_of_one_projection_is_the_printed_formula():
    spectrum, fit = power_law(50, 1.5, 0.5), Fit(20)
    s, stage = spectrum.eigenvalues, Equivalent(spectrum.eigenvalues, fit)
    df2 = degrees_of_freedom(s, stage.kappa, 2)
    printed = s * (stage.psi**2 + (1 - stage.psi) ** 2 * df2 / (20 - df2))
    assert_same([expected_square(spectrum, [fit], e, e, s) for e in np.eye(50)], printed)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_saturation_is_the_recursion_in_the_limit(n):
    """Both to first order in 1/d: the finite-size formula has d − T0 − 1 for d − T0."""
    d, size, noise = 40_000, 16_000, 0.5
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
    """The sizes, then the paper's own sum, 1 + Σ 1/(m log²m), and the same at φ0 = 1/2."""
    assert paper.growing_samples(100, 1) == 100
    assert_same(paper.growing_samples(100, 5), 100 * 5 * np.log(5) ** 2)
    assert abs(paper.growth_sum(0.0, np.inf) - 3.1097) < 1e-4
    assert abs(paper.growth_sum(0.5, np.inf) - 2.649) < 1e-3
    assert abs(paper.growth_sum(0.0, 100) - 2.89) < 0.01
    assert paper.growth_sum(0.3, 1) == 1
    # Beyond a million generations the sum goes on rising: 3.0374 and 3.0615, and its end above.
    steps = [paper.growth_sum(0.0, n) for n in (10**6, 10**6 + 1, 10**9, 10**300, np.inf)]
    term = 1 / ((1e6 + 1) * np.log(1e6 + 1) ** 2)
    assert_same(steps[1] - steps[0], term, rtol=1e-6)
    assert_same(steps[2], 3.0615, rtol=1e-5)
    assert_same(steps[4] - steps[3], 1 / np.log(1e300), rtol=1e-10)
    for generations in (-1, 2.5, np.nan):
        with pytest.raises(ValueError, match="generations must be at least 0, and whole, not"):
            paper.growth_sum(0.1, generations)
    with pytest.raises(ValueError, match=r"phi_0 = d/T0 must be .* below 0.96 here, not 0.97"):
        paper.growth_sum(0.97, 5)


def test_a_small_bias_keeps_its_digits():
    """λ far below the last eigenvalue: (1−d/T)^{-1}κ²Σw_j²/λ_j, 20 digits below the null risk."""
    spectrum, fit = power_law(40, 1.5, 0.5), Fit(10_000, 1e-12)
    expected = np.sum(spectrum.coefficients**2 / spectrum.eigenvalues) / (1 - 40 / 10_000)
    expected *= Equivalent(spectrum.eigenvalues, fit).kappa ** 2
    assert expected < 1e-18
    found = np.array([chain_risk(spectrum, [Fit(80)] * n, fit).bias for n in (0, 3)])
    assert_same(found / expected, 1, rtol=1e-8)
    assert_same(paper.ridge_risk(spectrum, fit).bias / expected, 1, rtol=1e-8)


def test_finite_size_least_squares_is_the_mean_of_the_inverse_wishart():
    """E tr Σ(X'X)^{-1} is d/(T−d−1) for any Σ."""
    d, samples, size = 6, 15, 11
    trace = {T: np.trace(invwishart(df=T, scale=np.eye(d)).mean()) for T in (samples, size)}
    expected = 0.3**2 * trace[samples] + 4 * 0.7**2 * trace[size]
    assert_same(paper.ols_chain_risk(d, samples, 0.3, 4, size, 0.7, finite_size=True), expected)


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


@pytest.mark.parametrize("generators", [[], [Fit(50, 0.0, 0.3)] * 3, [Fit(200, 0.0, 0.3)] * 3])
def test_a_grid_of_downstream_fits_is_every_fit(generators):
    samples, ridges = np.array([10.0, 80, 3000])[:, None], np.logspace(-6, 1, 4)
    grid = chain_risk(POWER, generators, Fit(samples, ridges, 0.2))
    for i, j in np.ndindex(3, 4):
        one = chain_risk(POWER, generators, Fit(samples[i, 0], ridges[j], 0.2))
        for name in ("bias", "variance", "collapse", "total"):
            assert_same(
                getattr(grid, name)[i, j] / (getattr(one, name) or 1), bool(getattr(one, name))
            )


@pytest.mark.parametrize("size", [60, 120])
def test_a_condensed_spectrum_has_the_same_theory(size):
    """Equal eigenvalues as one entry: the recursion and the formulas, on both sides of d."""
    spectrum = two_level(80, 0.02, 0.7)
    short, generators, fit = spectrum.condensed(), [Fit(size, 0.0, 0.3)] * 3, Fit(50, 1e-2, 0.2)
    assert len(short.eigenvalues) == 2
    assert (short.dimension, short.null_risk) == (80, pytest.approx(spectrum.null_risk, rel=1e-14))
    for formula in (
        lambda s: list(vars(chain_risk(s, generators, fit)).values()),
        lambda s: recursion.bias_increase(s, generators, fit),
        lambda s: recursion.expected_norm(s, generators),
        lambda s: list(vars(paper.ridge_risk(s, fit)).values()),
        lambda s: paper.collapse_rate(s, size, fit),
        lambda s: paper.collapse_rate_full_rank(s, 120, fit),
        lambda s: paper.break_even(s, 0.5, 0.3),
        lambda s: recursion.expected_square(
            s, generators, s.coefficients, s.coefficients, s.eigenvalues
        ),
        lambda s: recursion.expected_product(s, generators, s.coefficients, s.coefficients),
    ):
        assert_same(formula(short), formula(spectrum), rtol=1e-11)


CEILING_NOISE, CEILING_SAMPLES = 1.0, 400


def collapse_over_ceiling(spectrum: Spectrum, samples: float, ridge: float) -> float:
    """The collapse of one generation over the ceiling φ0/(1−φ0) of σ0 = 1."""
    generator = Fit(CEILING_SAMPLES, 0.0, CEILING_NOISE)
    collapse = chain_risk(spectrum, [generator], Fit(samples, ridge)).collapse
    return collapse / (spectrum.dimension / (CEILING_SAMPLES - spectrum.dimension))


def test_the_collapse_exceeds_the_ceiling_just_above_the_number_of_large_eigenvalues():
    spectrum = Spectrum(np.repeat([1.0, 1e-4], 100), np.full(200, 0.1))
    assert_same(collapse_over_ceiling(spectrum, 105, 0.0), 9.31, rtol=1e-3)
    assert_same(collapse_over_ceiling(spectrum, 200.5, 0.0), 1, rtol=1e-3)


def test_with_a_ridge_even_t_above_d_does_not_keep_the_collapse_below_the_ceiling():
    spectrum = Spectrum(np.repeat([1.0, 1e-8], [150, 50]), np.full(200, 0.1))
    assert_same(collapse_over_ceiling(spectrum, 220, 1e-5), 1.285, rtol=1e-3)


@pytest.mark.parametrize("ridge", [1e-6, 1e-4, 1e-2, 1.0])
def test_with_twice_as_many_samples_as_degrees_of_freedom_the_collapse_is_below_the_ceiling(ridge):
    for strong in (10, 100, 150, 190):
        for weak in (1e-8, 1e-4, 1e-2, 1.0):
            values = np.repeat([1.0, weak], [strong, 200 - strong])
            spectrum = Spectrum(values, np.full(200, 0.1))
            for samples in (2, 20, 100, 300, 400, 1000):
                fit = Equivalent(values, Fit(samples, ridge))
                if samples >= 2 * fit.df2:
                    assert collapse_over_ceiling(spectrum, samples, ridge) <= 1 + 1e-12


def test_on_the_power_law_of_figure_1b_the_collapse_is_below_the_ceiling():
    spectrum = power_law(300, 2.0, 0.375)
    for samples in np.geomspace(1, 1e10, 81):
        ridge = samples**-0.8
        assert Equivalent(spectrum.eigenvalues, Fit(samples, ridge)).df2 <= samples / 2
        collapse = chain_risk(spectrum, [Fit(600, 0.0, 1.0)], Fit(samples, ridge, 1.0)).collapse
        assert collapse <= 1 + 1e-12  # φ0 = 1/2


def test_fake_labels_can_beat_true_ones_at_the_best_ridge_of_each():
    """T near the number of strong directions, w0 in both kinds; theory, then full matrices."""
    strong, weak_eigenvalue, d, samples, generator_samples = 52, 0.01, 100, 52, 70
    values = np.repeat([1.0, weak_eigenvalue], [strong, d - strong])
    signal = np.repeat(np.sqrt([0.5 / strong, 0.5 / (d - strong)]), [strong, d - strong])
    spectrum = Spectrum(values, signal)
    ridges = np.geomspace(1e-8, 10, 46)

    def errors(generators: list[Fit]) -> list[float]:
        return [chain_risk(spectrum, generators, Fit(samples, ridge)).total for ridge in ridges]

    on_true, on_fake = errors([]), errors([Fit(generator_samples)])
    assert_same([min(on_true), min(on_fake)], [0.0498, 0.0449], rtol=5e-3)

    stream, replicates = np.random.default_rng(1), 300
    gaps = np.empty(replicates)
    for i in range(replicates):
        first, last = (
            stream.standard_normal((rows, d)) * np.sqrt(values)
            for rows in (generator_samples, samples)
        )
        generator = np.linalg.pinv(first) @ first @ signal
        found = []
        for labeller, of_ridges in ((signal, on_true), (generator, on_fake)):
            ridge = ridges[np.argmin(of_ridges)]
            gram = last @ last.T + ridge * samples * np.eye(samples)
            weights = last.T @ np.linalg.solve(gram, last @ labeller)
            found.append(np.sum(values * (weights - signal) ** 2))
        gaps[i] = found[1] - found[0]
    assert np.mean(gaps) < -4 * np.std(gaps, ddof=1) / np.sqrt(replicates)


STEEP_STAGE = Fit(200, 1e-3, 0.1)
MIXED_STAGE = Fit(30, 0.0, 0.2)
SHORT = power_law(20, 1.5, 0.4)


@pytest.mark.parametrize("stage", [STEEP_STAGE, MIXED_STAGE, Fit(15, 1e-6, 0.0), Fit(10, 1e4, 1.0)])
def test_many_equal_stages_at_once_are_one_by_one(stage, monkeypatch):
    """A power of their matrix, with another stage before and after, for one fit and for a grid."""
    chain = [Fit(40, 0.1, 0.3), *[stage] * 2500, Fit(25, 0.2, 0.1)]
    last = Fit(60, 0.05, 0.2)
    grid = Fit([50, 60], [[0.05], [0.5]], 0.2)
    weights = np.linspace(1, 2, 20)

    def risks():
        yield from vars(chain_risk(SHORT, chain, last)).values()
        yield from vars(chain_risk(SHORT, chain, grid)).values()
        yield expected_norm(SHORT, chain, weights)
        yield bias_increase(SHORT, chain, last)

    at_once = list(risks())
    monkeypatch.setattr(recursion, "_repeated", None)  # a call would fail
    monkeypatch.setattr(recursion, "MANY_STAGES", 10**9)
    for together, one_by_one in zip(at_once, risks(), strict=True):
        assert_same(together, one_by_one, rtol=1e-10, atol=1e-300)


def test_many_different_stages_solved_together_are_each_by_itself(monkeypatch):
    fits = [Fit(10 + i % 40, 1e-3 * (i % 7), 0.1 + i / 10**4) for i in range(1200)]
    together = chain_risk(SHORT, fits, Fit(60, 0.05, 0.2)).total
    monkeypatch.setattr(recursion, "MANY_STAGES", 10**9)
    assert_same(together, chain_risk(SHORT, fits, Fit(60, 0.05, 0.2)).total, rtol=1e-11)


def test_a_million_equal_stages_reach_their_limit():
    """In closed form, that of replace: the null predictor's error, and the noise that stays."""
    stage = Fit(40, 0.1, 0.3)
    total = chain_risk(SHORT, [stage] * 10**6, stage).total
    assert_same(total, replace_limit(SHORT, stage), rtol=1e-10)


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
def test_the_papers_formulas_refuse_sizes_and_counts_that_are_none(formula, arguments):
    with pytest.raises(ValueError, match=r"must be (at least|a number of at least 0)"):
        formula(*arguments)
