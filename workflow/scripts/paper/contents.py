"""What the article includes and states, read off its TeX: figures, tables, files, numbers."""

import re

ARTICLE = "paper/main.tex"


def figures_of(text: str) -> list[str]:
    """Figures that the article includes, by the names of their files."""
    return _each(r"\\includegraphics(?:\[[^]]*\])?\{([^}]*)\.pdf\}", text)


def inputs_of(text: str) -> list[str]:
    """TeX files of the build that the article includes, without .tex."""
    return _each(r"\\input\{([^}]*)\.tex\}", text)


def tables_of(text: str) -> list[str]:
    """Tables that can be referred to, by their labels less "tab:"."""
    return _each(r"\\label\{tab:([^}]*)\}", text)


def numbers_of(text: str) -> list[str]:
    r"""Numbers of the prose: the names in \val{name}."""
    return _each(r"\\val\{([^}]*)\}", text)


def _each(pattern: str, text: str) -> list[str]:
    """What the pattern finds outside comments, each once, in the text's order."""
    return list(dict.fromkeys(re.findall(pattern, re.sub(r"(?<!\\)%.*", "", text))))
