"""What is read off the article's TeX."""

from conftest import ROOT

from scripts.paper.contents import ARTICLE, figures_of, inputs_of, numbers_of, tables_of

TEXT = r"""
\newcommand{\val}[1]{\csname val@#1\endcsname}
\includegraphics{fig1.pdf} 20\,\% of \val{a.b} % \val{old} \input{old.tex}
\includegraphics[width=1cm]{map.pdf} \val{c} \val{a.b}
\input{one.tex} \label{tab:one} \label{fig:1} \ref{tab:other}
"""


def test_names_are_found_once_in_order_and_not_in_comments():
    assert figures_of(TEXT) == ["fig1", "map"]
    assert inputs_of(TEXT) == ["one"]
    assert tables_of(TEXT) == ["one"]
    assert numbers_of(TEXT) == ["a.b", "c"]


def test_the_article_includes_what_it_is_known_for():
    text = (ROOT / ARTICLE).read_text(encoding="utf-8")
    assert {"fig1a", "fig3", "fig6", "crossover"} <= set(figures_of(text))
    assert {"numbers", "claims", "errata", "scaling_noisy"} <= set(inputs_of(text))
    # A table's label is its file's name; those of long tables are in the files.
    assert set(inputs_of(text)) - set(tables_of(text)) == {
        *("numbers", "claims", "errata", "scaling_noiseless")
    }
    assert set(tables_of(text)) - set(inputs_of(text)) == {"scaling_collapsed"}
