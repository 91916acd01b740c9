"""Tables of exponents and generations, and the maps: what they say is what was computed."""

import copy

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, assert_same

from model_collapse.exponents import ell_crit, ell_star
from model_collapse.protocol import TERMS
from model_collapse.theory import chain_risk
from scripts.core import maps
from scripts.core.formats import in_brackets, signed, significant
from scripts.core.simulated import simulated_exponents, simulated_labels, simulated_terms
from scripts.decomposition import tables as generation_tables
from scripts.decomposition.old import Decomposition
from scripts.fake_labels.old import Comparison
from scripts.scaling import tables as scaling_tables
from scripts.scaling.cells import (
    CELL,
    block_of,
    cells_of,
    clean_cells,
    collapsed_cells,
    crossover_cells,
    theory_exponents,
)

CONFIG = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
SCALING = CONFIG["scaling"]
BLOCK = {"generator_ridge": 0, "shared_design": False, "growth": False}


def small_scaling() -> dict:
    scaling = copy.deepcopy(SCALING)
    scaling["laws"] = scaling["laws"][:1]
    scaling["clean"] |= {"dimension": 20_000, "windows": [[10, 100], [30, 300]], "points": 3}
    scaling["clean"]["simulated"] = {"dimension": 200, "samples": [16, 32, 64], "replicates": 4}
    for table in ("collapsed", "crossover"):
        scaling[table] |= {"windows": [[100, 1000], [1000, 10_000]], "points": 3}
        scaling[table]["simulated"] = {"dimensions": [16, 32, 64], "replicates": 6}
    return scaling


def test_the_tables_hold_what_was_asked_for():
    """Four regimes and two more for each law; 3 laws × 6 pairs × 2 rules × 2 noises."""
    assert len(clean_cells(SCALING)) == 6 * len(SCALING["laws"])
    cells = collapsed_cells(SCALING)
    assert len(cells) == len({cell.key for cell in cells}) == 72
    for cell in cells:
        law = cell.law
        star, crit = ell_star(law.beta, law.r, law.b, law.a), ell_crit(law.beta, law.r)
        assert law.ell == {"ell_star": star, "ell_crit": crit}[cell.ell_rule]
    pairs = SCALING["collapsed"]["pairs"]
    assert any(a > 0 for _, a in pairs)
    assert any(b > 1 for b, _ in pairs)
    assert any(law["r"] > 1 for law in SCALING["laws"])


def test_simulation_and_theory_meet_cell_by_cell_at_the_same_sizes():
    scaling = small_scaling()
    for table in ("clean", "collapsed"):
        cells = cells_of(scaling, table, simulated=True)
        theory = theory_exponents(cells, block_of(scaling, table), 0.01)
        found = simulated_exponents(cells, block_of(scaling, table)["simulated"], "test")
        both = scaling_tables.with_simulation(theory, found)
        pd.testing.assert_frame_equal(both[CELL], theory[CELL])
        assert both["simulated"].notna().all()
        off = (both["simulated"] - both["theory_at_simulated"]).abs()
        assert (off < 5 * both["simulated_se"] + 0.06).all()
        assert (both["why_not_asymptotic"].str.len().gt(0) == ~both["asymptotic"]).all()


def test_regions_of_the_crossover():
    beta, r = 2.0, 0.375
    for b, a, ell, expected in (
        (1.0, -0.4, 0.4, "bias"),
        (1.0, -0.4, 1.2, "variance"),
        (1.0, 0.4, 0.7, "collapse, falling"),
        (1.0, 0.4, 1.6, "collapse, rising"),
        (0.4, 0.0, 1.4, "ceiling"),
    ):
        row = pd.Series({"beta": beta, "r": r, "ell": ell, "b": b, "a": a})
        assert scaling_tables.region(row) == expected
    cells = crossover_cells(SCALING, "over_b", simulated=True)
    assert len(cells) == len(SCALING["crossover"]["over_b"]["simulated"])
    assert {cell.law.a for cell in cells} == {SCALING["crossover"]["over_b"]["a"]}


def test_marks_of_wrong_and_of_loose_exponents():
    """A star where print is wrong, a dagger where a lower bound is not attained."""
    row = {"printed": -0.9, "corrected": -0.4, "sigma": 0, "ell_rule": "ell_star"}
    assert "ast" in scaling_tables._differs(pd.Series(row))
    assert "ddagger" in scaling_tables._differs(pd.Series(row | {"ell_rule": "ell_crit"}))
    row |= {"printed": 0.1, "corrected": 0.0, "ell_rule": "ell_crit"}
    assert "ast" in scaling_tables._differs(pd.Series(row))
    assert scaling_tables._differs(pd.Series(row | {"printed": 0.0})) == ""


def test_the_sum_of_growing_data():
    """The paper's own sum, 1 + Σ 1/(m log²m), and the same at φ0 = 1/2."""
    assert abs(generation_tables.growth_sum(0.0, np.inf) - 3.1097) < 1e-4
    assert abs(generation_tables.growth_sum(0.5, np.inf) - 2.649) < 1e-3
    assert abs(generation_tables.growth_sum(0.0, 100) - 2.89) < 0.01
    assert generation_tables.growth_sum(0.3, 1) == 1


def chain(name: str, **changes) -> generation_tables.Chain:
    block = BLOCK | CONFIG["decompositions"][name] | {"replicates": 40} | changes
    decomposition = Decomposition(name, block)
    terms = simulated_terms(decomposition, "test")
    return generation_tables.Chain(decomposition, terms, decomposition.predict())


def test_table_4_slopes_are_those_of_eq_18():
    table = generation_tables.slopes_table([chain("slope_power_law"), chain("slope_ols")])
    assert (table["deviation"].abs() < 0.01).all()
    assert (table["predicted"] < table["predicted_finite_size"]).all()
    one = chain("slope_power_law", generations=4)
    quiet = chain("slope_power_law", generations=4, generator_noise=0.0)
    assert abs(generation_tables.slopes_table([quiet])["slope"].iloc[0]) < 1e-15
    assert_same(one.terms[:, 4, 2], one.totals()[:, 4] - one.totals()[:, 0], rtol=1e-9)


def test_table_5_and_6():
    small = {"spectrum": {"name": "isotropic", "d": 40}, "generator_samples": 20, "samples": 200}
    rows = generation_tables.projections_table(
        [chain("projection_shared", **small), chain("projection_independent", **small)]
    )
    shared, independent = rows[rows["design"] == "shared"], rows[rows["design"] == "independent"]
    assert_same(shared["bias_increase_theorem"], 0.5)
    assert_same(independent["bias_increase_theorem"], 1 - 0.5 ** independent["generation"])
    gap = (rows["bias_increase"] - rows["bias_increase_theory"]).abs()
    assert (gap < 4 * rows["bias_increase_se"] + 0.02).all()
    table = generation_tables.growing_table(
        [chain("growing_tenth", generations=12)], [chain("break_even_quarter")]
    )
    ends = table[table["quantity"] == "break-even"].iloc[0]
    assert_same([ends["printed"], ends["corrected"]], [25 / 3, 75])
    assert abs(ends["simulated"] / 75 - 1) < 0.01
    grown = table[(table["generation"] == 10) & (table["phi_0"] == 0.1)].iloc[0]
    assert abs(grown["simulated"] - grown["corrected"]) < 4 * grown["simulated_se"] + 0.01


def test_growing_generators_have_whole_growing_sizes():
    block = BLOCK | CONFIG["decompositions"]["growing_half"] | {"growth": True}
    sizes = [fit.samples for fit in Decomposition("x", block).generators]
    assert sizes[0] == 100
    assert all(size == int(size) for size in sizes)
    assert sizes[-1] == np.ceil(100 * 100 * np.log(100) ** 2)


def test_predicted_terms_add_up_to_the_chain_risk():
    block = BLOCK | CONFIG["decompositions"]["over_independent"] | {"shared_design": False}
    one = Decomposition("x", block)
    table = one.predict()
    for n in (0, 1, 10):
        risk = chain_risk(one.spectrum, one.generators[:n], one.downstream)
        assert_same(table.loc[n, ["bias", "variance", "collapse"]].sum(), risk.total)
    noise = block["generator_noise"] ** 2
    assert_same(table["paper_collapse"], table["generation"] * noise * one.paper_rate)
    assert table["collapse"].iloc[-1] < 0.3 * table["paper_collapse"].iloc[-1]


def test_fake_labels_help_at_a_fixed_ridge_and_not_at_the_best():
    block = copy.deepcopy(CONFIG["fake_labels"]) | {"replicates": 60}
    block["samples"] = {"from": 110, "to": 150, "step": 40}
    block["over_weak_weight"]["weak_weight"] = {"from": 0.9, "to": 1, "step": 0.1}
    block["over_weak_weight"]["simulated"] = [[110, 1]]
    comparison = Comparison(block)
    theory = comparison.predict("over_weak_weight")
    best = theory[theory["tuned"]]
    assert (best["risk_1"] >= best["risk_0"] * (1 - 1e-9)).all()
    cell = theory[(~theory["tuned"]) & (theory["samples"] == 110) & (theory["value"] == 1)].iloc[0]
    assert_same([cell["risk_0"], cell["risk_1"]], [0.0638, 0.0399], rtol=2e-3)
    found = simulated_labels(comparison, "over_weak_weight", "test").iloc[0]
    assert found["difference"] < -5 * found["difference_se"]
    assert_same([found["theory_0"], found["theory_1"]], [cell["risk_0"], cell["risk_1"]])
    assert abs(found["difference"] + 0.0239) < 4 * found["difference_se"] + 0.001


@pytest.mark.parametrize(
    ("mean", "error", "expected"),
    [
        (-0.41234, 0.0123, "$-0.412(12)$"),
        (0.2, 0.00049, "$+0.20000(49)$"),
        (1234.5, 12.0, "$+1234(12)$"),
        (0.5, 0.0, "$+0.5$"),
    ],
)
def test_errors_in_brackets_belong_to_the_last_digits(mean, error, expected):
    assert in_brackets(mean, error) == expected


def test_numbers_with_signs_and_powers():
    assert signed(-0.0001, 3) == "$-0.000$"
    assert signed(float("nan")) == "--"
    assert significant(float("inf")) == r"$\infty$"
    assert significant(6.0823e6) == r"$6.08\cdot10^{6}$"
    assert significant(-0.5) == "$-0.5$"


def test_the_figures_show_every_cell_and_both_routes(tmp_path):
    scaling = small_scaling()
    crossover = scaling["crossover"]
    for which, key in (("over_a", "a"), ("over_b", "b")):
        low = 0.3
        crossover[which][key] = {"from": low, "to": 0.9, "step": 0.3}
        crossover[which]["ell"] = {"from": 0, "to": 2, "step": 0.5}
        crossover[which]["simulated"] = [[0.6, 0.5]]
    tables = {
        f"exponents_{which}": theory_exponents(cells_of(scaling, which), crossover, 0.01)
        for which in ("over_a", "over_b")
    }
    found = {
        f"exponents_{which}": simulated_exponents(
            cells_of(scaling, which, simulated=True), crossover["simulated"], "test"
        )
        for which in ("over_a", "over_b")
    }
    figure = maps.draw_crossover(tables, found, crossover)
    left, right = figure.axes[:2]
    for ax in (left, right):
        mesh, dots = ax.collections[0], ax.collections[1]
        assert mesh.get_array().size == 15
        assert len(dots.get_offsets()) == 1
        assert mesh.norm is dots.norm
    figure.savefig(tmp_path / "crossover.pdf")

    one = chain("over_independent", generations=3, shared_design=False)
    figure = maps.draw_decomposition(
        {"x": one.theory}, {"x": one.terms}, {"x": one.block | {"generator_samples": 100}}
    )
    lines = figure.axes[0].get_lines()
    drawn = [line.get_ydata() for line in lines]
    assert any(np.allclose(y, one.theory["paper_collapse"]) for y in drawn)
    for term in TERMS[:3]:
        assert any(np.array_equal(y, one.theory[term]) for y in drawn), term
