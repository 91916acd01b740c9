"""Figures draw what the tables say."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.legend import Legend

from model_collapse.statistics import standard_error
from scripts.chains.panels import Results, held_fixed
from scripts.chains.plot_figure import draw_figure
from scripts.chains.settings import Panel
from scripts.output.style import shades
from scripts.schema.ridge_rules import RIDGE_RULES
from scripts.schema.settings import keys_of
from scripts.schema.spectra import Generators

PANEL = keys_of(Panel(experiment="x", sweep="samples"), Panel)
RULES = ("ell_crit", "best")
GENERATORS = Generators(
    spectrum={"name": "isotropic", "d": 30}, generator_samples=50, generator_noise=1.0
)


def results_of(rules=RULES, generations=(0, 2)) -> Results:
    """Two T, five replicates, theory at three T."""
    keys = product((10, 30, 100), rules, generations)
    theory = pd.DataFrame(keys, columns=["samples", "ridge_rule", "generation"]).assign(ridge=0.1)
    simulated = theory[theory["samples"] != 30].reset_index(drop=True)
    risks = np.random.default_rng(0).uniform(1, 2, (5, len(simulated)))
    simulated = simulated.assign(risk=risks.mean(axis=0), risk_se=standard_error(risks))
    return Results(simulated, risks, theory.eval("risk = 1.5 + generation"), 50, GENERATORS)


def draw(results: Results, **panel) -> tuple[Axes, list, list, list]:
    """One panel, its markers, ends of error bars and theory's lines, curve by curve."""
    figure = draw_figure([PANEL | panel], {"x": results})
    plt.close(figure)
    ax = figure.axes[0]
    ends = [np.array(bar.lines[2][0].get_segments())[:, :, 1].T for bar in ax.containers]
    lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
    return ax, [bar.lines[0] for bar in ax.containers], ends, lines


def here(table: pd.DataFrame, n: int, rule: str) -> np.ndarray:
    return ((table["generation"] == n) & (table["ridge_rule"] == rule)).to_numpy()


def test_markers_bars_and_lines_are_the_tables():
    results = results_of()
    at = ["samples", "risk"]
    curves = zip(product((0, 2), RULES), *draw(results)[1:], strict=True)
    for of, markers, (low, high), line in curves:
        points = results.simulated[here(results.simulated, *of)]
        assert_same(np.array(markers.get_data(), float).T, points[at])
        assert_same((high - low) / 2, points["risk_se"])
        assert_same(np.transpose(line.get_data()), results.theory[here(results.theory, *of)][at])


def test_a_median_panel_shows_median_and_quartiles():
    results = results_of()
    _, markers, ends, _ = draw(results, statistic="median")
    risks = results.risks[:, here(results.simulated, 0, "ell_crit")]
    shown = [ends[0][0], markers[0].get_ydata(), ends[0][1]]
    assert_same(shown, np.quantile(risks, (0.25, 0.5, 0.75), axis=0))


@pytest.mark.parametrize(
    ("statistic", "said"),
    [("mean", r"mean $\pm$ standard error"), ("median", "median with quartiles")],
)
def test_the_legend_names_the_statistic(statistic, said):
    ax = draw(results_of(), statistic=statistic)[0]
    labels = [text.get_text() for legend in ax.figure.findobj(Legend) for text in legend.texts]
    assert [label for label in labels if "simulation" in label] == [f"simulation, {said}"]


def test_ceilings_are_those_of_the_generations_shown():
    rises = {
        n: [
            line
            for line in draw(results_of(), ceiling=True, **shown)[0].lines
            if line.get_linewidth() == 2.2
        ]
        for n, shown in ((2, {}), (0, {"generations": [0]}))
    }
    assert [line.get_ydata()[0] for line in rises[2]] == [2 * 30 / 50 / (1 - 30 / 50)]
    assert not rises[0]


def test_a_relative_panel_pairs_replicates():
    """A rule that costs exactly twice the other in each replicate: ratio 2, no error."""
    results = results_of()
    crit, best = (here(results.simulated, 2, rule) for rule in RULES)
    results.risks[:, crit] = 2 * results.risks[:, best]
    _, markers, ends, _ = draw(results, ridge_rules=["ell_crit"], relative_to="best")
    assert_same(markers[1].get_ydata(), [2, 2])
    assert np.ptp(ends[1]) < 1e-12


def test_all_ridge_rules_of_a_panel_look_different():
    """By marker and by line, each alone."""
    _, markers, _, lines = draw(results_of(tuple(RIDGE_RULES), (0,)))
    assert len({marker.get_marker() for marker in markers}) == len(RIDGE_RULES)
    looks = {(line.get_linestyle(), str(line._dash_pattern)) for line in lines}
    assert len(looks) == len(RIDGE_RULES)


def test_sizes_are_named_where_the_axis_has_them():
    named = [draw(results_of(), sweep_range=ends)[0].texts for ends in (None, [40, 200])]
    assert [[text.get_text() for text in texts] for texts in named] == [["$d$", "$T_0$"], ["$T_0$"]]


def test_colours_run_from_dark_to_light():
    colours = shades([10, 0, 3])
    light = [np.dot(colours[n][:3], (0.2126, 0.7152, 0.0722)) for n in (0, 3, 10)]
    assert light == sorted(set(light))


@pytest.mark.parametrize(
    ("rules", "panel", "title"),
    [
        (("fixed",), {}, r"$\lambda = 10^{-1}$"),
        (RULES, {}, r"$\lambda = T^{-\ell_{\mathrm{crit}}}$ and best $\lambda$"),
        (("fixed",), {"sweep": "ridge"}, "$T = 10$"),
        (RULES, {"relative_to": "best"}, r"cost of a rule against the best $\lambda$"),
        (RULES, {"relative_to": "smooth"}, r"cost of a rule against the smooth $T_{\mathrm{eff}}$"),
    ],
)
def test_a_title_says_what_is_held_fixed(rules, panel, title):
    assert held_fixed(PANEL | panel, results_of(rules)) == title
