"""Errors after endless generations: closed forms against the recursion and against sums."""

from functools import partial
from math import fsum, gamma, inf, log, pi

import numpy as np
import pytest
from conftest import assert_same
from mixture_problems import GOLDEN, ISOTROPIC, POWER, TWO_LEVEL, assert_refused
from scipy.special import gammaln

from model_collapse.mixtures.limits import (
    accumulate_kept_limit,
    accumulate_limit,
    accumulate_real_errors,
    best_real_weight,
    mix_labels_limit,
    mix_limit,
    mix_ols_limit,
    one_design_limit,
    replace_limit,
    subsample_limit,
)
from model_collapse.mixtures.remedies import (
    accumulate,
    accumulate_kept,
    listed,
    mix,
    mix_labels,
    replace,
    subsample,
)
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic


@pytest.mark.parametrize(
    ("spectrum", "arguments", "value"),
    [
        (POWER, (300, 100, 0.001, 0.5), 0.0352778),
        (ISOTROPIC, (200, 200, 0.05, 0.5, GOLDEN), 0.310204),
        (ISOTROPIC, (60, 70, 0.0, 0.5), None),
        (TWO_LEVEL, (300, 400, 0.0, 0.5, 0.8), None),
    ],
)
def test_mixing_ends_where_the_formula_says(spectrum, arguments, value):
    limit = mix_limit(spectrum, *arguments)
    assert value is None or np.isclose(limit, value, rtol=4e-6)
    assert_same(expected_errors(spectrum, mix(*arguments), 400)[400], limit, rtol=1e-9)


def test_mixing_least_squares_ends_or_grows_without_end():
    """σ²γ/(q[2−q−γ(1−q)]), if φ < (2−q)/(3−2q): 0.75 at q = 1/2."""
    for size in (340, 300, 268):
        limit = mix_limit(ISOTROPIC, size / 2, size / 2, 0, 0.5)
        assert_same(limit, mix_ols_limit(200 / size, 0.5, 0.5), rtol=1e-9)
    assert mix_limit(ISOTROPIC, 133, 133, 0, 0.5) == mix_ols_limit(200 / 266, 0.5) == inf
    assert mix_limit(ISOTROPIC, 134, 134, 0, 0.5) < inf
    unstable = expected_errors(ISOTROPIC, mix(130, 130, 0, 0.5), 60)
    assert (
        np.all(np.diff(unstable[30:] / unstable[29:-1]) < 1e-3) and unstable[-1] > 2 * unstable[30]
    )
    assert mix_limit(ISOTROPIC, 130, 130, 0.05, 0.5) < 1


def test_replace_ends_above_the_null_predictor():
    fit = Fit(300, 0.01, 0.5)
    assert_same(replace_limit(POWER, fit), 1.40387, rtol=4e-6)
    assert_same(replace_limit(TWO_LEVEL.condensed(), fit), replace_limit(TWO_LEVEL, fit), rtol=1e-9)
    assert_same(
        mix_limit(TWO_LEVEL.condensed(), 90, 80, 0.1, 1),
        mix_limit(TWO_LEVEL, 90, 80, 0.1, 1),
        rtol=1e-9,
    )
    for spectrum, stage in (
        (POWER, fit),
        (ISOTROPIC, Fit(120, 0, 0.5)),
        (TWO_LEVEL, Fit(400, 0.1, 1.0)),
    ):
        limit = replace_limit(spectrum, stage)
        assert limit > spectrum.null_risk
        many = replace(stage.samples, stage.ridge, stage.noise)
        assert_same(expected_errors(spectrum, many, 1500)[-1], limit, rtol=1e-6)
    assert replace_limit(ISOTROPIC, Fit(300, 0, 0.5)) == inf
    assert replace_limit(ISOTROPIC, Fit(300)) == 0


def test_mixed_labels_end_by_the_golden_ratio():
    for phi in (0.1, 0.5, 0.8):
        for share in (0.3, GOLDEN, 0.9):
            error = expected_errors(ISOTROPIC, mix_labels(200 / phi, share, 0, 0.5), 300)[-1]
            assert_same(error, mix_labels_limit(phi, share, 0.5), rtol=1e-9)
        assert_same(mix_labels_limit(phi, GOLDEN), GOLDEN * phi / (1 - phi))
        grid = [mix_labels_limit(phi, share) for share in np.linspace(0.01, 1, 100)]
        assert np.argmin(grid) == 61  # a = 0.62
    assert mix_labels_limit(0.5, 0.0) == inf


def test_best_weights_are_those_of_a_kalman_filter():
    """ρ = 1, T ≫ d: F_{2k−1}/F_{2k} = 1, 2/3, 5/8 …, E_{k−1} = that times σ²d/T; then 1/φ_g."""
    fibonacci = [1, 1]
    for _ in range(40):
        fibonacci.append(fibonacci[-2] + fibonacci[-1])
    gains = [fibonacci[2 * k - 2] / fibonacci[2 * k - 1] for k in range(1, 12)]
    assert gains[:4] == [1, 1 / 2 * 4 / 3, 5 / 8, 13 / 21]
    protocol = mix(2e11, 2e11, 0, 1e3, listed(gains))
    assert_same(expected_errors(ISOTROPIC, protocol, 10), np.array(gains) * 1e-3, rtol=1e-8)
    assert_same(best_real_weight(1.0), GOLDEN)
    for ratio in (1.0, 1 / 9, 3.0):
        best = best_real_weight(ratio)
        errors = [
            mix_limit(ISOTROPIC, 2e11, ratio * 2e11, 0, 1e3, w)
            for w in (best, best + 0.01, best - 0.01)
        ]
        assert_same(errors[0], best / ratio * 1e-3, rtol=1e-8)
        assert errors[0] < min(errors[1:])


def test_accumulation_of_least_squares_ends():
    """Kept: −γ_E − ψ(1−φ), (π²/6)φ on one x; redrawn: (2−π²/6)φ as φ → 0."""
    assert_same(accumulate_kept_limit(0.5), 2 * log(2))
    assert_same(accumulate_kept_limit(1e-7), pi**2 / 6 * 1e-7, rtol=1e-6)
    assert_same(one_design_limit(1e-9), pi**2 / 6 * 1e-9, rtol=1e-8)
    assert_same(accumulate_limit(1e-7), (2 - pi**2 / 6) * 1e-7, rtol=1e-6)
    for phi in (0.1, 0.5):
        n = 150
        protocols = [accumulate_kept(10 / phi, 0, 1.0), accumulate(10 / phi, 0, 1.0)]
        kept, redrawn = (
            expected_errors(isotropic(10).condensed(), protocol, n)[-1] for protocol in protocols
        )
        assert_same(kept, accumulate_kept_limit(phi) - phi / (n + 1), rtol=1e-4)
        assert abs(redrawn - accumulate_limit(phi)) < 2 * phi / n
        stacked = expected_errors(ISOTROPIC, accumulate_kept(200 / phi, 0, 1.0, one_design=True), n)
        squares = np.sum(1 / np.arange(1, n + 2) ** 2)
        assert_same(stacked[-1], one_design_limit(phi) * squares / (pi**2 / 6), rtol=1e-9)
    ratios = [accumulate_limit(phi) / (phi / (1 - phi)) for phi in (0.1, 0.25, 0.5, 0.8)]
    assert_same(ratios, [0.3510, 0.3443, 0.3310, 0.3096], rtol=3e-4)


@pytest.mark.parametrize("phi", [1e-300, 1e-17, 1e-6, 0.003, 0.0999, 0.1001, 0.5, 0.99, 1 - 1e-9])
def test_the_limit_of_kept_rows_has_all_digits(phi):
    """Its first 10^5 terms added exactly, the others as integrals: Σ φ/(k(k−φ))."""
    last = 10**5
    terms = [1 / (k * (k - phi)) for k in range(2, last + 1)]
    tail = (
        1 / (last + 0.5) + phi / 2 / (last + 0.5) ** 2
    )  # sum of 1/(k(k−φ)) beyond, to 10^-15 of itself
    expected = phi * fsum([1 / (1 - phi), *terms, tail])
    assert_same(accumulate_kept_limit(phi), expected, rtol=1e-13)


def test_the_best_weight_of_ever_more_real_rows_is_1():
    assert_same(best_real_weight(np.array([1e17, 1e300])), 1.0)
    assert_same(best_real_weight(99.9), best_real_weight(100.1), rtol=2e-4)
    assert best_real_weight(np.uint8(200)) == best_real_weight(200.0)
    assert best_real_weight(0) == 0


def test_without_noise_least_squares_ends_at_0():
    assert mix_ols_limit(0.9, 0.0, 0.0) == mix_labels_limit(0.5, 0.0, 0.0) == 0
    assert subsample_limit(0.7, 0.0) == 0
    assert mix_limit(ISOTROPIC, 133, 133, 0, 0.0) == 0
    assert np.all(expected_errors(ISOTROPIC, subsample(250, 0, 0.0), 50) == 0)


def subsample_series(phi: float) -> float:
    """E_∞/N by the recursion's solution in Γ-functions, x_j the scatter of model j, γ = φ/(1−φ)."""
    gain = phi / (1 - phi)
    j = np.arange(1.0, 1e6)
    ratio = np.exp(gammaln(j + 1 + gain) - gammaln(j + 1)) / gamma(2 + gain)
    x = (1 + 1 / j - (1 + gain) * ratio / j) / (1 - gain)
    return np.sum(x / (j + 1) ** 2) + (1 / len(j) + 1) / (1 - gain)


def test_subsampling_ends_below_half_and_grows_above():
    once = {phi: phi / (1 - phi) for phi in (1e-8, 0.1, 0.25, 0.4)}
    ratios = [subsample_limit(phi) / once[phi] for phi in once]
    assert_same(ratios, [pi**2 / 6, 1.79345, 2.22306, 3.83223], rtol=5e-6)
    assert_same(ratios, [subsample_series(phi) for phi in once], rtol=3e-6)
    assert subsample_limit(0.5) == inf
    below, above = (
        expected_errors(isotropic(10).condensed(), subsample(10 / phi, 0, 1.0), 200)
        for phi in (0.25, 0.7)
    )
    assert below[-1] < subsample_limit(0.25) < 1.04 * below[-1]
    assert_same(log(above[200] / above[100]) / log(2), 0.4 / 0.3, rtol=0.05)  # (2φ−1)/(1−φ)


@pytest.mark.parametrize(
    "limit",
    [
        partial(mix_ols_limit, real_share=0.5),
        partial(mix_labels_limit, real_share=0.5),
        accumulate_kept_limit,
        one_design_limit,
        accumulate_limit,
        subsample_limit,
    ],
)
@pytest.mark.parametrize("phi", [0.0, 1.0, 1.5])
def test_limits_of_least_squares_need_more_rows_than_d(limit, phi):
    with pytest.raises(ValueError, match=rf"phi = d/T must be between 0 and 1, not {phi}"):
        limit(phi)


REFUSED = {
    "real_share must be between 0 and 1, not 2": lambda: mix_labels_limit(0.5, 2),
    "real_share must be between 0 and 1, not -1": lambda: mix_ols_limit(0.5, -1),
    "real_share must be between 0 and 1, not 1.5": lambda: accumulate_real_errors(5, 100, 1.5, 1),
    "phi = d/T must be between 0 and 1, not 1.25": lambda: accumulate_real_errors(5, 5, 0.5, 1),
    "noise must be a number of at least 0, not -2": lambda: one_design_limit(0.5, -2),
    "ratio must be a number of at least 0, not -1": lambda: best_real_weight(-1),
    "d must be at least 1, and whole, not 0": lambda: accumulate_real_errors(0, 9, 0.5, 1),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_arguments_that_have_no_limit_are_refused(sentence):
    assert_refused(sentence, REFUSED[sentence])
