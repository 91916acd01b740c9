"""Kernel ridge chains against scikit-learn and against their limits."""

import numpy as np
import pytest
from conftest import assert_same
from sklearn.kernel_ridge import KernelRidge

from model_collapse.images import kernels
from model_collapse.images.kernel_theory import kernel_errors, kernel_risk
from model_collapse.images.kernels import (
    Kernel,
    KernelEstimate,
    estimate_kernel,
    kernel_downstream_errors,
    kernel_ridge_path,
    kernel_spectrum,
    train_kernel_generators,
)
from model_collapse.images.mnist import embedded_digits
from model_collapse.images.pool import Pool
from model_collapse.mixtures.remedies import mix, replace
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.theory.recursion import chain_risk

RBF = Kernel("rbf", 1e-2)
POLYNOMIAL = Kernel("polynomial", 1e-2, 3)
RELU = Kernel("relu", 1e-2, width=20.0)


@pytest.fixture(scope="module")
def digits():
    images = embedded_digits()
    pool = Pool.prepare(images.train_images, images.train_labels % 2, "standardized", images.white)
    return pool, pool.features(images.test_images), images.test_labels % 2.0


def test_kernels_are_the_printed_formulas(digits):
    pool, x, _ = digits
    x, y = x[:5], pool.features(pool.images[:4])
    distances = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    assert_same(RBF(x, y), np.exp(-1e-2 * distances), rtol=1e-10)
    assert_same(POLYNOMIAL(x, y), (1 + 1e-2 * x @ y.T) ** 3, rtol=1e-10)


def test_many_random_features_have_the_arc_cosine_kernel(digits):
    """E relu(ω·x)relu(ω·y) = ‖x‖‖y‖(sin θ + (π − θ)cos θ)/2π, Cho and Saul 2009."""
    pool, x, _ = digits
    x, y = x[:5], pool.features(pool.images[:4])
    norms = np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1))
    theta = np.arccos(x @ y.T / norms)
    limit = 0.5 * norms * (np.sin(theta) + (np.pi - theta) * np.cos(theta)) / (2 * np.pi)
    kernel = Kernel("relu", 0.5, width=100_000)
    assert_same(kernel(x, y), limit, rtol=0.05)
    assert_same(kernel(x, x), kernel(x, x.copy()), rtol=1e-12)
    assert np.linalg.matrix_rank(Kernel("relu", 0.5, width=3)(x, x)) == 3


@pytest.mark.parametrize("kernel", [RBF, POLYNOMIAL])
@pytest.mark.parametrize("ridge", [1e-4, 1e-2, 1.0])
def test_the_path_is_kernel_ridge_with_alpha_lambda_t(digits, kernel, ridge):
    pool, x, _ = digits
    features = pool.features(pool.images[:70])
    labels = np.random.default_rng(0).normal(size=(2, 70))
    path = kernel_ridge_path(kernel(features, features), labels, [0.5, ridge])
    name = {"rbf": "rbf", "polynomial": "poly"}[kernel.name]
    options = {"gamma": kernel.gamma, "degree": kernel.degree, "coef0": 1}
    model = KernelRidge(alpha=ridge * 70, kernel=name, **options)
    for row in range(2):
        expected = model.fit(features, labels[row]).predict(x)
        found = kernel(x, features) @ path[row, 1]
        np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


def test_a_chain_by_hand_with_scikit_learn(digits):
    """Two generators and a downstream model, refitted with KernelRidge on the same streams."""
    pool, x, targets = digits
    chain = train_kernel_generators(RBF, pool, [Fit(60, 0.01, 0.3)] * 2, seed=4, replicate=1)
    model = None

    def refitted(size, ridge, noise, *stream):
        """The next model, and which images it has learned."""
        rng = random_stream(4, *stream)
        drawn = pool.draw(size, rng)
        features = pool.features(pool.images[drawn])
        labels = model.predict(features) if model else pool.targets[drawn]
        fitted = KernelRidge(alpha=ridge * size, kernel="rbf", gamma=1e-2)
        return fitted.fit(features, labels + noise * rng.standard_normal(size)), drawn

    for m in range(2):
        model, drawn = refitted(60, 0.01, 0.3, "kernel generator", 1, m)
        np.testing.assert_array_equal(chain.indices[m], drawn)
        np.testing.assert_allclose(chain.coefficients[m], model.dual_coef_, rtol=1e-7)
    # All sizes of a replicate take the first images of one draw, and each its own noise.
    drawn = pool.draw(50, random_stream(4, "kernel images", 1))
    features = pool.features(pool.images[drawn])
    ridges = {20: [0.3, 0.03], 50: [0.1, 0.02]}
    found = kernel_downstream_errors(
        RBF, pool, chain, x, targets, [*ridges], [0, 2], [*ridges.values()], 0.5,
        seed=4, replicate=1,
    )  # fmt: skip
    expected = np.empty((2, 2, 2))
    for i, n, j in np.ndindex(2, 2, 2):
        size = list(ridges.items())[i][0]
        ridge = list(ridges.values())[i][j]
        noise = random_stream(4, "kernel downstream", 1, size).standard_normal(size)
        labels = model.predict(features) if n else pool.targets[drawn]
        fitted = KernelRidge(alpha=ridge * size, kernel="rbf", gamma=1e-2)
        fitted.fit(features[:size], labels[:size] + 0.5 * noise)
        expected[i, n, j] = np.mean((fitted.predict(x) - targets) ** 2)
    assert_same(found, expected, rtol=1e-8)


def test_errors_are_means_over_all_test_images_however_many_a_block_holds(digits, monkeypatch):
    pool, x, targets = digits
    chain = train_kernel_generators(RBF, pool, [], seed=0, replicate=0)

    def errors():
        wanted = [30], [0], [[0.1]], 1.0
        given = RBF, pool, chain, x, targets
        return kernel_downstream_errors(*given, *wanted, seed=0, replicate=0)

    whole = errors()
    monkeypatch.setattr(kernels, "BLOCK", 7)
    assert_same(errors(), whole, rtol=1e-10)


def test_a_ridge_lost_in_rounding_has_the_limit_of_small_ridges():
    """K of rank 5 and a ridge that no Cholesky factor can see: labels in the span of K."""
    x = np.random.default_rng(0).normal(size=(40, 5))
    gram = x @ x.T
    labels = (gram @ np.random.default_rng(1).normal(size=(40, 2))).T
    path = kernel_ridge_path(gram, labels, [1e-18, 1e-3])
    assert_same(path[:, 0] @ gram, labels, rtol=1e-6)
    shifted = gram + 0.04 * np.eye(40)
    assert_same(path[:, 1], np.linalg.solve(shifted, labels.T).T, rtol=1e-8)
    # An eigenvalue that rounding made negative counts as 0.
    found = kernel_ridge_path(np.diag([2.0, 1.0, -1e-9]), np.eye(3), [1e-10])[:, 0]
    assert_same(found, np.diag([1 / (2 + 3e-10), 1 / (1 + 3e-10), 1 / 3e-10]), rtol=1e-12)


def test_other_kernels_are_refused():
    with pytest.raises(ValueError, match="rbf, polynomial or relu, not 'linear'"):
        Kernel("linear", 1.0)(np.eye(2), np.eye(2))


def test_the_estimated_spectrum_is_that_of_the_kernel(digits):
    """Σ_j λ_j is the mean of k(x, x), and w0 reproduces the labels that it was estimated from."""
    _, kept_apart = digits[0].split(120)
    x = kept_apart.features(kept_apart.images)
    gram = RBF(x, x)
    spectrum = kernel_spectrum(gram, kept_apart.targets)
    assert_same(spectrum.eigenvalues.sum(), np.trace(gram) / 120, rtol=1e-9)
    assert np.all(np.diff(spectrum.eigenvalues) <= 0)
    values, vectors = np.linalg.eigh(gram / 120)
    powers = spectrum.eigenvalues * spectrum.coefficients**2
    assert_same(spectrum.eigenvalues, values[::-1], rtol=1e-9)
    assert_same(powers, (kept_apart.targets @ vectors[:, ::-1]) ** 2 / 120, rtol=1e-9)
    assert_same(spectrum.null_risk, np.mean(kept_apart.targets**2), rtol=1e-6)
    # Kernel ridge on all N estimated images shrinks mode j by λ_j/(λ_j + λ), also in sample.
    fitted = gram @ kernel_ridge_path(gram, kept_apart.targets[None], [0.01])[0, 0]
    shrunk = spectrum.eigenvalues * spectrum.coefficients / (spectrum.eigenvalues + 0.01)
    assert_same(np.mean(fitted**2), np.sum(shrunk**2 * spectrum.eigenvalues), rtol=1e-6)


def test_random_features_that_do_not_span_the_labels_have_their_power_as_noise(digits):
    """300 features of 1,797 digits: theory from all of them, errors on rows that a fit left out."""
    images = embedded_digits()
    x = np.concatenate([images.train_images, images.test_images])
    y = np.concatenate([images.train_labels, images.test_labels]) % 2
    pool = Pool.prepare(x, y, "unit", images.white)
    gram = Kernel("relu", 1.0, width=300)(pool.features(x), pool.features(x))
    found = estimate_kernel(gram, pool.targets)
    values, vectors = np.linalg.eigh(gram)
    off = vectors[:, values < 1e-9 * values[-1]]
    assert_same(found.outside, np.sum((off.T @ y) ** 2) / off.shape[1], rtol=1e-6)
    for size, ridge in ((600, 1e-4), (1000, 1e-3)):
        errors = []
        for replicate in range(6):
            drawn = random_stream("held out", replicate).permutation(len(y))
            seen = drawn[:size]
            held_out = drawn[size:]
            inside = gram[np.ix_(seen, seen)]
            alpha = kernel_ridge_path(inside, pool.targets[seen][None], [ridge])[0, 0]
            gap = gram[np.ix_(held_out, seen)] @ alpha - y[held_out]
            errors.append(np.mean(gap**2))
        predicted = kernel_risk(found, [], Fit(size, ridge)).total
        assert abs(np.mean(errors) / predicted - 1) < 0.06  # rows are no Gaussians
        assert chain_risk(found.spectrum, [], Fit(size, ridge)).total < 0.4 * predicted


def test_power_off_the_span_is_noise_of_true_labels_alone():
    """Gaussian features, of which a fit sees the first 20 of 60, against full matrices."""
    rng = np.random.default_rng(5)
    w = rng.standard_normal(60) / 8
    inside = Spectrum(np.ones(20), w[:20])
    lost = float(w[20:] @ w[20:])
    estimate = KernelEstimate(inside, lost)
    errors = []
    for _ in range(300):
        model = None
        for size in (50, 50, 80):
            x = rng.standard_normal((size, 60))
            y = x @ w if model is None else x[:, :20] @ model
            y += 0.2 * rng.standard_normal(size)
            model = np.linalg.solve(
                x[:, :20].T @ x[:, :20] / size + 0.1 * np.eye(20), x[:, :20].T @ y / size
            )
        errors.append(np.sum((model - w[:20]) ** 2) + lost)
    fits = [Fit(50, 0.1, 0.2)] * 2, Fit(80, 0.1, 0.2)
    risk = kernel_risk(estimate, *fits)
    spread = np.std(errors, ddof=1) / np.sqrt(300)
    assert abs(np.mean(errors) - risk.total) < 4 * spread + 0.005 * risk.total  # the limit, d = 20
    protocol = replace(lambda k: 50 if k < 3 else 80, 0.1, 0.2)
    assert_same(kernel_errors(estimate, protocol, 2)[2], risk.total, rtol=1e-9)
    mixed = kernel_errors(KernelEstimate(inside, 0.0), mix(50, 50, 0.1, 0.2), 2)
    assert np.all(kernel_errors(estimate, mix(50, 50, 0.1, 0.2), 2) > mixed + lost)


def test_kernels_of_full_rank_have_no_power_outside(digits):
    _, kept_apart = digits[0].split(120)
    x = kept_apart.features(kept_apart.images)
    assert estimate_kernel(RBF(x, x), kept_apart.targets).outside == 0
    with pytest.raises(ValueError, match=r"gram must be \(N, N\) and targets \(N,\)"):
        estimate_kernel(RBF(x, x)[:, :9], kept_apart.targets)
    with pytest.raises(ValueError, match="must hold finite numbers"):
        estimate_kernel(RBF(x, x), kept_apart.targets * np.nan)


def test_kernels_of_whole_grey_values_do_not_wrap_around():
    grey = np.random.default_rng(0).integers(0, 255, (5, 30), dtype=np.uint8)
    for kernel in (Kernel("polynomial", 1e-3, 2.0), Kernel("rbf", np.float32(1e-6)), RELU):
        assert_same(kernel(grey, grey), kernel(grey.astype(float), grey.astype(float)))


@pytest.mark.parametrize(
    ("strange", "sentence"),
    [
        ({"gamma": 0.0}, "gamma must be positive and finite, not 0.0"),
        ({"degree": 2.5}, "degree must be at least 1, and whole, not 2.5"),
        ({"degree": -1}, "degree must be at least 1, and whole, not -1"),
        ({"width": 0}, "width must be at least 1, and whole, not 0"),
    ],
)
def test_kernels_of_strange_numbers_are_refused(strange, sentence):
    with pytest.raises(ValueError, match=sentence):
        Kernel(**({"name": "relu", "gamma": 1.0} | strange))


def test_generations_that_a_chain_lacks_are_refused(digits):
    pool, x, targets = digits
    chain = train_kernel_generators(RBF, pool, [], seed=0, replicate=0)
    for generations in ([1], [-1]):
        with pytest.raises(ValueError, match="generations must be"):
            kernel_downstream_errors(
                RBF, pool, chain, x, targets, [30], generations, [[0.1]], 1.0, seed=0, replicate=0
            )


def test_generators_of_two_sizes_and_ridges_of_0_are_refused(digits):
    for fits, sentence in (
        ([Fit(20, 0.1), Fit(30, 0.1)], r"need one size, not \[20, 30\]"),
        ([Fit(20.5, 0.1)], "whole number of samples, not 20.5"),
        ([Fit(20, 0.0)], "the ridge of a kernel must be positive, not"),
    ):
        with pytest.raises(ValueError, match=sentence):
            train_kernel_generators(RBF, digits[0], fits, seed=0, replicate=0)
