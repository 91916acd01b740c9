"""Chains of the config, generation by generation: predicted, simulated, tabulated, drawn."""

import numpy as np
import pytest
from configs import CONFIG
from conftest import assert_same

from model_collapse.problem.fits import TERMS
from model_collapse.theory.paper import collapse_rate
from model_collapse.theory.recursion import chain_risk
from scripts.decomposition import tabulate_generations as tables
from scripts.decomposition.plot_decomposition import draw_decomposition
from scripts.decomposition.predict_terms import predicted_terms
from scripts.decomposition.settings import Decomposition
from scripts.decomposition.simulate_terms import simulated_terms

SMALL = {"spectrum": {"name": "isotropic", "d": 40}, "generator_samples": 20, "samples": 200}


def block_of(name: str, **changes) -> Decomposition:
    return Decomposition(**CONFIG["decompositions"][name] | {"replicates": 40} | changes)


def shown(name: str, **changes) -> tables.ChainResults:
    block = block_of(name, **changes)
    return tables.ChainResults(name, block, simulated_terms(block, "test"), predicted_terms(block))


def test_table_4_slopes_are_those_of_eq_18():
    table = tables.slopes_table([shown("slope_power_law"), shown("slope_ols")])
    assert (table["deviation"].abs() < 0.01).all()
    assert (table["predicted"] < table["predicted_finite_size"]).all()
    one = shown("slope_power_law", generations=4)
    quiet = shown("slope_power_law", generations=4, generator_noise=0.0)
    assert abs(quiet.slope.value) < 1e-15
    totals = one.values(*TERMS[:3])
    assert_same(one.terms[:, 4, 2], totals[:, 4] - totals[:, 0], rtol=1e-9)


def test_table_5_projections_are_those_of_the_theorems():
    names = ("projection_shared", "projection_independent")
    rows = tables.projections_table([shown(name, **SMALL) for name in names])
    shared = rows[rows["design"] == "shared"]
    independent = rows[rows["design"] == "independent"]
    assert_same(shared["bias_increase_theorem"], 0.5)
    assert_same(independent["bias_increase_theorem"], 1 - 0.5 ** independent["generation"])
    gap = (rows["bias_increase"] - rows["bias_increase_theory"]).abs()
    assert (gap < 4 * rows["bias_increase_se"] + 0.02).all()


@pytest.mark.parametrize(
    ("words", "spectrum"),
    [
        (r"$\Sigma=I$", {"name": "isotropic"}),
        ("power law", {"name": "power_law", "beta": 1.5, "r": 0.5}),
        ("two levels", {"name": "two_level", "weak_eigenvalue": 0.1, "weak_weight": 0.5}),
    ],
)
def test_table_5_calls_each_spectrum_by_its_name_once(words, spectrum):
    small = SMALL | {"spectrum": spectrum | {"d": 40}, "replicates": 2, "generations": 4}
    rows = tables.projections_table([shown("projection_independent", **small)])
    above, *lines = tables.PROJECTIONS.tex(rows).splitlines()[5:-2]
    assert above.startswith(f"{words} & independent & 0.5 & 1 & ")
    assert [line[:10] for line in lines] == [" &  &  & 2", " &  &  & 4"]


def test_table_6_growing_data_and_break_even():
    growing = shown("growing_tenth", generations=12)
    constant = shown("break_even_quarter")
    table = tables.growing_table([growing], [constant])
    ends = table[table["quantity"] == "break-even"].iloc[0]
    assert_same([ends["printed"], ends["corrected"]], [25 / 3, 75])
    assert abs(ends["simulated"] / 75 - 1) < 0.01
    grown = table[(table["generation"] == 10) & (table["phi_0"] == 0.1)].iloc[0]
    assert abs(grown["simulated"] - grown["corrected"]) < 4 * grown["simulated_se"] + 0.01


def test_growing_generators_have_whole_growing_sizes():
    sizes = [fit.samples for fit in block_of("growing_half").chain().fits]
    assert sizes == [100, *(np.ceil(100 * m * np.log(m) ** 2) for m in range(2, 101))]


def test_predicted_terms_add_up_to_the_chain_risk():
    block = block_of("over_independent")
    table = predicted_terms(block)
    for n in (0, 1, 10):
        risk = chain_risk(block.problem, block.chain(n), block.downstream)
        assert_same(table.loc[n, ["bias", "variance", "collapse"]].sum(), risk.total)
    rate = collapse_rate(block.problem, block.generator_samples, block.downstream)
    assert_same(table["paper_collapse"], table["generation"] * block.generator_noise**2 * rate)
    assert table["collapse"].iloc[-1] < 0.3 * table["paper_collapse"].iloc[-1]
    growing = predicted_terms(block_of("growing_half", generations=3))
    assert growing["paper_collapse"].isna().all()


def test_the_figure_shows_every_term_and_the_papers():
    one = shown("over_independent", generations=3)
    of_size_d = one.block.model_copy(update={"generator_samples": one.block.spectrum.d})
    blocks = {"x": one.block, "y": of_size_d}
    figure = draw_decomposition(*({"x": t, "y": t} for t in (one.predicted, one.terms)), blocks)
    titles = [ax.get_title("left").partition(",")[0] for ax in figure.axes]
    assert titles == ["(a) $T_0 < d$", "(b) $T_0 = d$"]
    drawn = [line.get_ydata() for line in figure.axes[0].get_lines()]
    for term in (*TERMS[:3], "paper_collapse"):
        assert any(np.array_equal(y, one.predicted[term]) for y in drawn), term
