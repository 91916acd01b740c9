"""What the article includes and states, read off its TeX."""

import re

ARTICLE = "paper/main.tex"
PATTERNS = {
    "figures": r"\\includegraphics(?:\[[^]]*\])?\{([^}]*)\.pdf\}",
    "inputs": r"\\input\{([^}]*)\.tex\}",
    "tables": r"\\label\{tab:([^}]*)\}",
    "numbers": r"\\val\{([^}]*)\}",
}


def names_of(kind: str, text: str) -> list[str]:
    """Names of one of PATTERNS outside comments, each once, in the text's order."""
    return list(dict.fromkeys(re.findall(PATTERNS[kind], re.sub(r"(?<!\\)%.*", "", text))))
