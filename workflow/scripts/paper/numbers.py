"""What the article's TeX includes and states, its numbers in paper/numbers.yaml, and what it needs
of a config. All is checked before any work starts, so nothing here is slow to import.
"""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from scripts.core.grids import sample_sizes
from scripts.core.settings import Settings

ARTICLE = ["paper/main.tex", "paper/appendix.tex"]
BIBLIOGRAPHY = "paper/references.bib"
PATTERNS = {
    "figures": r"\\builtfigure(?:\[[^]]*\])?\{([^}]*)\}",
    "tables": r"\\(?:input|builttable(?:\[[^]]*\])?)\{([^}#]*?)(?:\.tex)?\}",
    "numbers": r"\\val\{([^}]*)\}",
}
BOOK = "paper/numbers.yaml"
ADDRESS = re.compile(r"(\{[\w.]+\}|[^\s\[]+)((?:\[[^]]*\])*) ?(.*)")
REFERENCE = re.compile(r"\{([\w.]+)\}")
FILE = re.compile(r"\.(csv|json|npz)$")
NEEDS = "the paper's text needs"


def names_of(kind: str, text: str) -> list[str]:
    """Names of one of PATTERNS outside comments, each once, in the text's order."""
    return list(dict.fromkeys(re.findall(PATTERNS[kind], re.sub(r"(?<!\\)%.*", "", text))))


class Book:
    """The entries of numbers.yaml: the numbers, what they share, what the text needs besides."""

    def __init__(self, text: str):
        read = yaml.load(text, Loader=yaml.CSafeLoader)
        self.numbers, self.needs = read["numbers"], read["needs"]
        self.entries: dict[str, Any] = read["given"] | read["numbers"]
        parsed = [parse(entry)[0] for entry in self.entries.values() if isinstance(entry, str)]
        heads = dict.fromkeys(head for addresses in parsed for head, *_ in addresses)
        self.files = [head for head in heads if FILE.search(head)]
        self.keys = [h for h in heads if not (FILE.search(h) or h.isupper() or h.startswith("{"))]

    def settings(self, config: Any) -> dict[str, Any]:
        """What the numbers need of the config, by key. Raises ValueError as at()."""
        return {key: at(config, key) for key in self.keys}

    def check_names(self, article: str) -> None:
        """Raise ValueError for a name that the article uses and the book lacks, or the reverse."""
        used, known = set(names_of("numbers", article)), set(self.entries)
        shared = set(REFERENCE.findall(" ".join(map(str, self.entries.values()))))
        unknown = (used - set(self.numbers)) | (shared - known)
        idle = (set(self.numbers) - used) | (known - used - shared)
        for names, said in ((unknown, "is used but not defined"), (idle, "is used nowhere")):
            if names:
                raise ValueError(f"{BOOK}: the number {min(names)} {said}")

    def check_text(self, config: Any) -> None:
        """Raise ValueError if the config lacks, or contradicts, what the text speaks of."""
        self.settings(config)
        for pattern, conditions in self.needs.items():
            for key in _keys(pattern, config):
                for condition in str(conditions).split(" and "):
                    _check(config, key, condition)


def parse(entry: str) -> tuple[list[tuple[str, list[str], str]], list[list[str]]]:
    """The addresses of an entry, and its steps as words. An address: a key of the config, a file,
    {another} or a CONSTANT; the queries that pick rows of a table; and what of them.
    """
    first, *steps = entry.split(" | ")
    parts = [ADDRESS.fullmatch(part).groups() for part in first.split(", ")]
    addresses = [(head, re.findall(r"\[(.*?)\]", rows), rest) for head, rows, rest in parts]
    return addresses, [step.split() for step in steps]


def at(config: Any, key: str) -> Any:
    """The value of a key such as "experiments.fig1a_ridge.noise". Raises ValueError without one."""
    here, parts = config, key.split(".")
    for i, part in enumerate(parts):
        try:
            at_part = int(part) if isinstance(here, list) else part
            here = getattr(here, part) if isinstance(here, Settings) else here[at_part]
        except (AttributeError, LookupError):
            here = None
        if here is None:
            raise ValueError(f"{'.'.join(parts[: i + 1])}: {NEEDS} this")
    return here


def _keys(pattern: str, config: Any) -> Iterator[str]:
    """The keys that a pattern such as "networks.(one other).(all but widths)" stands for."""
    group = re.search(r"\((all but )?(.*?)\)", pattern)
    if not group:
        yield pattern
        return
    names = group[2].split()
    if group[1]:
        fields = type(at(config, pattern[: group.start() - 1])).model_fields
        names = [name for name in fields if name not in names]
    for name in names:
        yield from _keys(pattern[: group.start()] + name + pattern[group.end() :], config)


def _check(config: Any, key: str, condition: str) -> None:
    """Raise ValueError unless a key is as the book says; its words are the sentence."""
    block, _, field = key.rpartition(".")
    value, words = at(config, key), condition.split()

    def bound() -> float:
        return float(words[-1]) if words[-1].isdigit() else at(config, f"{block}.{words[-1]}")

    match words:
        case ["a", "single", "value"]:
            fine = not isinstance(value, list | Settings)
        case ["a", "list", "of", "one"]:
            fine = len(value) == 1
        case ["more", "than", _]:
            fine = value > bound()
        case ["at", "most", _]:
            fine = value <= bound()
        case ["at", "least", _]:
            fine = sample_sizes(value)[-1] >= bound()
        case ["twice", _]:
            fine = value == 2 * bound()
        case [*wanted, "among", "them"]:
            fine = {word.rstrip(",") for word in wanted} <= set(map(str, value))
        case ["like", other]:
            wanted = at(config, f"{block.rpartition('.')[0]}.{other}.{field}")
            fine, condition = value == wanted, f"the value of {other}, {wanted}"
        case _:
            fine = condition == (", ".join(value) if isinstance(value, list) else f"{value}")
    if not fine:
        raise ValueError(f"{key}: {NEEDS} {condition}")
