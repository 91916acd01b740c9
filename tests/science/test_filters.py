"""Chains through a filter against ridge, Marchenko–Pastur, endless data and Monte Carlo."""

import numpy as np
import pytest
from conftest import assert_mean, assert_same

from model_collapse.equivalents import effective_ridge
from model_collapse.filters import (
    FilteredRisk,
    complex_ridges,
    contour,
    filtered_chain,
    filtered_chain_of_sample,
    gradient_descent,
    ridge_filter,
)
from model_collapse.protocol import Fit
from model_collapse.spectra import Spectrum, isotropic, power_law
from model_collapse.theory import chain_risk

POWER = power_law(80, 1.5, 0.375)
SPECTRA = [isotropic(80, norm=1.5), POWER]
BOTH_SIDES = [40, 300]
"""Samples below and above d."""


def descended(spectrum, samples, rate, steps, generations, **options) -> FilteredRisk:
    """The chain through gradient descent, on the contour that its docstring asks for."""
    response, reach = gradient_descent(rate, steps), 0.25 / rate / steps
    return filtered_chain(spectrum, samples, response, reach, generations, **options)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("samples", BOTH_SIDES)
@pytest.mark.parametrize("ridge", [1e-2, 1e-1])
def test_a_ridge_filter_is_ridge(spectrum, samples, ridge):
    """Its variance is the collapse of generation 1; the start is left as a teacher would be."""
    found = filtered_chain(
        spectrum, samples, ridge_filter(ridge), ridge / 2, 1, noise=0.3, start_variance=0.2
    )
    risk = chain_risk(spectrum, [], Fit(samples, ridge, 0.3))
    assert_same(found.bias[0], risk.bias, rtol=1e-9)
    assert_same(found.collapse, [0, risk.variance], rtol=1e-9)
    teacher = Spectrum(spectrum.eigenvalues, np.full(80, 0.2**0.5))
    assert_same(found.start[0], chain_risk(teacher, [], Fit(samples, ridge)).bias, rtol=1e-9)
    assert_same(found.total, found.bias + found.start + found.collapse)


def powers_of(filtered, continued: bool, count: int = 5) -> np.ndarray:
    """F^0, F^1, … by generation; 1 if each generation goes on from the last."""
    return filtered ** (0 * np.arange(count) if continued else np.arange(count))[:, None]


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("samples", BOTH_SIDES)
def test_isotropic_chains_are_marchenko_pastur_integrals(samples, continued):
    """For Σ = I everything is a trace of a function of Σ̂, whose eigenvalues have that law."""
    d, rate, steps, noise, variance = 80, 0.3, 40, 0.3, 0.02
    found = descended(
        isotropic(d, norm=1.5),
        samples,
        rate,
        steps,
        4,
        noise=noise,
        start_variance=variance,
        continued=continued,
    )
    ratio, nodes = d / samples, 4000
    angle = np.pi * np.arange(1, nodes + 1) / (nodes + 1)
    h = 1 + ratio + 2 * np.sqrt(ratio) * np.cos(angle)
    law = 2 * np.sin(angle) ** 2 / (nodes + 1) / h
    h, law = np.r_[h, 0], np.r_[law, max(0, 1 - 1 / ratio)]
    assert_same(law.sum(), 1)
    filtered = 1 - (1 - rate * h) ** steps
    powers = powers_of(filtered, continued)
    gain = np.where(h > 0, filtered**2 / np.where(h > 0, h, 1), 0)
    left = (powers * filtered - 1) ** 2 @ law
    forgot = (powers * (1 - filtered)) ** 2 @ law
    added = (powers**2 * gain) @ law
    assert_same(found.bias, 1.5**2 * left, rtol=1e-9)
    forgot = forgot if continued else np.cumsum(forgot)
    assert_same(found.start, variance * d * forgot, rtol=1e-9)
    collapse = noise**2 * ratio * np.r_[0, np.cumsum(added)[:-1]]
    assert_same(found.collapse, collapse, rtol=1e-9)


@pytest.mark.parametrize("continued", [False, True])
def test_endless_data_filter_each_direction_by_itself(continued):
    """Σ̂ = Σ: F(λ_j) acts on direction j, and the noise that is left falls as 1/N."""
    samples, rate, steps = 10**9, 0.9, 30
    found = descended(
        POWER, samples, rate, steps, 4, noise=0.3, start_variance=0.02, continued=continued
    )
    eigenvalues, squares = POWER.eigenvalues, POWER.coefficients**2
    filtered = 1 - (1 - rate * eigenvalues) ** steps
    powers = powers_of(filtered, continued)
    forgot = (powers * (1 - filtered)) ** 2 @ eigenvalues
    added = np.cumsum((powers * filtered) ** 2 @ np.ones(80))
    assert_same(found.bias, (powers * filtered - 1) ** 2 @ (eigenvalues * squares), rtol=1e-6)
    assert_same(found.start, 0.02 * (forgot if continued else np.cumsum(forgot)), rtol=1e-6)
    assert_same(found.collapse * samples, 0.3**2 * np.r_[0, added[:-1]], rtol=1e-6)


def filter_by_hand(spectrum, samples, response, continued, rng) -> np.ndarray:
    """What is left of w0, the start and the noise after four generations, each squared, (3, 4).

    X, start and noise are complex, for which equivalents are off by O(1/N²), not O(1/N).
    """

    def gaussian(*shape):
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)

    d = spectrum.dimension
    x = gaussian(samples, d) * np.sqrt(spectrum.eigenvalues)
    values, vectors = np.linalg.eigh(x.conj().T @ x / samples)
    values = np.where(values > 1e-12, values, 0)
    gain = np.where(values > 0, response(values) / np.where(values > 0, values, 1), 0)
    filtered, gain = ((vectors * f) @ vectors.conj().T for f in (response(values), gain))
    state = np.zeros((3, d), dtype=complex)
    found = []
    for m in range(4):
        labels = np.array([spectrum.coefficients, np.zeros(d), np.zeros(d)]) if m == 0 else state
        starts = np.array([np.zeros(d), gaussian(d), np.zeros(d)])
        starts = state if continued and m else starts
        state = starts + (labels - starts) @ filtered.T
        state[2] += gain @ x.conj().T @ gaussian(samples) / samples * (m > 0)
        found.append(
            np.abs(state - np.array([spectrum.coefficients, 0 * labels[0], 0 * labels[0]])) ** 2
        )
    return np.array(found).transpose(1, 0, 2) @ spectrum.eigenvalues


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("samples", [60, 200])
def test_gradient_descent_by_monte_carlo(samples, continued):
    """A start of unit variance and unit noise; 400 designs."""
    spectrum, rate, steps = power_law(120, 1.2, 0.5), 0.8, 60
    found = descended(
        spectrum, samples, rate, steps, 3, noise=1.0, start_variance=1.0, continued=continued
    )
    rng = np.random.default_rng(7)
    response = gradient_descent(rate, steps)
    draws = [filter_by_hand(spectrum, samples, response, continued, rng) for _ in range(400)]
    draws = np.array(draws)
    assert_mean(draws[:, 0], found.bias)
    assert_mean(draws[:, 1], found.start)
    assert_mean(draws[:, 2, 1:], found.collapse[1:])
    assert found.collapse[0] == 0


def sample_of(spectrum, samples: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N,) and powers (N,) of clean labels on N complex rows."""
    shape = (samples, spectrum.dimension)
    x = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)
    x = x * np.sqrt(spectrum.eigenvalues / samples)
    values, vectors = np.linalg.eigh(x @ x.conj().T)
    powers = np.abs(vectors.conj().T @ x @ spectrum.coefficients) ** 2
    return np.maximum(values, 0), powers


@pytest.mark.parametrize("samples", BOTH_SIDES)
def test_a_ridge_filter_of_a_sample_is_generalised_cross_validation(samples):
    """Clean labels for the bias; for the start, labels of covariance K. With κ = λ/(1 − df_1/N)
    the variance is σ²(dκ/dλ − 1)."""
    values, powers = sample_of(POWER, samples, np.random.default_rng(8))
    ridge = 0.1

    def kappa(ridge):
        return ridge / (1 - np.mean(values / (values + ridge)))

    found = filtered_chain_of_sample(
        values, powers, ridge_filter(ridge), ridge / 2, 1, noise=0.3, start_variance=0.02
    )
    left = (kappa(ridge) / (values + ridge)) ** 2
    assert_same(found.bias[0], left @ powers, rtol=1e-9)
    assert_same(found.start[0], 0.02 * left @ values, rtol=1e-9)
    slope = kappa(ridge + 1e-30j).imag / 1e-30
    assert_same(found.collapse, [0, 0.3**2 * (slope - 1)], rtol=1e-9)


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("samples", [60, 200])
def test_samples_tell_on_average_what_the_population_does(samples, continued):
    """40 designs, seen by nothing but the spectrum of their rows and the clean labels on it."""
    spectrum, rate, steps = power_law(120, 1.2, 0.5), 0.6, 20
    options = {"noise": 1.0, "start_variance": 1.0, "continued": continued, "nodes": 400}
    found = descended(spectrum, samples, rate, steps, 3, **options)
    response, rng = gradient_descent(rate, steps), np.random.default_rng(9)
    seen = [
        filtered_chain_of_sample(
            *sample_of(spectrum, samples, rng), response, 0.25 / rate / steps, 3, **options
        )
        for _ in range(40)
    ]
    assert_mean([risk.bias for risk in seen], found.bias)
    assert_mean([risk.start for risk in seen], found.start)
    assert_mean([risk.collapse[1:] for risk in seen], found.collapse[1:])


def test_going_on_keeps_the_bias_and_adds_one_amount_of_noise():
    options = {"noise": 0.3, "start_variance": 0.02}
    found = descended(POWER, 40, 0.5, 300, 6, continued=True, **options)
    once = descended(POWER, 40, 0.5, 300, 1, **options)
    assert_same(found.bias, np.full(7, once.bias[0]))
    assert_same(found.start, np.full(7, once.start[0]))
    assert_same(found.collapse, np.arange(7) * once.collapse[1])


@pytest.mark.parametrize("continued", [False, True])
def test_long_training_without_noise_finds_the_teacher(continued):
    found = descended(isotropic(80), 300, 0.5, 400, 3, start_variance=0.02, continued=continued)
    np.testing.assert_allclose(found.total, 0, atol=1e-10)


@pytest.mark.parametrize("samples", BOTH_SIDES)
def test_long_training_is_least_squares_on_one_design(samples):
    """Theorem 4.5's projection, and noise that adds up, whatever the start learned."""
    spectrum = isotropic(80, norm=1.5)
    found = descended(spectrum, samples, 0.3, 600, 3, noise=0.3)
    for n in range(4):
        risk = chain_risk(spectrum, [], Fit(samples, 0, 0.3 * n**0.5))
        np.testing.assert_allclose(found.bias[n], risk.bias, atol=1e-9)
        assert_same(found.collapse[n], risk.variance, rtol=1e-9)


@pytest.mark.parametrize("samples", BOTH_SIDES)
def test_the_number_of_nodes_does_not_matter(samples):
    coarse, usual, fine = (
        descended(POWER, samples, 1.0, 300, 10, noise=0.3, start_variance=0.02, **options)
        for options in ({"nodes": 250}, {}, {"nodes": 1200})
    )
    for one in (coarse, usual):
        assert_same(one.bias, fine.bias, rtol=1e-8)
        assert_same(one.start, fine.start, rtol=1e-8)
        assert_same(one.collapse, fine.collapse, rtol=1e-8)


def test_noise_and_start_variance_scale_their_terms():
    plain = descended(POWER, 40, 0.5, 30, 2, noise=1.0, start_variance=1.0)
    other = descended(POWER, 40, 0.5, 30, 2, noise=3.0, start_variance=5.0)
    nothing = descended(POWER, 40, 0.5, 30, 2)
    assert_same(other.collapse, 9 * plain.collapse)
    assert_same(other.start, 5 * plain.start)
    assert_same(nothing.total, plain.bias)


def test_filters_are_what_they_say():
    h = np.array([0.0, 0.3, 2.0])
    assert_same(gradient_descent(0.4, 1)(h), 0.4 * h)
    residual = np.ones(3)
    for _ in range(7):
        residual = residual - 0.4 * h * residual
    assert_same(gradient_descent(0.4, 7)(h), 1 - residual)
    assert_same(ridge_filter(0.2)(h), [0, 0.6, 2 / 2.2])


def test_the_contour_goes_once_around_the_spectrum():
    """Its upper half; the lower one is the mirror image."""
    largest, reach = 3.0, 0.05
    z, weights = contour(largest, reach, 300)
    assert np.all(z.imag > 0)
    response = gradient_descent(0.5, 20)
    for x in (0.0, 0.01, 1.5, largest):
        assert_same(2 * np.sum(weights / (z - x)).real, 1, rtol=1e-10)
        assert_same(2 * np.sum(weights * response(z) / (z - x)).real, response(x), rtol=1e-10)
    for x in (-0.1, 3.5, -9.0):
        assert_same(2 * np.sum(weights / (z - x)).real, 0, rtol=1e-10)
    assert -reach < z.real.min() < 0 and largest < z.real.max() < 1.1 * largest


@pytest.mark.parametrize("samples", [40, 80, 300])
def test_complex_ridges_solve_the_equation_on_the_branch_of_the_physics(samples):
    """1/κ is a companion Stieltjes transform: the only solution in the upper half-plane."""
    z, _ = contour(8.0, 0.05, 300)
    found, eigenvalues = complex_ridges(POWER.eigenvalues, samples, -z), POWER.eigenvalues
    freedom = (eigenvalues[:, None] / (eigenvalues[:, None] + found)).sum(axis=0)
    assert_same(found, -z + found * freedom / samples, rtol=1e-11)
    assert np.all((1 / found).imag > 0)


@pytest.mark.parametrize("steps", [30, 3000, 300_000])
def test_long_training_needs_no_more_nodes(steps):
    values, powers = POWER.eigenvalues, POWER.eigenvalues * POWER.coefficients**2
    coarse, usual = (
        filtered_chain_of_sample(
            values, powers, gradient_descent(1.5, steps), 0.25 / 1.5 / steps, 10, noise=0.3,
            start_variance=0.01, **options,
        ).total
        for options in ({"nodes": 250}, {})
    )  # fmt: skip
    assert_same(coarse, usual, rtol=1e-8)


def test_a_learning_rate_at_the_edge_of_stability_is_refused():
    values, powers = POWER.eigenvalues, POWER.eigenvalues * POWER.coefficients**2
    with pytest.raises(ValueError, match="too close to where it diverges"):
        filtered_chain_of_sample(values, powers, gradient_descent(1.999, 900), 1e-4, 3)
    with pytest.raises(ValueError, match="too close to where it diverges"):
        descended(POWER, 40, 1.9, 900, 3)


def test_complex_ridges_are_effective_ridges_on_the_real_axis():
    ridges = np.array([0.01, 0.1, 1.0, 0.5])
    found = complex_ridges(POWER.eigenvalues, 40, ridges)
    assert_same(found, [effective_ridge(POWER.eigenvalues, 40, ridge) for ridge in ridges])


def test_a_branch_that_is_lost_is_an_error():
    """Within the spectrum no real κ solves the equation."""
    with pytest.raises(ArithmeticError, match="κ is lost on the contour at λ = -1"):
        complex_ridges(np.ones(80), 300, np.array([1.0, -1.0]))


def test_what_no_feature_explains_counts_as_noise_that_never_goes():
    """Fewer features than images: XX' has zero eigenvalues, along which labels have power too."""
    d, samples, strength = 30, 90, 0.5
    response, reach = gradient_descent(1.0, 40), 0.25 / 40
    rng, predicted, measured = np.random.default_rng(3), [], []
    for _ in range(300):
        x = rng.standard_normal((samples, d)) * np.sqrt(power_law(d, 1.5, 0.5).eigenvalues)
        w = power_law(d, 1.5, 0.5).coefficients
        y = x @ w + strength * rng.standard_normal(samples)
        left, s, right = np.linalg.svd(x / np.sqrt(samples), full_matrices=False)
        values, powers = np.zeros(samples), np.zeros(samples)
        values[-d:], powers[-d:] = s[::-1] ** 2, (left.T @ y)[::-1] ** 2 / samples
        powers[0] = y @ y / samples - powers.sum()
        predicted.append(
            filtered_chain_of_sample(values, powers, response, reach, 0, nodes=150).total[0]
        )
        learned = right.T @ (response(s**2) / s * (left.T @ y)) / np.sqrt(samples)
        gap = learned - w
        measured.append(gap @ (power_law(d, 1.5, 0.5).eigenvalues * gap) + strength**2)
    assert_mean(np.array(predicted) - np.array(measured), 0.0)
    assert np.mean(predicted) > strength**2
