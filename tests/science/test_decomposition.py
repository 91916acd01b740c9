"""Bias, variance and collapse apart: against full matrices, against drawn noise, against theory."""

import numpy as np
import pytest
from conftest import assert_mean, assert_same

from model_collapse.chain import downstream_errors, simulate_chain, train_generators
from model_collapse.decomposition import estimator, simulate_terms, simulate_terms_in_full
from model_collapse.designs import design_factor, fit_in_full
from model_collapse.exponents import Law
from model_collapse.protocol import TERMS, Fit
from model_collapse.scaling import Size, law_risk, size_at
from model_collapse.seeds import random_stream
from model_collapse.simulated_laws import simulate_laws
from model_collapse.spectra import Spectrum, isotropic, power_law
from model_collapse.theory import bias_increase, chain_risk, expected_norm

CASES = {
    "T0 > d": (40, 0.0, False),
    "T0 < d": (12, 0.0, False),
    "shared, T0 > d": (40, 0.0, True),
    "shared, T0 < d": (12, 0.0, True),
    "ridge generators": (12, 0.05, False),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("samples", [15, 60])
def test_terms_agree_with_full_matrices(case, samples):
    """Two samplers, two ways through linear algebra, one mean for each of the five terms."""
    size, ridge, shared = CASES[case]
    spectrum = power_law(24, 1.5, 0.5)
    generators, downstream = [Fit(size, ridge, 0.4)] * 2, Fit(samples, 0.02, 0.7)
    ours = np.array(
        [
            simulate_terms(
                spectrum, generators, [downstream], shared_design=shared, seed=1, replicate=i
            )[-1, 0]
            for i in range(600)
        ]
    )
    full = np.array(
        [
            simulate_terms_in_full(
                spectrum, generators, downstream, shared_design=shared, seed=1, replicate=i
            )
            for i in range(600)
        ]
    )
    moving = np.std(full, axis=0) > 1e-9
    error = np.sqrt((ours.var(axis=0, ddof=1) + full.var(axis=0, ddof=1)) / 600)
    z = (ours.mean(axis=0) - full.mean(axis=0))[moving] / error[moving]
    assert np.all(np.abs(z) < 4), dict(zip(np.array(TERMS)[moving], z, strict=True))
    assert_same(ours[:, ~moving], full[:, ~moving], rtol=1e-9)


@pytest.mark.parametrize("case", CASES)
def test_terms_are_the_mean_error_over_label_noise_on_the_same_designs(case):
    """The error of chains whose labels are drawn, with the designs of replicate 0 held fixed."""
    size, ridge, shared = CASES[case]
    spectrum, n = isotropic(10), 2
    generators, downstream = [Fit(size, ridge, 0.5)] * n, Fit(25, 0.1, 0.6)
    terms = simulate_terms(
        spectrum, generators, [downstream], shared_design=shared, seed=2, replicate=0
    )[-1, 0]
    # A chain without noise has the same designs: its error is the bias.
    quiet = [Fit(size, ridge, 0.0)] * n
    models = train_generators(spectrum, quiet, shared_design=shared, seed=2, replicate=0)
    bias = downstream_errors(spectrum, models[-1:], 25, np.array([0.1]), 0.0, seed=2, replicate=0)[
        0
    ]
    assert_same(terms[0], bias, rtol=1e-9)
    assert_same(terms[4] - np.sum(models[-1] ** 2), _trace(spectrum, generators, shared), rtol=1e-9)


def _trace(spectrum, generators, shared) -> float:
    """tr C: E‖ŵ_n‖² less that of the noiseless chain, by a zero teacher."""
    zero = Spectrum(spectrum.eigenvalues, np.zeros(spectrum.dimension))
    return simulate_terms(
        zero, generators, [Fit(25, 0.1)], shared_design=shared, seed=2, replicate=0
    )[-1, 0, 4]


def test_total_agrees_with_chains_whose_noise_is_drawn():
    spectrum = power_law(30, 1.5, 0.5)
    generators, downstream = [Fit(18, 0.0, 0.4)] * 3, Fit(50, 0.01, 0.5)
    terms = [
        simulate_terms(spectrum, generators, [downstream], seed=3, replicate=i)[-1, 0, :3].sum()
        for i in range(500)
    ]
    drawn = simulate_chain(spectrum, generators, downstream, replicates=2000, seed="other")
    error = np.hypot(np.std(terms) / np.sqrt(500), np.std(drawn) / np.sqrt(2000))
    assert abs(np.mean(terms) - drawn.mean()) < 4 * error


@pytest.mark.parametrize("shared", [False, True])
def test_terms_agree_with_the_recursion(shared):
    spectrum = power_law(150, 1.5, 0.5)
    generators, downstream = [Fit(80, 0.0, 0.4)] * 3, Fit(200, 0.01, 0.5)
    terms = np.array(
        [
            simulate_terms(
                spectrum, generators, [downstream], shared_design=shared, seed=4, replicate=i
            )[-1, 0]
            for i in range(60)
        ]
    )
    limit = chain_risk(spectrum, generators, downstream, shared_design=shared)
    expected = [
        limit.bias,
        limit.variance,
        limit.collapse,
        bias_increase(spectrum, generators, downstream, shared_design=shared),
        expected_norm(spectrum, generators, shared_design=shared),
    ]
    error = terms.std(axis=0, ddof=1) / np.sqrt(60)
    assert np.all(np.abs(terms.mean(axis=0) - expected) < 4 * error + 0.02 * np.array(expected))


@pytest.mark.parametrize("shape", [(12, 30), (30, 12)])
def test_the_estimator_of_the_oracle_is_the_pseudo_inverse_and_the_ridge_fit(shape):
    x = np.random.default_rng(1).standard_normal(shape)
    assert_same(estimator(x), np.linalg.pinv(x), rtol=1e-9)
    y = np.random.default_rng(2).standard_normal(shape[0])
    assert_same(estimator(x, 0.3) @ y, fit_in_full(x, y, 0.3), rtol=1e-9)


def test_the_length_of_a_generator_holds_the_trace_of_its_covariance():
    """‖ŵ_1‖² of one OLS fit given its design: ‖w0‖² + σ0²·tr (X'X)^{-1}."""
    spectrum, noise = power_law(15, 1.5, 0.5), 0.7
    terms = simulate_terms(spectrum, [Fit(40, 0.0, noise)], [Fit(30, 0.1)], seed=11, replicate=3)
    factor = design_factor(spectrum, 40, random_stream(11, "generator", 3, 0))
    spread = noise**2 * np.trace(np.linalg.inv(factor @ factor.T))
    assert_same(terms[1, 0, 4], np.sum(spectrum.coefficients**2) + spread, rtol=1e-9)


def test_generation_zero_has_neither_collapse_nor_increase():
    spectrum = isotropic(12)
    terms = simulate_terms(spectrum, [Fit(20, 0.0, 0.3)], [Fit(30, 0.1, 0.2)], seed=5, replicate=0)
    assert terms.shape == (2, 1, len(TERMS))
    assert terms[0, 0, 2] == terms[0, 0, 3] == 0
    assert terms[1, 0, 1] == terms[0, 0, 1]  # the downstream variance does not know n


def test_collapse_grows_with_the_square_of_the_noise():
    spectrum = power_law(20, 1.5, 0.5)
    one, three = (
        simulate_terms(spectrum, [Fit(12, 0.0, noise)] * 2, [Fit(30, 0.1)], seed=6, replicate=1)
        for noise in (1.0, 3.0)
    )
    assert_same(three[..., 2], 9 * one[..., 2], rtol=1e-10)
    assert_same(three[..., 0], one[..., 0])


def test_downstream_fits_of_several_sizes_and_ridges_at_once():
    spectrum = power_law(20, 1.5, 0.5)
    fits = [Fit(15, 0.1, 0.3), Fit(40, 0.1, 0.3), Fit(15, 0.01, 0.2)]
    together = simulate_terms(spectrum, [Fit(12, 0.0, 1.0)], fits, seed=7, replicate=0)
    for p, fit in enumerate(fits):
        alone = simulate_terms(spectrum, [Fit(12, 0.0, 1.0)], [fit], seed=7, replicate=0)
        assert_same(together[:, p], alone[:, 0], rtol=1e-10)


def test_simulated_laws_agree_with_the_recursion():
    """Both a, on one design: the collapse scales with T^a of the rounded T."""
    laws = [Law(2.0, 0.375, 0.6, 0.8, 0.0), Law(2.0, 0.375, 0.6, 0.8, 0.3)]
    size = size_at(laws[0], 100)
    terms = np.array([simulate_laws(laws, size, seed=8, replicate=i) for i in range(100)])
    for p, law in enumerate(laws):
        limit = law_risk(law, size)
        draws = terms[:, p]
        error = draws.std(axis=0, ddof=1) / 10
        expected = np.array([limit.bias, limit.variance, limit.collapse])
        assert np.all(np.abs(draws.mean(axis=0) - expected) < 4 * error + 0.02 * expected)
    assert_same(terms[:, 1, 2] / terms[:, 0, 2], float(round(size.samples)) ** 0.3)


def test_simulated_laws_are_the_terms_of_their_fits():
    """Noise 1 downstream; the generator's variance, T^a, multiplies the collapse of noise 1."""
    law = Law(2.0, 0.375, 0.6, 0.8, 0.3)
    size = size_at(law, 40)
    T = round(size.samples)
    found = simulate_laws([law], size, seed=10, replicate=2)
    expected = simulate_terms(
        power_law(40, 2.0, 0.375),
        [Fit(80, 0.0, float(T) ** 0.15)],
        [Fit(T, float(T) ** -0.6, 1.0)],
        seed=10,
        replicate=2,
    )
    assert_same(found[0], expected[-1, 0, :3], rtol=1e-10)


def test_clean_laws_have_no_collapse():
    law = Law(2.0, 0.375, 0.6)
    terms = np.array([simulate_laws([law], Size(80, 40.0), seed=9, replicate=i) for i in range(50)])
    assert np.all(terms[:, 0, 2] == 0)
    assert_mean(terms[:, 0, 1], law_risk(law, Size(80, 40.0)).variance, sigmas=5)
