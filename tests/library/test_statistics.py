"""Slopes and their errors by two routes."""

import numpy as np
import pytest
from conftest import assert_same
from scipy.stats import linregress, sem

from model_collapse.statistics import (
    fit_exponent,
    fit_slope,
    in_window,
    mean_exponent,
    mean_slope,
    standard_error,
)


def test_standard_error_of_a_mean():
    draws = np.random.default_rng(0).standard_normal((50, 3))
    assert_same(standard_error(draws), sem(draws))
    assert np.isnan(standard_error(draws[:1])).all()


def test_slope_and_error_are_those_of_ordinary_least_squares():
    x, y = np.random.default_rng(3).random((2, 12))
    expected = linregress(x, y)
    assert_same(fit_slope(x, y), [expected.slope, expected.stderr])


def test_a_power_law_gives_its_exponent_without_error():
    x = np.geomspace(10, 1e6, 7)
    found = fit_exponent(x, 3.7 * x**-0.42)
    assert_same(found.value, -0.42)
    assert found.standard_error < 1e-12
    assert_same(mean_exponent(x, np.outer([1.0, 2.0, 5.0], x**0.3)).value, 0.3)


def test_errors_come_from_replicates_not_from_pooled_points():
    """Points of a replicate move together: the pooled fit would claim far too small an error."""
    n = np.arange(6)
    slopes = 1 + 0.5 * np.random.default_rng(5).standard_normal(400)
    assert_same(mean_slope(n, np.outer(slopes, n))[0], [slopes.mean(), slopes.std(ddof=1) / 20])


def test_a_parabola_is_told_from_a_line():
    n = np.array([0, 1, 2, 3, 5, 10])
    linear, quadratic = mean_slope(n, np.tile(2 + 0.3 * n - 0.01 * n**2, (3, 1)), degree=2)
    assert_same([linear.value, quadratic.value], [0.3, -0.01], rtol=1e-9)


def test_windows_that_hold_too_little_are_refused():
    x = np.array([1, 10, 100, 1000, 10_000])
    assert list(in_window(x, 10, 1000)) == [False, True, True, True, False]
    for sentence, function, *arguments in (
        ("the fit window 2 to 5 is empty", in_window, x, 2, 5),
        ("holds 2 points; a slope needs at least 3", in_window, x, 10, 100),
        ("needs at least 3", fit_slope, [1, 2], [1, 2]),
        ("holds 1 points; a slope needs at least 3", fit_slope, [2, 2, 2], [1, 2, 3]),
        ("holds 2 points; a slope needs at least 3", mean_slope, [1, 2, 2], [[1, 2, 3]] * 2),
        ("at least 2 replicates", mean_slope, [1, 2, 3], [[1, 2, 3]]),
    ):
        with pytest.raises(ValueError, match=sentence):
            function(*arguments)


def test_numbers_of_any_type_have_the_slope_of_those_numbers():
    x, y = [1, 10, 100], [100, 50, 20]
    exact = fit_exponent(np.array(x, float), np.array(y, float))
    for kind in (np.uint8, np.int16, np.float32, object):
        assert fit_exponent(np.array(x, kind), np.array(y, kind)) == exact
        assert_same(mean_exponent(np.array(x, kind), np.array([y, y], kind)).value, exact.value)
    assert np.isfinite(fit_exponent([10**20, 10**21, 10**22], [1, 2, 3]).value)


def test_masked_complex_and_non_positive_numbers_have_no_slope():
    masked = np.ma.masked_equal(np.array([1.0, 2.0, -9999.0, 4.0]), -9999.0)
    for y in (masked, np.array([1, 2, 3, 4j])):
        with pytest.raises(ValueError, match="numbers"):
            fit_slope(np.arange(4.0), y)
    with pytest.raises(ValueError, match="y must be positive"):
        fit_exponent([1, 2, 3], [1, 0, 2])
