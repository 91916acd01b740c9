"""Protocols: theory against chain_risk, numbers, limits in closed form, and what is refused."""

from functools import partial
from math import fsum, gamma, inf, log, pi

import numpy as np
import pytest
from conftest import assert_same
from scipy.optimize import minimize
from scipy.special import gammaln

from model_collapse.mixtures import tuning
from model_collapse.mixtures.equivalents import ols_gain
from model_collapse.mixtures.groups import Generation, Group, Outsider, Verifier
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
    accumulate_real,
    chain_of,
    growing,
    last_only,
    listed,
    mix,
    mix_labels,
    replace,
    subsample,
    subsample_kept,
    two_groups,
    verified,
)
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import RULES, best_ridges, lowest
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law
from model_collapse.theory.recursion import chain_risk

GOLDEN = (np.sqrt(5) - 1) / 2  # 1/φ_g
K = np.arange(1, 201.0)
ISO = Spectrum(np.ones(200), np.full(200, 200**-0.5))
POWER = Spectrum(K**-2, K**-0.25)
HALF = np.repeat([1.0, 0.0], 100)
TWO = Spectrum(HALF + 0.02 * (1 - HALF), (1 - HALF) / 10)
ISO_40 = isotropic(40)

# By another code, which was itself checked by full matrices.
VALUES = [
    (POWER, replace(150, 0.002, 0.3), 5, 0.0637946),
    (ISO, mix(300, 250, 0, 0.5), 1, 0.582054),
    (ISO, mix(300, 250, 0, 0.5), 8, 0.255769),
    (POWER, mix(120, 60, 0.001, 0.4), 8, 0.0414142),
    (POWER, mix(120, 60, 0.001, 0.4, 0.7), 8, 0.0395496),
    (ISO, mix(150, 250, 0.1, 0.3, GOLDEN), 5, 0.137638),
    (ISO, mix(80, 60, 0, 0.2, 0.9), 6, 1.63911),
    (TWO, mix(120, 80, 0.005, 0, 0.5), 4, 0.0362651),
    (POWER, mix_labels(300, GOLDEN, 0.001, 0.5), 6, 0.0167627),
    (ISO, mix_labels(120, 0.8, 0, 0.3), 6, 0.503893),
    (ISO, accumulate(260, 0, 0.5), 7, 0.297383),
    (POWER, accumulate(70, 0.001, 0.3), 7, 0.0193764),
    (TWO, accumulate(70, 0, 0.3), 5, 1.94702),
    (ISO, subsample(400, 0, 0.5), 10, 0.754969),
    (POWER, subsample(120, 0.002, 0.4), 7, 0.0470567),
    (ISO, accumulate_kept(260, 0, 0.5), 10, 0.984415),
    (POWER, accumulate_kept(70, 0, 0.3), 10, 0.99758),
    (POWER, accumulate_kept(100, 0.02, 0.5), 10, 0.0592682),
    (ISO, accumulate_kept(300, 0.3, 1.0), 10, 0.915023),
    (POWER, two_groups(20, 180, 0.004, 0.001, 0.3), 0, 0.0149641),
    (ISO, two_groups(100, 300, 0.004, 0.02, 0.5, 0.9), 3, 0.316602),
    (ISO, verified(800, 0.05 / 200, 1.0, 0, 0.5), 5, 0.103705),
    (ISO, verified(600, 0.1 / 200, 1.5, 0.05, 0.3), 5, 0.158907),
]
EXACT_VALUES = [
    (mix(50, 60, 0, 1.0), 0.895783),
    (accumulate(60, 0, 1.0), 0.80513),
    (accumulate_kept(60, 0, 1.0), 2.57147),
    (accumulate_kept(60, 0, 1.0, one_design=True), 3.18273),
]


@pytest.mark.parametrize(("spectrum", "protocol", "n", "value"), VALUES)
def test_values_of_the_recursion(spectrum, protocol, n, value):
    assert_same(expected_errors(spectrum, protocol, n)[n], value, rtol=5e-6)  # the printed digits


@pytest.mark.parametrize(("protocol", "value"), EXACT_VALUES)
def test_values_at_finite_size(protocol, value):
    assert_same(expected_errors(ISO_40, protocol, 6, finite_size=True)[6], value, rtol=4e-6)


@pytest.mark.parametrize(
    ("d", "samples", "value"), [(5, 9, 1.545455), (20, 40, 1.048840), (100, 300, 0.504121)]
)
def test_gain_of_least_squares(d, samples, value):
    assert_same(ols_gain(d, samples), value, rtol=1e-6)
    assert_same(ols_gain(d * 10**5, samples * 10**5), d / (samples - d), rtol=2e-5)


FITS = {
    "OLS": [Fit(300, 0, 0.3)] * 6,
    "over-parametrised": [Fit(80, 0, 0.3)] * 6,
    "noiseless": [Fit(80)] * 4 + [Fit(500)],
    "ridge": [Fit(150, 0.02, 0.5)] * 11,
    "all different": [Fit(90, 0.1, 0.2), Fit(400, 0, 0.1), Fit(60, 0, 0.9), Fit(1e9, 1e-3, 1.0)],
    "one": [Fit(250, 1e-4, 0.1)],
    "steep": [Fit(1e6, 1e-9, 1e-3)] * 3,
}


@pytest.mark.parametrize("fits", FITS.values(), ids=FITS)
@pytest.mark.parametrize("spectrum", [ISO, POWER, TWO], ids=["iso", "power", "two"])
def test_replace_is_the_chain(spectrum, fits):
    """E_n is n generators and a downstream fit, for every n."""
    expected = [chain_risk(spectrum, fits[:n], fits[n]).total for n in range(len(fits))]
    found = expected_errors(spectrum, chain_of(fits), len(fits) - 1)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(("spectrum", "protocol", "n", "value"), VALUES)
def test_condensed_spectra_have_the_same_errors(spectrum, protocol, n, value):
    found = expected_errors(spectrum.condensed(), protocol, n)
    assert_same(found, expected_errors(spectrum, protocol, n), rtol=1e-9)


def test_replace_on_a_deficient_spectrum():
    spectrum, fits = Spectrum(HALF, np.ones(200)), [Fit(60, 0, 0.2), Fit(150, 0, 0.1)] * 2
    expected = [chain_risk(spectrum, fits[:n], fits[n]).total for n in range(4)]
    assert_same(expected_errors(spectrum, chain_of(fits), 3), expected, rtol=1e-10)


# Identities


@pytest.mark.parametrize("samples", [120, 300])
@pytest.mark.parametrize("ridge", [0.0, 0.03])
def test_a_union_of_one_labeller_is_one_group(samples, ridge):
    """Sums over groups give Φ of one fit; shares of the total may be of any size."""

    def split(k):
        parts = np.array([0.2, 0.5, 0.3]) * samples
        return Generation([Group(part, k - 1, 0.4) for part in parts], ridge)

    for spectrum in (ISO, POWER):
        whole = expected_errors(spectrum, replace(samples, ridge, 0.4), 6)
        assert_same(expected_errors(spectrum, split, 6), whole, rtol=1e-10)


@pytest.mark.parametrize(("samples", "ridge"), [(60, 0.01), (60, 0.0), (250, 0.01), (250, 0.0)])
def test_equal_weights_are_none_and_interpolation_has_none(samples, ridge):
    def errors(weight):
        return expected_errors(POWER, mix(samples, samples / 2, ridge, 0.3, weight), 5)

    unweighted = expected_errors(POWER, mix(samples, samples / 2, ridge, 0.3), 5)
    assert_same(errors(1 / 3), unweighted, rtol=1e-9)
    assert np.allclose(errors(0.6), unweighted, rtol=1e-6) == (samples == 60 and ridge == 0)
    assert_same(errors(1 / 3 + 1e-9), unweighted, rtol=1e-6)  # by bisection


@pytest.mark.parametrize("ridge", [0.0, 0.02])
def test_shares_at_their_ends(ridge):
    """All weight on one group leaves the other out; all labels real is one real batch."""
    alone = chain_risk(POWER, [], Fit(300, ridge, 0.4)).total
    assert_same(expected_errors(POWER, mix(270, 300, ridge, 0.4, 1.0), 4), [alone] * 5)
    assert_same(expected_errors(POWER, mix_labels(300, 1.0, ridge, 0.4), 4), [alone] * 5)
    replaced = expected_errors(POWER, replace(300, ridge, 0.4), 4)
    assert_same(expected_errors(POWER, mix_labels(300, 0.0, ridge, 0.4), 4), replaced, rtol=1e-10)
    assert_same(expected_errors(POWER, mix(300, 300, ridge, 0.4, 0.0), 4), replaced, rtol=1e-10)
    assert_same(expected_errors(POWER, two_groups(9, 300, 1.0, ridge, 0.4, 1.0), 0), [alone])


def test_two_groups_of_endless_data_keep_the_share_of_the_outsiders():
    """Strong collapse, T → ∞: p2²‖Δ‖²_Σ, and with the best ridge hardly less."""
    gap = 1 / 200  # E Δ² per coordinate, ‖Δ‖² = ‖w0‖² = 1
    errors = [expected_errors(ISO, two_groups(1e7, 9e7, gap, r, 0.0), 0)[0] for r in (0, 0.0101)]
    assert_same(errors, [0.01, 0.01 / 1.01], rtol=1e-4)
    weighted = expected_errors(ISO, two_groups(1e7, 9e7, gap, 0, 0.0, 1.0), 0)[0]
    assert weighted < 1e-15


def test_sizes_that_grow():
    """OLS: σ²Σ d/(T_m − d), bounded for T0·m^a iff a > 1, by ζ(a)."""
    sizes = [1000, 4000, 9000]
    expected = np.cumsum([0.25 * 200 / (t - 200) for t in sizes])
    assert_same(expected_errors(ISO, growing(1000, lambda k: k**2, 0, 0.5), 2), expected)
    squares = expected_errors(isotropic(1), growing(1e6, lambda k: k**2, 0, 1e3), 2000)
    assert_same(squares[-1], pi**2 / 6 - 1 / 2001.5, rtol=2e-6)


def test_label_noise_and_size_may_be_schedules():
    fits = [Fit(300, 0.1, 0.5), Fit(150, 0.02, 0.1)]
    protocol = replace(
        lambda k: 450 // (k + 1) if k > 1 else 300, listed([0.1, 0.02]), listed([0.5, 0.1])
    )
    expected = expected_errors(POWER, chain_of(fits), 1)
    assert_same(expected_errors(POWER, protocol, 1), expected)


# Limits


@pytest.mark.parametrize(
    ("spectrum", "arguments", "value"),
    [
        (POWER, (300, 100, 0.001, 0.5), 0.0352778),
        (ISO, (200, 200, 0.05, 0.5, GOLDEN), 0.310204),
        (ISO, (60, 70, 0.0, 0.5), None),
        (TWO, (300, 400, 0.0, 0.5, 0.8), None),
    ],
)
def test_mixing_ends_where_the_formula_says(spectrum, arguments, value):
    limit = mix_limit(spectrum, *arguments)
    assert value is None or np.isclose(limit, value, rtol=4e-6)
    assert_same(expected_errors(spectrum, mix(*arguments), 400)[400], limit, rtol=1e-9)


def test_mixing_least_squares_ends_or_grows_without_end():
    """σ²γ/(q[2−q−γ(1−q)]), if φ < (2−q)/(3−2q): 0.75 at q = 1/2."""
    for size in (340, 300, 268):
        limit = mix_limit(ISO, size / 2, size / 2, 0, 0.5)
        assert_same(limit, mix_ols_limit(200 / size, 0.5, 0.5), rtol=1e-9)
    assert mix_limit(ISO, 133, 133, 0, 0.5) == mix_ols_limit(200 / 266, 0.5) == inf
    assert mix_limit(ISO, 134, 134, 0, 0.5) < inf
    unstable = expected_errors(ISO, mix(130, 130, 0, 0.5), 60)
    assert (
        np.all(np.diff(unstable[30:] / unstable[29:-1]) < 1e-3) and unstable[-1] > 2 * unstable[30]
    )
    assert mix_limit(ISO, 130, 130, 0.05, 0.5) < 1


def test_replace_ends_above_the_null_predictor():
    fit = Fit(300, 0.01, 0.5)
    assert_same(replace_limit(POWER, fit), 1.40387, rtol=4e-6)
    assert_same(replace_limit(TWO.condensed(), fit), replace_limit(TWO, fit), rtol=1e-9)
    assert_same(
        mix_limit(TWO.condensed(), 90, 80, 0.1, 1), mix_limit(TWO, 90, 80, 0.1, 1), rtol=1e-9
    )
    for spectrum, stage in ((POWER, fit), (ISO, Fit(120, 0, 0.5)), (TWO, Fit(400, 0.1, 1.0))):
        limit = replace_limit(spectrum, stage)
        assert limit > spectrum.null_risk
        many = replace(stage.samples, stage.ridge, stage.noise)
        assert_same(expected_errors(spectrum, many, 1500)[-1], limit, rtol=1e-6)
    assert replace_limit(ISO, Fit(300, 0, 0.5)) == inf
    assert replace_limit(ISO, Fit(300)) == 0


def test_mixed_labels_end_by_the_golden_ratio():
    for phi in (0.1, 0.5, 0.8):
        for share in (0.3, GOLDEN, 0.9):
            found = expected_errors(ISO, mix_labels(200 / phi, share, 0, 0.5), 300)[-1]
            assert_same(found, mix_labels_limit(phi, share, 0.5), rtol=1e-9)
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
    assert_same(expected_errors(ISO, protocol, 10), np.array(gains) * 1e-3, rtol=1e-8)
    assert_same(best_real_weight(1.0), GOLDEN)
    for ratio in (1.0, 1 / 9, 3.0):
        best = best_real_weight(ratio)
        errors = [
            mix_limit(ISO, 2e11, ratio * 2e11, 0, 1e3, w) for w in (best, best + 0.01, best - 0.01)
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
        n, protocols = 150, [accumulate_kept(10 / phi, 0, 1.0), accumulate(10 / phi, 0, 1.0)]
        kept, redrawn = (
            expected_errors(isotropic(10).condensed(), one, n)[-1] for one in protocols
        )
        assert_same(kept, accumulate_kept_limit(phi) - phi / (n + 1), rtol=1e-4)
        assert abs(redrawn - accumulate_limit(phi)) < 2 * phi / n
        stacked = expected_errors(ISO, accumulate_kept(200 / phi, 0, 1.0, one_design=True), n)
        squares = np.sum(1 / np.arange(1, n + 2) ** 2)
        assert_same(stacked[-1], one_design_limit(phi) * squares / (pi**2 / 6), rtol=1e-9)
    ratios = [accumulate_limit(phi) / (phi / (1 - phi)) for phi in (0.1, 0.25, 0.5, 0.8)]
    assert_same(ratios, [0.3510, 0.3443, 0.3310, 0.3096], rtol=3e-4)


@pytest.mark.parametrize("phi", [1e-300, 1e-17, 1e-6, 0.003, 0.0999, 0.1001, 0.5, 0.99, 1 - 1e-9])
def test_the_limit_of_kept_rows_has_all_digits(phi):
    """Its first 10^5 terms added exactly, the others as integrals: Σ φ/(k(k−φ))."""
    last = 10**5
    terms = [1 / (k * (k - phi)) for k in range(2, last + 1)]
    tail = 1 / (last + 0.5) + phi / 2 / (last + 0.5) ** 2  # of 1/(k(k−φ)), to 10^-15 of its own
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
    assert mix_limit(ISO, 133, 133, 0, 0.0) == 0
    assert np.all(expected_errors(ISO, subsample(250, 0, 0.0), 50) == 0)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int32, np.float16, np.array])
def test_numbers_of_any_type_are_those_numbers(kind):
    """Sizes, noise, weights and penalties whose squares or products the type cannot hold."""
    t, s = 120, 100  # T, and σ: int8 holds both, and none of their squares

    def numbers(of):
        size, sigma = of(t), of(s)
        spectrum = isotropic(40)
        for protocol in (
            replace(size, of(1), sigma),
            mix(size, size, of(0), sigma, of(1)),
            mix(size, size, of(0), sigma),
            mix_labels(size, of(1), of(0), sigma),
            accumulate_kept(size, of(3), sigma),
            growing(size, lambda k: of(k + 1), of(0), sigma),
            subsample(size, of(1), sigma),
            two_groups(size, size, of(9), of(1), sigma),
            verified(size, of(9), of(1), of(1), sigma),
        ):
            yield expected_errors(spectrum, protocol, 2)
        yield mix_limit(spectrum, size, size, of(1), sigma)
        yield mix_ols_limit(0.5, 0.5, sigma), mix_labels_limit(0.5, 0.5, sigma)
        yield one_design_limit(0.3, sigma), accumulate_kept_limit(0.3, sigma)
        yield accumulate_limit(0.3, sigma), subsample_limit(0.3, sigma)
        yield accumulate_real_errors(of(5), size, 0.5, of(4), sigma)
        yield ols_gain(of(5), size)
        how = {"replicates": of(2), "seed": 1}
        yield simulate_errors(spectrum, subsample_kept(size, of(1), sigma), of(2), **how)

    of_python = float if kind is np.float16 else int  # a number's text is part of a random stream
    for found, expected in zip(numbers(kind), numbers(of_python), strict=True):
        assert_same(found, expected)


def test_a_union_that_is_not_unfolded_has_the_size_of_all_its_fresh_rows():
    assert Generation([Group(9), Group(5)]).size == 14
    assert Generation([Group(9, rows="x"), Group(9, 0, 1.0, rows="x"), Group(5)]).size == 14
    assert Generation([Group(9), Group(5)], drawn=6.0).size == 6
    one_x = Generation([Group(4, 0, rows="x"), Group(4, 0, 1.0, rows="x")], 0.1, drawn=4)
    pairs_missed = 6 * 5 * 4 * 3 / (8 * 7 * 6 * 5)  # both labels of an x left out
    assert_same(one_x.size, 4 * (1 - pairs_missed))


def test_a_verifier_of_any_cut_keeps_the_variance_of_a_truncated_normal():
    outsider = Outsider(0.1)
    density = 2 * np.exp(-0.5) / np.sqrt(2 * pi)
    expected = 1 - density / Verifier(outsider, 1.0).kept_share
    assert_same(Verifier(outsider, 1.0).kept_variance, expected)
    assert_same(Verifier(outsider, 1e-9).kept_variance, 1e-18 / 3, rtol=1e-9)
    assert Verifier(outsider, 1e200).kept_variance == 1


def subsample_series(phi: float) -> float:
    """E_∞/N by the recursion's solution in Γ-functions, x_j the scatter of model j, γ = φ/(1−φ)."""
    gain, j = phi / (1 - phi), np.arange(1.0, 1e6)
    ratio = np.exp(gammaln(j + 1 + gain) - gammaln(j + 1)) / gamma(2 + gain)
    x = (1 + 1 / j - (1 + gain) * ratio / j) / (1 - gain)
    return np.sum(x / (j + 1) ** 2) + (1 / len(j) + 1) / (1 - gain)


def test_subsampling_ends_below_half_and_grows_above():
    once = {phi: phi / (1 - phi) for phi in (1e-8, 0.1, 0.25, 0.4)}
    found = [subsample_limit(phi) / once[phi] for phi in once]
    assert_same(found, [pi**2 / 6, 1.79345, 2.22306, 3.83223], rtol=5e-6)
    assert_same(found, [subsample_series(phi) for phi in once], rtol=3e-6)
    assert subsample_limit(0.5) == inf
    below, above = (
        expected_errors(isotropic(10).condensed(), subsample(10 / phi, 0, 1.0), 200)
        for phi in (0.25, 0.7)
    )
    assert below[-1] < subsample_limit(0.25) < 1.04 * below[-1]
    assert_same(log(above[200] / above[100]) / log(2), 0.4 / 0.3, rtol=0.05)  # (2φ−1)/(1−φ)


def test_a_constant_ridge_of_accumulation_collapses_as_a_power():
    """T ≫ d: model k is w0·Γ(k+m)/(Γ(m)Γ(k+1)), m = s/(s+λ), on redrawn and on kept rows."""
    spectrum, ridge, k = power_law(8, 1.5, 0.5), 0.3, np.arange(1, 12)[:, None]
    m = spectrum.eigenvalues / (spectrum.eigenvalues + ridge)
    kept = np.exp(gammaln(k + m) - gammaln(m) - gammaln(k + 1))
    expected = ((1 - kept) * spectrum.coefficients) ** 2 @ spectrum.eigenvalues
    assert_same(expected_errors(spectrum, accumulate(1e13, ridge), 10), expected, rtol=1e-9)
    protocol = accumulate_kept(10**12, lambda k: ridge * k)
    drawn = simulate_errors(spectrum, protocol, 10, replicates=1, seed=1)[0]
    assert_same(drawn, expected, rtol=1e-5)


def test_the_scar_of_passing_interpolation_stays():
    """λ = 0, T0 < d: what is added at T_{1:k} ≈ d is never lost, nor π²/6 the bound."""
    spectrum = Spectrum(K[:160] ** -2, K[:160] ** -0.25)
    errors = expected_errors(spectrum, accumulate_kept(60, 0, 0.3), 10)
    assert_same([errors[0], errors[10]], [0.1400, 0.6537], rtol=5e-3)
    assert np.all(np.diff(errors) > 0)
    clean = expected_errors(spectrum, accumulate_kept(60), 10)
    assert np.all(clean == clean[0])  # nothing is learned, nothing is forgotten
    same = expected_errors(ISO, accumulate_kept(100, 0, 0.5, one_design=True), 10)
    noise = 0.25 * 100 / (200 - 100)
    assert_same(same, same[0] + noise * (np.cumsum(1 / np.arange(1, 12) ** 2) - 1), rtol=1e-9)


def test_noise_of_kept_ridge_follows_zeta():
    law = power_law(np.inf, 2.0, 0.375, condensed=True)
    spectrum = Spectrum(law.eigenvalues, np.zeros(len(law.counts)), law.counts)
    errors = expected_errors(spectrum, accumulate_kept(10**5, 1e-4, 1.0), 60)
    partial = np.sum(np.arange(1, 62.0) ** -1.5)
    assert_same(errors[-1] / errors[0], partial, rtol=0.02)


# Ridges


def test_rules_of_the_ridge_rank_as_they_should():
    """Joint is best; greedy, each generation for itself, is worse than one ridge for all."""
    spectrum = power_law(120, 2.0, 0.375)

    def make(ridge):
        return replace(240, ridge, 0.2)

    found = {rule: best_ridges(spectrum, make, 10, rule) for rule in RULES}
    errors = {
        rule: expected_errors(spectrum, make(listed(ridges)), 10)[10]
        for rule, ridges in found.items()
    }
    expected = {"one": 0.0444, "last": 0.0530, "greedy": 0.0514, "joint": 0.0366}
    assert errors == pytest.approx(expected, rel=2e-3)
    assert found["joint"][0] < found["one"][0] < found["joint"][-1]  # light early, heavy last
    last = replace(240, last_only(found["last"][-1], 10), 0.2)
    assert_same(expected_errors(spectrum, last, 10)[10], errors["last"])
    assert np.all(found["last"][:-1] == 0) and len(set(found["one"])) == 1
    with pytest.raises(
        ValueError, match="rule must be one of one, last, greedy, joint, not 'best'"
    ):
        best_ridges(spectrum, make, 2, "best")


# Where one ridge for all ends on a plateau, and where the best first ridges are light.
PLATEAU = (power_law(20, 2.0, 0.5), lambda ridge: replace(6, ridge, 2.0), 2)
FEW_ROWS = (power_law(18, 2.6, 0.45), lambda ridge: replace(3, ridge, 4.2), 2)
CALM = (isotropic(30), lambda ridge: accumulate(50, ridge, 0.3), 1)


@pytest.mark.parametrize("problem", [PLATEAU, FEW_ROWS, CALM])
def test_joint_ridges_are_as_good_as_the_best_of_many_searches(problem):
    """None of 5 searches from random ridges, nor another rule, has a smaller error."""
    spectrum, make, n = problem

    def error(ridges):
        return expected_errors(spectrum, make(listed(ridges)), n)[n]

    joint = error(best_ridges(*problem, "joint"))
    assert all(joint <= error(best_ridges(*problem, rule)) for rule in RULES)
    rng = np.random.default_rng(1)
    searches = [
        minimize(
            lambda logs: np.log(error(np.exp(logs))),
            rng.uniform(np.log(1e-5), np.log(1e2), n + 1),
            method="L-BFGS-B",
            bounds=[tuple(np.log(tuning.BOUNDS))] * (n + 1),
        )
        for _ in range(5)
    ]
    assert joint <= 1.0001 * np.exp(min(search.fun for search in searches))


def test_joint_ridges_leave_a_plateau():
    ridges = best_ridges(*PLATEAU, "joint")
    assert_same(ridges, [0.0386, 0.0906, 2.58], rtol=2e-3)
    spectrum, make, n = PLATEAU
    assert_same(expected_errors(spectrum, make(listed(ridges)), n)[n], 0.99713, rtol=1e-4)


@pytest.mark.parametrize("decades", [6, 5.5])  # an odd and an even number of points
def test_the_lower_of_two_valleys_is_found_wherever_it_is(decades):
    for bottom in np.linspace(0, decades, 25):

        def error(x, bottom=bottom):
            away, other = np.log10(x) - bottom, np.log10(x) - (bottom + 3) % decades
            return min(max(9 * away, -away), 1 + abs(other))  # one side is steep

        assert np.log10(lowest(error, (1, 10**decades))) == pytest.approx(bottom, abs=1e-5)


# What is refused


def later(k):
    return Generation([Group(100, k)], 0.1)


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


def test_a_joint_search_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(tuning, "MOST_STEPS", 1)
    with pytest.raises(ArithmeticError, match="the search of 3 ridges does not end"):
        best_ridges(POWER, lambda ridge: replace(240, ridge, 0.2), 2, "joint")


REFUSED = {
    "real_weight must be between 0 and 1, not 1.2": lambda: mix(9, 9, 0.1, 0.1, 1.2),
    "real_weight must be between 0 and 1, not -0.1": lambda: two_groups(9, 9, 1, 0.1, 0.1, -0.1),
    "real_weight must be between 0 and 1, not 3": lambda: mix(9, 9, 0.1, 0.1, lambda k: 3)(2),
    "real_share must be between 0 and 1, not nan": lambda: mix_labels(9, np.nan),
    "real_share must be between 0 and 1, not <function": lambda: mix_labels(9, lambda k: 0.5),
    "real_share must be between 0 and 1, not 2": lambda: mix_labels_limit(0.5, 2),
    "real_share must be between 0 and 1, not -1": lambda: mix_ols_limit(0.5, -1),
    "real_share must be between 0 and 1, not 1.5": lambda: accumulate_real_errors(5, 100, 1.5, 1),
    "phi = d/T must be between 0 and 1, not 1.25": lambda: accumulate_real_errors(5, 5, 0.5, 1),
    "weight must be a number of at least 0, not 1": lambda: Group(9, weight="1"),
    "weight must be a number of at least 0, not -1": lambda: Group(9, weight=-1),
    "weights must not all be 0": lambda: Generation([Group(9, weight=0), Group(5, weight=0)]),
    "a union must have rows, and this one is empty": lambda: Generation([]),
    "and this one is empty": lambda: mix(50, 0)(1),
    "model 1 cannot learn labels of model 1": lambda: expected_errors(ISO, later, 0),
    "model 1 cannot learn labels of model 2": lambda: expected_errors(
        ISO, lambda k: Generation([Group(50, np.int64(k + 1))], 0.1), 0
    ),
    "model 1 cannot learn labels of model truth": lambda: expected_errors(
        ISO, lambda k: Generation([Group(50, "truth")], 0.1), 0
    ),
    "model 2 cannot learn labels of model -1": lambda: expected_errors(
        ISO, lambda k: Generation([Group(50, 1 - k)], 0.1), 3
    ),
    "model 1 would be a least-squares fit to 201 rows, within 1 of d = 200": lambda: (
        expected_errors(ISO, replace(201), 0)
    ),
    "model 2 would be a least-squares fit to 200 rows": lambda: expected_errors(
        ISO, accumulate_kept(100, 0, 0.1), 3
    ),
    "within 1 of d = 100": lambda: expected_errors(Spectrum(HALF, HALF), replace(99), 0),
    "growth overflows: samples must be at most 2.53, not inf": lambda: growing(
        9, lambda k: 10.0 ** (400 * k)
    )(1),
    "samples must be at most 2.53, not 1e.20": lambda: growing(1e20, lambda k: 1)(1),
    "samples must be a number of at least 0, not nan": lambda: growing(9, lambda k: np.nan)(1),
    "samples must be a number of at least 0, not .9, 9.": lambda: replace([9, 9])(1),
    "model 3 has no value in a list of 2": lambda: replace(listed([9, 9]))(3),
    "model 2 has no value in a list of 1": lambda: chain_of([Fit(9)])(2),
    "noise must be a number of at least 0, not -0.1": lambda: replace(300, 0, -0.1)(1),
    "ridge must be a number of at least 0, not nan": lambda: replace(300, np.nan)(1),
    "generations must be at least 0, and whole, not -1": lambda: expected_errors(
        ISO, replace(300), -1
    ),
    "generations must be at least 0, and whole, not 2.5": lambda: expected_errors(
        ISO, replace(300), 2.5
    ),
    "and whole, not -1": lambda: best_ridges(ISO, lambda ridge: replace(9, ridge), -1, "last"),
    "bounds must be two positive numbers, the lower first, not .1, 0.1.": lambda: best_ridges(
        ISO, lambda ridge: replace(9, ridge), 0, bounds=(1, 0.1)
    ),
    "replicates must be at least 1, and whole, not 0": lambda: simulate_errors(
        ISO, replace(300), 1, replicates=0, seed=0
    ),
    "whole number of samples, not 300.5": lambda: simulate_errors(
        ISO, replace(300.5), 1, replicates=1, seed=0
    ),
    "rows that are kept have one size, not 300 and 301": lambda: expected_errors(
        ISO, lambda k: Generation([Group(299 + k, rows="x")]), 1
    ),
    "rows drawn from a pool have no formula": lambda: expected_errors(ISO, subsample_kept(300), 1),
    "cannot draw 10 rows of a union": lambda: Generation([Group(9)], drawn=10),
    "cannot draw 8.5 rows of a union": lambda: Generation([Group(9)], drawn=8.5),
    "rows can be drawn only from a union": lambda: Generation([Group(9), Group(9, 0, 1, 2)], 0, 5),
    "kept rows have a formula only if": lambda: expected_errors(
        ISO, accumulate_kept(300, lambda k: k * 0.1), 1
    ),
    "simulate these": lambda: expected_errors(ISO, accumulate_real(300, 300), 2),
    "one penalty of the summed loss": lambda: expected_errors(
        ISO, mix(300, 300, real_kept=True), 2
    ),
    "finite_size is exact for least squares on d \\+ 2 = 42 rows": lambda: expected_errors(
        ISO_40, replace(300, 0.1), 1, finite_size=True
    ),
    "all of one weight": lambda: expected_errors(
        ISO_40, mix(300, 300, 0, 0.1, 0.7), 1, finite_size=True
    ),
    "a verified group must be the only one": lambda: Generation(
        [Group(9), Group(9, verifier=Verifier(Outsider(1.0), 1.0))]
    ),
    "cut must be positive and finite, not 0": lambda: verified(300, 0.1, 0),
    "cut must be positive and finite, not inf": lambda: verified(300, 0.1, np.inf),
    "generations must be at least 0, and whole, not nan": lambda: expected_errors(
        ISO, replace(300), np.nan
    ),
    "generations must be at least 0, and whole, not True": lambda: expected_errors(
        ISO, replace(300), True
    ),
    "replicates must be at least 1, and whole, not 1.5": lambda: simulate_errors(
        ISO, replace(300), 1, replicates=1.5, seed=0
    ),
    "replicates must be at least 1, and whole, not True": lambda: simulate_errors(
        ISO, replace(300), 1, replicates=True, seed=0
    ),
    "samples must be at least 1, and whole, not 8.5": lambda: subsample_kept(8.5),
    "samples must be at least 1, and whole, not -1": lambda: subsample_kept(-1),
    "noise must be a number of at least 0, not True": lambda: Group(9, noise=True),
    "noise must be a number of at least 0, not -2": lambda: one_design_limit(0.5, -2),
    "ratio must be a number of at least 0, not -1": lambda: best_real_weight(-1),
    "d must be at least 1, and whole, not 0": lambda: accumulate_real_errors(0, 9, 0.5, 1),
    "penalty must be a number of at least 0, not -1": lambda: accumulate_kept(9, -1)(1),
    "labels must be the number of a model, and whole, not 1.5": lambda: Group(9, 1.5),
    "labels must be the number of a model, and whole, not True": lambda: Group(9, True),
    "rows must have a name": lambda: Group(9, rows=["x"]),
    "a verifier's model must be an Outsider, not 0": lambda: Verifier(0, 1.0),
    "verifier must be a Verifier": lambda: Group(9, verifier=Outsider(1.0)),
    "groups must be a list of Groups": lambda: Generation([9]),
    "weights of all rows must have a positive and finite sum": lambda: Generation(
        [Group(1e10, weight=1e300)]
    ),
    "spread must be of numbers of at least 0, not 1": lambda: Outsider("1"),
    "protocol must be a function": lambda: expected_errors(ISO, Generation([Group(9)]), 1),
    "protocol must return a Generation for model 1, not None": lambda: expected_errors(
        ISO, lambda k: None, 1
    ),
    "rows of the name '1' would have the random numbers of other rows": lambda: expected_errors(
        ISO, lambda k: Generation([Group(9, rows=1), Group(9, rows="1")], 0.1), 0
    ),
    "model 0 has no value in a list of 2": lambda: listed([9, 9])(0),
    "model 1 has no number in a list, but None": lambda: listed([None])(1),
    "the verifier keeps none of 300 rows": lambda: simulate_errors(
        ISO_40, verified(300, 0.1, 1e-9, 0.1), 1, replicates=1, seed=0
    ),
    "spread must be of numbers of at least 0, not -1": lambda: two_groups(9, 9, -1),
    "spread must be one number or as many as eigenvalues, 200, not 2": lambda: expected_errors(
        ISO, two_groups(9, 9, (1.0, 2.0), 0.1), 0
    ),
    "as many as eigenvalues, 40, not 3": lambda: simulate_errors(
        ISO_40, verified(300, (1.0, 2.0, 3.0), 1.0), 1, replicates=1, seed=0
    ),
    "a condensed spectrum is for theory alone: it has no designs": lambda: simulate_errors(
        ISO_40.condensed(), replace(300), 0, replicates=1, seed=0
    ),
    "a condensed spectrum is for theory alone": lambda: simulate_errors(
        TWO.condensed(), subsample_kept(300), 0, replicates=1, seed=0
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_refusals(sentence):
    with pytest.raises(ValueError, match=sentence) as refusal:
        REFUSED[sentence]()
    assert "\n" not in str(refusal.value)


def test_a_group_without_rows_or_weight_is_left_out():
    union = Generation([Group(0, weight=3.0), Group(9, weight=0.0), Group(5)])
    assert union.groups == (Group(5),)
    assert union.size == 5
    assert [group.labels for group in mix(9, 0, real_weight=0.5)(2).groups] == [1]
    assert [group.labels for group in mix(0, 9, real_weight=0.5)(2).groups] == [0]


@pytest.mark.parametrize("of", [list, np.array])
def test_a_spread_may_be_a_list_or_an_array(of):
    assert Outsider(of([1.0, 2.0])) == Outsider((1.0, 2.0))


@pytest.mark.parametrize(
    ("power", "factors"),
    [(-0.25, [1.466, 1.058, 0.998, 0.990]), (-1.5, [1.694, 1.020, 0.928, 0.918])],
)
def test_a_large_synthetic_batch_beats_one_tuned_fit_and_an_equal_one_does_not(power, factors):
    """E_1/E_0 for 1, 10, 100 and 1,000 times T0 synthetic rows, all ridges tuned."""
    ranks = np.arange(1, 101.0)
    signal = ranks**power
    spectrum = Spectrum(ranks**-2, signal / np.linalg.norm(signal))

    def least(sizes: list[int]) -> float:
        def protocol(ridge):
            return replace(listed(sizes), ridge, noise=1.0)

        generations = len(sizes) - 1
        ridges = tuning.best_ridges(spectrum, protocol, generations, "joint")
        return expected_errors(spectrum, protocol(listed(ridges)), generations)[-1]

    single_fit = least([200])
    ratios = [least([200, 200 * times]) / single_fit for times in (1, 10, 100, 1000)]
    assert_same(ratios, factors, rtol=1e-3)
