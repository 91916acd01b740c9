"""Bias, variance and collapse apart: against full matrices, against drawn noise, against theory."""

import numpy as np
import pytest
from conftest import assert_means_agree, assert_same

from model_collapse.problem.fits import TERMS, Chain, Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law
from model_collapse.seeds import random_stream
from model_collapse.simulation.chain import downstream_errors, simulate_chain, train_generators
from model_collapse.simulation.designs import design_factor
from model_collapse.simulation.full_matrices import (
    estimator,
    fit_in_full,
    sample_in_full,
    simulate_terms_in_full,
)
from model_collapse.simulation.terms import simulate_terms
from model_collapse.theory.recursion import bias_increase, chain_risk, expected_norm

every_chain = pytest.mark.parametrize(
    ("size", "ridge", "design"),
    [
        *((size, 0.0, design) for size in (40, 12) for design in ("independent", "shared")),
        (12, 0.05, "independent"),
    ],
)


def terms_of(spectrum, chain, downstream, seed, replicates=range(1)) -> np.ndarray:
    """TERMS after all generators: (replicates, TERMS)."""
    draws = [
        simulate_terms(spectrum, chain, [downstream], seed=seed, replicate=i) for i in replicates
    ]
    return np.array(draws)[:, -1, 0]


@every_chain
@pytest.mark.parametrize("samples", [15, 60])
def test_terms_agree_with_full_matrices(size, ridge, design, samples):
    """Two samplers, two ways through linear algebra, one mean for each of the five terms."""
    problem = power_law(24, 1.5, 0.5), Chain([Fit(size, ridge, 0.4)] * 2, design)
    downstream = Fit(samples, 0.02, 0.7)
    replicates = range(600)
    ours = terms_of(*problem, downstream, 1, replicates)
    full = np.array(
        [simulate_terms_in_full(*problem, downstream, seed=1, replicate=i) for i in replicates]
    )
    moving = np.std(full, axis=0) > 1e-9
    assert_means_agree(ours[:, moving], full[:, moving])
    assert_same(ours[:, ~moving], full[:, ~moving], rtol=1e-9, atol=1e-15)


def test_the_oracle_adds_up_the_noise_of_each_label():
    """The trace of the covariance, from fits to labels that are one unit of noise each."""
    spectrum = power_law(6, 1.5, 0.5)
    chain = [Fit(9, 0.1, 0.5), Fit(8, 0.2, 0.7)]
    rng = random_stream(3, "terms in full", 0)
    (x, _), (then, _) = (sample_in_full(spectrum, t, np.zeros(6), 0.0, rng) for t in (9, 8))
    first = [fit_in_full(then, then @ fit_in_full(x, row, 0.1), 0.2) for row in np.eye(9)]
    last = [fit_in_full(then, row, 0.2) for row in np.eye(8)]
    signal = fit_in_full(then, then @ fit_in_full(x, x @ spectrum.coefficients, 0.1), 0.2)
    expected = np.sum(signal**2) + 0.25 * np.sum(np.square(first)) + 0.49 * np.sum(np.square(last))
    found = simulate_terms_in_full(spectrum, chain, Fit(20), seed=3, replicate=0)
    assert_same(found[4], expected, rtol=1e-10)


@every_chain
def test_terms_are_the_mean_error_over_label_noise_on_the_same_designs(size, ridge, design):
    """A chain without noise has the same designs: its error is the bias, and a zero teacher's
    E‖ŵ_n‖² is the trace of the covariance.
    """
    spectrum = isotropic(10)
    downstream = Fit(25, 0.1, 0.6)
    zero = Spectrum(spectrum.eigenvalues, np.zeros(10))
    noisy, quiet = (Chain([Fit(size, ridge, noise)] * 2, design) for noise in (0.5, 0.0))
    terms, trace = (terms_of(problem, noisy, downstream, 2)[0] for problem in (spectrum, zero))
    last = train_generators(spectrum, quiet, seed=2, replicate=0)[-1:]
    bias = downstream_errors(spectrum, last, 25, np.array([0.1]), 0.0, seed=2, replicate=0)
    assert_same(terms[:1], bias, rtol=1e-9)
    assert_same(terms[4] - np.sum(last**2), trace[4], rtol=1e-9)


def test_total_agrees_with_chains_whose_noise_is_drawn():
    problem = power_law(30, 1.5, 0.5), [Fit(18, 0.0, 0.4)] * 3, Fit(50, 0.01, 0.5)
    totals = terms_of(*problem, 3, range(500))[:, :3].sum(axis=1)
    assert_means_agree(totals, simulate_chain(*problem, replicates=2000, seed="other"))


@pytest.mark.parametrize("design", ["independent", "shared"])
def test_terms_agree_with_the_recursion(design):
    problem = power_law(150, 1.5, 0.5), Chain([Fit(80, 0.0, 0.4)] * 3, design)
    downstream = Fit(200, 0.01, 0.5)
    terms = terms_of(*problem, downstream, 4, range(60))
    limit = chain_risk(*problem, downstream)
    increase = bias_increase(*problem, downstream)
    norm = expected_norm(*problem)
    expected = np.array([limit.bias, limit.variance, limit.collapse, increase, norm])
    error = terms.std(axis=0, ddof=1) / np.sqrt(60)
    assert np.all(np.abs(terms.mean(axis=0) - expected) < 4 * error + 0.02 * expected)


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)])
def test_the_estimator_of_the_oracle_is_the_pseudo_inverse_and_the_ridge_fit(shape):
    x = np.random.default_rng(1).standard_normal(shape)
    assert_same(estimator(x), np.linalg.pinv(x), rtol=1e-9)
    y = np.random.default_rng(2).standard_normal(shape[0])
    assert_same(estimator(x, 0.3) @ y, fit_in_full(x, y, 0.3), rtol=1e-9)


def test_the_length_of_a_generator_holds_the_trace_of_its_covariance():
    """‖ŵ_1‖² of one OLS fit given its design: ‖w0‖² + σ0²·tr (X'X)^{-1}."""
    spectrum = power_law(20, 1.5, 0.5)
    terms = terms_of(spectrum, [Fit(40, 0.0, 0.7)], Fit(30, 0.1), 11, [3])
    factor = design_factor(spectrum, 40, random_stream(11, "generator", 3, 0))
    spread = 0.7**2 * np.trace(np.linalg.inv(factor @ factor.T))
    assert_same(terms[0, 4], np.sum(spectrum.coefficients**2) + spread, rtol=1e-9)


def test_downstream_fits_of_several_sizes_and_ridges_at_once():
    fits = [Fit(15, 0.1, 0.3), Fit(40, 0.1, 0.3), Fit(15, 0.01, 0.2)]
    together, *alone = (
        simulate_terms(isotropic(20), [Fit(12, 0.0, 1.0)], some, seed=7, replicate=0)
        for some in (fits, *([fit] for fit in fits))
    )
    assert together.shape == (2, 3, len(TERMS))
    assert_same(together, np.hstack(alone), rtol=1e-10)
    assert not together[0, :, 2:4].any()  # neither collapse nor increase before any generator
    assert np.array_equal(*together[..., 1])  # the downstream variance does not know n
