"""Captions from TeX, and the report in a browser: every entry is clicked."""

import re
import shutil

import pytest
import yaml
from configs import FOLDER, load
from conftest import RESULTS, ROOT, succeeds, undisturbed

from scripts.config import read_config
from scripts.paper.article import article, names_of
from scripts.report.report_path import report_path
from scripts.report.write_captions import Article, page

MOST_BYTES = 15_000_000
TEX = r"""
\newcommand{\what}{\widehat w}
\builtfigure[2b]{bars}{Of the paper.}
\builtfigure{lines}{\textbf{$T<\val{lines.T}$.} Of $\what_n$, table~\ref{tab:dots}, 5\,\% \&.}
\builttable[results/]{dots}{As~\ref{fig:bars} and~\ref{fig:lines}: \texttt{a\_b} is \val{dots.a}.}
"""
ARTICLE = Article(TEX, "\\defval{lines.T}{1{,}000}\n\\defval{dots.a}{\\ensuremath{2 \\pm 1}}\n")


def said(caption: str) -> str:
    """A caption's text without tags."""
    return re.sub("<[^>]*>", "", ARTICLE.html(caption))


def test_a_caption_is_the_article_s_with_the_numbers_of_the_build():
    line = "T&lt;1,000. Of wn^, table dots, 5\u202f% &amp;."
    assert said(ARTICLE.captions["lines"]) == line
    assert said(ARTICLE.captions["dots"]) == "As 2b and R1: a_b is 2±1."
    assert "<code>a_b</code>" in ARTICLE.html(ARTICLE.captions["dots"])


@pytest.mark.parametrize(
    ("name", "own", "sentence"),
    [
        ("pies", {}, "pies has no caption"),
        ("pies", {"pies": r"a \strange word"}, r"TeX that the report cannot show: a \\strange"),
        ("pies", {"pies": r"$\strange$"}, r"\$.strange\$, which the report cannot show"),
    ],
)
def test_what_cannot_be_shown_is_named(name, own, sentence):
    with pytest.raises(ValueError, match=sentence):
        page(ARTICLE, name, own, "results/bars.csv")


def test_all_that_is_shown_has_a_caption():
    config = read_config(load("config", "claims"))
    places = set((ROOT / "workflow/rules").glob("*.smk")) - {ROOT / "workflow/rules/common.smk"}
    rules = "".join(path.read_text(encoding="utf-8") for path in places)
    listed = re.findall(r'"(\w+)"', "".join(re.findall(r"tables\((.*?)\)", rules, re.S)))
    alone = re.findall(r'table\("<results>/(?:tables/)?(\w+)\.csv"\)', rules)
    own = yaml.safe_load((ROOT / "workflow/report/captions.yaml").read_bytes())
    captions = Article(article(), "")
    captions.numbers = dict.fromkeys(names_of("numbers", article()), "1")
    assert {"agreement", "remedies_price"} < set(listed)
    for name in (*config.all_figures, *listed, *alone):
        assert "<b>" in page(captions, name, own, "results"), name


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ((), "results/report.html"),
        (("--configfile", str(FOLDER / "miniature.yaml")), f"{RESULTS}/report.html"),
        (("--config", "seed=1", "pathvars={results: mine/all}"), "mine/all/report.html"),
        (("--directory", "there"), "there/results/report.html"),
    ],
)
def test_the_report_is_written_beside_the_results_that_it_shows(arguments, path):
    assert str(report_path(arguments)) == path


@pytest.fixture(scope="module")
def report(built, chromium, tmp_path_factory):
    """A build's report, opened in a browser."""
    folder = shutil.copytree(built, tmp_path_factory.mktemp("report") / "project", symlinks=True)
    path = folder / RESULTS / "report.html"
    succeeds(folder, "report_files")
    style = ("--report-stylesheet", "workflow/report/style.css")
    succeeds(folder, "report_files", "--report", str(path), *style)
    assert path.stat().st_size < MOST_BYTES
    with undisturbed(chromium):
        chromium.get(path.as_uri())
        yield chromium


def until(driver, script: str, *arguments, frame: str = ""):
    """What a script returns, in a frame if one is named, once that is something."""
    from selenium.common.exceptions import WebDriverException  # of a frame that still loads
    from selenium.webdriver.support.wait import WebDriverWait

    def found(_):
        driver.switch_to.default_content()
        if frame:
            driver.switch_to.frame(driver.find_element("css selector", frame))
        return driver.execute_script(script, *arguments)

    return WebDriverWait(driver, 60, ignored_exceptions=[WebDriverException]).until(found, script)


def click(driver, where: str) -> None:
    """Click what an XPath leads to, once it is there, also where a menu that moves covers it."""
    until(
        driver,
        "const found = document.evaluate(arguments[0], document, null, 9).singleNodeValue;"
        "return found?.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
        " !== undefined",
        where,
    )


def menu(name: str) -> str:
    """Where an item of the menu is."""
    return f"//ul/li/a/span[.='{name}']"


def show(driver, family: str) -> None:
    """Open the list of a family from the menu."""
    driver.execute_script("ReactDOM.flushSync(() => app.setView({navbarMode: 'menu'}))")
    click(driver, menu(family))


@pytest.mark.browser
def test_the_front_page_starts_at_its_start(report):
    [top] = until(
        report,
        "return [...document.querySelectorAll('p')]"
        ".filter(found => found.textContent.startsWith('A rerun of'))"
        ".map(found => found.getBoundingClientRect().top)",
    )
    assert top >= 0
    click(report, menu("Statistics"))
    click(report, "//*[name()='svg' or name()='canvas'][@width > 100]")


@pytest.mark.browser
def test_every_entry_is_shown_with_its_caption(report):
    config = read_config(load("config", "claims", "miniature"))
    families = report.execute_script("return Object.keys(categories)")
    assert set(families) <= {path.stem for path in (ROOT / "workflow/rules").glob("*.smk")}
    seen = {"figure": set(), "table": set()}
    for family in families:
        show(report, family)
        heads, *rows = report.execute_script(
            "return [...document.querySelectorAll('tr')]"
            ".map(row => [...row.cells].map(cell => cell.textContent))"
        )
        for cells in rows:
            kind, name = next(pair for pair in zip(heads, cells, strict=True) if pair[1])
            row = f"//tr[td[.='{name}']]"
            click(report, f"{row}//a[@iconname='eye']")
            if kind == "figure":
                drawn = "return document.querySelector(arguments[0])?.naturalWidth"
                assert until(report, drawn, f"img[src*='={name}.svg']") > 100
            else:
                check_table(report, name)
            click(report, f"{row}//a[@iconname='information-circle']")
            said = "return [...document.querySelectorAll('.prose :is(p:has(b), pre)')]"
            caption, command = until(report, f"{said}.map(one => one.textContent)")
            assert len(caption) > 50, name
            assert re.fullmatch(rf"snakemake --cores all \S+/{name}\.(pdf|csv)", command)
            seen[kind].add(name)
            show(report, family)
    assert seen["figure"] == set(config.all_figures)
    assert {"agreement", "claims", "networks", "scaling_collapsed", "slopes"} < seen["table"]


def check_table(driver, name: str) -> None:
    """A table has rows, which a click on a heading sorts, and another turns round."""
    read = "return document.title === arguments[0] && document.readyState === 'complete'"
    until(driver, read, name, frame="iframe")
    values = (
        "document.querySelector('th').click();"
        "return [...document.querySelectorAll('tbody tr')].map(row => row.cells[0].textContent)"
    )
    for ordered in (sorted, lambda texts: sorted(texts, reverse=True)):
        found = driver.execute_script(values)
        assert found, name
        if name == "claims":
            assert found == ordered(found)
    driver.switch_to.default_content()
