"""Remedies: theory and simulation meet, the figure shows both, the table holds its limits."""

import numpy as np
import pytest
from configs import CONFIG, load

from scripts.config import read_config
from scripts.remedies.catalogue import MAPS, PANELS, REFERENCES, REMEDIES
from scripts.remedies.map_remedies import mapped_remedies
from scripts.remedies.plot_remedies import LOOKS, draw_remedies
from scripts.remedies.plot_remedies_map import draw_map_of_remedies
from scripts.remedies.predict_remedies import predicted_remedies, real_only, tuned
from scripts.remedies.settings import Map, Remedies
from scripts.remedies.simulate_remedies import simulated_remedies
from scripts.remedies.tabulate_limits import LIMITS, tabulated_limits

WHOLE = Remedies(**CONFIG["remedies"])
SMALL = read_config(load("config", "claims", "miniature")).remedies
SIMULATED_ALONE = {"subsample", "accumulate_real"}


@pytest.fixture(scope="module")
def routes():
    """Theory and simulation of the miniature's regimes, by the names of their files."""
    theory = {f"remedies_{name}": predicted_remedies(SMALL, name) for name in SMALL.regimes}
    return theory, {
        f"remedies_{name}": simulated_remedies(SMALL, name, theory[f"remedies_{name}"], "test")
        for name in SMALL.regimes
    }


def test_simulation_meets_theory_and_nothing_beats_stopping(routes):
    for theory, found in zip(*(tables.values() for tables in routes), strict=True):
        assert set(theory["remedy"]) == {*REMEDIES, *REFERENCES, "null_predictor"}
        assert set(found["remedy"][found["theory"].isna()]) == SIMULATED_ALONE
        known = found.dropna()
        # Of d = 30 in the limit d → ∞: some percent, twice that at T = 2 d without a ridge.
        off = (known["error"] - known["theory"]).abs()
        assert (off < 4 * known["error_se"] + 0.05 * known["theory"]).all()
        with_one_batch = {*PANELS["one real batch"], *PANELS["as many rows fitted in all"]}
        ratios = theory[theory["remedy"].isin(with_one_batch)]["over_stop"].dropna()
        assert ratios.min() > 1 - 1e-6


def test_rows_are_those_of_the_budget():
    """Big and growing batches fit as many rows up to generation n as accumulation does."""
    budget = WHOLE.budget("isotropic")

    def rows(name: str, n: int, k: int) -> float:
        return sum(g.samples for g in REMEDIES[name].protocol(budget, n, 0.1)(k).groups)

    for n in (1, 6, 30):
        wanted = sum(rows("accumulate_tuned", n, k) for k in range(1, n + 2))
        for name in ("growing", "big"):
            assert sum(rows(name, n, k) for k in range(1, n + 2)) == wanted
        for name in ("replace", "mix", "weighted"):
            assert rows(name, n, 2) == budget.samples


def test_the_figure_shows_theory_and_simulation_of_every_remedy(routes):
    figure = draw_remedies(*routes, {name: name for name in SMALL.regimes})
    for ax, (panel, shown) in zip(figure.axes, 2 * list(PANELS.items()), strict=False):
        assert ax.get_title("left").endswith(panel) and ax.get_yscale() == "log"
        assert len(ax.containers) == len(REMEDIES.keys() & set(shown))
        for bars in ax.containers:
            assert list(bars.lines[0].get_xdata()) == SMALL.simulated
        lines = [line for line in ax.lines if len(line.get_xdata()) == len(SMALL.line)]
        assert len(lines) == len(set(shown) - SIMULATED_ALONE) + 1
    looks = {
        (look["color"], look.get("marker", str(look.get("linestyle")))) for look in LOOKS.values()
    }
    assert len(looks) == len(LOOKS)


def test_the_table_of_limits():
    block = WHOLE.limits.model_copy(update={"replicates": 40})
    table = tabulated_limits(block, "test")
    assert set(LIMITS.names) == set(table) - {"formula"}
    z = (table["simulated"] - table["theory"]) / table["simulated_se"]
    assert z.abs().max() < 4
    finite = table[np.isfinite(table["limit"])]
    assert len(finite) == len(table) - 1
    assert (finite["theory"] / finite["limit"] - 1).abs().max() < 0.15
    assert LIMITS.tex(table).count(r" \\") == len(table) + 1


def test_the_map_has_each_size_once():
    fine = {"from": 1, "to": 10, "per_decade": 10}
    block = Map(**CONFIG["remedies"]["map"] | {"samples": fine})
    for panel in MAPS:
        cells = [cell[:2] for cell in block.cells(panel)]
        assert len(set(cells)) == len(cells)


def test_the_map_shows_the_best_of_every_cell():
    table = mapped_remedies(SMALL.map, "test")
    assert (table["next_over_best"] >= 1).all()
    alone = table[table["panel"] == "samples"]
    assert (alone["factor"] > 1 - 1e-6).all() and set(alone["best"]) == {"accumulate_tuned"}
    figure = draw_map_of_remedies(table)
    for ax, panel in zip(figure.axes, MAPS, strict=False):
        cells = SMALL.map.cells(panel)
        assert ax.collections[0].get_array().size == len(cells)
        assert sum(len(line.get_xdata()) for line in ax.lines) == len(cells)
    cell = table[table["panel"] == "real_share"].iloc[0]
    *_, budget = SMALL.map.cells("real_share")[0]
    spectrum, n = SMALL.map.spectrum.build(), SMALL.map.generations
    known = {name: tuned(spectrum, REMEDIES[name], budget, n)[1] for name in ("mix", "weighted")}
    best = cell["factor"] * real_only(spectrum, budget.real, budget.noise)[1]
    assert best <= min(known.values()) * (1 + 1e-9)
