"""Errors of mixtures in theory: values, identities with chain_risk, and what is refused."""

import numpy as np
import pytest
from conftest import assert_same
from mixture_problems import (
    GOLDEN,
    HALF,
    ISOTROPIC,
    ISOTROPIC_40,
    POWER,
    RANKS,
    TWO_LEVEL,
    assert_refused,
)
from scipy.special import gammaln

from model_collapse.mixtures.equivalents import ols_gain
from model_collapse.mixtures.groups import Generation, Group
from model_collapse.mixtures.remedies import (
    accumulate,
    accumulate_kept,
    accumulate_real,
    chain_of,
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
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, power_law
from model_collapse.theory.recursion import chain_risk

# By another code, which was itself checked by full matrices.
VALUES = [
    (POWER, replace(150, 0.002, 0.3), 5, 0.0637946),
    (ISOTROPIC, mix(300, 250, 0, 0.5), 1, 0.582054),
    (ISOTROPIC, mix(300, 250, 0, 0.5), 8, 0.255769),
    (POWER, mix(120, 60, 0.001, 0.4), 8, 0.0414142),
    (POWER, mix(120, 60, 0.001, 0.4, 0.7), 8, 0.0395496),
    (ISOTROPIC, mix(150, 250, 0.1, 0.3, GOLDEN), 5, 0.137638),
    (ISOTROPIC, mix(80, 60, 0, 0.2, 0.9), 6, 1.63911),
    (TWO_LEVEL, mix(120, 80, 0.005, 0, 0.5), 4, 0.0362651),
    (POWER, mix_labels(300, GOLDEN, 0.001, 0.5), 6, 0.0167627),
    (ISOTROPIC, mix_labels(120, 0.8, 0, 0.3), 6, 0.503893),
    (ISOTROPIC, accumulate(260, 0, 0.5), 7, 0.297383),
    (POWER, accumulate(70, 0.001, 0.3), 7, 0.0193764),
    (TWO_LEVEL, accumulate(70, 0, 0.3), 5, 1.94702),
    (ISOTROPIC, subsample(400, 0, 0.5), 10, 0.754969),
    (POWER, subsample(120, 0.002, 0.4), 7, 0.0470567),
    (ISOTROPIC, accumulate_kept(260, 0, 0.5), 10, 0.984415),
    (POWER, accumulate_kept(70, 0, 0.3), 10, 0.99758),
    (POWER, accumulate_kept(100, 0.02, 0.5), 10, 0.0592682),
    (ISOTROPIC, accumulate_kept(300, 0.3, 1.0), 10, 0.915023),
    (POWER, two_groups(20, 180, 0.004, 0.001, 0.3), 0, 0.0149641),
    (ISOTROPIC, two_groups(100, 300, 0.004, 0.02, 0.5, 0.9), 3, 0.316602),
    (ISOTROPIC, verified(800, 0.05 / 200, 1.0, 0, 0.5), 5, 0.103705),
    (ISOTROPIC, verified(600, 0.1 / 200, 1.5, 0.05, 0.3), 5, 0.158907),
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
    assert_same(expected_errors(ISOTROPIC_40, protocol, 6, finite_size=True)[6], value, rtol=4e-6)


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
@pytest.mark.parametrize("spectrum", [ISOTROPIC, POWER, TWO_LEVEL], ids=["iso", "power", "two"])
def test_replace_is_the_chain(spectrum, fits):
    """E_n is n generators and a downstream fit, for every n."""
    expected = [chain_risk(spectrum, fits[:n], fits[n]).total for n in range(len(fits))]
    errors = expected_errors(spectrum, chain_of(fits), len(fits) - 1)
    np.testing.assert_allclose(errors, expected, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(("spectrum", "protocol", "n", "value"), VALUES)
def test_condensed_spectra_have_the_same_errors(spectrum, protocol, n, value):
    errors = expected_errors(spectrum.condensed(), protocol, n)
    assert_same(errors, expected_errors(spectrum, protocol, n), rtol=1e-9)


def test_replace_on_a_deficient_spectrum():
    spectrum = Spectrum(HALF, np.ones(200))
    fits = [Fit(60, 0, 0.2), Fit(150, 0, 0.1)] * 2
    expected = [chain_risk(spectrum, fits[:n], fits[n]).total for n in range(4)]
    assert_same(expected_errors(spectrum, chain_of(fits), 3), expected, rtol=1e-10)


@pytest.mark.parametrize("samples", [120, 300])
@pytest.mark.parametrize("ridge", [0.0, 0.03])
def test_a_union_of_one_labeller_is_one_group(samples, ridge):
    """Sums over groups give Φ of one fit; shares of the total may be of any size."""

    def split(k):
        sizes = np.array([0.2, 0.5, 0.3]) * samples
        return Generation([Group(size, k - 1, 0.4) for size in sizes], ridge)

    for spectrum in (ISOTROPIC, POWER):
        whole = expected_errors(spectrum, replace(samples, ridge, 0.4), 6)
        assert_same(expected_errors(spectrum, split, 6), whole, rtol=1e-10)


@pytest.mark.parametrize(("samples", "ridge"), [(60, 0.01), (60, 0.0), (250, 0.01), (250, 0.0)])
def test_equal_weights_change_nothing_nor_do_any_where_rows_are_interpolated(samples, ridge):
    def errors(weight):
        return expected_errors(POWER, mix(samples, samples / 2, ridge, 0.3, weight), 5)

    unweighted = expected_errors(POWER, mix(samples, samples / 2, ridge, 0.3), 5)
    assert_same(errors(1 / 3), unweighted, rtol=1e-9)
    assert np.allclose(errors(0.6), unweighted, rtol=1e-6) == (samples == 60 and ridge == 0)
    assert_same(errors(1 / 3 + 1e-9), unweighted, rtol=1e-6)  # by bisection


@pytest.mark.parametrize("ridge", [0.0, 0.02])
def test_a_share_of_0_or_1_leaves_one_kind_of_rows_out(ridge):
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
    errors = [
        expected_errors(ISOTROPIC, two_groups(1e7, 9e7, gap, r, 0.0), 0)[0] for r in (0, 0.0101)
    ]
    assert_same(errors, [0.01, 0.01 / 1.01], rtol=1e-4)
    weighted = expected_errors(ISOTROPIC, two_groups(1e7, 9e7, gap, 0, 0.0, 1.0), 0)[0]
    assert weighted < 1e-15


def test_a_constant_ridge_of_accumulation_collapses_as_a_power():
    """T ≫ d: model k is w0·Γ(k+m)/(Γ(m)Γ(k+1)), m = s/(s+λ), on redrawn and on kept rows."""
    spectrum = power_law(8, 1.5, 0.5)
    ridge = 0.3
    k = np.arange(1, 12)[:, None]
    m = spectrum.eigenvalues / (spectrum.eigenvalues + ridge)
    shrinkage = np.exp(gammaln(k + m) - gammaln(m) - gammaln(k + 1))
    expected = ((1 - shrinkage) * spectrum.coefficients) ** 2 @ spectrum.eigenvalues
    assert_same(expected_errors(spectrum, accumulate(1e13, ridge), 10), expected, rtol=1e-9)
    protocol = accumulate_kept(10**12, lambda k: ridge * k)
    drawn = simulate_errors(spectrum, protocol, 10, replicates=1, seed=1)[0]
    assert_same(drawn, expected, rtol=1e-5)


def test_noise_of_a_fit_near_interpolation_is_never_lost():
    """λ = 0, T0 < d: what is added at T_{1:k} ≈ d is never lost, nor π²/6 the bound."""
    spectrum = Spectrum(RANKS[:160] ** -2, RANKS[:160] ** -0.25)
    errors = expected_errors(spectrum, accumulate_kept(60, 0, 0.3), 10)
    assert_same([errors[0], errors[10]], [0.1400, 0.6537], rtol=5e-3)
    assert np.all(np.diff(errors) > 0)
    clean = expected_errors(spectrum, accumulate_kept(60), 10)
    assert np.all(clean == clean[0])  # nothing is learned, nothing is forgotten
    same = expected_errors(ISOTROPIC, accumulate_kept(100, 0, 0.5, one_design=True), 10)
    noise = 0.25 * 100 / (200 - 100)
    assert_same(same, same[0] + noise * (np.cumsum(1 / np.arange(1, 12) ** 2) - 1), rtol=1e-9)


def test_noise_of_kept_ridge_follows_zeta():
    law = power_law(np.inf, 2.0, 0.375, condensed=True)
    spectrum = Spectrum(law.eigenvalues, np.zeros(len(law.counts)), law.counts)
    errors = expected_errors(spectrum, accumulate_kept(10**5, 1e-4, 1.0), 60)
    partial = np.sum(np.arange(1, 62.0) ** -1.5)
    assert_same(errors[-1] / errors[0], partial, rtol=0.02)


def later(k):
    return Generation([Group(100, k)], 0.1)


REFUSED = {
    "model 1 cannot learn labels of model 1": lambda: expected_errors(ISOTROPIC, later, 0),
    "model 1 cannot learn labels of model 2": lambda: expected_errors(
        ISOTROPIC, lambda k: Generation([Group(50, np.int64(k + 1))], 0.1), 0
    ),
    "model 1 cannot learn labels of model truth": lambda: expected_errors(
        ISOTROPIC, lambda k: Generation([Group(50, "truth")], 0.1), 0
    ),
    "model 2 cannot learn labels of model -1": lambda: expected_errors(
        ISOTROPIC, lambda k: Generation([Group(50, 1 - k)], 0.1), 3
    ),
    "model 1 would be a least-squares fit to 201 rows, within 1 of d = 200": lambda: (
        expected_errors(ISOTROPIC, replace(201), 0)
    ),
    "model 2 would be a least-squares fit to 200 rows": lambda: expected_errors(
        ISOTROPIC, accumulate_kept(100, 0, 0.1), 3
    ),
    "within 1 of d = 100": lambda: expected_errors(Spectrum(HALF, HALF), replace(99), 0),
    "generations must be at least 0, and whole, not -1": lambda: expected_errors(
        ISOTROPIC, replace(300), -1
    ),
    "generations must be at least 0, and whole, not 2.5": lambda: expected_errors(
        ISOTROPIC, replace(300), 2.5
    ),
    "rows that are kept have one size, not 300 and 301": lambda: expected_errors(
        ISOTROPIC, lambda k: Generation([Group(299 + k, rows="x")]), 1
    ),
    "rows drawn from a pool have no formula": lambda: expected_errors(
        ISOTROPIC, subsample_kept(300), 1
    ),
    "kept rows have a formula only if": lambda: expected_errors(
        ISOTROPIC, accumulate_kept(300, lambda k: k * 0.1), 1
    ),
    "simulate these": lambda: expected_errors(ISOTROPIC, accumulate_real(300, 300), 2),
    "one penalty of the summed loss": lambda: expected_errors(
        ISOTROPIC, mix(300, 300, real_kept=True), 2
    ),
    "finite_size is exact for least squares on d \\+ 2 = 42 rows": lambda: expected_errors(
        ISOTROPIC_40, replace(300, 0.1), 1, finite_size=True
    ),
    "all of one weight": lambda: expected_errors(
        ISOTROPIC_40, mix(300, 300, 0, 0.1, 0.7), 1, finite_size=True
    ),
    "generations must be at least 0, and whole, not nan": lambda: expected_errors(
        ISOTROPIC, replace(300), np.nan
    ),
    "generations must be at least 0, and whole, not True": lambda: expected_errors(
        ISOTROPIC, replace(300), True
    ),
    "protocol must be a function": lambda: expected_errors(ISOTROPIC, Generation([Group(9)]), 1),
    "protocol must return a Generation for model 1, not None": lambda: expected_errors(
        ISOTROPIC, lambda k: None, 1
    ),
    "rows of the name '1' would have the random numbers of other rows": lambda: expected_errors(
        ISOTROPIC, lambda k: Generation([Group(9, rows=1), Group(9, rows="1")], 0.1), 0
    ),
    "spread must be one number or as many as eigenvalues, 200, not 2": lambda: expected_errors(
        ISOTROPIC, two_groups(9, 9, (1.0, 2.0), 0.1), 0
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_mixtures_without_a_formula_are_refused(sentence):
    assert_refused(sentence, REFUSED[sentence])
