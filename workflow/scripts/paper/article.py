"""The article's TeX: its files, and what they include and state."""

import re
from collections.abc import Iterable
from functools import cache

from scripts.step.imports import ROOT

ARTICLE = ["paper/main.tex", "paper/appendix.tex"]
BIBLIOGRAPHY = "paper/references.bib"
PATTERNS = {
    "figures": r"\\builtfigure(?:\[[^]]*\])?\{([^}]*)\}",
    "tables": r"\\(?:input|builttable(?:\[[^]]*\])?)\{([^}#]*?)(?:\.tex)?\}",
    "numbers": r"\\val\{([^}]*)\}",
}
NUMBERS = "workflow/scripts/paper/numbers"


def names_of(kind: str, text: str) -> list[str]:
    """Names of one of PATTERNS outside comments, each once, in the text's order."""
    return list(dict.fromkeys(re.findall(PATTERNS[kind], re.sub(r"(?<!\\)%.*", "", text))))


@cache
def article() -> str:
    """The article's TeX, all files joined."""
    return "\n".join((ROOT / part).read_text(encoding="utf-8") for part in ARTICLE)


def included_files(text: str) -> list[str]:
    """The figures and tables that the article includes, as files of the build."""
    figures = [f"<results>/figures/{name}.pdf" for name in names_of("figures", text)]
    tables = [f"<results>/tables/{name}.tex" for name in names_of("tables", text)]
    return figures + tables


def check_numbers(defined: Iterable[str], article: str) -> None:
    r"""Raise ValueError unless the article's \val{name} are the numbers that are defined."""
    used = set(names_of("numbers", article))
    undefined = used - set(defined)
    idle = set(defined) - used
    if undefined:
        raise ValueError(f"{NUMBERS}: the number {min(undefined)} is used but not defined")
    if idle:
        raise ValueError(f"{NUMBERS}: the number {min(idle)} is used nowhere in the article")
