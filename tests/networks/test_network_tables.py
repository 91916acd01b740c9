"""What the pipeline makes of networks: images, files, tables, figures, prose, progress."""

import copy
import logging

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same
from test_config import CONFIG

from model_collapse.network_chain import Generation
from model_collapse.networks import Layers
from model_collapse.random_features import METHODS
from scripts.networks.figure import draw_networks
from scripts.networks.images import draw_images
from scripts.networks.old import (
    NetworkExperiment,
    progress,
    read_data,
    read_generation,
    write_generation,
)
from scripts.networks.tables import agreement_table, all_points, growth_table, growth_tex
from scripts.paper.network_numbers import check_network_text

RNG = np.random.default_rng(5)
IMAGES = {
    "train_images": RNG.integers(0, 256, (40, 6)).astype(np.uint8),
    "train_labels": RNG.integers(0, 10, 40).astype(np.uint8),
    "test_images": RNG.integers(0, 256, (20, 6)).astype(np.uint8),
    "test_labels": RNG.integers(0, 10, 20).astype(np.uint8),
}
BLOCK = {"pixels": "centred", "image_draw": "same", "generations": 3, "replicates": 2}
SIZES = {"samples": 12, "test_images": 7}


def drawn(**changes) -> dict:
    return draw_images(IMAGES, 255, BLOCK | changes, SIZES, seed="s")


def test_each_replicate_draws_its_images_once_or_in_every_generation():
    same, fresh = drawn(), drawn(image_draw="fresh")
    assert same["drawn"].shape == (1, 2, 12)
    assert fresh["drawn"].shape == (4, 2, 12)
    for draws in (same, fresh):
        grey = draws["images"][draws["drawn"]]
        for rows in draws["drawn"].reshape(-1, 12):
            assert len(set(rows)) == 12  # without replacement
        assert len({images.tobytes() for images in grey.reshape(-1, 12 * 6)}) == len(
            grey.reshape(-1, 12 * 6)
        )
    # Generation 0 does not depend on what later ones draw, nor a replicate on how many there are.
    first = same["images"][same["drawn"][0]]
    assert_same(first, fresh["images"][fresh["drawn"][0]])
    more = drawn(replicates=5)
    assert_same(first, more["images"][more["drawn"][0, :2]])


def test_images_keep_their_labels_and_are_scaled_with_all_training_images(tmp_path):
    arrays = drawn()
    np.savez(tmp_path / "images.npz", **arrays)
    data = read_data(str(tmp_path / "images.npz"))
    scaled = ((IMAGES["train_images"] - IMAGES["train_images"].mean(axis=0)) / 255).astype("f4")
    for row, label in zip(data.inputs, data.labels, strict=True):
        place = np.flatnonzero(np.all(np.abs(scaled - row) < 1e-6, axis=1))
        assert label in IMAGES["train_labels"][place]
    tests = ((IMAGES["test_images"] - IMAGES["train_images"].mean(axis=0)) / 255).astype("f4")
    places = [
        np.flatnonzero(np.all(np.abs(tests - row) < 1e-6, axis=1))[0] for row in data.test_inputs
    ]
    assert len(set(places)) == 7
    assert places != sorted(places)  # a draw, not the first ones
    assert_same(data.test_labels, IMAGES["test_labels"][places])


@pytest.mark.parametrize("with_layers", [True, False])
def test_a_generation_survives_its_file(tmp_path, with_layers):
    layers = Layers(
        *(RNG.standard_normal(shape) for shape in ((2, 3, 4), (2, 1, 4), (2, 4, 10), (2, 1, 10)))
    )
    written = Generation(RNG.standard_normal((2, 5, 10)), np.array([1.0, 2.0]), np.ones(2), layers)
    write_generation(written, str(tmp_path / "g.npz"), with_layers=with_layers)
    read = read_generation(str(tmp_path / "g.npz"))
    assert_same(read.outputs, written.outputs)
    assert_same(read.risks, written.risks)
    if with_layers:
        assert_same(read.layers.output, layers.output)
    else:
        assert read.layers.hidden is None


def test_points_are_widths_then_methods_then_generations():
    experiment = NetworkExperiment("x", {"widths": [8, 2], "generations": 1})
    rows = experiment.points(METHODS)[["width", "method", "generation"]].to_numpy().tolist()
    assert rows[:3] == [[8, "sgd", 0], [8, "sgd", 1], [8, "filter", 0]]
    assert rows[-1] == [2, "ridgeless", 1]
    assert len(rows) == 12


def parabolas(a, b, c, last=8) -> tuple[pd.DataFrame, np.ndarray]:
    """One replicate for each of a + bn + cn²."""
    n = np.arange(last + 1)
    risks = np.array([a + slope * n + c * n**2 for slope in b])
    table = pd.DataFrame(
        {"experiment": "x", "width": 4, "method": "sgd", "generation": n, "samples": 99}
    ).assign(risk=risks.mean(axis=0))
    return table, risks


def test_growth_of_a_parabola_is_its_coefficients():
    table, risks = parabolas(0.02, [0.003, 0.005], 0.0004)
    row = growth_table({"x": table}, {"x": risks}).iloc[0]
    assert_same(row["linear"], 0.004)
    assert_same(row["linear_se"], 0.001)  # s.d. 0.001·√2, two replicates
    assert_same(row["quadratic"], 0.0004)
    # The chord's slope over [p, q] is b + c(p + q), also by least squares on even points.
    assert_same(row["early"], 0.004 + 4 * 0.0004)
    assert_same(row["late"], 0.004 + 12 * 0.0004)
    assert_same(row["bend"], 8 * 0.0004)
    assert row["bend_se"] < 1e-12 < row["early_se"]  # the bend is paired
    assert_same([row["first"], row["last"]], [0.02, 0.02 + 0.032 + 0.0256])


def test_a_chain_that_ends_early_has_no_late_slope():
    table, risks = parabolas(0.02, [0.003, 0.005], 0.0, last=5)
    growth = growth_table({"x": table}, {"x": risks})
    assert np.isnan(growth["late"].iloc[0]) and np.isfinite(growth["early"].iloc[0])
    assert "--" in growth_tex(growth)


def test_the_table_of_growth_names_each_experiment_once_and_shows_no_rounding():
    table, risks = parabolas(0.02, [1e-12, -1e-12], 0.0)
    growth = growth_table({"x": table}, {"x": risks})
    text = growth_tex(pd.concat([growth, growth.assign(width=8)]))
    assert text.count(r"\texttt{x}") == 1
    assert text.count("$0.000$") == 10


def test_agreement_is_paired_over_replicates():
    experiment = NetworkExperiment("x", {"widths": [4], "generations": 0})
    table = experiment.points(METHODS).assign(samples=9)
    risks = np.array([[0.022, 0.020, 0.05], [0.032, 0.030, 0.06]])
    table = table.assign(risk=risks.mean(axis=0), risk_se=0.005, replicates=2)
    theory = table[:1].assign(method="recursion", risk=0.03, risk_se=0.001)
    row = agreement_table({"x": table}, {"x": risks}, {"x": theory}).iloc[0]
    assert_same([row["difference"], row["difference_se"]], [0.002, 0])
    assert_same([row["relative_difference"], row["recursion_deviation"]], [0.08, 0.2])
    points = all_points({"x": table}, {"x": theory})
    assert points["method"].tolist() == ["sgd", "filter", "ridgeless", "recursion"]
    assert (points["samples"] == 9).all()


def test_figures_show_both_runs_and_leave_out_what_a_run_lacks():
    table, _ = parabolas(0.02, [0.003], 0.0)
    build = table.assign(risk_se=0.001)
    panels = [
        {"title": "one", "experiments": ["x"]},
        {"title": "two", "experiments": ["y"]},
    ]
    reference = pd.concat([build, build.assign(experiment="y", samples=1234)])
    figure = draw_networks(panels, build, reference)
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]
    assert titles == [
        "(a) one: $T$ = 99",
        "(b) one: reference, $T$ = 99",
        "(c) two: reference, $T$ = 1,234",
    ]


def test_progress_says_where_training_is_and_when_it_will_end(monkeypatch, caplog):
    now = iter([100.0, 104.0, 110.0, 126.0])
    monkeypatch.setattr("scripts.networks.old.time.monotonic", lambda: next(now))
    with caplog.at_level(logging.INFO):
        report = progress(logging.getLogger("x"), epochs=3, generations=2)
        for generation, epoch in ((0, 1), (0, 2), (0, 3), (1, 1)):
            report(generation, epoch, np.array([0.5, 0.7]))
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "generation 0, epoch 3 of 3, training loss 0.6; about 15 s left in this job",
        "generation 1, epoch 1 of 3, training loss 0.6; about 17 s left in this job",
    ]


@pytest.mark.parametrize(
    ("section", "name", "key", "value", "sentence"),
    [
        ("networks", "fig6_fresh", None, None, "networks.fig6_fresh: the paper's text needs"),
        ("networks", "fig6_fresh", "loss", "mean", "fig6_fresh.loss: .* needs sum"),
        ("networks", "fig6_mean_loss", "loss", "sum", "fig6_mean_loss.loss: .* needs mean"),
        ("networks", "fig6_mean_loss", "epochs", 7, "fig6_mean_loss.epochs.*value of fig6_fresh"),
        ("networks", "fig6_fresh_images", "image_draw", "same", "fresh_images.image_draw.*fresh"),
        ("networks", "fig6_continued", "generator_noise", 0.9, "continued.generator_noise"),
        ("random_features", "fig5", "widths", [9, 8], "fig5.widths.*a single width"),
        ("random_features", "fig5_continued", "loss", "sum", "fig5_continued.loss.*of fig5, mean"),
        ("networks", "fig6_fresh", "generations", 5, "fig6_fresh.generations.*at least 6"),
        ("networks", "fig6_continued", "start", "fresh", "fig6_continued.start.*continued"),
        ("networks", "fig6_continued", "epochs", 7, "fig6_continued.epochs.*value of fig6_fresh"),
        ("networks", "fig6_control", "generator_noise", 0.1, "fig6_control.generator_noise"),
        ("random_features", "fig5", "start", "continued", "fig5.start"),
    ],
)
def test_the_text_refuses_networks_that_it_does_not_fit(section, name, key, value, sentence):
    config = copy.deepcopy(CONFIG)
    if key is None:
        del config[section][name]
    else:
        config[section][name][key] = value
    with pytest.raises(ValueError, match=sentence):
        check_network_text(config)
