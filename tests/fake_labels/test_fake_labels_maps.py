"""Fake labels against true ones: they help at a fixed ridge, not at the best one."""

import copy

import pytest
from configs import CONFIG
from conftest import assert_same

from scripts.fake_labels.plot_fake_labels import draw_fake_labels
from scripts.fake_labels.predict_fake_labels import predicted_labels
from scripts.fake_labels.settings import PANELS, FakeLabels
from scripts.fake_labels.simulate_fake_labels import simulated_labels


@pytest.fixture(scope="module")
def block() -> FakeLabels:
    """The section with four cells of each panel, one of them simulated."""
    given = copy.deepcopy(CONFIG["fake_labels"]) | {"replicates": 60}
    given["samples"] = {"from": 110, "to": 150, "step": 40}
    given["over_weak_weight"] |= {
        "weak_weight": {"from": 0.9, "to": 1, "step": 0.1},
        "simulated": [[110, 1]],
    }
    given["over_weak_eigenvalue"] |= {
        "weak_eigenvalue": {"from": 0.02, "to": 0.2, "per_decade": 1},
        "simulated": [[110, 0.02]],
    }
    return FakeLabels(**given)


def test_fake_labels_help_at_a_fixed_ridge_and_not_at_the_best(block):
    theory = predicted_labels(block, "over_weak_weight")
    best = theory[theory["tuned"]]
    assert (best["risk_1"] >= best["risk_0"] * (1 - 1e-9)).all()
    cell = theory[(~theory["tuned"]) & (theory["samples"] == 110) & (theory["value"] == 1)].iloc[0]
    assert_same([cell["risk_0"], cell["risk_1"]], [0.0638, 0.0399], rtol=2e-3)
    found = simulated_labels(block, "over_weak_weight", "test").iloc[0]
    assert found["difference"] < -5 * found["difference_se"]
    assert_same([found["theory_0"], found["theory_1"]], [cell["risk_0"], cell["risk_1"]])
    assert abs(found["difference"] + 0.0239) < 4 * found["difference_se"] + 0.001


def test_the_figure_shows_every_cell_and_both_routes(block):
    few = block.model_copy(update={"replicates": 2})
    theory = {f"fake_labels_{panel}": predicted_labels(few, panel) for panel in PANELS}
    found = {f"fake_labels_{panel}": simulated_labels(few, panel, "test") for panel in PANELS}
    figure = draw_fake_labels(theory, found, few)
    for ax in figure.axes[:4]:
        assert ax.collections[0].get_array().size == 4
        assert len(ax.collections[-1].get_offsets()) == 1
