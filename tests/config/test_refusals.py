"""Bad configs: what a user reads. Every single field, and the cases of refusals.yaml."""

import copy
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as bounds
import pytest
import yaml
from configs import CONFIG, DELETE, changed, parent_of
from conftest import ROOT
from snakemake.exceptions import WorkflowError

from scripts.config import Config, read_config
from scripts.core.settings import Settings

CASES = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))


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
    changes = []
    for to, source in case.get("copy", {}).items():
        block, last = parent_of(CONFIG, source)
        changes += [to, block[last]]
    for path, value in case.get("set", {}).items():
        changes += [path, value]
    if "delete" in case:
        changes += [case["delete"], DELETE]
    assert refusal(changed(*changes)) == case["says"]


def bad_values(kind: Any, extra: tuple, value: Any) -> Iterator[tuple[tuple, Any]]:
    """(path below the field, value) that break the bounds, the type or the words of a field."""
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        yield from bad_values(kind, (*extra, *more), value)
        return
    for bound in extra:
        for part in getattr(bound, "metadata", [bound]):  # a pydantic Field holds several
            yield from (((), bad) for bad in broken(part, value))
    if get_origin(kind) in (Union, UnionType):
        kinds = [k for k in get_args(kind) if k is not type(None)]
        for k in kinds:
            if is_of(k, value):
                yield from bad_values(k, (), value)
                break
    elif get_origin(kind) is Literal:
        yield (), "no such word"
        yield (), 5
    elif get_origin(kind) is list:
        yield (), "no list"
        for path, bad in bad_values(get_args(kind)[0], (), value[0]) if value else ():
            yield (0, *path), bad
    elif kind in (int, float):
        yield (), "many"
        yield (), True
    elif kind is str:
        yield (), 5
    elif kind is bool:
        yield (), "yes"


def is_of(kind: Any, value: Any) -> bool:
    """Whether a valid value is of this member of a union."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    kind = get_origin(kind) or kind
    if kind in (int, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(kind, type) and isinstance(value, kind)


def broken(bound: Any, value: Any) -> Iterator[Any]:
    """Values just beyond a bound."""
    match bound:
        case bounds.Ge(ge=least):
            yield least - 1
        case bounds.Gt(gt=least):
            yield least
        case bounds.Le(le=most):
            yield most + 1 if most < 10**15 else 10 * most
        case bounds.MinLen(min_length=least):
            yield value[: least - 1] if isinstance(value, list) else {}
        case bounds.MaxLen(max_length=most):
            yield [*value, *range(7, 8 + most)]
        case bounds.MultipleOf(multiple_of=factor):
            yield value + factor // 2


def fields(settings: Settings, path: tuple, seen: set) -> Iterator[tuple[tuple, Any]]:
    """(path, bad value) for every field of every model in the config, each field once."""
    for name, field in type(settings).model_fields.items():
        value, where = getattr(settings, name), (*path, field.alias or name)
        if (type(settings), name) not in seen and value is not None:
            seen.add((type(settings), name))
            for below, bad in bad_values(field.annotation, tuple(field.metadata), value):
                yield (*where, *below), bad
            if field.is_required():
                yield where, DELETE
        for below, block in blocks(value):
            if type(block) not in seen:
                seen.add(type(block))
                yield (*where, *below), []
                yield (*where, *below, "no_such_key"), 1
            yield from fields(block, (*where, *below), seen)


def blocks(value: Any) -> Iterator[tuple[tuple, Settings]]:
    """Models in the value of a field, with the path to each."""
    if isinstance(value, Settings):
        yield (), value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            for below, block in blocks(item):
                yield (key, *below), block


def set_at(path: tuple, value: Any) -> dict:
    """The config with the value at a path, whose blocks are made if they are not there."""
    config = copy.deepcopy(CONFIG)
    block = config
    for key in path[:-1]:
        block = block[key] if isinstance(block, list) else block.setdefault(key, {})
    if value is DELETE:
        block.pop(path[-1])
    else:
        block[path[-1]] = value
    return config


def dotted(path: tuple) -> str:
    """A path as sentences name it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".")


def test_every_field_of_every_section_is_guarded_and_named():
    """Bounds, types, words, missing and unknown keys: wherever the config has them."""
    checked = 0
    for path, value in fields(read_config(CONFIG), (), set()):
        sentence = refusal(set_at(path, value))
        place, key = dotted(path[:-1]) or "top level", path[-1]
        if value is DELETE:
            assert sentence.endswith(f"{place}: the key {key!r} is missing"), (path, sentence)
        elif key == "no_such_key":
            assert sentence.startswith(f"{place}: unknown key 'no_such_key'"), (path, sentence)
        else:
            assert sentence.startswith(f"{dotted(path)}: "), (path, value, sentence)
        checked += 1
    assert checked > 400


def test_every_field_is_described():
    def described(model: type[Settings]) -> None:
        assert model.__doc__ or "[" in model.__name__  # of a generic one
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"
            for part in models_in(field.annotation):
                described(part)

    described(Config)


def models_in(kind: Any) -> list[type[Settings]]:
    if isinstance(kind, type) and issubclass(kind, Settings):
        return [kind]
    return [found for part in get_args(kind) for found in models_in(part)]
