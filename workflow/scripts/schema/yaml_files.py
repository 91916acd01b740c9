"""Read files of YAML or JSON as Snakemake does, and complain of text that misleads its reader.

YAML lets a key stand twice in a block and keeps the last; and PyYAML, which reads YAML 1.1, takes
010 for 8, 10:00 for 600, 1e5 for text and 2024-01-01 for a date.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TAG = "tag:yaml.org,2002:"
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")  # numbers that every version of YAML reads alike
LIKE_A_NUMBER = re.compile(r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?0[xob][\w]+")
JSON_SPACE = str.maketrans("\t", " ")  # where YAML allows no tab


def complaints(text: str, numbers: bool = True) -> Iterator[str]:
    """Yield a sentence for each mistake in a text of YAML, in its order.

    Parameters
    ----------
    text
        YAML, or JSON, which is YAML but for some tabs.
    numbers
        Whether scalars are checked too; those of JSON mislead nobody.

    Yields
    ------
    str
        A key that stands twice in a block, with its lines; a number or date that YAML reads as
        something else, with its line.
    """
    waiting = [("", yaml.compose(text, Loader=LOADER))]
    seen = set()
    while waiting:
        key, node = waiting.pop()
        if node is None or id(node) in seen:  # a block with an anchor stands at many places
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from _repeated_keys(node)
            for name, value in reversed(node.value):
                label = name.value if isinstance(name, yaml.ScalarNode) else "a list"
                waiting += [(label, value), (f"the key {label}", name)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(key, item) for item in reversed(node.value)]
        elif numbers and not node.style and (mistake := _misread(node)):  # quoted text has a style
            yield f"line {_line(node)}: {key}: {mistake}"


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def _repeated_keys(block: yaml.MappingNode) -> Iterator[str]:
    lines: dict[tuple, list[int]] = {}
    for key, _ in block.value:
        if isinstance(key, yaml.ScalarNode):
            lines.setdefault((key.tag, key.value), []).append(_line(key))
    for (_, key), places in lines.items():
        if len(places) > 1:
            where = " and ".join(map(str, sorted(set(places))))
            where = f"lines {where}" if " " in where else f"line {where}"
            advice = "give <<: [*one, *other]" if key == "<<" else "only the last would count"
            yield f"{where}: the key {key!r} stands {len(places)} times in one block; {advice}"


def _misread(node: yaml.ScalarNode) -> str | None:
    """A sentence for a number or a date that YAML reads as something else; None if it does not."""
    text = node.value
    kind = node.tag.removeprefix(TAG)
    if kind == "timestamp":
        return f"YAML reads {text} as a date; quote it"
    if kind == "int" and not WHOLE.fullmatch(text):
        value = yaml.load(text, Loader=LOADER)
        return f"YAML reads {text} as {value}; write the number in decimal, or quote the text"
    if kind == "float" and re.search("[:_]", text):
        value = yaml.load(text, Loader=LOADER)
        return f"YAML reads {text} as {value:g}; write the number in decimal, or quote the text"
    if kind == "str" and LIKE_A_NUMBER.fullmatch(text):
        return f"YAML reads {text} as text; write a number as 1000 or 1.0e+3, or quote the text"
    return None


def _repeated_key_in_json(text: str) -> str | None:
    """A sentence for the first key that stands twice in a block of JSON; None if there is none."""
    repeated: list[str] = []

    def block(pairs: list[tuple[str, Any]]) -> dict:
        keys = [key for key, _ in pairs]
        repeated.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    json.loads(text, object_pairs_hook=block)
    return f"the key {repeated[0]!r} stands twice in one block" if repeated else None


def read_file(path: str | Path) -> tuple[Any, list[str]]:
    """The content of a file of YAML or JSON, as Snakemake reads it, and the first complaint on it.

    Raises ValueError, naming the file, if it cannot be read.
    """
    text = Path(path).read_text(encoding="utf-8")
    try:
        content = json.loads(text)
        is_json = True
    except ValueError:
        content = None
        is_json = False
    try:
        if not is_json:
            content = yaml.load(text, Loader=LOADER)
        text = text.translate(JSON_SPACE) if is_json else text
        complaint = next(complaints(text, numbers=not is_json), None)
    except yaml.YAMLError as error:
        if not is_json:
            raise ValueError(f"{path}: {' '.join(str(error).split())}") from None
        complaint = _repeated_key_in_json(
            text
        )  # such as an escaped emoji, which YAML does not read
    return content, [] if complaint is None else [f"{path}: {complaint}"]


def read_yaml(path: str | Path) -> Any:
    """The content of a file of YAML or JSON.

    Raises ValueError, naming the file and the line, if it cannot be read, if a key stands twice in
    a block, or for a number or date that YAML reads as something else.
    """
    content, mistakes = read_file(path)
    for sentence in mistakes:
        raise ValueError(sentence)
    return content
