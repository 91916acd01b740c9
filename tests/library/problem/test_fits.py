"""Fits and chains: what they refuse, and that a chain says what the flag says."""

import numpy as np
import pytest

from model_collapse.problem.fits import Chain, Fit
from model_collapse.problem.spectra import power_law
from model_collapse.simulation.chain import simulate_chain, train_generators
from model_collapse.simulation.full_matrices import simulate_chain_in_full, simulate_terms_in_full
from model_collapse.simulation.terms import simulate_terms
from model_collapse.theory.recursion import bias_increase, chain_risk, equivalents_of, expected_norm

LAST = Fit(40, 0.1, 0.2)
ONE = {"seed": 3, "replicate": 0}
TWO = {"seed": 3, "replicates": 2}
# What takes chains apart, with what it needs besides the spectrum and the chain.
USES = {
    chain_risk: ([LAST], {}),
    bias_increase: ([LAST], {}),
    expected_norm: ([], {}),
    equivalents_of: ([], {}),
    train_generators: ([], ONE),
    simulate_chain: ([LAST], TWO),
    simulate_chain_in_full: ([LAST], TWO),
    simulate_terms: ([[LAST]], ONE),
    simulate_terms_in_full: ([LAST], ONE),
}
every_use = pytest.mark.parametrize("function", USES, ids=lambda function: function.__name__)


def used(function, generators, **flag):
    """What a function makes of generators, fits with the flag or a chain."""
    more, options = USES[function]
    found = function(power_law(20, 1.5, 0.5), generators, *more, **options, **flag)
    return [stage.fit for stage in found] if function is equivalents_of else found


@pytest.mark.parametrize(
    "arguments",
    [
        *[(0,), (-1,), (10, -1e-9), (10, 0.1, -1), (np.inf,), (10, np.nan), (10**400,)],
        *[("10",), (None,), (10, True), (10, 1j), (10, []), (10, 0.1, [0.1, -1])],
    ],
)
def test_a_fit_refuses_impossible_numbers(arguments):
    with pytest.raises(ValueError, match=r"must be a number of (more than|at least) 0, not "):
        Fit(*arguments)


def test_a_fit_of_lists_is_a_grid():
    found = chain_risk(power_law(20, 1.5, 0.5), [], Fit([10, 40], [[0.1], [0.2]], [0.3, 0.4]))
    one = chain_risk(power_law(20, 1.5, 0.5), [], Fit(40, 0.2, 0.4))
    np.testing.assert_allclose(found.total[1, 1], one.total, rtol=1e-12)


@pytest.mark.parametrize(
    "fits", [None, 5, Fit(50), [Fit(50), 5], "ab", [Fit([50, 60])], [Fit(50, [0.1, 0.2])]]
)
@every_use
def test_generators_are_fits_of_single_numbers(function, fits):
    with pytest.raises(ValueError, match="generators must be a list of Fits of numbers"):
        used(function, fits)


@pytest.mark.parametrize(
    ("fits", "sentence"),
    [
        ([Fit(50), Fit(50, 0.1)], "a shared design is defined for OLS generators: their ridge"),
        ([Fit(50), Fit(60)], r"generators on one shared design need one size, not \[50, 60\]"),
    ],
)
@every_use
def test_a_shared_design_refuses_a_ridge_and_unequal_sizes(function, fits, sentence):
    with pytest.raises(ValueError, match=sentence):
        used(function, fits, shared_design=True)


@pytest.mark.parametrize("size", [12, 50])
@every_use
def test_a_chain_says_what_the_flag_says(function, size):
    fits = [Fit(size, 0.0, 0.3), Fit(size, 0.0, 0.1)]
    independent = used(function, Chain(fits))
    shared = used(function, Chain(fits, "shared"))
    np.testing.assert_equal(independent, used(function, fits))
    np.testing.assert_equal(shared, used(function, fits, shared_design=True))
    assert size == 50 or not np.array_equal(independent, shared)  # with T0 > d nothing is lost


def test_a_chain_knows_its_designs_and_is_told_once():
    with pytest.raises(ValueError, match="design must be independent or shared, not 'fresh'"):
        Chain([Fit(50)], "fresh")
    with pytest.raises(ValueError, match="a Chain says itself"):
        Chain.of(Chain([Fit(50)]), shared_design=True)
    assert Chain.of([Fit(50)], shared_design=True) == Chain((Fit(50),), "shared")
    assert Chain([], "shared").fits == ()
