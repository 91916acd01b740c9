"""Ridges tuned for the last error: rules, searches, and what is refused."""

import numpy as np
import pytest
from conftest import assert_same
from mixture_problems import ISOTROPIC, POWER, assert_refused
from scipy.optimize import minimize

from model_collapse.mixtures import tuning
from model_collapse.mixtures.remedies import accumulate, last_only, listed, replace
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import RULES, best_ridges, lowest
from model_collapse.problem.spectra import Spectrum, isotropic, power_law


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
    """Of 5 searches from random ridges, and of those by the other rules."""
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


def test_a_joint_search_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(tuning, "STEPS", 1)
    with pytest.raises(ArithmeticError, match="the search of 3 ridges does not end"):
        best_ridges(POWER, lambda ridge: replace(240, ridge, 0.2), 2, "joint")


REFUSED = {
    "and whole, not -1": lambda: best_ridges(
        ISOTROPIC, lambda ridge: replace(9, ridge), -1, "last"
    ),
    "bounds must be two positive numbers, the lower first, not .1, 0.1.": lambda: best_ridges(
        ISOTROPIC, lambda ridge: replace(9, ridge), 0, bounds=(1, 0.1)
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_tuning_refuses_bounds_and_generations_that_are_none(sentence):
    assert_refused(sentence, REFUSED[sentence])
