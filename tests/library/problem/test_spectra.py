"""Spectra and teachers."""

import warnings

import numpy as np
import pytest
from conftest import assert_same
from scipy.special import zeta

from model_collapse.mixtures.limits import replace_limit
from model_collapse.mixtures.remedies import replace
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.fits import Fit
from model_collapse.problem.quadrature import quadrature_ranks
from model_collapse.problem.spectra import Spectrum, isotropic, on_range, power_law, two_level
from model_collapse.simulation.chain import simulate_chain
from model_collapse.theory.equivalents import degrees_of_freedom
from model_collapse.theory.paper import collapse_rate
from model_collapse.theory.recursion import chain_risk
from model_collapse.theory.spectral_filters import filtered_chain, ridge_filter


def test_isotropic_teacher_has_the_norm_and_depends_on_its_seed_alone():
    spectrum, again, other = (isotropic(50, norm=3.0, seed=seed) for seed in (4, 4, 5))
    assert_same(np.linalg.norm(spectrum.coefficients), 3.0)
    assert_same(spectrum.null_risk, 9.0)
    assert np.array_equal(spectrum.coefficients, again.coefficients)
    assert not np.allclose(spectrum.coefficients, other.coefficients)


def test_power_law_of_figure_1b():
    spectrum = power_law(300, 2.0, 0.375)
    k = np.arange(1, 301)
    assert_same(spectrum.eigenvalues, 1 / k**2)
    assert_same(spectrum.coefficients, k**-0.25)
    assert_same(spectrum.null_risk, np.sum(k**-2.5))


@pytest.mark.parametrize(("beta", "r"), [(2.0, 0.375), (1.2, 0.15), (3.0, 1.5)])
def test_source_norm_grows_like_the_harmonic_numbers(beta, r):
    """‖Σ^{1/2−r}w0‖² = Σ 1/j, whatever β and r: the source condition holds up to a logarithm."""
    spectrum = power_law(100, beta, r)
    norm = np.sum(spectrum.eigenvalues ** (1 - 2 * r) * spectrum.coefficients**2)
    assert_same(norm, np.sum(1 / np.arange(1, 101)))


def test_two_levels_hold_unit_length_and_the_share_of_the_weak():
    spectrum = two_level(8, 0.02, 0.75)
    assert list(spectrum.eigenvalues) == [1] * 4 + [0.02] * 4
    squares = spectrum.coefficients**2
    assert_same([squares[:4].sum(), squares[4:].sum()], [0.25, 0.75])
    assert_same(spectrum.null_risk, 0.25 + 0.02 * 0.75)


def test_estimated_eigenvalues_count_above_the_relative_threshold():
    assert on_range(np.array([4.0, 1.0, 1e-9, 1e-13, 0.0])).tolist() == [True] * 3 + [False] * 2


def test_the_rank_counts_positive_eigenvalues_each_as_often_as_it_is_there():
    spectrum = Spectrum([4.0, 1e-13, 0.0, 0.0], np.ones(4))
    assert spectrum.rank == spectrum.condensed().rank == 2
    assert Spectrum([2.0, 1.0, 0.0], np.ones(3), [5.0, 30.0, 7.0]).rank == 35


@pytest.mark.parametrize("last", [1, 2, 15, 16, 17, 31, 33, 49, 100, 1000, 12_345])
@pytest.mark.parametrize("ratio", [1.2, 2.0])
def test_quadrature_ranks_sum_polynomials_exactly(last, ratio):
    """The number of ranks, and powers of them that no plain integral gets right."""
    ranks, weights = quadrature_ranks(float(last), ratio)
    k = np.arange(1.0, last + 1)
    for power in (0, 1, 2, 7, -1, -2.5):
        assert_same(weights @ ranks**power / np.sum(k**power), 1)


@pytest.mark.parametrize(("beta", "r"), [(2.0, 0.375), (1.2, 0.1), (3.0, 1.5), (8.0, 0.5)])
@pytest.mark.parametrize("d", [40, 5000, 2 * 10**6])
def test_a_condensed_power_law_has_the_sums_of_the_whole(d, beta, r):
    whole = power_law(d, beta, r)
    short = power_law(d, beta, r, condensed=True)
    assert len(short.eigenvalues) < 1500
    assert short.dimension == d
    assert_same(short.null_risk / whole.null_risk, 1)
    kappa = np.logspace(-14, 1, 16)
    for order in (1, 2):
        sums = (
            degrees_of_freedom(s.eigenvalues, kappa[i], order, s.counts)
            for s in (short, whole) for i in (0, 5, 10, 15)
        )  # fmt: skip
        found = list(sums)
        assert_same(np.array(found[:4]) / found[4:], 1)


@pytest.mark.parametrize("beta", [1.2, 1.5, 2.0, 4.0])
def test_an_endless_power_law_is_its_integral(beta):
    """df_1(κ) → ∫_0^∞ dx/(1 + κx^β) − 1/2 = κ^{−1/β}(π/β)/sin(π/β) − 1/2, with an error of
    ζ(−β)κ, as Euler and Maclaurin have it; and tr Σ = ζ(β) without it.
    """
    spectrum = power_law(np.inf, beta, 0.5, condensed=True)
    kappa = np.logspace(-6, -3, 4)
    integral = kappa ** (-1 / beta) * np.pi / beta / np.sin(np.pi / beta) - 0.5
    found = degrees_of_freedom(spectrum.eigenvalues, kappa, 1, spectrum.counts)
    assert_same(found / integral, 1, rtol=2e-4 if beta < 1.3 else 1e-5)
    assert np.all(np.abs(found - integral) < kappa)
    assert_same(spectrum.counts @ spectrum.eigenvalues, zeta(beta), rtol=1e-10)


def test_a_spectrum_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        isotropic(3).eigenvalues[0] = 2


@pytest.mark.parametrize(
    ("build", "arguments", "sentence"),
    [
        (Spectrum, ([1.0, -1.0], [1, 1]), "non-negative"),
        (Spectrum, ([0.0, 0.0], [1, 1]), "positive"),
        (Spectrum, ([1.0, 2.0], [1.0]), "one length, not 2, 1 and 2"),
        (Spectrum, ([1.0, 2.0], [1.0, 1.0], [3.0]), "one length, not 2, 2 and 1"),
        (Spectrum, ([1.0, 2.0], [1.0, 1.0], [3.0, 0.0]), "counts must be positive"),
        (Spectrum, ([1.0, 2.0], [1.0, 1.0], [3.0, -1.0]), "counts must be positive"),
        (Spectrum, ([1.0, np.nan], [1, 1]), "finite"),
        (Spectrum, ([], []), "non-empty"),
        (Spectrum, ([1.0, 2j], [1, 1]), "eigenvalues must be a non-empty vector of finite numbers"),
        (Spectrum, ([1.0, 2.0], ["a", "b"]), "coefficients must be a non-empty vector of finite"),
        (isotropic, (1.5,), "d must be at least 1, and whole, not 1.5"),
        (isotropic, ("3",), "d must be at least 1, and whole, not 3"),
        (power_law, (2.5, 2.0, 0.5), "d must be at least 1, and whole, not 2.5"),
        (power_law, (np.inf, 2.0, 0.5), "d must be at least 1, and whole, not inf"),
        (power_law, (10, 1.0, 0.5), "capacity exponent"),
        (power_law, (10, 0.5, 0.5), "capacity exponent"),
        (power_law, (10, 2.0, 0.0), "source exponent"),
        (two_level, (7, 0.1, 0.5), "must be even"),
        (two_level, (8, 0.0, 0.5), "weak_eigenvalue must be above 0"),
        (two_level, (8, 1.5, 0.5), "at most 1"),
        (two_level, (8, 0.1, 1.1), "weak_weight must be between 0 and 1"),
    ],
)
def test_what_makes_no_sense_is_refused(build, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        build(*arguments)


def test_rounding_errors_of_a_singular_covariance_are_no_eigenvalues():
    """eigh gives zeros as ±1e-15 of the largest; theory then is that of the exact zeros."""
    x = np.random.default_rng(5).standard_normal((30, 50))
    computed, vectors = np.linalg.eigh(x.T @ x / 30)
    assert computed.min() < 0 < computed[:20].max()
    truth = np.ones(50)
    spectrum = Spectrum(computed, vectors.T @ truth)
    assert spectrum.rank == 30
    exact = Spectrum(np.r_[np.zeros(20), computed[20:]], vectors.T @ truth)
    fits = [Fit(40, noise=0.3)] * 3, Fit(35, noise=0.3)
    assert_same(chain_risk(spectrum, *fits).total, chain_risk(exact, *fits).total)


def test_small_eigenvalues_stay_if_none_is_negative_and_real_negatives_are_refused():
    assert Spectrum([1.0, 1e-30], [1, 1]).rank == 2
    with pytest.raises(ValueError, match="eigenvalues must be non-negative"):
        Spectrum([1.0, -1e-9], [1, 1])
    with pytest.raises(ValueError, match="one of them positive"):
        Spectrum([-1e-15, 0.0], [1, 1])


@pytest.mark.parametrize(
    "values",
    [
        np.ma.array([1.0, -9999.0], mask=[False, True]),
        np.array([1.0, 2j]),
        ["1", "2"],
        [True, True],
    ],
)
def test_masks_complex_numbers_text_and_truth_values_are_no_eigenvalues(values):
    with pytest.raises(ValueError, match="eigenvalues must be a non-empty vector of finite"):
        Spectrum(values, [1.0, 1.0])


@pytest.mark.parametrize("beta", [2.0, 4.0, 10.0, 20.0])
@pytest.mark.parametrize("samples", [100, 10**4])
def test_an_endless_power_law_has_no_end_that_least_squares_could_see(beta, samples):
    """df_1(κ) = κ^{−1/β}π/(β sin(π/β)) − 1/2 = T where κ is small, and T/(T − df_2) = β then, but
    for the half that the sum has less than the integral: df_2 = (df_1 + 1/2)(1 − 1/β) − 1/2.
    """
    spectrum = power_law(np.inf, beta, 0.5, condensed=True)
    assert spectrum.rank == spectrum.dimension == np.inf
    df2 = (samples + 0.5) * (1 - 1 / beta) - 0.5
    variance = chain_risk(spectrum, [], Fit(samples, 0.0, 1.0)).variance
    assert_same(variance, df2 / (samples - df2), rtol=1e-9)
    union = expected_errors(spectrum, replace(samples, 0.0, 1.0), 0)[0]
    assert_same(union, chain_risk(spectrum, [], Fit(samples, 0.0, 1.0)).total)


@pytest.mark.parametrize(
    "use",
    [
        lambda spectrum, fit: chain_risk(spectrum, [], fit),
        lambda spectrum, fit: chain_risk(spectrum, [fit], Fit(10, 0.1)),
        lambda spectrum, fit: collapse_rate(spectrum, 10**4, Fit(10, 0.1)),
        lambda spectrum, fit: expected_errors(spectrum, replace(10**4, 0.0, 1.0), 0),
        replace_limit,
        lambda spectrum, fit: filtered_chain(spectrum, 10**4, ridge_filter(1e-290), 1e-290, 0),
    ],
)
def test_an_endless_power_law_says_where_its_numbers_end(use):
    """λ_k = k^−100 is below what float64 has at rank 1000."""
    spectrum = power_law(np.inf, 100.0, 0.5, condensed=True)
    fit = Fit(10**4, 0.0, 1.0)
    with pytest.raises(ValueError, match="these fits need more of the endless spectrum than its"):
        use(spectrum, fit)
    assert chain_risk(spectrum, [], Fit(100, 0.0, 1.0)).variance > 90


@pytest.mark.parametrize(("beta", "r"), [(1e3, 0.1), (200.0, 1e-3), (1e308, 0.1)])
def test_exponents_whose_coefficients_leave_float64_are_refused_without_a_warning(beta, r):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="give w0 coefficients whose squares are beyond"):
            power_law(1000, beta, r)


@pytest.mark.parametrize("beta", [1e4, 1e17, 1e308])
def test_a_condensed_power_law_that_is_steep_beyond_float64_has_one_eigenvalue(beta):
    spectrum = power_law(10**6, beta, 0.5, condensed=True)
    assert spectrum.null_risk == 1
    assert spectrum.dimension == 10**6
    assert power_law(np.inf, beta, 0.5, condensed=True).null_risk == 1


def test_an_endless_spectrum_has_no_designs():
    with pytest.raises(ValueError, match="a condensed spectrum is for theory alone"):
        simulate_chain(
            power_law(np.inf, 2.0, 0.5, condensed=True), [], Fit(9), replicates=1, seed=0
        )
