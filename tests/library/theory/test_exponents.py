"""Exponents of scaling laws: print against correction, and against the recursion."""

from itertools import product

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, power_law
from model_collapse.statistics import fit_exponent
from model_collapse.theory.exponents import (
    Law,
    bias_exponent,
    clean_rate,
    collapse_exponent,
    corrected_exponent,
    effective_samples,
    ell_crit,
    ell_star,
    printed_clean_exponent,
    printed_collapsed_exponent,
    smooth_effective_samples,
    variance_exponent,
)
from model_collapse.theory.recursion import chain_risk
from model_collapse.theory.scaling_laws import Size, law_risk, size_at

every_law = pytest.mark.parametrize(("beta", "r"), [(2.0, 0.375), (1.8, 0.6), (2.0, 1.5)])


@every_law
def test_print_and_correction_agree_on_clean_data_and_below_the_ceiling(beta, r):
    crit = ell_crit(beta, r)
    either = (False, True)
    clean = (0.0, crit / 2, crit, (crit + beta) / 2, beta, 1.5 * beta)
    cases = [(ell, None, 0.0, noisy) for ell, noisy in product(clean, either)]
    for b, a in ((0.8, 0.0), (0.8, 0.3), (0.6, 0.2), (1.0, 0.0)):
        of_corollary = product((ell_star(beta, r, b, a), crit), either)
        cases += [(ell, b, a, noisy) for ell, noisy in of_corollary if ell < b * beta]
    for b, a in ((1.0, -0.5), (0.8, 0.0), (0.6, 0.1)):  # appendix G, right of ℓ_crit
        cases += [(ell, b, a, True) for ell in np.linspace(crit, b * beta, 4)[1:]]
    for ell, b, a, noisy in cases:
        law = Law(beta, r, ell, b, a)
        printed = printed_clean_exponent if b is None else printed_collapsed_exponent
        assert_same(printed(law, noisy), corrected_exponent(law, noisy), atol=1e-12)


@every_law
def test_the_noisy_error_falls_below_the_ridge_exponent_that_the_ledger_names(beta, r):
    for b, a in ((0.4, -0.3), (0.8, 0.0), (0.8, 0.3), (1.0, 0.4), (1.5, 0.5), (2.0, -0.3)):
        end = beta * min(1, b - a, 1 - a)
        below, above = (corrected_exponent(Law(beta, r, x * end, b, a), True) for x in (0.99, 1.01))
        assert below < 0
        assert above > 0 or a <= 0, "the ceiling T^a falls for a < 0"


def test_exponents_of_the_paper():
    assert_same(ell_crit(2.0, 0.375), 0.8)
    assert ell_crit(2.0, 3.0) == ell_crit(2.0, 1.0)
    assert_same(ell_star(2.0, 0.375, b=0.5), 0.4)
    assert_same(ell_star(2.0, 0.375, b=0.5, a=0.25), 0.2)
    assert ell_star(2.0, 0.375, b=9.0) == 2.0
    for samples in (700, 5000, 10**6):  # below its cap the constant T0^{−ℓ_crit}
        b = np.log(600) / np.log(samples)
        assert_same(samples ** -ell_star(2.0, 0.375, b), 600**-0.8)


def test_effective_samples_meet_their_limits():
    assert effective_samples(1000, 600, 0) == 1000
    assert effective_samples(100, 600, 10) == 60
    assert effective_samples(50, 600, 10) == 50
    assert_same(smooth_effective_samples(1000, 600, 0, 1.0), 1000)
    assert_same(smooth_effective_samples(1e15, 600, 10, 1.0), 60, rtol=1e-9)
    # σ²/T + nσ0²/T0 = σ²/T_eff, also for σ ≠ 1.
    assert_same(0.16 / smooth_effective_samples(500, 300, 2.0, 0.4), 0.16 / 500 + 2.0 / 300)


def test_reference_exponents():
    """β = 2, r = 0.375: slopes that two independent codes found, to their two digits."""
    for b, a, ell, expected in (
        (0.8, 0.0, 0.64, -0.48),
        (0.8, 0.0, 0.8, -0.40),
        (0.4, 0.2, 0.8, 0.20),
        (1.5, 0.0, 1.2, -0.40),
    ):
        assert_same(corrected_exponent(Law(2.0, 0.375, ell, b, a), False), expected)
    assert_same(printed_collapsed_exponent(Law(2.0, 0.375, 1.2, 1.5), False), -0.90)
    assert_same(clean_rate(2.0, 0.375), 0.6)


@every_law
def test_bias_meets_collapse_at_ell_star_and_variance_at_ell_crit(beta, r):
    law = Law(beta, r, ell_star(beta, r, 0.9, 0.2), 0.9, 0.2)
    assert_same(bias_exponent(law), collapse_exponent(law))
    clean = Law(beta, r, ell_crit(beta, r))
    assert_same(bias_exponent(clean), variance_exponent(clean))
    assert_same(bias_exponent(clean), -clean_rate(beta, r))


@pytest.mark.parametrize("r", [0.375, 1.5])
@pytest.mark.parametrize("b", [0.4, 1.0, 1.5, None])
def test_exponents_have_no_jump_in_ell(r, b):
    ells = np.linspace(0, 4, 4001)
    for exponent in (bias_exponent, variance_exponent):
        values = [exponent(Law(2.0, r, ell, b)) for ell in ells]
        assert np.max(np.abs(np.diff(values))) < 0.005
    assert variance_exponent(Law(2.0, r, 4.0, b)) == (0 if b is None or b >= 1 else b - 1)


@pytest.mark.parametrize(
    ("ell", "b", "a"),
    [(0.5, 0.8, 0), (2.4, 1, 0), (1.4, 0.6, 0.1), (1.8, 0.4, 0.3), (0.6, 1.4, 0), (1, 1.4, -0.3)],
)
def test_every_term_of_the_recursion_has_its_exponent(ell, b, a):
    law = Law(2.0, 0.375, ell, b, a)
    sizes = [size_at(law, d) for d in (20_000, 60_000, 180_000)]
    risks = [law_risk(law, size) for size in sizes]
    samples = [size.samples for size in sizes]
    exponents = bias_exponent(law), variance_exponent(law), collapse_exponent(law)
    for name, exponent in zip(("bias", "variance", "collapse"), exponents, strict=True):
        found = fit_exponent(samples, np.array([getattr(risk, name) for risk in risks]))
        assert abs(found.value - exponent) < 0.025, name


def test_clean_exponents_of_the_recursion():
    for ell, noisy in ((0.8, False), (3.0, False), (1.4, True), (3.0, True)):
        law = Law(2.0, 0.375, ell)
        T = np.geomspace(300, 3000, 3) ** max(2.0 / ell, 1)
        risks = [law_risk(law, Size(300_000, size)) for size in T]
        found = fit_exponent(T, np.array([risk.bias + noisy * risk.variance for risk in risks]))
        assert abs(found.value - printed_clean_exponent(law, noisy)) < 0.02


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((1.0, 0.5, 0.1), "beta must be greater than 1"),
        ((2.0, 0.0, 0.1), "r must be positive"),
        ((2.0, 0.5, -0.1), "ell.*must be >= 0"),
        ((2.0, 0.5, np.inf), "ell.*must be >= 0"),
        ((2.0, 0.5, 0.1, 1.0, np.nan), "a, the exponent of nσ0² = T\\^a, must be finite"),
        ((2.0, 0.5, 0.1, 0.0), "b, the exponent of T0 = T\\^b, must be positive"),
    ],
)
def test_a_law_that_makes_no_sense_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        Law(*arguments)


def test_corollary_5_2_speaks_of_two_exponents_only():
    with pytest.raises(ValueError, match=r"not of ell = 0\.3"):
        printed_collapsed_exponent(Law(2.0, 0.375, 0.3, 0.8), False)
    with pytest.raises(ValueError, match="laws with generators"):
        printed_collapsed_exponent(Law(2.0, 0.375, 0.8), True)


@pytest.mark.parametrize(("unit", "loss"), [(1.0, (1.0, 1.1)), (10.0, (4.0, 7.0))])
def test_the_rule_for_the_ridge_is_for_labels_in_units_of_their_noise(unit, loss):
    """The error at the rule's ridge over that at the best one, for the same labels in two units."""
    samples = 1e5
    generator_samples = 600
    generations = 10
    law = power_law(300, 2.0, 0.375)
    spectrum = Spectrum(law.eigenvalues, unit * law.coefficients)
    generators = [Fit(generator_samples, 0.0, unit)] * generations

    def error(ridge: float) -> float:
        return chain_risk(spectrum, generators, Fit(samples, ridge, unit)).total

    size = effective_samples(samples, generator_samples, generations * unit**2)
    least = min(error(ridge) for ridge in np.geomspace(1e-6, 1, 61))
    assert loss[0] <= error(size ** -ell_crit(2.0, 0.375)) / least <= loss[1]
