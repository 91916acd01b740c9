"""The points of an experiment, and the ridge that each rule chooses there."""

import pytest
from configs import CONFIG
from conftest import assert_same

from model_collapse.exponents import ell_crit
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.theory import chain_risk, equivalents_of
from scripts.core.files import POINT
from scripts.regression.lay_grid import points_of
from scripts.regression.settings import Experiment

BLOCKS = CONFIG["experiments"]
FURTHER = {"samples": {"from": 100, "to": 1000, "per_decade": 2}, "theory_samples_to": 10_000}


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
    table, crit = points_of("x", block, block.sizes()), ell_crit(2.0, 0.375)
    ridges = table[table["generation"] == 3].set_index("ridge_rule")["ridge"]
    expected = [5000**-crit, 600**-crit, 200**-crit, (1 / 5000 + 3 / 600) ** crit]
    assert_same(ridges[["ell_crit", "ell_star", "effective", "smooth"]], expected)
    problem, chain = block.problem, [Fit(600, 0, 1.0)] * 3
    assert ridges["best"] == best_ridge(problem, equivalents_of(problem, chain), 5000, 1.0)
    risks = ridges.map(lambda ridge: chain_risk(problem, chain, Fit(5000, ridge, 1.0)).total)
    assert risks.idxmin() == "best"
