"""The run of TeX: what it reads."""

import logging
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from scripts.paper.write_paper import typeset

ARTICLE = r"""\documentclass{article}
\usepackage{booktabs}
\begin{document}
The article.
\end{document}
"""


@pytest.mark.parametrize(
    "variable", ["HOME", "TEXMFHOME", "TEXINPUTS_pdflatex", "TEXINPUTS.pdflatex"]
)
def test_tex_reads_nothing_of_the_users(tmp_path, monkeypatch, variable):
    """A package of the user's that ends TeX at once lies where each variable leads to."""
    home = tmp_path / "home"
    for place in (home / "texmf/tex/latex", home / "tex/latex", home):
        place.mkdir(parents=True, exist_ok=True)
        (place / "booktabs.sty").write_text(r"\errmessage{of the user}")
    monkeypatch.setenv(variable, f"{home}:" if "INPUTS" in variable else str(home))
    monkeypatch.chdir(tmp_path)
    Path("paper").mkdir()
    Path("paper/article.tex").write_text(ARTICLE)
    typeset("paper/article.tex", "article.pdf", logging.getLogger())
    assert "The article." in pdfium.PdfDocument("article.pdf")[0].get_textpage().get_text_range()
