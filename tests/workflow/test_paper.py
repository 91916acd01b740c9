"""What the paper of the built miniature states, and the record of what the build took."""

import json
import re

import pandas as pd
import pypdfium2 as pdfium
import pytest
from conftest import RESULTS

from scripts.paper.article import ARTICLE, names_of
from scripts.paper.write_manifest import compute_table


def test_prose_numbers_are_those_of_the_tables(built):
    """Each by another route: pandas on the csv files of the built miniature."""
    article = "\n".join((built / part).read_text(encoding="utf-8") for part in ARTICLE)
    text = (built / RESULTS / "tables/numbers.tex").read_text(encoding="utf-8")
    numbers = dict(re.findall(r"\\defval\{([^}]*)\}\{(.*)\}\n", text))
    assert set(numbers) == set(names_of("numbers", article))
    table = pd.read_csv(built / RESULTS / "training/fig2b_samples.csv")
    last = table.sort_values(["samples", "generation"]).iloc[-1]
    mean = re.search(r"\{([0-9.]+) \\pm ([0-9.]+)\}", numbers["fig2b.end_last"])
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
    claims = pd.read_csv(built / RESULTS / "claims.csv", keep_default_na=False)
    paper = claims[claims["source"].isin(["v1", "final"])]
    controls = paper["where"].str.contains("our control").sum()
    assert controls and int(numbers["ledger.rows"]) == len(paper) - controls
    untested = (claims["verdict"] == "not testable").sum()
    assert untested and int(numbers["ledger.all"]) == len(claims) - untested


def test_compute_lists_every_job_that_was_measured(built):
    folder = built / "miniature/benchmarks"
    table = pd.read_csv(folder / "compute.csv")
    assert list(table) == list(compute_table(folder))
    assert len(table) >= len(list(folder.rglob("*.tsv"))) - 2  # those of the end are not there yet
    assert json.loads((built / RESULTS / "manifest.json").read_bytes())["sources"]["Snakefile"]


MAIN_PAGES = 16


def says(text: str, pattern: str) -> bool:
    """Whether a page's text matches."""
    return re.search(pattern, text, re.MULTILINE) is not None


@pytest.fixture(scope="module")
def pages(built) -> list[str]:
    """The text of each page of the paper."""
    with pdfium.PdfDocument(built / RESULTS / "paper.pdf") as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.fixture(scope="module")
def main_text(pages) -> int:
    """How many pages come before the appendix."""
    return next(i for i, page in enumerate(pages) if says(page, r"^A Derivations"))


def test_the_main_text_is_short(pages, main_text):
    assert main_text <= MAIN_PAGES
    assert says(pages[0], "^Summary") and says(pages[1], "^1 Setup")


def test_a_figure_is_within_a_page_of_its_first_mention(pages, main_text):
    captions = {
        number: i
        for i, page in enumerate(pages[:main_text])
        for number in re.findall(r"^Figure (\w+):", page, re.MULTILINE)
    }
    assert {"1a", "2b", "6", "R1", "R2"} <= captions.keys()
    for number, at in captions.items():
        mention = rf"[Ff]igures?\s+(\w+\s+and\s+)?{number}\b(?!:)"
        where = [i for i, page in enumerate(pages[:main_text]) if says(page, mention)]
        assert number == "R1" or abs(where[0] - at) <= 1, (number, at + 1, where[0] + 1)
