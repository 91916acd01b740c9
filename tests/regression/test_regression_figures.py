"""Figures draw what the tables say."""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same
from matplotlib import pyplot as plt

from model_collapse.slopes import standard_error
from scripts.core.ridge_rules import RIDGE_RULES
from scripts.core.spectra import Generators
from scripts.core.style import shades
from scripts.regression.plot_figure import LOOKS, Results, draw_figure, held_fixed

PANEL = {"experiment": "x", "sweep": "samples", "title": "", "statistic": "mean"}
PANEL |= {"risk_scale": "log", "ceiling": False}
RULES = ("ell_crit", "best")
GENERATORS = Generators(
    spectrum={"name": "isotropic", "d": 30}, generator_samples=50, generator_noise=1.0
)


def results_of(rules=RULES, generations=(0, 2), risks=None) -> Results:
    """Two T, five replicates, theory at three T."""

    def points(sizes) -> pd.DataFrame:
        keys = itertools.product(sizes, rules, generations)
        table = pd.DataFrame(keys, columns=["samples", "ridge_rule", "generation"])
        return table.assign(ridge=0.1)

    simulated, theory = points((10, 100)), points((10, 30, 100))
    if risks is None:
        risks = np.random.default_rng(0).uniform(1, 2, (5, len(simulated)))
    simulated = simulated.assign(risk=risks.mean(axis=0), risk_se=standard_error(risks))
    theory = theory.assign(risk=1.5 + theory["generation"])
    return Results(simulated, risks, theory, 50, GENERATORS)


def draw(results: Results, **panel) -> dict[str, list]:
    """One panel: markers, error bars and theory's lines as (x, y), and how rules look."""
    figure = draw_figure([PANEL | panel], {"x": results})
    plt.close(figure)
    bars = [one for one in figure.axes[0].containers if hasattr(one, "has_yerr")]
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 3]
    return {
        "markers": [np.array(bar.lines[0].get_data(), dtype=float) for bar in bars],
        "errors": [bar.lines[2][0].get_segments() for bar in bars],
        "theory": [line.get_data() for line in lines],
        "marker": [bar.lines[0].get_marker() for bar in bars],
        "line": [(line.get_linestyle(), str(line._dash_pattern)) for line in lines],
    }


def here(table: pd.DataFrame, n: int, rule: str) -> np.ndarray:
    return ((table["generation"] == n) & (table["ridge_rule"] == rule)).to_numpy()


def test_markers_bars_and_lines_are_the_tables():
    results = results_of()
    drawn, order = draw(results), list(itertools.product((0, 2), RULES))
    assert len(drawn["markers"]) == len(drawn["theory"]) == len(order)
    for i, (n, rule) in enumerate(order):
        points = results.simulated[here(results.simulated, n, rule)]
        theory = results.theory[here(results.theory, n, rule)]
        assert_same(drawn["markers"][i], [points["samples"], points["risk"]])
        assert_same([np.ptp(bar[:, 1]) / 2 for bar in drawn["errors"][i]], points["risk_se"])
        assert_same(drawn["theory"][i], [theory["samples"], theory["risk"]])


def test_a_median_panel_shows_median_and_quartiles():
    results = results_of()
    drawn = draw(results, statistic="median")
    risks = results.risks[:, here(results.simulated, 0, "ell_crit")]
    assert_same(drawn["markers"][0][1], np.median(risks, axis=0))
    low, high = np.quantile(risks, (0.25, 0.75), axis=0)
    assert_same([bar[:, 1].min() for bar in drawn["errors"][0]], low)
    assert_same([bar[:, 1].max() for bar in drawn["errors"][0]], high)


def test_a_relative_panel_pairs_replicates():
    """A rule that costs exactly twice the other in each replicate: ratio 2, no error."""
    results = results_of()
    crit, best = (here(results.simulated, 2, rule) for rule in RULES)
    doubled = results.risks.copy()
    doubled[:, crit] = 2 * doubled[:, best]
    drawn = draw(results_of(risks=doubled), ridge_rules=["ell_crit"], relative_to="best")
    assert_same(drawn["markers"][1][1], [2, 2])
    assert max(np.ptp(bar[:, 1]) for bar in drawn["errors"][1]) < 1e-12


def test_all_ridge_rules_of_a_panel_look_different():
    """By marker and by line, each alone."""
    looks = draw(results_of(tuple(RIDGE_RULES), (0,)))
    assert len(set(looks["marker"])) == len(set(looks["line"])) == len(RIDGE_RULES)
    assert len(LOOKS) >= len(RIDGE_RULES)


def test_colours_run_from_dark_to_light():
    colours = shades([10, 0, 3])
    light = [np.dot(colours[n][:3], (0.2126, 0.7152, 0.0722)) for n in (0, 3, 10)]
    assert light == sorted(light)
    assert len(set(colours.values())) == 3


@pytest.mark.parametrize(
    ("rules", "panel", "title"),
    [
        (("fixed",), {}, r"$\lambda = 10^{-1}$"),
        (RULES, {}, r"$\lambda = T^{-\ell_{\mathrm{crit}}}$ and best $\lambda$"),
        (("fixed",), {"sweep": "ridge"}, "$T = 10$"),
        (RULES, {"relative_to": "best"}, r"cost of a rule against the best $\lambda$"),
    ],
)
def test_a_title_says_what_is_held_fixed(rules, panel, title):
    assert held_fixed(PANEL | panel, results_of(rules)) == title
