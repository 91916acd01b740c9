"""The recursion: its limits, its terms by other routes, and long chains."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.optimize import bisect

from model_collapse.mixtures.limits import replace_limit
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, power_law, two_level
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

POWER = power_law(80, 2.0, 0.375)


def total(generators, samples=100, ridge=1e-2, noise=0.1) -> float:
    """The test error on the power law."""
    return chain_risk(POWER, generators, Fit(samples, ridge, noise)).total


def test_limits_of_the_fits():
    ols, vanishing = (total([Fit(50, ridge, 0.2)] * 3) for ridge in (0, 1e-13))
    assert_same(vanishing, ols, rtol=1e-7)
    endless_clean_data = [Fit(1e13, 0, 0.2)] * 3
    assert_same(total(endless_clean_data), total([]), rtol=1e-9)
    assert_same(total([Fit(50, 0, 1)], ridge=1e12, noise=1), POWER.null_risk, rtol=1e-9)


def test_risk_is_quadratic_in_noise_and_linear_in_its_parts():
    noisy, clean, *single = (
        total([Fit(50, 0, a), Fit(90, 0, b)], noise=c)
        for a, b, c in ((0.1, 0.2, 0.3), (0, 0, 0), (0.1, 0, 0), (0, 0.2, 0), (0, 0, 0.3))
    )
    assert_same(noisy - clean, sum(risk - clean for risk in single), rtol=1e-10)


def test_bias_increase_closes_the_bias():
    """B̃ias = Bias + ΔBias + a cross term 2w0'(W − ΣΨ_n)(Ψ_{n−1}…Ψ_0 − 1)w0, W = Φ_n(Σ)."""
    downstream = Fit(110, 1e-3)
    generators = [Fit(40)] * 2
    whole, clean = (chain_risk(POWER, chain, downstream).bias for chain in (generators, []))
    *stages, last = recursion.equivalents_of(POWER, [*generators, downstream])
    weights = last.phi(POWER.eigenvalues) - POWER.eigenvalues * last.psi
    lost = stages[0].psi * stages[1].psi - 1
    cross = 2 * np.sum(weights * lost * POWER.coefficients**2)
    increase = bias_increase(POWER, generators, downstream)
    assert_same(whole, clean + increase + cross, rtol=1e-10)


def test_labels_of_a_fitted_model_can_beat_true_labels():
    """The counterexample to B̃ias ≥ Bias + ΔBias for T0 < d: w0 in weak directions."""
    spectrum = two_level(200, 0.02, 1.0)
    downstream = Fit(110, 1e-3)
    fake, clean = (chain_risk(spectrum, chain, downstream).bias for chain in ([Fit(60)], []))
    assert fake < 0.7 * clean
    assert bias_increase(spectrum, [Fit(60)], downstream) > 0


@pytest.mark.parametrize("generators", [[], [Fit(29, 0.0, 0.3)] * 3])
def test_a_condensed_spectrum_has_a_whole_rank(generators):
    """Weights of a quadrature add up to 29 ranks but for rounding."""
    spectrum = power_law(29, 2.0, 0.5, condensed=True)
    assert spectrum.rank == 29
    assert chain_risk(spectrum, generators, Fit(29, 0.0, 1.0)).variance == np.inf


def test_infinite_risk_of_noisy_ols_at_rank_many_samples():
    assert total([Fit(80, 0, 0.1)], 200, 0.1, 0) == np.inf
    assert np.isfinite(total([Fit(80, 0, 0.0)], 200, 0.1, 0))


@pytest.mark.parametrize("n", [1, 3])
def test_products_of_projections_by_full_matrices(n):
    """Lemmas F.7 and F.8, corrected, for Σ = diag(1/j), d = 60, T0 = 30."""
    d = 60
    fits = [Fit(30)] * n
    spectrum = Spectrum(1 / np.arange(1, d + 1), np.ones(d) / np.sqrt(d))
    s = spectrum.eigenvalues
    u = spectrum.coefficients
    v = np.cos(np.arange(d))
    draws = np.array(list(projections(spectrum, 30, [n], 1500, f"test/{n}")))[:, 0]
    forms = np.array([
        np.einsum("i,rij,j->r", u, draws, v), np.einsum("ri,i,ri->r", draws @ u, s, draws @ v),
    ])  # fmt: skip
    error = forms.std(axis=1, ddof=1) / np.sqrt(1500)
    lemmas = [expected_product(spectrum, fits, u, v), expected_square(spectrum, fits, u, v, s)]
    assert np.all(abs(forms.mean(axis=1) - lemmas) < 4 * error + 0.02 * np.abs(lemmas))


def test_the_square_of_one_projection_is_the_printed_formula():
    spectrum = power_law(50, 1.5, 0.5)
    s = spectrum.eigenvalues
    fit = Fit(20)
    stage = Equivalent(s, fit)
    df2 = degrees_of_freedom(s, stage.kappa, 2)
    printed = s * (stage.psi**2 + (1 - stage.psi) ** 2 * df2 / (20 - df2))
    assert_same([expected_square(spectrum, [fit], e, e, s) for e in np.eye(50)], printed)


def test_a_small_bias_keeps_its_digits():
    """λ far below the last eigenvalue: (1−d/T)^{-1}κ²Σw_j²/λ_j, 20 digits below the null risk."""
    spectrum = power_law(40, 1.5, 0.5)
    fit = Fit(10_000, 1e-12)
    expected = np.sum(spectrum.coefficients**2 / spectrum.eigenvalues) / (1 - 40 / 10_000)
    expected *= Equivalent(spectrum.eigenvalues, fit).kappa ** 2
    assert expected < 1e-18
    for n in (0, 3):
        assert_same(chain_risk(spectrum, [Fit(80)] * n, fit).bias / expected, 1, rtol=1e-8)
    assert_same(paper.ridge_risk(spectrum, fit).bias / expected, 1, rtol=1e-8)


@pytest.mark.parametrize("generators", [[], [Fit(50, 0.0, 0.3)] * 3, [Fit(200, 0.0, 0.3)] * 3])
def test_a_grid_of_downstream_fits_is_every_fit(generators):
    samples = np.array([10.0, 80, 3000])[:, None]
    ridges = np.logspace(-6, 1, 4)
    grid = chain_risk(POWER, generators, Fit(samples, ridges, 0.2))
    for i, j in np.ndindex(3, 4):
        single = chain_risk(POWER, generators, Fit(samples[i, 0], ridges[j], 0.2))
        for name in ("bias", "variance", "collapse", "total"):
            assert_same(getattr(grid, name)[i, j], getattr(single, name))


@pytest.mark.parametrize("size", [60, 120])
def test_a_condensed_spectrum_has_the_same_theory(size):
    """Equal eigenvalues as one entry: the recursion and the formulas, on both sides of d."""
    spectrum = two_level(80, 0.02, 0.7)
    short = spectrum.condensed()
    generators = [Fit(size, 0.0, 0.3)] * 3
    fit = Fit(50, 1e-2, 0.2)
    assert len(short.eigenvalues) == 2
    assert (short.dimension, short.null_risk) == (80, pytest.approx(spectrum.null_risk, rel=1e-14))
    for formula in (
        lambda s: list(vars(chain_risk(s, generators, fit)).values()),
        lambda s: bias_increase(s, generators, fit),
        lambda s: expected_norm(s, generators),
        lambda s: list(vars(paper.ridge_risk(s, fit)).values()),
        lambda s: paper.collapse_rate(s, size, fit),
        lambda s: paper.collapse_rate_full_rank(s, 120, fit),
        lambda s: paper.break_even(s, 0.5, 0.3),
        lambda s: expected_square(s, generators, s.coefficients, s.coefficients, s.eigenvalues),
        lambda s: expected_product(s, generators, s.coefficients, s.coefficients),
    ):
        assert_same(formula(short), formula(spectrum), rtol=1e-11)


CEILING_SAMPLES = 400  # T0, twice d


def collapse_over_ceiling(spectrum: Spectrum, samples: float, ridge: float) -> float:
    """Return the collapse of one generation over the ceiling φ0/(1−φ0) of σ0 = 1."""
    generator = Fit(CEILING_SAMPLES, 0.0, 1.0)
    collapse = chain_risk(spectrum, [generator], Fit(samples, ridge)).collapse
    return collapse / (spectrum.dimension / (CEILING_SAMPLES - spectrum.dimension))


def over_ceiling_by_hand(values: np.ndarray, samples: float, ridge: float) -> float:
    """Return the same by equation (19), [df_2 + Σ(κ/(λ_j+κ))²·df_2/(T−df_2)]/d, κ by bisection."""

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return np.sum(values / (values + kappa)) + samples * (ridge / kappa - 1)

    kappa = np.exp(bisect(excess, np.log(1e-12), np.log(1e3), xtol=1e-14))
    df2 = np.sum((values / (values + kappa)) ** 2)
    residuals = np.sum((kappa / (values + kappa)) ** 2)
    return (df2 + residuals * df2 / (samples - df2)) / len(values)


def test_the_collapse_exceeds_the_ceiling_just_above_the_number_of_large_eigenvalues():
    values = np.repeat([1.0, 1e-4], 100)
    spectrum = Spectrum(values, np.full(200, 0.1))
    ratio = collapse_over_ceiling(spectrum, 105, 0.0)
    assert_same(ratio, over_ceiling_by_hand(values, 105, 0.0), rtol=1e-9)
    assert ratio > 9
    assert_same(collapse_over_ceiling(spectrum, 200.5, 0.0), 1, rtol=1e-3)


def test_with_a_ridge_even_t_above_d_does_not_keep_the_collapse_below_the_ceiling():
    values = np.repeat([1.0, 1e-8], [150, 50])
    ratio = collapse_over_ceiling(Spectrum(values, np.full(200, 0.1)), 220, 1e-5)
    assert_same(ratio, over_ceiling_by_hand(values, 220, 1e-5), rtol=1e-9)
    assert ratio > 1.2


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
    d = 100
    strong = 52  # eigenvalues of 1, the others of 0.01
    samples = 52
    generator_samples = 70
    values = np.repeat([1.0, 0.01], [strong, d - strong])
    signal = np.repeat(np.sqrt([0.5 / strong, 0.5 / (d - strong)]), [strong, d - strong])
    spectrum = Spectrum(values, signal)
    ridges = np.geomspace(1e-8, 10, 46)

    def errors(generators: list[Fit]) -> list[float]:
        return [chain_risk(spectrum, generators, Fit(samples, ridge)).total for ridge in ridges]

    on_true = errors([])
    on_fake = errors([Fit(generator_samples)])
    assert min(on_fake) < 0.95 * min(on_true)

    stream = np.random.default_rng(1)
    measured = np.empty((300, 2))
    for i in range(len(measured)):
        first, last = (
            stream.standard_normal((rows, d)) * np.sqrt(values)
            for rows in (generator_samples, samples)
        )
        generator = np.linalg.pinv(first) @ first @ signal
        for j, (labeller, predicted) in enumerate(((signal, on_true), (generator, on_fake))):
            ridge = ridges[np.argmin(predicted)]
            gram = last @ last.T + ridge * samples * np.eye(samples)
            weights = last.T @ np.linalg.solve(gram, last @ labeller)
            measured[i, j] = np.sum(values * (weights - signal) ** 2)
    assert_same(measured.mean(axis=0), [min(on_true), min(on_fake)], rtol=0.05)
    gaps = measured[:, 1] - measured[:, 0]
    assert np.mean(gaps) < -4 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


SHORT = power_law(20, 1.5, 0.4)


@pytest.mark.parametrize(
    "stage", [Fit(200, 1e-3, 0.1), Fit(12, 0.0, 0.2), Fit(15, 1e-6, 0.0), Fit(10, 1e4, 1.0)]
)
def test_many_equal_stages_at_once_are_one_by_one(stage, monkeypatch):
    """A power of their matrix, with another stage before and after, for one fit and for a grid."""
    chain = [Fit(40, 0.1, 0.3), *[stage] * 2500, Fit(25, 0.2, 0.1)]
    last = Fit(60, 0.05, 0.2)
    grid = Fit([50, 60], [[0.05], [0.5]], 0.2)
    weights = np.linspace(1, 2, 20)

    def results():
        yield from vars(chain_risk(SHORT, chain, last)).values()
        yield from vars(chain_risk(SHORT, chain, grid)).values()
        yield expected_norm(SHORT, chain, weights)
        yield bias_increase(SHORT, chain, last)

    at_once = list(results())
    monkeypatch.setattr(recursion, "_repeated", None)
    with pytest.raises(TypeError):  # it was called for the results above
        chain_risk(SHORT, chain, last)
    monkeypatch.setattr(recursion, "MANY_STAGES", 10**9)
    for power, stepwise in zip(at_once, results(), strict=True):
        assert_same(power, stepwise, rtol=1e-10, atol=1e-300)


def test_many_different_stages_solved_together_are_each_by_itself(monkeypatch):
    monkeypatch.setattr(recursion, "MANY_STAGES", 100)
    fits = [Fit(10 + i % 40, 1e-3 * (i % 7), 0.1 + i / 10**3) for i in range(120)]
    last = Fit(60, 0.05, 0.2)
    together = chain_risk(SHORT, fits, last).total
    monkeypatch.setattr(recursion, "_solve_together", None)
    with pytest.raises(TypeError):  # it was called for the error above
        chain_risk(SHORT, fits, last)
    monkeypatch.setattr(recursion, "MANY_STAGES", 10**9)
    assert_same(together, chain_risk(SHORT, fits, last).total, rtol=1e-11)


def test_a_million_equal_stages_reach_their_limit():
    """The limit of replace in closed form: the null predictor's error and the noise that stays."""
    stage = Fit(40, 0.1, 0.3)
    error = chain_risk(SHORT, [stage] * 10**6, stage).total
    assert_same(error, replace_limit(SHORT, stage), rtol=1e-10)
