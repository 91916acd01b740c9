"""The article's TeX: its files, and what they include and state."""

import re
from collections.abc import Iterable

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


def check_numbers(defined: Iterable[str], article: str) -> None:
    r"""Raise ValueError unless the article's \val{name} are the numbers that are defined."""
    used = set(names_of("numbers", article))
    undefined = used - set(defined)
    idle = set(defined) - used
    if undefined:
        raise ValueError(f"{NUMBERS}: the number {min(undefined)} is used but not defined")
    if idle:
        raise ValueError(f"{NUMBERS}: the number {min(idle)} is used nowhere in the article")
