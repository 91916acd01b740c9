"""What the paper of the built miniature states, and the record of what the build took."""

import json
import re

import pandas as pd
from conftest import RESULTS

from scripts.paper.numbers import BOOK, Book
from scripts.paper.write_manifest import compute_table


def test_prose_numbers_are_those_of_the_tables(built):
    """Each by another route: pandas on the csv files of the built miniature."""
    book = Book((built / BOOK).read_text(encoding="utf-8"))
    text = (built / RESULTS / "tables/numbers.tex").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"\\defval\{([^}]*)\}\{(.*)\}\n", text))
    assert set(numbers) == set(book.numbers)
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


def test_compute_lists_every_job_that_was_measured(built):
    folder = built / "miniature/benchmarks"
    table = pd.read_csv(folder / "compute.csv")
    assert list(table) == list(compute_table(folder))
    assert len(table) >= len(list(folder.rglob("*.tsv"))) - 2  # those of the end are not there yet
    assert json.loads((built / RESULTS / "manifest.json").read_bytes())["sources"]["Snakefile"]
