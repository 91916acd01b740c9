"""Bad configs: what a user reads. Every single field, and the cases of refusals.yaml."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from configs import CONFIG, DELETE, at, changed
from conftest import ROOT
from jsonschema import Draft202012Validator
from snakemake.exceptions import WorkflowError

from scripts.config import Config, read_config
from scripts.core.settings import cut
from scripts.describe_config import MODELS, SCHEMA, SECTIONS

CASES = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
WRONG = {  # by type
    **{"string": [5], "array": ["no list"], "object": [[]], "boolean": ["yes"], "null": []},
    **{"integer": ["many", True], "number": ["many", True]},
}
BROKEN = {  # by a word of the schema: bad values, given what it says and a good value
    "type": lambda kind, value: WRONG[kind],
    **dict.fromkeys(("enum", "const"), lambda words, value: ["no such word"]),
    "minimum": lambda least, value: [least - 1],
    "exclusiveMinimum": lambda least, value: [least],
    "maximum": lambda most, value: [most + 1 if most < 10**15 else 10 * most],
    "multipleOf": lambda factor, value: [value + factor // 2],
    "minItems": lambda least, value: [value[: least - 1]],
    "maxItems": lambda most, value: [[*value, *range(7, 8 + most)]],
    "minProperties": lambda least, value: [{}],
}


def refusal(config: dict) -> str:
    """The sentence with which a config is refused."""
    with pytest.raises(WorkflowError) as refused:
        read_config(config)
    sentence = str(refused.value)
    assert sentence.startswith("config: ") and "\n" not in sentence
    return sentence.removeprefix("config: ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"][:60])
def test_a_bad_config_is_refused_with_its_sentence(case, monkeypatch):
    monkeypatch.chdir(ROOT)  # where a config's paths begin
    changes = {to: at(CONFIG, source) for to, source in case.get("copy", {}).items()}
    changes |= case.get("set", {})
    changes |= {case["delete"]: DELETE} if "delete" in case else {}
    assert refusal(changed(*chain.from_iterable(changes.items()))) == case["says"]


def bad_values(part: dict, value: Any, path: tuple, seen: set) -> Iterator[tuple[tuple, Any]]:
    """(path, bad value) for all that a part of the schema says of a good value, each part once."""
    for choice in part.get("anyOf", part.get("oneOf", [])):
        if VALIDATOR.evolve(schema=choice).is_valid(value):
            yield from bad_values(choice, value, path, seen)
    part = MODELS[part["$ref"].split("/")[-1]] if "$ref" in part else part
    others = part.get("additionalProperties")
    if id(part) not in seen:
        seen.add(id(part))
        for word in filter(BROKEN.get, part):
            yield from ((path, bad) for bad in BROKEN[word](part[word], value))
        yield from (((*path, key), DELETE) for key in part.get("required", []))
        if others is False:
            yield (*path, "no_such_key"), 1
    items = {dict: dict.items, list: enumerate}.get(type(value), lambda _: ())
    for key, item in items(value):
        below = part.get("properties", {}).get(key, part.get("items", others))
        if isinstance(below, dict):
            yield from bad_values(below, item, (*path, key), seen)


def dotted(path: tuple) -> str:
    """A path as sentences name it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".") or "top level"


def test_every_field_of_every_section_is_guarded_and_named():
    """Bounds, types, words, missing and unknown keys: wherever the config has them."""
    whole = cut(read_config(CONFIG), Config)
    top = SCHEMA | {"required": [key for key, part in SECTIONS.items() if "default" not in part]}
    del top["type"]
    checked = list(bad_values(top, whole, (), set()))
    for path, value in checked:
        sentence = refusal(changed("/".join(map(str, path)), value, base=whole))
        place, key = dotted(path[:-1]), path[-1]
        if value is DELETE:
            assert sentence.endswith(f"{place}: the key {key!r} is missing"), (path, sentence)
        elif key == "no_such_key":
            assert sentence.startswith(f"{place}: unknown key 'no_such_key'"), (path, sentence)
        else:
            assert sentence.startswith(f"{dotted(path)}: "), (path, value, sentence)
    assert len(checked) > 400


def test_every_field_is_described():
    for name, model in MODELS.items():
        assert "description" in model or name.startswith("EitherSet")
        for key, part in model["properties"].items():
            assert "description" in part, f"{name}.{key}"
    assert all("description" in part for part in SECTIONS.values())
