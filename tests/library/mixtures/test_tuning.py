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

    def errors(ridges):
        return expected_errors(spectrum, make(listed(ridges)), 10)

    best = {rule: best_ridges(spectrum, make, 10, rule) for rule in RULES}
    last_errors = {rule: errors(ridges)[10] for rule, ridges in best.items()}
    assert sorted(RULES, key=last_errors.get) == ["joint", "one", "greedy", "last"]
    assert best["joint"][0] < best["one"][0] < best["joint"][-1]  # light early, heavy last
    last = replace(240, last_only(best["last"][-1], 10), 0.2)
    assert_same(expected_errors(spectrum, last, 10)[10], last_errors["last"])
    assert np.all(best["last"][:-1] == 0) and len(set(best["one"])) == 1
    for factor in (0.9, 1.1):
        for rule in ("one", "last"):
            assert errors(factor * best[rule])[10] > last_errors[rule]
        for k in (0, 4, 10):
            moved = np.array(best["greedy"])
            moved[k] *= factor
            assert errors(moved)[k] > errors(best["greedy"])[k]
    with pytest.raises(
        ValueError, match="rule must be one of one, last, greedy, joint, not 'best'"
    ):
        best_ridges(spectrum, make, 2, "best")


# The search from one ridge for all ends on a plateau; the best first ridges are light.
PLATEAU = (power_law(20, 2.0, 0.5), lambda ridge: replace(6, ridge, 2.0), 2)
FEW_ROWS = (power_law(18, 2.6, 0.45), lambda ridge: replace(3, ridge, 4.2), 2)
CALM = (isotropic(30), lambda ridge: accumulate(50, ridge, 0.3), 1)


@pytest.mark.parametrize("problem", [PLATEAU, FEW_ROWS, CALM])
def test_joint_ridges_are_as_good_as_the_best_of_many_searches(problem):
    """The searches are 5 from random ridges, and those by the other rules."""
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
    """One ridge for all is best at a bound, where nothing is learned; joint ridges are not."""
    spectrum, make, n = PLATEAU
    one, joint = (best_ridges(*PLATEAU, rule) for rule in ("one", "joint"))
    assert_same(one, [tuning.BOUNDS[1]] * 3, rtol=1e-3)
    assert max(joint) < 1e-3 * tuning.BOUNDS[1]
    assert expected_errors(spectrum, make(listed(joint)), n)[n] < 0.85 * spectrum.null_risk


@pytest.mark.parametrize("decades", [6, 5.5])  # an odd and an even number of points
def test_the_lower_of_two_valleys_is_found_wherever_it_is(decades):
    for bottom in np.linspace(0, decades, 25):

        def error(x, bottom=bottom):
            lower = np.log10(x) - bottom
            upper = np.log10(x) - (bottom + 3) % decades
            return min(max(9 * lower, -lower), 1 + abs(upper))  # one side is steep

        assert np.log10(lowest(error, (1, 10**decades))) == pytest.approx(bottom, abs=1e-5)


@pytest.mark.parametrize("power", [-0.25, -1.5])
def test_a_large_synthetic_batch_beats_one_tuned_fit_and_an_equal_one_does_not(power):
    """1, 10, 100 and 1,000 times T0 synthetic rows, all ridges tuned."""
    ranks = np.arange(1, 101.0)
    signal = ranks**power
    spectrum = Spectrum(ranks**-2, signal / np.linalg.norm(signal))

    def least(sizes: list[int]) -> float:
        def protocol(ridge):
            return replace(listed(sizes), ridge, noise=1.0)

        generations = len(sizes) - 1
        ridges = tuning.best_ridges(spectrum, protocol, generations, "joint")
        return expected_errors(spectrum, protocol(listed(ridges)), generations)[-1]

    equal, *errors, large = (least([200, 200 * times]) for times in (1, 10, 100, 1000))
    assert large < least([200]) < equal
    assert equal > errors[0] > errors[1] > large


def test_a_joint_search_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(tuning, "MOST_STEPS", 1)
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
def test_tuning_refuses_bounds_and_generations_that_are_impossible(sentence):
    assert_refused(sentence, REFUSED[sentence])
