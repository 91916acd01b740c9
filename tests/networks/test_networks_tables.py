"""Tables and figures of networks: growth, SGD against its theory, learning rates, panels."""

import numpy as np
import pandas as pd
import pytest
from conftest import assert_same

from model_collapse.networks.sgd import METHODS
from scripts.networks import tabulate_networks
from scripts.networks.measure_stability import STABILITY, by_loss
from scripts.networks.plot_networks import draw_networks
from scripts.networks.summarise_networks import all_risks, points
from scripts.networks.tabulate_networks import AGREEMENT, GROWTH, agreement, all_points, shown


def parabolas(slopes, bend, last=8) -> tuple[pd.DataFrame, np.ndarray]:
    """One replicate for each slope: 0.02 + slope·n + bend·n²."""
    n = np.arange(last + 1)
    risks = np.array([0.02 + slope * n + bend * n**2 for slope in slopes])
    table = points("x", [4], ["sgd"], last).assign(samples=99, risk_se=0.001)
    return table.assign(risk=risks.mean(axis=0)), risks


def growth(*arguments, **options) -> pd.DataFrame:
    table, risks = parabolas(*arguments, **options)
    return GROWTH.of_each(tabulate_networks.growth, {"x": table}, {"x": risks})


def test_points_are_widths_then_methods_then_generations():
    rows = points("x", [8, 2], METHODS, 1)[["width", "method", "generation"]].to_numpy().tolist()
    assert rows[:3] == [[8, "sgd", 0], [8, "sgd", 1], [8, "filter", 0]]
    assert rows[-1] == [2, "ridgeless", 1]
    assert len(rows) == 12


@pytest.mark.parametrize("parts", [[[[0]], [[1]], [[2]], [[3]]], [[[0], [1]], [[2], [3]]]])
def test_risks_are_put_together_from_files_of_one_replicate_or_of_all(tmp_path, parts):
    files = [str(tmp_path / f"{i}.npz") for i in range(len(parts))]
    for path, risks in zip(files, parts, strict=True):
        np.savez(path, risks=risks)
    assert all_risks(files, [8, 2]).tolist() == [[0, 2], [1, 3]]


def test_growth_of_a_parabola_is_its_coefficients():
    row = growth([0.003, 0.005], 0.0004).iloc[0]
    # linear_se: s.d. 0.001·√2, two replicates.
    assert_same(row[["linear", "linear_se", "quadratic"]].tolist(), [0.004, 0.001, 0.0004])
    # The chord's slope over [p, q] is b + c(p + q), also by least squares on even points.
    assert_same(row[["early", "late", "bend"]].tolist(), [0.0056, 0.0088, 0.0032])
    assert row["bend_se"] < 1e-12 < row["early_se"]  # the bend is paired
    assert_same([row["first"], row["last"]], [0.02, 0.02 + 0.032 + 0.0256])


def test_a_chain_that_ends_early_has_no_late_slope(tmp_path):
    table = growth([0.003, 0.005], 0.0, last=5)
    assert np.isnan(table["late"].iloc[0]) and np.isfinite(table["early"].iloc[0])
    assert "--" in GROWTH.tex(table)
    GROWTH.write(table, str(tmp_path / "growth.csv"))
    with pytest.raises(ValueError, match="linear would hold a number that is not finite"):
        GROWTH.write(table.assign(linear=np.nan), str(tmp_path / "growth.csv"))


def test_the_table_of_growth_names_each_experiment_once_and_shows_no_rounding():
    table = growth([1e-12, -1e-12], 0.0)
    text = GROWTH.tex(pd.concat([table, table.assign(width=8)]))
    assert text.count(r"\texttt{x}") == 1
    assert text.count("$0.000$") == 10


def test_agreement_is_paired_over_replicates():
    risks = np.array([[0.022, 0.020, 0.05], [0.032, 0.030, 0.06]])
    table = points("x", [4], METHODS, 0).assign(samples=9, risk=risks.mean(axis=0))
    theory = table[:1].assign(method="recursion", risk=0.03, risk_se=0.001)
    [row] = agreement(theory, table, risks)
    assert_same([row["difference"], row["difference_se"]], [0.002, 0], atol=1e-15)
    assert_same([row["relative_difference"], row["recursion_deviation"]], [0.08, 0.2])
    found = all_points({"x": table}, {"x": theory})
    assert found["method"].tolist() == [*METHODS, "recursion"]
    assert (found["samples"] == 9).all()


def test_the_table_of_agreement_shows_some_generations():
    numbers = dict.fromkeys(AGREEMENT.names, 0.5)
    chains = [pd.DataFrame({**numbers, "experiment": x, "generation": range(7)}) for x in "ab"]
    table = shown(pd.concat([chains[0], chains[1][:3]]))
    assert table["generation"].tolist() == [0, 1, 2, 3, 6, 0, 1, 2]
    rows = AGREEMENT.tex(table).splitlines()[4:-2]
    assert [row.split(" & ")[:2] for row in rows[:2]] == [[r"\texttt{a}", "0"], ["", "1"]]


def test_learning_rates_are_printed_by_loss_what_converges_in_bold():
    keys = ["pixels", "initialisation", "loss", "diverges_from", "converges"]
    rows = [("unit", "normal", "mean", 0.25, True), ("unit", "normal", "sum", 0.025, False)]
    assert STABILITY.tex(by_loss(pd.DataFrame(rows, columns=keys))).splitlines()[4] == (
        r"unit & normal & \textbf{0.250} & 0.0250 \\"
    )


def test_figures_show_both_runs_and_leave_out_what_a_run_lacks():
    build, _ = parabolas([0.003], 0.0)
    panels = [{"title": "one", "experiments": ["x"]}, {"title": "two", "experiments": ["y"]}]
    reference = pd.concat([build, build.assign(experiment="y", samples=1234)])
    figure = draw_networks(panels, build, reference)
    titles = [ax.get_title(loc="left") for ax in figure.axes if ax.get_visible()]
    assert titles == [
        "(a) one: $T$ = 99",
        "(b) one: reference, $T$ = 99",
        "(c) two: reference, $T$ = 1,234",
    ]
