"""Exponents of the scaling tables and maps: what is asked for, and that both routes meet."""

import numpy as np
import pandas as pd
import pytest
from configs import CONFIG, load

from model_collapse.theory.exponents import Law, ell_crit, ell_star
from scripts.config import read_config
from scripts.scaling.cells import CELL, Cell
from scripts.scaling.measure_exponents import theory_exponents
from scripts.scaling.plot_crossover import draw_crossover
from scripts.scaling.settings import Scaling
from scripts.scaling.simulate_exponents import simulated_exponents
from scripts.scaling.tabulate_exponents import COLLAPSED, printed_tex, region, with_simulation

SCALING = Scaling(**CONFIG["scaling"])
SMALL = read_config(load("config", "claims", "miniature")).scaling


def both_routes(table: str, scaling: Scaling = SMALL) -> tuple[pd.DataFrame, pd.DataFrame]:
    theory = theory_exponents(scaling.cells(table), **scaling.fits(table))
    cells = scaling.cells(table, simulated=True)
    return theory, simulated_exponents(cells, scaling.simulated(table), "test")


def test_the_tables_hold_what_was_asked_for():
    """Four regimes and two more for each law; 3 laws × 6 pairs × 2 rules × 2 noises."""
    assert len(SCALING.cells("clean")) == 6 * len(SCALING.laws)
    cells = SCALING.cells("collapsed")
    assert len(cells) == len(set(cells)) == 72
    for cell in cells:
        star = ell_star(cell.beta, cell.r, cell.b, cell.a)
        crit = ell_crit(cell.beta, cell.r)
        assert cell.ell == {"ell_star": star, "ell_crit": crit}[cell.ell_rule]
    most = pd.DataFrame(cells).max()
    assert most["a"] > 0 and most["b"] > 1 and most["r"] > 1
    cells = SCALING.cells("over_b", simulated=True)
    panel = SCALING.crossover.over_b
    assert [[cell.b, cell.ell] for cell in cells] == panel.simulated
    assert {cell.a for cell in cells} == {panel.a}
    assert len(SCALING.cells("over_a")) == 31 * 41


@pytest.mark.parametrize("table", ["clean", "collapsed"])
def test_simulation_and_theory_meet_cell_by_cell_at_the_same_sizes(table):
    theory, found = both_routes(table, SMALL.model_copy(update={"laws": SMALL.laws[:1]}))
    both = with_simulation(theory, found)
    pd.testing.assert_frame_equal(both[CELL], theory[CELL])
    assert both["simulated"].notna().all()
    off = (both["simulated"] - both["theory_at_simulated"]).abs()
    assert (off < 5 * both["simulated_se"] + 0.06).all()
    assert (both["why_not_asymptotic"].str.len().gt(0) == ~both["asymptotic"]).all()
    assert COLLAPSED.tex(both.fillna({"b": 0})).count(r" \\") == len(both) + 1


def test_regions_of_the_crossover():
    cells = {  # ℓ, b, a
        "bias": (0.4, 1.0, -0.4),
        "variance": (1.2, 1.0, -0.4),
        "collapse, falling": (0.7, 1.0, 0.4),
        "collapse, rising": (1.6, 1.0, 0.4),
        "ceiling": (1.4, 0.4, 0.0),
    }
    assert [region(Law(2.0, 0.375, *cell)) for cell in cells.values()] == list(cells)


def test_marks_of_wrong_and_of_loose_exponents():
    """A star where print is wrong, a dagger where a lower bound is not attained."""
    for printed, corrected, rule, mark in (
        (-0.9, -0.4, "ell_star", r"$^{\ast}$"),
        (-0.9, -0.4, "ell_crit", r"$^{\ddagger}$"),
        (0.1, 0.0, "ell_crit", r"$^{\ast}$"),
        (0.0, 0.0, "ell_crit", ""),
    ):
        assert printed_tex(printed, corrected, 0, rule) == f"${printed:+.3f}$" + mark


def test_the_crossover_shows_every_cell_and_both_routes():
    tables = {f"exponents_{which}": both_routes(which) for which in ("over_a", "over_b")}
    theory, found = ({name: pair[i] for name, pair in tables.items()} for i in (0, 1))
    figure = draw_crossover(theory, found, SMALL.crossover.held)
    for ax, routes in zip(figure.axes, tables.values(), strict=False):
        mesh, dots = ax.collections[:2]
        assert [mesh.get_array().size, len(dots.get_offsets())] == list(map(len, routes))
        assert mesh.norm is dots.norm


def test_an_exponent_of_the_paper_is_missing_where_it_gives_none():
    cell = Cell("collapsed", 2.0, 0.375, 0.8, 0.0, "grid", 0.1, 0)
    assert np.isnan(cell.printed)
