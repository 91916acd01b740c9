"""Captions of the report in HTML: the article's own, with the numbers of the build."""

import html
import re
from itertools import count
from pathlib import Path

from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

from scripts.schema.yaml_files import read_yaml
from scripts.step.job import job

BRACED = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"  # braces nested at most three deep
MACRO = re.compile(r"\\newcommand\{\\(\w+)\}" + BRACED)
NUMBER = re.compile(r"\\defval\{([^}]*)\}" + BRACED)
BUILT = re.compile(r"\\built(figure|table)(?:\[([^]]*)\])?\{(\w+)\}" + BRACED)
TEXT = [
    (r"\\textbf" + BRACED, r"<b>\1</b>"),
    (r"\\emph" + BRACED, r"<i>\1</i>"),
    (r"\\texttt" + BRACED, r"<code>\1</code>"),
    (r"\\cite[pt]\{(\w+)\}", r"[\1]"),
    (r"\\ref\{(?:tab|sec):(\w+)\}", r"<i>\1</i>"),  # which go by name here
    (r"\\eqref\{eq:(\w+)\}", r"the article's equation for \1"),
    (r"~|\\ ", " "),
    (r"\\,", "\u202f"),
    (r"``|''", '"'),
    (r"--+", "–"),
    (r"\\dots\b ?", "…"),
    (r"\\(%|_|#|&amp;)", r"\1"),
]


class Article:
    """The article's TeX and the numbers of a build, from which captions are made."""

    def __init__(self, text: str, numbers: str):
        self.macros = dict(MACRO.findall(text))
        self.numbers = dict(NUMBER.findall(numbers))
        built = BUILT.findall(text.partition(r"\begin{document}")[2] or text)
        self.captions = {name: caption for *_, name, caption in built}
        figures = [(number, name) for kind, number, name, _ in built if kind == "figure"]
        ours = (f"R{i}" for i in count(1))
        self.figures = {f"fig:{name}": number or next(ours) for number, name in figures}

    def html(self, caption: str) -> str:
        """A caption in HTML, with MathML. Raises ValueError for TeX that it does not cover."""
        text = re.sub(r"\\val\{([^}]*)\}", lambda match: self.numbers[match[1]], caption)
        text = re.sub(r"\\ref\{(fig:\w+)\}", lambda match: self.figures[match[1]], text)
        names = "|".join(self.macros)
        for _ in range(2):  # macros in macros
            text = re.sub(rf"\\({names})(?![a-zA-Z]) ?", lambda match: self.macros[match[1]], text)
        formulas = []

        def set_aside(formula: re.Match) -> str:
            formulas.append(math(formula[1] or formula[2]))
            return f"\0{len(formulas) - 1}\0"

        text = html.escape(re.sub(r"\$(.*?)\$|\\ensuremath" + BRACED, set_aside, text), quote=False)
        for pattern, new in TEXT:
            text = re.sub(pattern, new, text)
        if "\\" in text:
            raise ValueError(f"a caption has TeX that the report cannot show: {text}")
        return re.sub("\0(.*?)\0", lambda match: formulas[int(match[1])], text)


def math(tex: str) -> str:
    """Mathematics in MathML, on one line. Raises ValueError for TeX that docutils does not know."""
    tex = re.sub(r"\\ensuremath" + BRACED, r"\1", tex).replace(r"\dots", r"\ldots")
    try:
        return re.sub(r">\s+<", "><", tex2mathml("{}" + tex if tex[0] in "^_" else tex))
    except MathError as error:
        raise ValueError(f"a caption has ${tex}$, which the report cannot show: {error}") from None


def page(article: Article, name: str, captions: dict[str, str], target: str) -> str:
    """The caption of a figure or table, from ``captions`` or the article, and the command that
    makes it. Raises ValueError if it has no caption.
    """
    caption = captions.get(name) or article.captions.get(name)
    if not caption:
        raise ValueError(f"{name} has no caption in the article and none in captions.yaml")
    command = f"<pre>snakemake --cores all {target}</pre>"
    return f"<p>{article.html(caption)}</p>\n<p>To make it anew:</p>\n{command}\n"


if __name__ == "__main__":
    with job(snakemake):
        files = snakemake.input
        text = "".join(Path(path).read_text(encoding="utf-8") for path in files.article)
        article = Article(text, Path(files.numbers).read_text(encoding="utf-8"))
        captions = read_yaml(files.captions)
        for path, (name, target) in zip(
            snakemake.output, snakemake.params.made_by.items(), strict=True
        ):
            Path(path).write_text(page(article, name, captions, target), encoding="utf-8")
