"""Designs: the moments of their factor, and fits on them against solvers on data."""

import numpy as np
import pytest
from conftest import assert_mean

from model_collapse import designs
from model_collapse.designs import Design, FullRankDesign, design_factor
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, isotropic, power_law

POWER = power_law(40, 1.5, 0.3)


@pytest.mark.parametrize("samples", [40, 41, 60])
def test_bartlett_factor_has_the_moments_of_a_wishart_matrix(samples):
    """E[X'X] = TΣ and Var[(X'X)_ij] = T(Σ_iiΣ_jj + δ_ij Σ_ii²)."""
    factors = [design_factor(POWER, samples, random_stream("moments", i)) for i in range(3000)]
    draws = np.array([factor[:6] @ factor[:6].T for factor in factors])
    s = POWER.eigenvalues[:6]
    mean, variance = samples * np.diag(s), samples * (np.outer(s, s) + np.diag(s**2))
    assert_mean(draws, mean, sigmas=4.5)
    assert_mean((draws - mean) ** 2, variance, sigmas=4.5)


@pytest.mark.parametrize("samples", [15, 39, 40, 41, 300])
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1.0])
def test_a_design_fits_like_a_solver_on_data_with_its_moments(samples, ridge):
    """The SVD path against the normal equations (or lstsq) on rows with X'X = FF', X'E = σFz."""
    factor = design_factor(POWER, samples, random_stream("solver", samples))
    design = Design.draw(POWER, samples, random_stream("solver", samples))
    z = random_stream("z").standard_normal(len(design.singular_values))
    model = np.linspace(-1, 1, 40)
    vt = np.linalg.svd(factor, full_matrices=False)[2]
    rows, noise = factor.T, 0.3 * (vt.T @ z)  # X = F', and E with V'E = 0.3 z
    scale = np.sqrt(samples / len(rows))  # fit_in_full divides by its number of rows
    expected = designs.fit_in_full(rows / scale, (rows @ model + noise) / scale, ridge)
    got = design.fit(model[None], np.array([ridge]), 0.3, z)[0]
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8 * np.abs(got).max())


@pytest.mark.parametrize("kind", [FullRankDesign, Design])
def test_the_ols_shortcut_has_the_law_of_the_design(kind):
    learned = []
    for i in range(2000):
        rng = random_stream("ols", i)
        design = kind.draw(isotropic(20), 50, rng)
        learned.append(np.sum(design.learn(np.zeros(20), Fit(50, 0.0, 1.0), rng) ** 2))
    assert_mean(learned, 20 / (50 - 21))


@pytest.mark.parametrize("kind", [FullRankDesign, Design])
@pytest.mark.parametrize("covariance", [0.0, np.diag(np.linspace(1, 2, 40))])
def test_designs_pass_on_moments(kind, covariance):
    """By OLS: the mean as it is, the covariance and σ²(X'X)^{-1}."""
    model, fit = (np.linspace(-1, 1, 40), covariance), Fit(60, 0.0, 0.7)
    mean, found = kind.draw(POWER, 60, random_stream("moments")).moments(model, fit)
    factor = design_factor(POWER, 60, random_stream("moments"))
    spread = covariance + 0.7**2 * np.linalg.inv(factor @ factor.T)
    np.testing.assert_allclose(mean, model[0], rtol=1e-9)
    np.testing.assert_allclose(found, spread, rtol=1e-7, atol=1e-9 * np.abs(spread).max())


def test_rows_and_labels_drawn_in_full_have_their_variances():
    """Σ = diag(4, 1), noise 0.5: each variance within five standard errors, √(2/T) of itself."""
    w, samples, rng = np.array([1.0, 2.0]), 400_000, np.random.default_rng(12)
    x, y = designs.sample_in_full(Spectrum(np.array([4.0, 1.0]), w), samples, w, 0.5, rng)
    variances = np.mean(np.column_stack([x, y - x @ w, y]) ** 2, axis=0)
    assert np.all(abs(variances / [4.0, 1.0, 0.25, 8.25] - 1) < 5 * np.sqrt(2 / samples))
