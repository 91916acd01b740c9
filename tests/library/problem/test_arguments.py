"""Numbers of any type mean what they say: the same numbers as those of Python's own."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.mixtures.remedies import replace
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import best_ridges, lowest
from model_collapse.problem.arguments import is_number, plain, whole_number
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.simulation import designs
from model_collapse.simulation.chain import downstream_errors, simulate_chain, train_generators
from model_collapse.simulation.terms import simulate_terms
from model_collapse.theory import (
    exponents,
    optimal_ridge,
    paper,
    recursion,
    scaling_laws,
    spectral_filters,
)
from model_collapse.theory.equivalents import Equivalent, degrees_of_freedom, effective_ridge

SMALL = isotropic(4)
# Each with numbers of which a small integer type cannot hold the squares, sums or differences.
USES = {
    "chain_risk": lambda n: (
        recursion.chain_risk(SMALL, [Fit(n(100), n(2), n(90))], Fit(n(100), n(3), n(120))).total
    ),
    "grid": lambda n: recursion.chain_risk(SMALL, [], Fit([n(100), n(90)], n(0), [n(70)])).total,
    "ols_chain_risk": lambda n: paper.ols_chain_risk(n(60), n(100), n(90), n(3), n(120), n(30)),
    "finite_size": lambda n: paper.ols_chain_risk(
        n(60), n(100), n(90), n(3), n(120), n(30), finite_size=True
    ),
    "isotropic_effective_ridge": lambda n: paper.isotropic_effective_ridge(n(0), n(90)),
    "collapse_rate": lambda n: paper.collapse_rate(SMALL, n(100), Fit(n(100), n(3))),
    "collapse_rate_full_rank": lambda n: paper.collapse_rate_full_rank(SMALL, n(9), Fit(n(8))),
    "isotropic_chain_risk": lambda n: paper.isotropic_chain_risk(
        n(60), n(100), n(3), n(100), n(90), Fit(n(100), n(100), n(90))
    ),
    "shared_design_limit": lambda n: paper.shared_design_limit(n(120), n(100), n(90)),
    "independent_designs_limit": lambda n: paper.independent_designs_limit(
        n(120), n(100), [n(90), n(100)]
    ),
    "saturated_error": lambda n: paper.saturated_error(n(120), n(100), n(3), n(90), n(100)),
    "growing_samples": lambda n: paper.growing_samples(n(100), n(100)),
    "growth_sum": lambda n: paper.growth_sum(n(0), n(100)),
    "break_even": lambda n: paper.break_even(SMALL, 0.5, n(100)),
    "expected_norm": lambda n: recursion.expected_norm(SMALL, [Fit(9)], [n(100)] * 4),
    "expected_product": lambda n: recursion.expected_product(
        SMALL, [Fit(n(9))], [n(100)] * 4, [n(100)] * 4
    ),
    "expected_square": lambda n: recursion.expected_square(
        SMALL, [Fit(n(9))], [n(100)] * 4, [n(100)] * 4, [n(1)] * 4
    ),
    "effective_ridge": lambda n: effective_ridge([n(100), n(120)], n(1), n(100), [n(100), n(90)]),
    "degrees_of_freedom": lambda n: degrees_of_freedom([n(100), n(120)], n(100), n(2)),
    "equivalent": lambda n: Equivalent([n(100), n(120)], Fit(n(9), n(100), n(90))).noise([1, 1]),
    "spectrum": lambda n: Spectrum([n(100), n(120)], [n(100), n(90)], [n(100), n(90)]).null_risk,
    "isotropic": lambda n: isotropic(n(100), n(100), 7).coefficients,
    "power_law": lambda n: power_law(n(100), n(3), n(2)).coefficients,
    "two_level": lambda n: two_level(n(100), n(1), n(1)).coefficients,
    "ell_crit": lambda n: exponents.ell_crit(n(100), n(1)),
    "clean_rate": lambda n: exponents.clean_rate(n(100), n(1)),
    "ell_star": lambda n: exponents.ell_star(n(100), n(1), n(0), n(1)),
    "law": lambda n: exponents.bias_exponent(exponents.Law(n(100), n(2), n(120), n(3), n(1))),
    "effective_samples": lambda n: exponents.effective_samples(n(100), n(120), n(2)),
    "smooth_effective_samples": lambda n: exponents.smooth_effective_samples(
        n(100), n(120), n(2), n(100)
    ),
    "best_ridge": lambda n: optimal_ridge.best_ridge(
        SMALL, [], n(9), n(100), bounds=(n(1), n(100))
    ),
    "law_risk": lambda n: (
        scaling_laws.law_risk(
            exponents.Law(n(2), n(1), n(1)), scaling_laws.Size(n(100), n(100))
        ).total
    ),
    "filtered_chain": lambda n: (
        spectral_filters.filtered_chain(
            SMALL,
            n(9),
            spectral_filters.ridge_filter(n(100)),
            n(50),
            n(2),
            noise=n(90),
            start_variance=n(100),
        ).total
    ),
    "gradient_descent": lambda n: spectral_filters.gradient_descent(n(2), n(100))(
        np.array([0.25, 0.5])
    ),
    "filtered_chain_of_sample": lambda n: (
        spectral_filters.filtered_chain_of_sample(
            [n(100)] * 9, [n(100)] * 9, spectral_filters.ridge_filter(n(100)), n(50), n(1)
        ).total
    ),
    "design_bytes": lambda n: designs.design_bytes(n(100), n(120)),
    "unseen_design": lambda n: train_generators(SMALL, [Fit(n(9), 0, n(100))], seed=1, replicate=0),
    "downstream_errors": lambda n: downstream_errors(
        SMALL, np.ones((2, 4)), n(9), [n(100), n(120)], n(100), seed=1, replicate=0
    ),
    "simulate_chain": lambda n: simulate_chain(
        SMALL, [Fit(n(3), n(2), n(100))], Fit(n(9), n(100), n(100)), replicates=n(2), seed=1
    ),
    "simulate_terms": lambda n: simulate_terms(
        SMALL, [Fit(n(3), n(2), n(100))], [Fit(n(9), n(100), n(100))], seed=1, replicate=0
    ),
    "expected_errors": lambda n: expected_errors(SMALL, replace(9, 0.5, 1.0), n(2)),
    "best_ridges": lambda n: best_ridges(
        SMALL, lambda ridge: replace(9, ridge, 1.0), n(1), bounds=(n(1), n(100))
    ),
    "lowest": lambda n: lowest(lambda x: (np.log(x) - 1) ** 2, (n(1), n(100))),
}
TYPES = [
    *[np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64],
    *[np.float16, np.float32, np.longdouble, float, np.float64, Fraction, Decimal],
    *[np.array, lambda value: np.array(value, np.uint8), lambda value: np.array(value, np.float32)],
]


@pytest.mark.parametrize("use", USES)
def test_the_type_of_a_number_does_not_matter(use):
    expected = USES[use](int)
    for number in TYPES:
        assert_same(USES[use](number), expected, rtol=1e-14)


def test_noise_of_32_bits_does_not_wrap_around():
    """σ² = 2.5·10^9, and the variance of OLS on T = 100 samples is σ²d/(T − d)."""
    variance = recursion.chain_risk(isotropic(4), [], Fit(100, 0.0, np.int32(50_000))).variance
    assert_same(variance, 2.5e9 * 4 / 96)


@pytest.mark.parametrize("many", [10**30, Fraction(10**30), Decimal("1e30"), 1e30])
def test_numbers_beyond_64_bits_are_numbers(many):
    assert_same(recursion.chain_risk(SMALL, [], Fit(many, 0.0, 1.0)).variance, 4e-30)
    assert plain(many) == 1e30


@pytest.mark.parametrize(
    "call",
    [
        lambda: Fit(10, 0.1, 1e200),
        lambda: Fit(10, 0.1, 10**400),
        lambda: paper.ols_chain_risk(10, 100, 1e200, 1, 100, 1),
        lambda: paper.break_even(SMALL, 0.5, 1e200),
        lambda: paper.saturated_error(10, 10**200, 1, 5, 10**400),
    ],
)
def test_numbers_whose_squares_overflow_are_refused(call):
    with pytest.raises(ValueError, match=r"at most 1e\+154|at least 0, not 1000|too large"):
        call()


@pytest.mark.parametrize("value", [0, 1.5, np.nan, np.inf, "3", True, None, 1j, [2], 2**60])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(ValueError, match="d must be at least 1, and whole, not"):
        whole_number("d", value, 1)


@pytest.mark.parametrize("value", ["3", None, True, 1j, [1.0]])
def test_a_law_is_of_numbers(value):
    with pytest.raises(ValueError, match="beta must be a number, not"):
        exponents.Law(value, 0.5, 0.5)


@pytest.mark.parametrize("masked", [np.ma.masked, np.ma.array(1.0, mask=True)])
def test_a_masked_value_is_no_number(masked):
    assert not is_number(masked)
    with pytest.raises(ValueError, match="the dimension d must be at least 1, and whole"):
        isotropic(masked)
