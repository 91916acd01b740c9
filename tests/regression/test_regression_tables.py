"""Points of experiments and the ridges of each rule, joined with theory and tabulated."""

import numpy as np
import pandas as pd
import pytest
from configs import CONFIG
from conftest import assert_same
from scipy.stats import sem

from model_collapse.problem.fits import Fit
from model_collapse.theory.exponents import ell_crit
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import chain_risk, equivalents_of
from scripts.regression.compare_with_theory import agreement, join, strays
from scripts.regression.points import points_of
from scripts.regression.settings import Experiment
from scripts.regression.tabulate_experiments import EXPERIMENTS, experiments_table
from scripts.step.files import POINT, distinct

BLOCKS = CONFIG["experiments"]
FURTHER = {"samples": {"from": 100, "to": 1000, "per_decade": 2}, "theory_samples_to": 10_000}


def table(risk, risk_se=0.1, replicates=9) -> pd.DataFrame:
    """Three points."""
    keys = dict(zip(POINT, ("x", 1, [5, 50, 500], "fixed", 0.1), strict=True))
    return pd.DataFrame(keys | {"risk": risk, "risk_se": risk_se, "replicates": replicates})


def theory(risk=1.0) -> pd.DataFrame:
    return table(risk)[[*POINT, "risk"]]


def test_z_is_in_standard_errors_of_the_right_sign():
    simulated = table(1.0, [0.1, 0.1, 0.2])
    both = join(simulated, theory([1.0, 0.9, 1.4]).sample(frac=1, random_state=0))
    assert list(both[POINT].itertuples()) == list(simulated[POINT].itertuples())
    assert_same(both["z"], [0, 1, -2])
    assert_same(both["deviation"], [0, 1 / 9, -0.4 / 1.4])


def test_a_point_without_theory_is_an_error():
    with pytest.raises(ValueError, match="no value at the simulated point"):
        join(table(1.0), theory().iloc[:2])


def test_agreement_sets_few_samples_apart_and_tests_a_group_as_a_whole():

    def compared(risks: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
        points = join(table(risks.mean(axis=0), sem(risks), len(risks)), theory())
        return points, agreement(points, {"x": risks}).set_index("sizes")

    rng = np.random.default_rng(1)
    # Replicates that move all points together: each z is the panel's.
    points, result = compared(1 + 0.1 * rng.standard_normal((400, 1)) + np.zeros((400, 3)))
    assert result["points"].to_dict() == {"T ≤ 10": 1, "T > 10": 2}
    assert_same(result["group_z"], np.full(2, points["z"].iloc[0]), rtol=1e-9)
    # Independent points of one offset add up: two of them make √2 times the z.
    points, result = compared(1.02 + 0.1 * rng.standard_normal((40_000, 3)))
    assert_same(result["group_z"]["T > 10"] / points["z"][1:].mean(), np.sqrt(2), rtol=0.02)


def test_exact_points_are_left_out_of_the_agreement():
    """OLS without noise at the first T, and an error that has no spread at the last."""
    risks = np.random.default_rng(0).uniform(0.9, 1.1, (9, 3)) * [0, 1, 0] + [0, 0, 2]
    points = join(table(risks.mean(axis=0), sem(risks), 9), theory([0, 1, 1]))
    result = agreement(points, {"x": risks})
    assert result["points"].tolist() == [1] and result["sizes"].tolist() == ["T > 10"]
    assert np.isfinite(result.select_dtypes("number")).all(axis=None)


@pytest.mark.parametrize(
    ("spectrum", "words"),
    [
        ({"name": "isotropic"}, r"$\Sigma=I$"),
        ({"name": "power_law", "beta": 2.0, "r": 0.375}, r"$\beta=2,\ r=0.375$"),
        ({"name": "two_level", "weak_eigenvalue": 0.02, "weak_weight": 0.5}, r"$1,\ 0.02$"),
    ],
)
def test_the_table_of_experiments_calls_each_spectrum_what_it_is(spectrum, words):
    block = {
        "spectrum": spectrum | {"d": 20}, "generator_samples": 40, "generator_noise": 0.2,
        "noise": 0.1, "shared_design": False, "samples": {"from": 1, "to": 100, "per_decade": 4},
        "generations": [0], "ridge_rules": ["best"], "replicates": 1000,
    }  # fmt: skip
    table = experiments_table({"x_y": Experiment(**block)})
    assert EXPERIMENTS.tex(table).splitlines()[4] == (
        rf"\texttt{{x\_y}} & {words} & 20 & 40 & 0.2 & 0.1 & independent & 1--100 & best & "
        r"1{,}000 \\"
    )


def test_points_that_coincide_count_once():
    points = join(table([1.0, 1.0, 2.0]), theory())
    twice = pd.concat([points, points.assign(generation=2, risk=points["risk"] * (1 + 1e-13))])
    assert distinct(twice).tolist() == [True] * 3 + [False] * 3
    assert distinct(pd.concat([points, points.assign(experiment="y")])).all()


def test_strays_are_far_in_both_measures():
    points = join(table([2.0, 1.5, 1.01], [0.1, 0.1, 0.001]), theory())
    # T = 5 is below 30; T = 500 is 10 standard errors but only 1 % off.
    assert strays(points)["samples"].tolist() == [50]


@pytest.mark.parametrize(
    ("name", "change"), [("fig1a_ridge", {}), ("fig1b_ell", {}), ("fig1b_samples", FURTHER)]
)
def test_theory_has_every_simulated_point(name, change):
    block = Experiment(**BLOCKS[name] | change)
    simulated = points_of(name, block, block.sizes())
    predicted = points_of(name, block, block.curve(3), 3)
    assert len(simulated.merge(predicted, on=POINT)) == len(simulated)
    assert not predicted.duplicated().any()
    ends = simulated["samples"].max(), predicted["samples"].max()
    assert ends == ((1000, 10_000) if change else (block.samples, block.samples))


def test_ridge_rules_at_one_point():
    """Figure 1b at T = 5000, n = 3: every rule by its own formula."""
    block = Experiment(**BLOCKS["fig1b_samples"] | {"samples": 5000, "theory_samples_to": None})
    table = points_of("x", block, block.sizes())
    crit = ell_crit(2.0, 0.375)
    ridges = table[table["generation"] == 3].set_index("ridge_rule")["ridge"]
    expected = [5000**-crit, 600**-crit, 200**-crit, (1 / 5000 + 3 / 600) ** crit]
    assert_same(ridges[["ell_crit", "ell_star", "effective", "smooth"]], expected)
    problem = block.problem
    chain = [Fit(600, 0, 1.0)] * 3
    assert ridges["best"] == best_ridge(problem, equivalents_of(problem, chain), 5000, 1.0)
    risks = ridges.map(lambda ridge: chain_risk(problem, chain, Fit(5000, ridge, 1.0)).total)
    assert risks.idxmin() == "best"
