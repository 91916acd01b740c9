"""Sentences for values that a model of the config refuses: where, what is wrong, what is right."""

import difflib
import re
from collections.abc import Iterable
from typing import Any, get_origin

from pydantic import ValidationError

from scripts.schema.settings import Settings, fields_of, models_in, names_of_kind

SENTENCES = {  # by pydantic's type of error, filled in with the error's context and the value
    "greater_than_equal": "must be at least {ge:g}, not {value}",
    "less_than_equal": "must be at most {le:g}, not {value}",
    "greater_than": "must be greater than {gt:g}, not {value}",
    "less_than": "must be less than {lt:g}, not {value}",
    "multiple_of": "must be a multiple of {multiple_of}, not {value}",
    "literal_error": "must be one of {expected}, not {value!r}",
    "union_tag_invalid": "must be one of {expected_tags}, not {value[name]!r}",
    "too_short": "must have at least {min_length} values, not {actual_length}",
    "too_long": "must have at most {max_length} values, not {actual_length}",
}
TYPES = {  # by the first word of pydantic's type of error
    **{"dict": "a block of keys", "model": "a block of keys", "list": "a list", "string": "text"},
    **{"bool": "true or false", "int": "a whole number", "float": "a number"},
}
# Steps of pydantic's paths that are no keys of the config: the key itself, and tags of sweeps.
NO_KEYS = ("[key]", "a value", "a list", "a grid", "a grid in steps")
NUMBERS_IN_YAML = "; YAML wants 1.0e-3, not 1e-3 or quotes, and --config takes no nested numbers"
BOOLS_IN_YAML = "; YAML reads yes, no, on and off as true and false: quote them"


def sentence(error: ValidationError, model: type[Settings]) -> str:
    """Return the first mistake in one line: where, what is wrong, and what would be right.

    A misspelt key comes before the key that is missing for it.
    """
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    kind = first["type"]
    value = first["input"]
    context = first.get("ctx", {})
    for words in context.keys() & {"expected", "expected_tags"}:
        context[words] = context[words].replace("'", "").replace(" or ", ", ")
    path, fields, description = _walk(model, first["loc"])
    if kind.startswith("union_tag"):
        path.append("name")
    if first["loc"][-1:] == ("[key]",):
        kind = "invalid_key"
    where = _where(path)
    key = path[-1] if path else ""
    mistakes_in_keys = {
        "extra_forbidden": f"unknown key {key!r}{nearest(str(key), fields)}",
        "missing": f"the key {key!r} is missing",
        "union_tag_not_found": f"the key {key!r} is missing",
        "invalid_key": context.get("error", f"the key {value!r} must be text{_if_bool(value)}"),
    }
    if kind in mistakes_in_keys:
        return f"{_where(path[:-1])}: {mistakes_in_keys[kind]}"
    if kind == "value_error":  # raised by a check of a block, it may begin with the key at fault
        message = str(context["error"])
        separator = "." if re.split(r"[:.[]", message)[0] in fields else ": "
        return f"{where}{separator}{message}" if path else message
    hint = ""
    if kind == "too_short" and not value:
        mistake = "must not be empty"
    elif kind in SENTENCES:
        mistake = SENTENCES[kind].format(**context, value=value)
    elif isinstance(value, str) and kind.startswith(("int", "float")):
        mistake = f"{value!r} is text where a number belongs"
        hint = NUMBERS_IN_YAML if re.fullmatch(r"[-+.\de]+", value, re.IGNORECASE) else ""
    else:
        expected = TYPES.get(kind.split("_")[0], first["msg"])
        mistake = f"must be {expected}, not {'empty' if value is None else repr(value)}"
        hint = _if_bool(value) if expected == "text" else ""
    return f"{where}: {mistake}{f' ({description})' if description else ''}{hint}"


def _if_bool(value: Any) -> str:
    """A hint for true or false where the user may have written a word without quotes."""
    return BOOLS_IN_YAML if isinstance(value, bool) else ""


def _where(path: Iterable) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".") or "top level"


def _walk(model: type[Settings], location: Iterable) -> tuple[list, dict[str, Any], str]:
    """Follow the location of an error.

    Returns the keys on the way, the fields of the block that it ends in, and the description of the
    last field on the way.
    """
    path: list = []
    models = [model]
    description = ""
    is_name = False  # of an entry in a section of named blocks
    for step in location:
        fields = {} if is_name else fields_of(models)
        of_name = [kind for kind in models if step in names_of_kind(kind)]
        is_name = step in fields and get_origin(fields[step].annotation) is dict
        if step in fields:
            models = models_in(fields[step].annotation)
            description = fields[step].description
        elif of_name:
            models = of_name
        if not of_name and step not in NO_KEYS:
            path.append(step)
    return path, fields_of(models), description


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint for an unknown name: the one that was probably meant, or all that there are."""
    names = sorted(names)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(names)}" if names else ""
