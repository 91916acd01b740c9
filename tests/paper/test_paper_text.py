"""The article's sources: what can be said of them without a build."""

import re

from conftest import ROOT

from scripts.paper.article import ARTICLE, names_of
from scripts.paper.write_paper import last_run

MAIN, APPENDIX = ((ROOT / part).read_text(encoding="utf-8") for part in ARTICLE)
BIBLIOGRAPHY = (ROOT / "paper/references.bib").read_text(encoding="utf-8")


def test_the_article_shows_what_it_is_known_for():
    assert {"summary", "fig1a", "fig3", "fig6", "crossover", "remedies"} <= set(
        names_of("figures", MAIN)
    )
    assert not names_of("figures", APPENDIX)
    assert {"agreement", "claims", "errata", "experiments"} <= set(names_of("tables", APPENDIX))
    assert names_of("tables", MAIN) == ["numbers"]


def test_what_is_shown_is_referred_to():
    shown = {f"fig:{name}" for name in names_of("figures", MAIN)} - {"fig:summary"}
    labels = set(re.findall(r"\\label\{((?:app|sec):\w+)\}", MAIN + APPENDIX))
    referred = set(re.findall(r"ref\{([\w:]+)\}", MAIN + APPENDIX))
    assert shown <= referred
    assert {label for label in labels if label.startswith("app")} - referred == {
        "app:generations", "app:images", "app:networks", "app:provenance", "app:remedies",
        "app:scaling",
    }  # fmt: skip


def test_every_citation_can_be_resolved():
    cited = set(re.findall(r"\\cite\w*\{([^}]*)\}", MAIN + APPENDIX))
    keys = {key for group in cited for key in group.split(",")}
    entries = re.findall(r"@\w+\{(\w+),(.*?)\n\}", BIBLIOGRAPHY, re.DOTALL)
    assert keys == {key for key, _ in entries}
    for key, fields in entries:
        assert re.search(r"doi = \{\S+\}|arXiv:\d{4}\.\d{4,5}", fields), key


def test_the_last_run_of_tex_is_read_alone():
    log = "This is pdfTeX\nOverfull \\hbox one\nThis is pdfTeX\nfine\n"
    assert "Overfull" not in last_run(log)
