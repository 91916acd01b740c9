"""Fake labels against true ones: they help at a fixed ridge, not at the best one."""

from configs import changed, load, merge
from conftest import assert_same

from scripts.config import read_config
from scripts.fake_labels.plot_fake_labels import draw_fake_labels
from scripts.fake_labels.predict_fake_labels import predicted_labels
from scripts.fake_labels.settings import PANELS, FakeLabels
from scripts.fake_labels.simulate_fake_labels import simulated_labels

BOUNDS = {"at_most": {"points": 3, "replicates": 2}}
FEW = read_config(merge(load("config", "claims", "miniature"), BOUNDS)).fake_labels


def test_fake_labels_help_at_a_fixed_ridge_and_not_at_the_best():
    where = "fake_labels/over_weak_weight/simulated"
    one = FakeLabels(**changed(where, [[110, 1]], "fake_labels/replicates", 60)["fake_labels"])
    best = predicted_labels(FEW, "over_weak_weight").query("tuned")
    assert (best["risk_1"] >= best["risk_0"] * (1 - 1e-9)).all()
    found = simulated_labels(one, "over_weak_weight", "test").iloc[0]
    assert found["difference"] < -5 * found["difference_se"]
    assert_same([found["theory_0"], found["theory_1"]], [0.0638, 0.0399], rtol=2e-3)
    assert abs(found["difference"] + 0.0239) < 4 * found["difference_se"] + 0.001


def test_the_figure_shows_every_cell_and_both_routes():
    theory = {f"fake_labels_{panel}": predicted_labels(FEW, panel) for panel in PANELS}
    found = {f"fake_labels_{panel}": simulated_labels(FEW, panel, "test") for panel in PANELS}
    figure = draw_fake_labels(theory, found, FEW)
    for ax, panel in zip(figure.axes, 2 * PANELS, strict=False):
        assert ax.collections[0].get_array().size == len(FEW.cells(panel))
        assert len(ax.collections[1].get_offsets()) == len(FEW.cells(panel, simulated=True))
