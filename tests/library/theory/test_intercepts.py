"""Chains of models with intercepts: simulation in full, closed forms, and refusals."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.problem.fits import Chain, Fit
from model_collapse.problem.spectra import isotropic, power_law
from model_collapse.seeds import random_stream
from model_collapse.theory.intercepts import chain_risk_with_intercepts
from model_collapse.theory.recursion import chain_risk

INTERCEPT = 2.0
CHAINS = {
    "least squares": [Fit(90, 0.0, 0.5)] * 4,
    "ridges": [Fit(60, 0.05, 0.5), Fit(90, 0.1, 0.3), Fit(40, 0.3, 0.4)],
    "plain predictions as labels": [Fit(60, 0.02, 0.8)] + [Fit(50, 0.02, 0.0)] * 4,
    "fewer rows than columns": [Fit(20, 0.1, 0.3), Fit(25, 0.01, 0.3), Fit(90, 0.1, 0.3)],
}


def simulated(spectrum, fits: list[Fit], replicates: int, *key) -> np.ndarray:
    """Return squared errors of slopes and of the mean prediction, (replicates, 2).

    Rows, labels and all fits are simulated. Rows have a mean that is not 0, and labels an offset;
    the fits have the columns of X and one of ones, without a ridge on that.
    """
    stream = random_stream("intercepts", *key)
    s = spectrum.eigenvalues
    d = spectrum.dimension
    centre = np.ones(d)
    errors = np.empty((replicates, 2))
    for i in range(replicates):
        w = spectrum.coefficients
        b = INTERCEPT
        for fit in fits:
            X = centre + stream.standard_normal((fit.samples, d)) * np.sqrt(s)
            y = X @ w + b + fit.noise * stream.standard_normal(fit.samples)
            ones = np.column_stack([X, np.ones(fit.samples)])
            penalty = np.diag([fit.samples * fit.ridge] * d + [0.0])
            *w, b = np.linalg.solve(ones.T @ ones + penalty, ones.T @ y)
        off = w - spectrum.coefficients
        errors[i] = np.sum(s * off**2), (centre @ off + b - INTERCEPT) ** 2
    return errors


@pytest.mark.parametrize("name", CHAINS)
def test_errors_are_those_of_models_with_intercepts(name):
    spectrum = power_law(30, beta=1.2, r=0.5)
    fits = CHAINS[name]
    errors = simulated(spectrum, fits, 1000, name)
    standard_errors = errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
    both = chain_risk_with_intercepts(spectrum, fits[:-1], fits[-1]).total
    centred = [Fit(f.samples - 1, f.ridge * f.samples / (f.samples - 1), f.noise) for f in fits]
    slopes = chain_risk(spectrum, centred[:-1], centred[-1]).total
    # Gaussian rows of 30 columns: slopes are d/(T − d − 2), not d/(T − 1 − d), of least squares.
    assert slopes == pytest.approx(errors[:, 0].mean(), rel=0.04)
    assert abs(both - slopes - errors[:, 1].mean()) < 3 * standard_errors[1]
    # Without the intercepts the forecast would be too low by more than that.
    assert both - slopes > 5 * standard_errors[1]


def test_least_squares_adds_the_noise_of_a_mean_in_every_generation():
    """σ²/T for the mean of labels, and d/(T − 1 − d) of it for slopes at the mean of rows."""
    fits = [Fit(200, 0.0, 0.5), Fit(150, 0.0, 0.3), Fit(400, 0.0, 0.2)]
    risk = chain_risk_with_intercepts(isotropic(100), fits[:-1], fits[-1])
    slopes = [f.noise**2 * 100 / (f.samples - 101) for f in fits]
    means = [(f.noise**2 + e) / f.samples for f, e in zip(fits, slopes, strict=True)]
    assert_same(risk.variance, slopes[2] + means[2], 1e-12)
    assert_same(risk.collapse, slopes[0] + slopes[1] + means[0] + means[1], 1e-12)
    assert risk.bias == 0


def test_many_rows_leave_no_intercept():
    spectrum = power_law(50, beta=1.5, r=0.4)
    fits = [Fit(1e9, 0.1, 0.5)] * 3
    plain, risk = (
        f(spectrum, fits[:-1], fits[-1]) for f in (chain_risk, chain_risk_with_intercepts)
    )
    assert_same(risk.total, plain.total, 1e-6)


def test_a_grid_of_last_fits_is_what_each_is_alone():
    spectrum = power_law(50, beta=1.5, r=0.4)
    fits = [Fit(80, 0.1, 0.5)] * 3
    ridges = np.array([0.01, 0.1, 1.0])
    sizes = np.array([[60.0], [300.0]])
    grid = chain_risk_with_intercepts(spectrum, fits, Fit(sizes, ridges, 0.2))
    for i, j in np.ndindex(2, 3):
        last = Fit(sizes[i, 0], ridges[j], 0.2)
        alone = chain_risk_with_intercepts(spectrum, fits, last)
        for term in ("bias", "variance", "collapse", "total"):
            values = np.broadcast_to(getattr(grid, term), (2, 3))
            assert_same(values[i, j], getattr(alone, term), 1e-12)


def test_chains_that_have_no_intercepts_are_refused():
    fit = Fit(200, 0.0, 0.5)
    with pytest.raises(ValueError, match="independent designs, not a shared one"):
        chain_risk_with_intercepts(isotropic(9), Chain([fit, fit], "shared"), fit)
    for fits in ([replace(fit, samples=1), fit], [fit, replace(fit, samples=0.5)]):
        with pytest.raises(ValueError, match="more than 1 sample"):
            chain_risk_with_intercepts(isotropic(9), fits[:1], fits[1])
