"""κ, degrees of freedom and the operators of one fit, by independent routes."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.optimize import brentq

from model_collapse.mixtures.remedies import chain_of
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, power_law
from model_collapse.seeds import random_stream
from model_collapse.simulation.full_matrices import sample_in_full
from model_collapse.theory.equivalents import Equivalent, degrees_of_freedom, effective_ridge
from model_collapse.theory.paper import (
    collapse_rate,
    isotropic_chain_risk,
    isotropic_effective_ridge,
    ridge_risk,
)
from model_collapse.theory.recursion import bias_increase, chain_risk

POWER = power_law(60, 1.5, 0.3)


@pytest.mark.parametrize("samples", [1, 7, 59, 60, 61, 200, 1e6])
@pytest.mark.parametrize("ridge", [1e-6, 1e-2, 1.0, 1e3])
def test_kappa_by_bracketing(samples, ridge):
    """The largest root, found by bisection instead of Newton."""
    s = POWER.eigenvalues
    root = brentq(
        lambda kappa: kappa - ridge - kappa * degrees_of_freedom(s, kappa) / samples,
        *(ridge, ridge + 2 * s.sum() / samples),
        xtol=1e-18,
        rtol=1e-13,
    )
    assert_same(effective_ridge(s, samples, ridge) / root, 1, rtol=1e-9)


@pytest.mark.parametrize("phi", [0.01, 0.5, 0.999, 1.0, 1.001, 3.0, 200.0])
@pytest.mark.parametrize("ridge", [1e-12, 1e-3, 1.0])
def test_kappa_of_the_isotropic_case_is_equation_10(phi, ridge):
    d = 200
    # At φ = 1 and λ → 0 the root is double and float64 carries half of its digits.
    tolerance = 1e-6 if abs(phi - 1) < 0.01 else 1e-10
    kappa = effective_ridge(np.ones(d), d / phi, ridge)
    assert_same(kappa / isotropic_effective_ridge(phi, ridge), 1.0, rtol=tolerance)


def test_ridgeless_kappa_is_zero_exactly_when_samples_reach_the_rank():
    deficient = np.r_[np.ones(20), np.zeros(10)]
    assert effective_ridge(deficient, 20, 0.0) == 0.0
    kappa = effective_ridge(deficient, 19, 0.0)
    assert kappa > 0
    assert_same(degrees_of_freedom(deficient, kappa), 19, rtol=1e-10)


def test_slope_of_kappa_is_lemma_i2():
    """∂κ/∂λ = 1/(1 − df_2/T), by finite differences."""
    s = POWER.eigenvalues
    step = 1e-6
    below, kappa, above = (effective_ridge(s, 40, 0.03 + i * step) for i in (-1, 0, 1))
    expected = 1 / (1 - degrees_of_freedom(s, kappa, 2) / 40)
    assert_same((above - below) / (2 * step), expected, rtol=1e-7)


@pytest.mark.parametrize(
    ("samples", "ridge"),
    [(0, 0.1), (-3, 0.1), (5, -0.1), (np.nan, 0.1), (np.inf, 0.1), (5, np.inf)],
)
def test_kappa_refuses_impossible_fits(samples, ridge):
    with pytest.raises(ValueError, match=r"samples|ridge"):
        effective_ridge(POWER.eigenvalues, samples, ridge)


@pytest.mark.parametrize("fit", [Fit(90, 0.05, 0.7), Fit(30, 0.02, 0.7), Fit(30, 0.0, 0.7)])
def test_operators_against_sampled_fits(fit):
    """E[M], E[MAM] and E[v'Av] over 400 sampled designs, in traces and quadratic forms."""
    d = POWER.dimension
    u = POWER.coefficients
    seen = []
    weights = np.linspace(1, 2, d)
    theory = Equivalent(POWER.eigenvalues, fit)
    for i in range(400):
        rng = random_stream("operators", i)
        x, e = sample_in_full(POWER, fit.samples, np.zeros(d), fit.noise, rng)
        inverse = np.linalg.pinv(x.T @ x / fit.samples + fit.ridge * np.eye(d), rcond=1e-10)
        m = inverse @ (x.T @ x) / fit.samples
        v = inverse @ x.T @ e / fit.samples
        seen.append((u @ m @ u, weights @ (m @ u) ** 2, weights @ v**2))
    expected = np.array([theory.psi @ u**2, theory.phi(weights) @ u**2, theory.noise(weights)])
    # The limit is within 2 % at this size; the tolerance is the sampling error plus that.
    error = np.std(seen, axis=0, ddof=1) / 20
    assert np.all(np.abs(np.mean(seen, axis=0) - expected) <= 3 * error + 0.02 * expected)


def test_ols_with_exactly_rank_many_samples():
    """Noise makes the risk infinite; without noise M = I on the range."""
    eigenvalues = np.r_[np.ones(5), np.zeros(3)]
    weights = np.arange(8.0)
    assert Equivalent(eigenvalues, Fit(5, 0.0, 0.1)).noise(weights) == np.inf
    clean = Equivalent(eigenvalues, Fit(5))
    assert clean.noise(weights) == 0
    assert_same(clean.phi(weights), weights * (eigenvalues > 0))


@pytest.mark.parametrize("s", [POWER.eigenvalues, np.r_[np.ones(20), np.zeros(10)]])
def test_a_grid_of_fits_is_every_fit(s):
    """κ by Newton on arrays, and the operators, at λ = 0 on both sides of the rank too."""
    samples = np.array([7, 20, 60, 200, 1e6])[:, None]
    ridges = np.array([0, 1e-9, 1e-2, 1.0])
    weights = np.linspace(1, 2, len(s))
    grid = Equivalent(s, Fit(samples, ridges, 0.5))
    found = (grid.kappa, grid.psi, grid.residual, grid.phi(weights), grid.noise(weights))
    assert found[0].shape == (5, 4)
    for i, j in np.ndindex(5, 4):
        one = Equivalent(s, Fit(samples[i, 0], ridges[j], 0.5))
        alone = (one.kappa, one.psi, one.residual, one.phi(weights), one.noise(weights))
        for both in zip((part[i, j] for part in found), alone, strict=True):
            assert_same(*both)


def test_an_impossible_fit_in_a_grid_is_refused():
    with pytest.raises(ValueError, match="ridge must be a number of at least 0"):
        effective_ridge(POWER.eigenvalues, 10.0, np.array([0.1, -0.1]))
    with pytest.raises(ValueError, match="ridge must be a number of at least 0"):
        Fit(10, np.array([0.1, np.nan]))


@pytest.mark.parametrize("scale", [1.0, 1e-9])
@pytest.mark.parametrize("ridge", [1e-300, 1e-60, 1e-36, 1e-30, 1e-26])
@pytest.mark.parametrize("samples", [20, 21, 400])
def test_a_ridge_far_below_the_eigenvalues_keeps_its_digits(samples, ridge, scale):
    """κ(T − rank Σ) + κ²tr Σ^{-1} = λT to leading order, in κ and in T − df_2, at T = rank too."""
    s, ridge = scale * np.r_[np.linspace(1, 2, 20), np.zeros(9)], scale * ridge
    fit = Equivalent(s, Fit(samples, ridge, 1.0))
    inverse = np.sum(1 / s[:20])
    above = samples - 20
    kappa = np.sqrt(ridge) * np.sqrt(samples / inverse) if not above else ridge * samples / above
    assert_same(fit.kappa / kappa, 1.0, rtol=1e-7)
    expected = inverse / (above + 2 * kappa * inverse)
    assert_same(fit.noise(np.ones(29)) / expected, 1.0, rtol=1e-6)


def test_eigenvalues_that_are_none_are_refused():
    for eigenvalues in ([1.0, np.nan], [1.0, -1.0], [1.0, np.inf], [0.0, 0.0]):
        with pytest.raises(ValueError, match="finite and non-negative, and one of them positive"):
            effective_ridge(eigenvalues, 5, 0.1)


@pytest.mark.parametrize("gap", [1e-12, 1e-24, 1e-60, 1e-200])
def test_as_many_samples_as_eigenvalues_above_a_gap(gap):
    """30 eigenvalues 1 and 30 of g, T = 30, λ = 0: κ/(1 + κ) = g/(g + κ), so κ = √g, and
    T − df_2 = 30·2κ/(1 + κ)².
    """
    s = np.r_[np.ones(30), np.full(30, gap)]
    spectrum = Spectrum(s, np.ones(60))
    fit = Fit(30, 0.0, 1.0)
    kappa = np.sqrt(gap)
    assert_same(effective_ridge(s, 30, 0.0), kappa)
    psi_squares = 30 * (1 + gap) / (1 + kappa) ** 2
    variance = psi_squares / (60 * kappa / (1 + kappa) ** 2)
    assert_same(chain_risk(spectrum, [], fit).variance, variance)
    assert_same(chain_risk(spectrum.condensed(), [], fit).variance, variance)
    assert_same(ridge_risk(spectrum, fit).variance, variance)
    union = expected_errors(spectrum, chain_of([fit, fit]), 0)[0]
    assert_same(union, chain_risk(spectrum, [], fit).total)


@pytest.mark.parametrize("scale", [1e-170, 1e-100, 1e160, 1e200])
def test_units_do_not_matter_however_far_from_1(scale):
    """Eigenvalues, ridges and errors in other units, squares of which are beyond float64."""
    spectrum = Spectrum(scale * POWER.eigenvalues, POWER.coefficients)
    plain = chain_risk(POWER, [Fit(25, 0.2)] * 2, Fit(30, 0.3))
    scaled = chain_risk(spectrum, [Fit(25, 0.2 * scale)] * 2, Fit(30, 0.3 * scale))
    assert_same(scaled.bias / scale, plain.bias)
    rate = collapse_rate(spectrum, 25, Fit(30, 0.3 * scale))
    assert_same(rate, collapse_rate(POWER, 25, Fit(30, 0.3)))


@pytest.mark.parametrize("ridge", [1e150, 1.5e154, 1e200, 1e300])
def test_a_ridge_beyond_measure_learns_nothing(ridge):
    fit = Fit(30, ridge, 1.0)
    assert_same(chain_risk(POWER, [fit] * 2, fit).total, POWER.null_risk)
    assert bias_increase(POWER, [], fit) == 0
    assert_same(expected_errors(POWER, chain_of([fit, fit]), 1)[1], POWER.null_risk)
    assert_same(isotropic_effective_ridge(2.0, ridge), ridge)
    assert_same(isotropic_chain_risk(60, 3.0, 2, 90, 0.5, fit), 9.0)
    assert collapse_rate(POWER, 90, fit) < 1e-290


@pytest.mark.parametrize("gap", [1e-24, 1e-40, 1e-60, 1e-100, 1e-200])
def test_the_width_of_a_gap_between_eigenvalues_does_not_change_the_variance(gap):
    """T − df_2 in the gap, in closed form: N = 5 strong modes, and T − N = 2 of the 5 weak ones."""
    spectrum = Spectrum(np.repeat([1.0, gap], 5), np.ones(10))
    kappa = effective_ridge(spectrum.eigenvalues, 7.0, 0.0)
    assert_same(kappa, 1.5 * gap, rtol=1e-10)  # 5/(1 + κ/gap) = 2
    df2 = 5 + 5 * (1 / 2.5) ** 2
    risk = chain_risk(spectrum, [], Fit(7, 0.0, 1.0))
    assert_same(risk.variance, df2 / (7 - df2), rtol=1e-10)


def test_masked_and_complex_sizes_are_refused_where_kappa_is_asked_for():
    masked = np.ma.masked_equal(np.array([10.0, 9999.0]), 9999.0)
    for samples in (masked, 10 + 0j):
        with pytest.raises(ValueError, match="numbers"):
            effective_ridge(np.ones(4), samples, 0.1)
    with pytest.raises(ValueError, match="eigenvalues must be non-negative"):
        degrees_of_freedom(np.array([1.0, -0.1]), 0.0)
