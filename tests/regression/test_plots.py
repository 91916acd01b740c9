"""Figures draw what the tables say, and numbers of the prose are those of the tables."""

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, assert_same
from matplotlib import pyplot as plt
from test_workflow import RESULTS

from scripts.regression.plots import Results, draw_figure, generation_colours

PANEL = {
    "experiment": "x",
    "sweep": "samples",
    "title": "",
    "statistic": "mean",
    "risk_scale": "log",
    "ceiling": False,
}
BLOCK = {
    "generations": [0, 2],
    "ridge_rules": ["ell_crit", "best"],
    "generator_samples": 50,
    "generator_noise": 1.0,
    "samples": [10, 100],
}


@pytest.fixture
def results() -> Results:
    """Two generations, two rules, two T, five replicates, theory at three T."""
    keys = [(n, T, rule, 0.1) for T in (10, 100) for rule in BLOCK["ridge_rules"] for n in (0, 2)]
    simulated = pd.DataFrame(keys, columns=["generation", "samples", "ridge_rule", "ridge"])
    risks = np.random.default_rng(0).uniform(1, 2, (5, len(simulated)))
    simulated = simulated.assign(
        risk=risks.mean(axis=0), risk_se=risks.std(axis=0, ddof=1) / np.sqrt(5)
    )
    keys = [
        (n, T, rule, 0.1, 1.5 + n)
        for T in (10, 30, 100)
        for rule in BLOCK["ridge_rules"]
        for n in (0, 2)
    ]
    theory = pd.DataFrame(keys, columns=["generation", "samples", "ridge_rule", "ridge", "risk"])
    return Results(BLOCK, simulated, risks, theory, 50, 30, 2.0)


def lines(figure) -> dict[str, list]:
    """Markers (with error bars) and theory lines of the first panel, as (x, y)."""
    ax = figure.axes[0]
    bars = [container for container in ax.containers if hasattr(container, "has_yerr")]
    return {
        "markers": [np.array(bar.lines[0].get_data(), dtype=float) for bar in bars],
        "errors": [bar.lines[2][0].get_segments() for bar in bars],
        "theory": [line.get_data() for line in ax.lines if len(line.get_xdata()) == 3],
    }


def curve(table, n, rule):
    return table[(table["generation"] == n) & (table["ridge_rule"] == rule)]


def test_markers_bars_and_lines_are_the_tables(results):
    drawn = lines(draw_figure([PANEL], {"x": results}))
    order = [(n, rule) for n in (0, 2) for rule in BLOCK["ridge_rules"]]
    assert len(drawn["markers"]) == len(drawn["theory"]) == 4
    for (n, rule), (x, y), bars, (tx, ty) in zip(
        order, drawn["markers"], drawn["errors"], drawn["theory"], strict=True
    ):
        points, theory = curve(results.simulated, n, rule), curve(results.theory, n, rule)
        assert_same(x, points["samples"])
        assert_same(y, points["risk"])
        assert_same([np.ptp(bar[:, 1]) / 2 for bar in bars], points["risk_se"])
        assert_same(tx, theory["samples"])
        assert_same(ty, theory["risk"])
    plt.close("all")


def test_a_median_panel_shows_median_and_quartiles(results):
    drawn = lines(draw_figure([PANEL | {"statistic": "median"}], {"x": results}))
    kept = (results.simulated["generation"] == 0) & (results.simulated["ridge_rule"] == "ell_crit")
    risks = results.risks[:, kept.to_numpy()]
    assert_same(drawn["markers"][0][1], np.median(risks, axis=0))
    low, high = np.quantile(risks, (0.25, 0.75), axis=0)
    assert_same([bar[:, 1].min() for bar in drawn["errors"][0]], low)
    assert_same([bar[:, 1].max() for bar in drawn["errors"][0]], high)
    plt.close("all")


def test_a_relative_panel_pairs_replicates(results):
    panel = PANEL | {"ridge_rules": ["ell_crit"], "relative_to": "best"}
    # A rule that costs exactly twice the other in each replicate: ratio 2, no error.
    doubled = results.risks.copy()
    crit, best = (
        (
            (results.simulated["generation"] == 2) & (results.simulated["ridge_rule"] == rule)
        ).to_numpy()
        for rule in ("ell_crit", "best")
    )
    doubled[:, crit] = 2 * doubled[:, best]
    both = Results(BLOCK, results.simulated, doubled, results.theory, 50, 30, 2.0)
    drawn = lines(draw_figure([panel], {"x": both}))
    assert_same(drawn["markers"][1][1], [2, 2])
    assert max(np.ptp(bar[:, 1]) for bar in drawn["errors"][1]) < 1e-12
    plt.close("all")


def test_colours_run_from_dark_to_light():
    colours = generation_colours([10, 0, 3])
    light = [np.dot(colours[n][:3], (0.2126, 0.7152, 0.0722)) for n in (0, 3, 10)]
    assert light == sorted(light)
    assert len(set(colours.values())) == 3


def test_prose_numbers_are_those_of_the_tables(built):
    """Each by another route: pandas on the csv files of the built miniature."""
    text = (built / RESULTS / "tables/numbers.tex").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"\\defval\{([^}]*)\}\{(.*)\}\n", text))
    table = pd.read_csv(built / RESULTS / "training/fig1a_samples.csv")
    last = table.sort_values(["samples", "generation"]).iloc[-1]
    mean = re.search(r"\{([0-9.]+) \\pm ([0-9.]+)\}", numbers["fig1a.end_last"])
    assert abs(float(mean[1]) - last["risk"]) <= 0.5 * 10 ** -len(mean[1].split(".")[1])
    assert abs(float(mean[2]) / last["risk_se"] - 1) < 0.05
    points = pd.read_csv(built / RESULTS / "tables/agreement_points.csv")
    assert float(numbers["agreement.repeat_worst"]) == round(
        points[points["experiment"] == "fig1b_repeat"]["z"].abs().max(), 2
    )
    theory = pd.read_csv(built / RESULTS / "theory/fig1b_samples.csv")
    rising = theory[(theory["ridge_rule"] == "ell_crit") & (theory["generation"] == 1)]
    lowest = rising.loc[rising["risk"].idxmin()]
    assert int(numbers["fig1b.lowest_T_first"].replace("{,}", "")) == lowest["samples"]
    assert f"{lowest['risk']:.3g}" in numbers["fig1b.lowest_first"]
    images = json.loads((built / RESULTS / "data/images.json").read_text(encoding="utf-8"))
    assert images["description"].split("8×8")[0].split(";")[0] in numbers["fig4.images"]


def test_no_decimal_is_typed_into_the_paper():
    text = (ROOT / "paper" / "main.tex").read_text(encoding="utf-8")
    body = text[text.index(r"\begin{abstract}") :]
    typed = re.findall(
        r"(?<![\w{.])\d+\.\d+(?![\w}])", re.sub(r"\\(theorem|val\{[^}]*\})", "", body)
    )
    # Theorem and corollary numbers of the paper are all that looks like a decimal.
    assert set(typed) <= {"4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "5.1", "5.2"}


def test_a_job_ends_bad_input_with_its_sentence_and_logs_the_rest(tmp_path):
    log = tmp_path / "job.log"
    command = (
        "from types import SimpleNamespace\n"
        "from scripts.core.job import job\n"
        f"fit = SimpleNamespace(log=[{str(log)!r}], rule='fit', input=[], output=[])\n"
        "with job(fit) as log:\n"
        "    raise ValueError('samples must be positive, not 0')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", command],
        cwd=ROOT / "workflow" / "src",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == "ERROR: fit: samples must be positive, not 0\n"
    assert "Traceback" in log.read_text(encoding="utf-8")
