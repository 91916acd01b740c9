"""Kernel ridge chains against scikit-learn and against their limits."""

import numpy as np
import pytest
from conftest import assert_same
from sklearn.kernel_ridge import KernelRidge

from model_collapse.images import embedded_digits
from model_collapse.kernels import (
    Kernel,
    KernelChain,
    kernel_downstream_errors,
    kernel_ridge_path,
    kernel_spectrum,
    train_kernel_generators,
)
from model_collapse.pixels import Pool
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream

RBF, POLYNOMIAL = Kernel("rbf", 1e-2), Kernel("polynomial", 1e-2, 3)
NOTHING = KernelChain(np.empty((0, 0), dtype=int), np.empty((0, 0)))


@pytest.fixture(scope="module")
def digits():
    """A pool of digits with its test features and targets."""
    images = embedded_digits()
    pool = Pool.prepare(images.train_images, images.train_labels % 2, "standardized", images.white)
    return pool, pool.features(images.test_images), images.test_labels % 2.0


def test_kernels_are_the_printed_formulas(digits):
    pool, x, _ = digits
    x, y = x[:5], pool.features(pool.images[:4])
    distances = ((x[:, None] - y[None]) ** 2).sum(axis=2)
    assert_same(RBF(x, y), np.exp(-1e-2 * distances), rtol=1e-10)
    assert_same(POLYNOMIAL(x, y), (1 + 1e-2 * x @ y.T) ** 3, rtol=1e-10)


@pytest.mark.parametrize("kernel", [RBF, POLYNOMIAL])
@pytest.mark.parametrize("ridge", [1e-4, 1e-2, 1.0])
def test_the_path_is_kernel_ridge_with_alpha_lambda_t(digits, kernel, ridge):
    pool, x, _ = digits
    samples = 70
    features = pool.features(pool.images[:samples])
    labels = np.random.default_rng(0).standard_normal((2, samples))
    path = kernel_ridge_path(kernel(features, features), labels, [0.5, ridge])
    model = KernelRidge(
        alpha=ridge * samples,
        kernel={"rbf": "rbf", "polynomial": "poly"}[kernel.name],
        gamma=kernel.gamma,
        degree=kernel.degree,
        coef0=1,
    )
    for row in range(2):
        model.fit(features, labels[row])
        np.testing.assert_allclose(
            kernel(x, features) @ path[row, 1], model.predict(x), rtol=1e-7, atol=1e-9
        )


def test_a_chain_by_hand_with_scikit_learn(digits):
    """Two generators and a downstream model, refitted with KernelRidge on the same streams."""
    pool, x, targets = digits
    fit = Fit(60, 0.01, 0.3)
    chain = train_kernel_generators(RBF, pool, [fit] * 2, seed=4, replicate=1)
    predict = lambda drawn: pool.targets[drawn]  # noqa: E731
    for m in range(2):
        rng = random_stream(4, "kernel generator", 1, m)
        drawn = pool.draw(60, rng)
        labels = predict(drawn) + 0.3 * rng.standard_normal(60)
        model = KernelRidge(alpha=0.6, kernel="rbf", gamma=1e-2)
        model.fit(pool.features(pool.images[drawn]), labels)
        np.testing.assert_array_equal(chain.indices[m], drawn)
        np.testing.assert_allclose(chain.coefficients[m], model.dual_coef_, rtol=1e-7)
        predict = lambda drawn, model=model: model.predict(pool.features(pool.images[drawn]))  # noqa: E731
    errors = kernel_downstream_errors(
        RBF, pool, chain, x, targets, 50, [0, 2], [0.1, 0.02], 0.5, seed=4, replicate=1
    )
    rng = random_stream(4, "kernel downstream", 1, 50)
    drawn = pool.draw(50, rng)
    labels = predict(drawn) + 0.5 * rng.standard_normal(50)
    model = KernelRidge(alpha=50 * 0.02, kernel="rbf", gamma=1e-2)
    model.fit(pool.features(pool.images[drawn]), labels)
    assert_same(errors[1, 1], np.mean((model.predict(x) - targets) ** 2), rtol=1e-8)
    assert errors.shape == (2, 2)


def test_an_overwhelming_ridge_predicts_nothing(digits):
    pool, x, targets = digits
    errors = kernel_downstream_errors(
        RBF, pool, NOTHING, x, targets, 30, [0], [1e12], 1.0, seed=1, replicate=0
    )
    assert_same(errors[0, 0], np.mean(targets**2), rtol=1e-6)


def test_standardised_pixels_use_the_whole_pool_and_zero_constant_ones():
    images = np.array([[0, 10, 7], [4, 30, 7], [8, 20, 7]], dtype=np.uint8)
    pool = Pool.prepare(images, np.zeros(3), "standardized", 255)
    features = pool.features(images)
    assert_same(features[:, :2].mean(axis=0), [0, 0])
    assert_same(features[:, :2].std(axis=0), [1, 1])
    assert np.all(pool.features(np.array([[0, 0, 250]]))[:, 2] == 0)


def test_unit_pixels_end_at_one():
    images = np.array([[0, 16]], dtype=np.uint8)
    assert Pool.prepare(images, np.zeros(1), "unit", 16).features(images).tolist() == [[0, 1]]


def test_a_draw_has_no_image_twice_and_no_more_than_the_pool(digits):
    pool, _, _ = digits
    drawn = pool.draw(len(pool.images), random_stream("draw"))
    assert sorted(drawn) == list(range(len(pool.images)))
    with pytest.raises(ValueError, match="pool holds 1297"):
        pool.draw(1298, random_stream("draw"))


def test_generations_draw_different_images(digits):
    pool, _, _ = digits
    chain = train_kernel_generators(RBF, pool, [Fit(40, 0.1, 0.1)] * 3, seed=4, replicate=0)
    assert len({tuple(row) for row in chain.indices}) == 3


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda pool: Kernel("linear", 1.0)(np.eye(2), np.eye(2)), "rbf or polynomial"),
        (lambda pool: Pool.prepare(pool.images, pool.targets, "raw", 16), "standardized, unit or"),
        (
            lambda pool: train_kernel_generators(RBF, pool, [Fit(9)], seed=0, replicate=0),
            "positive ridge",
        ),
    ],
)
def test_refusals(digits, call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(digits[0])


def test_the_estimated_spectrum_is_that_of_the_kernel(digits):
    """Σ_j λ_j is the mean of k(x, x), and w0 reproduces the labels that it was estimated from."""
    pool, _, _ = digits
    _, kept_apart = pool.split(120)
    spectrum = kernel_spectrum(RBF, kept_apart)
    x = kept_apart.features(kept_apart.images)
    gram = RBF(x, x)
    assert_same(spectrum.eigenvalues.sum(), np.trace(gram) / 120, rtol=1e-9)
    assert np.all(np.diff(spectrum.eigenvalues) <= 0)
    assert_same(spectrum.null_risk, np.mean(kept_apart.targets**2), rtol=1e-6)
    # Kernel ridge on all N estimated images shrinks mode j by λ_j/(λ_j + λ), also in sample.
    fitted = gram @ kernel_ridge_path(gram, kept_apart.targets[None], [0.01])[0, 0]
    shrunk = spectrum.eigenvalues * spectrum.coefficients / (spectrum.eigenvalues + 0.01)
    assert_same(np.mean(fitted**2), np.sum(shrunk**2 * spectrum.eigenvalues), rtol=1e-6)


def test_a_split_pool_shares_no_image_and_keeps_its_features(digits):
    pool, _, _ = digits
    left, right = pool.split(100)
    assert (len(left.images), len(right.images)) == (len(pool.images) - 100, 100)
    assert_same(left.features(left.images[:3]), pool.features(pool.images[:3]))
    assert_same(right.features(right.images), pool.features(pool.images[-100:]))
    for held_out in (0, len(pool.images)):
        with pytest.raises(ValueError, match="cannot hold out"):
            pool.split(held_out)
