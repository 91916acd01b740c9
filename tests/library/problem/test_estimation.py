"""Problems estimated from data: the truth within the error that is stated, and refusals."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same
from scipy.sparse import csc_matrix, csr_array

from model_collapse.problem.estimation import (
    Curves,
    Estimate,
    _curves,
    _sample,
    _spectrum,
    _teacher,
    estimate,
    with_error,
)
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.seeds import random_stream
from model_collapse.simulation.full_matrices import sample_in_full
from model_collapse.theory.recursion import chain_risk

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


def predictions(problem: Estimate) -> np.ndarray:
    """Return an estimate's terms, and errors of clean fits and of chains, some with a ridge."""
    spectrum = problem.spectrum.condensed()
    noise = problem.noise
    d = spectrum.dimension
    plain = Fit(2 * d, 0.0, noise)
    ridged = Fit(d // 2, 0.05, noise)
    chains = [([], ridged), ([], plain), ([plain] * 5, ridged), ([ridged] * 3, plain)]
    return np.array([noise, spectrum.null_risk, *(chain_risk(spectrum, *c).total for c in chains)])


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("rows_per_column", [2, 10])
def test_predictions_are_within_their_stated_error(name, rows_per_column):
    spectrum, noise = PROBLEMS[name]
    truth = predictions(Estimate(spectrum, noise))
    draw = partial(sample, spectrum, noise)
    runs = [
        with_error(predictions, *draw(rows_per_column * spectrum.dimension, name, i), draws=12)
        for i in range(12)
    ]
    estimates, errors = np.swapaxes(runs, 0, 1)
    far = np.abs(estimates - truth) > 2 * errors
    # A twentieth of normal errors is beyond; those of one run go together.
    assert np.mean(far) <= 0.15, (far.mean(0), estimates.mean(0) / truth)
    # Stated errors are not simply large: they are about the spread of the estimates.
    stated = np.sqrt(np.mean(errors**2, axis=0)) / np.std(estimates, axis=0, ddof=1)
    assert np.all((stated > 0.5) & (stated < 3)), stated


def plugged_in(X: np.ndarray, y: np.ndarray) -> Estimate:
    """Sample eigenvalues, coefficients of least squares and their residual, uncorrected."""
    X = X - X.mean(0)
    y = y - y.mean()
    eigenvalues, vectors = np.linalg.eigh(X.T @ X / len(X))
    model = np.linalg.lstsq(X, y, rcond=None)[0]
    return Estimate(Spectrum(eigenvalues, vectors.T @ model), np.std(y - X @ model))


@pytest.mark.parametrize("name", PROBLEMS)
def test_bias_stays_below_a_tenth_where_that_of_plugging_in_exceeds_a_fifth(name):
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
    T = 89  # rows less one for the mean
    ridges = np.geomspace(1e-3, 10, 5)
    curves = _curves(_sample(X, y), ridges)
    X = X - X.mean(0)
    y = y - y.mean()
    for i, ridge in enumerate(ridges):
        hat = X @ np.linalg.solve(X.T @ X + T * ridge * np.eye(60), X.T)
        assert_same(curves.freedom[i], np.trace(hat), 1e-10)
        assert_same(curves.residual[i], y @ (y - hat @ y) / (T - np.trace(hat)), 1e-10)
        assert_same(curves.kappa[i], ridge + curves.kappa[i] * np.trace(hat) / T, 1e-10)
        assert_same(curves.remaining[i], 1 - np.trace(hat) / T, 1e-10)


def test_curves_of_the_population_give_it_back():
    """The curves have no sampling noise, so errors are those of the grid of sizes."""
    spectrum, noise = PROBLEMS["two_level"]
    s = spectrum.eigenvalues
    kappa = np.geomspace(1e-4, 100, 40)
    residual = kappa[:, None] / (s + kappa[:, None])
    powers = s * spectrum.coefficients**2
    freedom = (1 - residual).sum(1)
    seen = Curves(kappa, freedom, noise**2 + residual @ powers, 1 - freedom / 1e6)
    sizes, counts = _spectrum(seen, s, 60)
    assert counts @ sizes == pytest.approx(np.sum(s), rel=0.01)
    teacher = _teacher(seen, sizes, noise**2, noise**2 + spectrum.null_risk)
    for large in (True, False):
        half = np.sum(powers[(s > 0.2) == large])
        assert np.sum(teacher[(sizes > 0.2) == large]) == pytest.approx(half, rel=0.01)


def test_an_estimate_is_in_the_units_of_rows_and_labels():
    X, y = sample(*PROBLEMS["two_level"], 300)
    plain = estimate(X, y)
    scaled = estimate(X * 100, y * 10)
    np.testing.assert_allclose(scaled.noise, 10 * plain.noise, rtol=1e-6)
    for name, factor in (("eigenvalues", 1e4), ("coefficients", 0.1)):
        values = [getattr(problem.spectrum, name) for problem in (plain, scaled)]
        np.testing.assert_allclose(values[1], factor * values[0], rtol=1e-6)


def least_squares_risk(problem: Estimate) -> float:
    return chain_risk(problem.spectrum, [], Fit(60, 0.0, problem.noise)).total


FACTORS = {
    "one column times 1e3": {3: 1e3},
    "one column times 1e4": {3: 1e4},
    "one column times 1e6": {0: 1e6},
    "one column by 1e6": {0: 1e-6},
    "two columns, a trillion apart": {0: 1e6, 1: 1e-6},
    "half of the columns": dict.fromkeys(range(10), 1e5),
    "all columns, each by its own": {k: 10.0 ** (k % 13 - 6) for k in range(20)},
    "signs": dict.fromkeys(range(0, 20, 2), -1.0),
}


@pytest.mark.parametrize("factors", FACTORS.values(), ids=FACTORS)
def test_noise_signal_and_least_squares_have_no_units_of_columns(factors):
    stream = random_stream("units of columns")
    X = stream.standard_normal((2000, 20))
    y = X @ stream.standard_normal(20) + 0.5 * stream.standard_normal(2000)
    scales = np.ones(20)
    scales[list(factors)] = list(factors.values())
    plain = estimate(X, y)
    scaled = estimate(X * scales, y)
    error = 0.25 * np.sqrt(2 / 1979)
    assert abs(scaled.noise**2 - 0.25) < 3 * error
    assert scaled.noise == pytest.approx(plain.noise, rel=1e-6)
    assert scaled.spectrum.null_risk == pytest.approx(plain.spectrum.null_risk, rel=1e-6)
    assert least_squares_risk(scaled) == pytest.approx(least_squares_risk(plain), rel=1e-6)
    # The spectrum itself is in the units of the columns.
    ordered = np.sort(scales**2)[::-1]
    np.testing.assert_allclose(scaled.spectrum.eigenvalues / ordered, 1, atol=0.4)


def test_a_ridge_in_the_units_of_columns_is_forecast():
    """Columns in other units are another problem for a ridge: held-out rows measure its error."""
    stream = random_stream("ridge in units")
    scales = np.repeat([1.0, 1000.0], 10)
    X = stream.standard_normal((22_000, 20)) * scales
    y = X @ (stream.standard_normal(20) / scales) + 0.5 * stream.standard_normal(22_000)
    ridge = 3.0
    T = 200
    problem = estimate(X[:2000], y[:2000])
    forecast = chain_risk(problem.spectrum, [], Fit(T, ridge, problem.noise)).total
    forecast += problem.noise**2
    errors = []
    for rows in np.array_split(np.arange(22_000), 20)[2:]:
        A = X[rows[:T]]
        b = y[rows[:T]]
        A, b, far, left = (
            A - A.mean(0),
            b - b.mean(),
            X[rows[T:]] - A.mean(0),
            y[rows[T:]] - b.mean(),
        )
        w = np.linalg.solve(A.T @ A + T * ridge * np.eye(20), A.T @ b)
        errors.append(np.mean((left - far @ w) ** 2))
    error = np.std(errors, ddof=1) / np.sqrt(len(errors))
    assert abs(np.mean(errors) - forecast) < 3 * error + 0.05 * forecast


def outlying(T: int = 303, d: int = 21) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a table with one label 13.6 standard deviations from the others' mean."""
    stream = random_stream("outlier")
    X = stream.standard_normal((T, d))
    y = X @ stream.standard_normal(d) / np.sqrt(d) + 0.4 * stream.standard_normal(T)
    y[17] = y.mean() + 13.6 * y.std()
    return X, y


def test_the_order_of_rows_changes_nothing():
    X, y = outlying()
    first = with_error(predictions, X, y, draws=2)
    for i in range(4):
        order = random_stream("order", i).permutation(len(y))
        np.testing.assert_array_equal(with_error(predictions, X[order], y[order], draws=2), first)


@pytest.mark.parametrize("i", range(5))
def test_signal_and_noise_add_up_to_the_variance_of_labels_despite_an_outlier(i):
    X, y = outlying()
    rows = random_stream("order", i).permutation(len(y))[:280]
    rows = np.union1d(rows, 17)
    problem = estimate(X[rows], y[rows])
    variance = problem.spectrum.null_risk + problem.noise**2
    assert variance == pytest.approx(np.var(y[rows], ddof=1))
    # Without it the signal is about 1; it adds noise, of 13.6²/303 of the variance.
    assert 0.4 < problem.spectrum.null_risk < 2


@pytest.mark.parametrize("rows_per_column", [1, 1.2, 3])
def test_labels_without_noise_are_told_from_columns(rows_per_column):
    for i in range(20):
        stream = random_stream("no noise", i)
        X = np.exp(stream.standard_normal((int(30 * rows_per_column), 30)) * 2)
        X[:, 3] = X[:, 5] - X[:, 7]
        problem = estimate(X, X[:, 9])
        assert problem.noise**2 < (0.05 if rows_per_column == 1 else 1e-9) * np.var(X[:, 9])


def test_the_same_data_have_the_same_estimate_and_error():
    X, y = sample(*PROBLEMS["isotropic"], 150)
    first, second = (with_error(predictions, X, y, draws=3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_columns_that_say_nothing_are_eigenvalues_of_zero():
    X, y = sample(*PROBLEMS["isotropic"], 600)
    problem = estimate(np.column_stack([X, np.ones(600), X[:, 0]]), y)
    assert problem.spectrum.dimension == 62
    assert np.sum(problem.spectrum.eigenvalues == 0) == 2
    assert abs(problem.noise - 0.5) < 0.1


def test_a_column_that_varies_by_rounding_alone_is_constant():
    X, y = sample(*PROBLEMS["isotropic"], 600)
    jitter = 0.1 + np.spacing(0.1) * random_stream("jitter").integers(-2, 3, 600)
    problem = estimate(np.column_stack([X, jitter]), y)
    assert problem.spectrum.rank == 60
    assert problem.noise == estimate(X, y).noise


def test_a_draw_may_have_labels_that_are_all_the_same():
    X, _ = sample(isotropic(10), 0.5, 40)
    prediction, error = with_error(predictions, X, np.arange(40) == 3)
    noise = prediction[0]
    assert 0.1 < noise < 0.2  # √(1/40 − 1/40²) is all noise
    assert 0 < error[0] < noise


def test_draws_that_cannot_be_used_are_refused():
    X, y = sample(isotropic(10), 0.5, 40)
    for draws in (0, 2.5, True, "3"):
        with pytest.raises(ValueError, match=f"draws must be at least 1, and whole, not {draws}"):
            with_error(predictions, X, y, draws=draws)
    X[1:] = X[1]  # a draw without the first row has one row only, many times
    with pytest.raises(ValueError, match="X is constant, in all rows or a draw"):
        with_error(predictions, X, y)


def masked_last(y: np.ndarray) -> np.ndarray:
    """Return labels as objects, with NumPy's masked constant in place of the last one."""
    labels = y.astype(object)
    labels[-1] = np.ma.masked
    return labels


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda X, y: (np.where(X == X[3, 1], np.nan, X), y), "X .*finite.* row 3"),
        (lambda X, y: (X, np.where(y == y[5], np.inf, y)), "y .*finite.* row 5"),
        (lambda X, y: (np.ma.masked_equal(X, X[3, 1]), y), "X .*masked values, which row 3, col"),
        (lambda X, y: (X, np.ma.masked_equal(y, y[4])), "y .*masked values, which row 4"),
        (lambda X, y: (X + 1j, y), "X must hold real numbers, not complex"),
        (lambda X, y: (X, y * 1j), "y must hold real numbers, not complex"),
        (lambda X, y: ((X + 1j).astype(object), y), "X .*real.* row 0, column 0 .*complex"),
        (lambda X, y: (X, np.array([*y[:-1], np.complex64(2)], object)), "y .*row 39 .*complex64"),
        (lambda X, y: (csr_array(X), y), r"X must be a dense array.*X.toarray\(\)"),
        (lambda X, y: (csc_matrix(X), y), r"X must be a dense array.*X.toarray\(\)"),
        (lambda X, y: (X * 1e155, y), "column 0 of X has values .* float64: give X in units"),
        (lambda X, y: (X * 1e-170, y), "column 0 of X has values .* float64: give X in units"),
        (lambda X, y: (X, y * 1e-170), "y has values .* float64: give y in units"),
        (lambda X, y: (X, y * 1e170), "y has values .* float64: give y in units"),
        (lambda X, y: (X.astype(str), y), "X must hold real numbers, not text"),
        (lambda X, y: (X, [*y[:-1], "7"]), "y must hold real numbers, not text"),
        (lambda X, y: (X, np.array([*y[:-1], "7"], object)), "y .*row 39 holds '7', of type str"),
        (lambda X, y: (X, (y * 100).astype("M8[D]")), "y must hold real numbers, not dates"),
        (lambda X, y: ([*X[:-1].tolist(), [1.0]], y), "X .*rows of one length"),
        (lambda X, y: (X, [*y[:-1], None]), "y .*missing .*row 39"),
        (lambda X, y: (X, np.array([*y[:-1], 10**400], object)), "y .*infinite .*row 39"),
        (lambda X, y: (X, masked_last(y)), "y .*row 39 .*Masked"),
        (lambda X, y: (pd.DataFrame(X).assign(a="b"), y), "X .*row 0, column 20 holds 'b'"),
        (lambda X, y: (pd.DataFrame(X).assign(a=pd.NA), y), "X .*missing .*row 0, column 20"),
        (lambda X, y: (pd.DataFrame(X).astype({0: "category"}), y), "column 0 of X .*categories"),
        (lambda X, y: (X, pd.Series(y).astype("category")), "y holds categories"),
        (lambda X, y: (pd.DataFrame(X).assign(a=pd.Timestamp("2020")), y), "X .*Timestamp"),
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


@pytest.mark.parametrize(
    "kind", [np.float32, np.int16, object, "Int64", "boolean", list, np.ma.asarray, pd.DataFrame]
)
def test_tables_of_every_kind_of_numbers_are_read(kind):
    X, y = sample(isotropic(5), 0.5, 40)
    X = np.rint(X) > 3 if kind == "boolean" else np.rint(10 * X)
    if kind is list:
        table = X.tolist()
    elif isinstance(kind, str):
        table = pd.DataFrame(X).astype(kind)
    else:
        table = X.astype(kind) if isinstance(kind, type) and kind is not pd.DataFrame else kind(X)
    assert estimate(table, y).noise == estimate(X.astype(float), y).noise
