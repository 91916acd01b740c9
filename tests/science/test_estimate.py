"""Problems estimated from data: the truth within the error that is stated, and refusals."""

from functools import partial

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.designs import sample_in_full
from model_collapse.estimate import (
    Curves,
    Estimate,
    _curves,
    _spectrum,
    _teacher,
    estimate,
    with_error,
)
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.theory import chain_risk

PROBLEMS = {
    "isotropic": (isotropic(60), 0.5),
    "power_law": (power_law(100, beta=1.5, r=0.375), 0.3),
    "two_level": (two_level(60, weak_eigenvalue=0.05, weak_weight=0.3), 0.3),
}


def sample(spectrum: Spectrum, noise: float, samples: int, *key) -> tuple[np.ndarray, np.ndarray]:
    """Rows and labels, in other coordinates than Σ's and off the origin."""
    stream = random_stream("own data", *key)
    X, y = sample_in_full(spectrum, samples, spectrum.coefficients, noise, stream)
    turn, _ = np.linalg.qr(stream.standard_normal((spectrum.dimension, spectrum.dimension)))
    return X @ turn + 3, y - 7


def predictions(found: Estimate) -> np.ndarray:
    """What is asked of an estimate: its terms, clean fits, and chains with and without a ridge."""
    spectrum, noise = found.spectrum.condensed(), found.noise
    d = spectrum.dimension
    plain, ridged = Fit(2 * d, 0.0, noise), Fit(d // 2, 0.05, noise)
    chains = [([], ridged), ([], plain), ([plain] * 5, ridged), ([ridged] * 3, plain)]
    return np.array([noise, spectrum.null_risk, *(chain_risk(spectrum, *c).total for c in chains)])


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("rows_per_column", [2, 10])
def test_predictions_are_within_their_stated_error(name, rows_per_column):
    spectrum, noise = PROBLEMS[name]
    truth, draw = predictions(Estimate(spectrum, noise)), partial(sample, *PROBLEMS[name])
    runs = [
        with_error(predictions, *draw(rows_per_column * spectrum.dimension, name, i), draws=12)
        for i in range(12)
    ]
    found, errors = np.swapaxes(runs, 0, 1)
    far = np.abs(found - truth) > 2 * errors
    # Of normal errors a twentieth; those of one run go together.
    assert np.mean(far) <= 0.15, (far.mean(0), found.mean(0) / truth)
    # Not by errors that say nothing: they are about the spread of what is found.
    stated = np.sqrt(np.mean(errors**2, axis=0)) / np.std(found, axis=0, ddof=1)
    assert np.all((stated > 0.5) & (stated < 3)), stated


def plugged_in(X: np.ndarray, y: np.ndarray) -> Estimate:
    """Sample eigenvalues, coefficients of least squares and their residual, uncorrected."""
    X, y = X - X.mean(0), y - y.mean()
    eigenvalues, vectors = np.linalg.eigh(X.T @ X / len(X))
    model = np.linalg.lstsq(X, y, rcond=None)[0]
    return Estimate(Spectrum(eigenvalues, vectors.T @ model), np.std(y - X @ model))


@pytest.mark.parametrize("name", PROBLEMS)
def test_bias_is_a_tenth_where_plugging_in_has_a_fifth_and_more(name):
    spectrum, noise = PROBLEMS[name]
    drawn = [sample(spectrum, noise, 4 * spectrum.dimension, name, i) for i in range(20)]
    truth = predictions(Estimate(spectrum, noise))
    corrected, plain = (
        np.abs(np.mean([predictions(method(X, y)) for X, y in drawn], axis=0) / truth - 1)
        for method in (estimate, plugged_in)
    )
    assert np.max(corrected) < 0.1, corrected
    assert np.max(plain) > 0.2, plain


def test_curves_are_those_of_ridge_fits():
    X, y = sample(*PROBLEMS["two_level"], 90)
    seen, T = _curves(X, y, ridges := np.geomspace(1e-3, 10, 5)), 89
    X, y = X - X.mean(0), y - y.mean()
    for i, ridge in enumerate(ridges):
        hat = X @ np.linalg.solve(X.T @ X + T * ridge * np.eye(60), X.T)
        assert_same(seen.freedom[i], np.trace(hat), 1e-10)
        assert_same(seen.residual[i], y @ (y - hat @ y) / (T - np.trace(hat)), 1e-10)
        assert_same(seen.kappa[i], ridge + seen.kappa[i] * np.trace(hat) / T, 1e-10)


def test_curves_of_the_population_give_it_back():
    """Without a sample's noise, to the grid of sizes."""
    spectrum, noise = PROBLEMS["two_level"]
    s, kappa = spectrum.eigenvalues, np.geomspace(1e-4, 100, 40)
    kept = kappa[:, None] / (s + kappa[:, None])
    seen = Curves(kappa, (1 - kept).sum(1), noise**2 + kept @ (s * spectrum.coefficients**2))
    sizes, counts = _spectrum(seen, 1.0, 60)
    assert counts @ sizes == pytest.approx(np.sum(s), rel=0.01)
    *powers, variance = _teacher(seen, sizes, 0.0, seen.residual)
    assert np.sum(powers) == pytest.approx(spectrum.null_risk, rel=0.002)
    assert variance == pytest.approx(noise**2, rel=0.002)


def test_units_go_along():
    X, y = sample(*PROBLEMS["two_level"], 300)
    one, other = estimate(X, y), estimate(X * 100, y * 10)
    np.testing.assert_allclose(other.noise, 10 * one.noise, rtol=1e-6)
    for name, factor in (("eigenvalues", 1e4), ("coefficients", 0.1)):
        values = [getattr(found.spectrum, name) for found in (one, other)]
        np.testing.assert_allclose(values[1], factor * values[0], rtol=1e-6)


def test_what_is_drawn_again_is_the_same():
    X, y = sample(*PROBLEMS["isotropic"], 150)
    first, second = (with_error(predictions, X, y, draws=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_columns_that_say_nothing_are_eigenvalues_of_zero():
    X, y = sample(*PROBLEMS["isotropic"], 600)
    found = estimate(np.column_stack([X, np.ones(600), X[:, 0]]), y)
    assert found.spectrum.dimension == 62
    assert abs(found.noise - 0.5) < 0.1


def test_a_draw_may_have_labels_that_are_all_the_same():
    X, _ = sample(isotropic(10), 0.5, 40)
    found, error = with_error(predictions, X, np.arange(40) == 3)
    assert 0.1 < found[0] < 0.2  # √(1/40 − 1/40²) is all noise
    assert 0 < error[0] < found[0]


def test_draws_that_cannot_be_used_are_refused():
    X, y = sample(isotropic(10), 0.5, 40)
    with pytest.raises(ValueError, match="draws must be at least 1, not 0"):
        with_error(predictions, X, y, draws=0)
    X[1:] = X[1]  # a draw without the first row has one row only, many times
    with pytest.raises(ValueError, match="X is constant, in all rows or a draw"):
        with_error(predictions, X, y)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda X, y: (np.where(X == X[3, 1], np.nan, X), y), "X .*finite.* row 3"),
        (lambda X, y: (X, np.where(y == y[5], np.inf, y)), "y .*finite.* row 5"),
        (lambda X, y: (X[:, :1], y), "several columns"),
        (lambda X, y: (X[:, 0], y), "shape"),
        (lambda X, y: (X, y[:-1]), "shape"),
        (lambda X, y: (X[:19], y[:19]), "at least 20 rows for 20 columns, not 19"),
        (lambda X, y: (X[:7, :3], y[:7]), "at least 8 rows for 3 columns, not 7"),
        (lambda X, y: (X, 0 * y + 2), "y is constant"),
        (lambda X, y: (0 * X + 2, y), "X is constant"),
    ],
)
def test_bad_data_is_refused_in_one_sentence(change, sentence):
    X, y = sample(isotropic(20), 0.5, 40)
    for refused in (estimate, partial(with_error, predictions)):
        with pytest.raises(ValueError, match=sentence):
            refused(*change(X, y))
