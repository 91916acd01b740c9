"""What is read off the article's TeX."""

from conftest import ROOT

from scripts.paper.contents import ARTICLE, PATTERNS, names_of

TEXT = r"""
\newcommand{\val}[1]{\csname val@#1\endcsname}
\includegraphics{fig1.pdf} 20\,\% of \val{a.b} % \val{old} \input{old.tex}
\includegraphics[width=1cm]{map.pdf} \val{c} \val{a.b}
\input{one.tex} \label{tab:one} \label{fig:1} \ref{tab:other}
"""


def test_names_are_found_once_in_order_and_not_in_comments():
    found = {kind: names_of(kind, TEXT) for kind in PATTERNS}
    names = {"figures": ["fig1", "map"], "inputs": ["one"], "tables": ["one"]}
    assert found == names | {"numbers": ["a.b", "c"]}


def test_the_article_includes_what_it_is_known_for():
    text = (ROOT / ARTICLE).read_text(encoding="utf-8")
    figures, inputs, tables = (set(names_of(k, text)) for k in ("figures", "inputs", "tables"))
    assert {"fig1a", "fig3", "fig6", "crossover"} <= figures
    # A table's label is its file's name; those of long tables are in the files.
    assert inputs - tables == {"numbers", "claims", "errata", "scaling_noiseless"}
    assert tables - inputs == {"scaling_collapsed"}
    assert "scaling_noisy" in inputs
