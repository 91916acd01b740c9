"""Chains through a filter against ridge, Marchenko–Pastur, endless data and Monte Carlo."""

from functools import partial

import numpy as np
import pytest
from conftest import assert_mean, assert_same

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law
from model_collapse.theory.equivalents import effective_ridge
from model_collapse.theory.recursion import chain_risk
from model_collapse.theory.spectral_filters import (
    NODES,
    FilteredRisk,
    complex_ridges,
    contour,
    filtered_chain,
    filtered_chain_of_sample,
    gradient_descent,
    ridge_filter,
)

POWER = power_law(80, 1.5, 0.375)
ROUND = isotropic(80, norm=1.5)
SLOW = power_law(120, 1.2, 0.5)
EVEN = (POWER.eigenvalues, POWER.eigenvalues * POWER.coefficients**2)  # as a sample's spectrum
NOISY = {"noise": 0.3, "start_variance": 0.02}
UNIT = {"noise": 1.0, "start_variance": 1.0}
either_start = pytest.mark.parametrize("continued", [False, True])
both_sides = pytest.mark.parametrize("samples", [40, 300])  # below and above d


def descent(rate: float, steps: int) -> tuple:
    """Gradient descent and the reach of its contour, as filtered_chain's docstring asks for."""
    return gradient_descent(rate, steps), 0.25 / rate / steps


def descended(spectrum, samples, rate, steps, generations, **options) -> FilteredRisk:
    return filtered_chain(spectrum, samples, *descent(rate, steps), generations, **options)


def assert_same_risk(found: FilteredRisk, bias, start, collapse, rtol=1e-9):
    of_the_risk = rtol * np.max(bias + start + collapse)  # a part may vanish
    for one, other in zip(vars(found).values(), (bias, start, collapse), strict=True):
        assert_same(one, other, rtol, of_the_risk)


def complex_normal(rng, *shape):
    """Standard complex normals, for which equivalents are off by O(1/N²), not O(1/N)."""
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)


@pytest.mark.parametrize("spectrum", [ROUND, POWER])
@both_sides
@pytest.mark.parametrize("ridge", [1e-2, 1e-1])
def test_a_ridge_filter_is_ridge(spectrum, samples, ridge):
    """Its variance is the collapse of generation 1; the start is left as a teacher would be."""
    options = {"noise": 0.3, "start_variance": 0.2}
    filtered = filtered_chain(spectrum, samples, ridge_filter(ridge), ridge / 2, 1, **options)
    risk = chain_risk(spectrum, [], Fit(samples, ridge, 0.3))
    assert_same(filtered.bias[0], risk.bias, rtol=1e-9)
    assert_same(filtered.collapse, [0, risk.variance], rtol=1e-9)
    teacher = Spectrum(spectrum.eigenvalues, np.full(80, 0.2**0.5))
    assert_same(filtered.start[0], chain_risk(teacher, [], Fit(samples, ridge)).bias, rtol=1e-9)
    assert_same(filtered.total, filtered.bias + filtered.start + filtered.collapse)


def parts_by_hand(filtered, gain, start, truth, continued) -> tuple:
    """Bias, start and collapse of five generations, each a sum over directions: F, its gain G²h,
    weights of the start (of variance 0.02) and the collapse (0.3²·gain), and of w0.
    """
    powers = filtered ** (0 * np.arange(5) if continued else np.arange(5))[:, None]
    forgot = (powers * (1 - filtered)) ** 2 @ start
    added = np.cumsum((powers**2 * gain).sum(axis=1))[:-1]
    left = (powers * filtered - 1) ** 2 @ truth
    return left, 0.02 * (forgot if continued else np.cumsum(forgot)), 0.3**2 * np.r_[0, added]


@either_start
@both_sides
def test_isotropic_chains_are_marchenko_pastur_integrals(samples, continued):
    """For Σ = I everything is a trace of a function of Σ̂, whose eigenvalues have that law."""
    found = descended(ROUND, samples, 0.3, 40, 4, continued=continued, **NOISY)
    ratio = 80 / samples
    nodes = 4000
    angle = np.pi * np.arange(1, nodes + 1) / (nodes + 1)
    h = 1 + ratio + 2 * np.sqrt(ratio) * np.cos(angle)
    law = 2 * np.sin(angle) ** 2 / (nodes + 1) / h
    h, law = np.r_[h, 0], np.r_[law, max(0, 1 - 1 / ratio)]
    assert_same(law.sum(), 1)
    filtered = 1 - (1 - 0.3 * h) ** 40
    gain = ratio * law * np.where(h > 0, filtered**2 / np.where(h > 0, h, 1), 0)
    assert_same_risk(found, *parts_by_hand(filtered, gain, 80 * law, 1.5**2 * law, continued))


@either_start
def test_endless_data_filter_each_direction_by_itself(continued):
    """Σ̂ = Σ: F(λ_j) acts on direction j, and the noise that is left falls as 1/N."""
    found = descended(POWER, 10**9, 0.9, 30, 4, continued=continued, **NOISY)
    filtered = 1 - (1 - 0.9 * POWER.eigenvalues) ** 30
    expected = parts_by_hand(filtered, filtered**2, *EVEN, continued)
    scaled = FilteredRisk(found.bias, found.start, found.collapse * 10**9)
    assert_same_risk(scaled, *expected, rtol=1e-6)


def filter_by_hand(spectrum, samples, response, rng) -> np.ndarray:
    """Return what is left of w0, the start and the noise after four generations, each squared.

    Of shape (2, 3, 4): with a new start in each generation, and continued, on one design.
    """
    d = spectrum.dimension
    x = complex_normal(rng, samples, d) * np.sqrt(spectrum.eigenvalues)
    values, vectors = np.linalg.eigh(x.conj().T @ x / samples)
    values = np.where(values > 1e-12, values, 0)
    gain = np.where(values > 0, response(values) / np.where(values > 0, values, 1), 0)
    filtered, gain = ((vectors * f) @ vectors.conj().T for f in (response(values), gain))
    truth = np.outer([1, 0, 0], spectrum.coefficients)
    squares = np.empty((2, 3, 4))
    for continued in (False, True):
        state = truth.astype(complex)
        for m in range(4):
            starts = np.array([np.zeros(d), complex_normal(rng, d), np.zeros(d)])
            starts = state if continued and m else starts
            state = starts + (state - starts) @ filtered.T
            state[2] += gain @ x.conj().T @ complex_normal(rng, samples) / samples * (m > 0)
            squares[int(continued), :, m] = np.abs(state - truth) ** 2 @ spectrum.eigenvalues
    return squares


@pytest.mark.parametrize("samples", [60, 200])
def test_gradient_descent_by_monte_carlo(samples):
    """A start of unit variance and unit noise; 400 designs."""
    rng = np.random.default_rng(7)
    response = gradient_descent(0.8, 60)
    draws = np.array([filter_by_hand(SLOW, samples, response, rng) for _ in range(400)])
    for continued in (False, True):
        risk = descended(SLOW, samples, 0.8, 60, 3, continued=continued, **UNIT)
        squares = draws[:, int(continued)]
        for i, part in enumerate(vars(risk).values()):
            assert_mean(squares[:, i, 1:], part[1:])
        assert_mean(squares[:, :2, 0], [risk.bias[0], risk.start[0]])
        assert risk.collapse[0] == 0


def sample_of(spectrum, samples: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N,) and powers (N,) of clean labels on N complex rows."""
    x = complex_normal(rng, samples, spectrum.dimension) * np.sqrt(spectrum.eigenvalues / samples)
    values, vectors = np.linalg.eigh(x @ x.conj().T)
    powers = np.abs(vectors.conj().T @ x @ spectrum.coefficients) ** 2
    return np.maximum(values, 0), powers


@both_sides
def test_a_ridge_filter_of_a_sample_is_generalised_cross_validation(samples):
    """Clean labels for the bias; for the start, labels of covariance K. With κ = λ/(1 − df_1/N)
    the variance is σ²(dκ/dλ − 1).
    """
    values, powers = sample_of(POWER, samples, np.random.default_rng(8))

    def kappa(ridge):
        return ridge / (1 - np.mean(values / (values + ridge)))

    found = filtered_chain_of_sample(values, powers, ridge_filter(0.1), 0.1 / 2, 1, **NOISY)
    left = (kappa(0.1) / (values + 0.1)) ** 2
    assert_same(found.bias[0], left @ powers, rtol=1e-9)
    assert_same(found.start[0], 0.02 * left @ values, rtol=1e-9)
    slope = kappa(0.1 + 1e-30j).imag / 1e-30
    assert_same(found.collapse, [0, 0.3**2 * (slope - 1)], rtol=1e-9)


@either_start
@pytest.mark.parametrize("samples", [60, 200])
def test_samples_tell_on_average_what_the_population_does(samples, continued):
    """40 designs, seen by nothing but the spectrum of their rows and the clean labels on it."""
    options = UNIT | {"continued": continued, "nodes": 150}
    rng = np.random.default_rng(9)
    expected = descended(SLOW, samples, 0.6, 20, 3, **options)
    seen = [
        filtered_chain_of_sample(*sample_of(SLOW, samples, rng), *descent(0.6, 20), 3, **options)
        for _ in range(40)
    ]
    assert_mean([risk.bias for risk in seen], expected.bias)
    assert_mean([risk.start for risk in seen], expected.start)
    assert_mean([risk.collapse[1:] for risk in seen], expected.collapse[1:])


@both_sides
def test_long_training_is_least_squares_on_one_design(samples):
    """Theorem 4.5's projection, and noise that adds up, whatever the start learned."""
    found = descended(ROUND, samples, 0.3, 600, 3, noise=0.3)
    for n in range(4):
        risk = chain_risk(ROUND, [], Fit(samples, 0, 0.3 * n**0.5))
        np.testing.assert_allclose(found.bias[n], risk.bias, atol=1e-9)
        assert_same(found.collapse[n], risk.variance, rtol=1e-9)


@pytest.mark.parametrize("steps", [30, 3000, 300_000])
def test_the_number_of_nodes_does_not_matter(steps):
    """Long training needs no more."""
    for chain in (
        partial(filtered_chain, POWER, 40),
        partial(filtered_chain, POWER, 300),
        partial(filtered_chain_of_sample, *EVEN),
    ):
        fine, usual, coarse = (
            chain(*descent(1.0, steps), 10, **NOISY, nodes=nodes)
            for nodes in (2 * NODES, NODES, 250)
        )
        assert_same_risk(usual, *vars(fine).values(), rtol=1e-8)
        assert_same_risk(coarse, *vars(fine).values(), rtol=1e-8)


def test_filters_are_their_formulas():
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
        filtered = 2 * np.sum(weights * response(z) / (z - x)).real
        assert_same(filtered, response(x), rtol=1e-10, atol=1e-10)
    for x in (-0.1, 3.5, -9.0):
        assert_same(2 * np.sum(weights / (z - x)).real, 0, atol=1e-10)
    assert -reach < z.real.min() < 0 and largest < z.real.max() < 1.1 * largest


@pytest.mark.parametrize("samples", [40, 80, 300])
def test_complex_ridges_solve_the_equation_on_the_branch_of_the_physics(samples):
    """1/κ is a companion Stieltjes transform: the only solution in the upper half-plane."""
    z, _ = contour(8.0, 0.05, 300)
    found = complex_ridges(POWER.eigenvalues, samples, -z)
    eigenvalues = POWER.eigenvalues
    freedom = (eigenvalues[:, None] / (eigenvalues[:, None] + found)).sum(axis=0)
    assert_same(found, -z + found * freedom / samples, rtol=1e-11)
    assert np.all((1 / found).imag > 0)


def test_a_learning_rate_at_the_edge_of_stability_is_refused():
    with pytest.raises(ValueError, match="too close to where it diverges"):
        filtered_chain_of_sample(*EVEN, gradient_descent(1.999, 900), 1e-4, 3)
    with pytest.raises(ValueError, match="too close to where it diverges"):
        descended(POWER, 40, 1.9, 900, 3)


@pytest.mark.parametrize("ridge", [1e-6, 1e-3])
def test_a_ridge_filter_is_ridge_where_rows_are_nearly_as_many_as_columns(ridge):
    """On the contour ∂κ/∂λ is large, and rounding leaves 12 to 13 digits of κ."""
    spectrum = isotropic(40)
    found = filtered_chain(spectrum, 39, ridge_filter(ridge), ridge / 2, 0)
    assert_same(found.bias, [chain_risk(spectrum, [], Fit(39, ridge)).bias], rtol=1e-7)
    with pytest.raises(ValueError, match="reach must be a positive number, not 0"):
        filtered_chain(spectrum, 39, ridge_filter(ridge), 0, 0)


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
    d = 30
    samples = 90
    noise = 0.5
    response, reach = descent(1.0, 40)
    spectrum = power_law(d, 1.5, 0.5)
    rng = np.random.default_rng(3)
    predicted = []
    measured = []
    for _ in range(300):
        x = rng.standard_normal((samples, d)) * np.sqrt(spectrum.eigenvalues)
        y = x @ spectrum.coefficients + noise * rng.standard_normal(samples)
        left, s, right = np.linalg.svd(x / np.sqrt(samples), full_matrices=False)
        values = np.zeros(samples)
        values[-d:] = s[::-1] ** 2
        powers = np.zeros(samples)
        powers[-d:] = (left.T @ y)[::-1] ** 2 / samples
        powers[0] = y @ y / samples - powers.sum()
        risk = filtered_chain_of_sample(values, powers, response, reach, 0, nodes=150)
        predicted.append(risk.total[0])
        learned = right.T @ (response(s**2) / s * (left.T @ y)) / np.sqrt(samples)
        gap = learned - spectrum.coefficients
        measured.append(gap @ (spectrum.eigenvalues * gap) + noise**2)
    assert_mean(np.array(predicted) - np.array(measured), 0.0)
    assert np.mean(predicted) > noise**2


def test_a_condensed_spectrum_has_the_same_filtered_chain():
    """Equal eigenvalues as one entry with its count, in κ, the traces, and the contour's length."""
    spectrum = Spectrum(np.r_[np.ones(60), np.full(40, 0.2)], np.full(100, 0.1))
    arguments = (200, ridge_filter(0.1), 0.05, 2)
    options = {"noise": 0.3, "start_variance": 0.2}
    whole = filtered_chain(spectrum, *arguments, **options)
    condensed = filtered_chain(spectrum.condensed(), *arguments, **options)
    for one, other in zip(vars(whole).values(), vars(condensed).values(), strict=True):
        assert_same(one, other, rtol=1e-10, atol=1e-14)


def test_sizes_whose_squares_leave_float64_are_refused():
    for largest, reach in ((1.0, 5e169), (1e-160, 1e-161), (1e160, 1.0)):
        with pytest.raises(ValueError, match="give the problem in other units"):
            contour(largest, reach, 10)


@pytest.mark.parametrize("steps", [-1, 2.5, True, None])
def test_steps_are_a_whole_number(steps):
    with pytest.raises(ValueError, match="steps must be at least 0, and whole"):
        gradient_descent(0.1, steps)
