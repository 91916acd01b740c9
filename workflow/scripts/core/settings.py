"""What every section of the config is made of: strict models, and errors as one sentence.

A job is given a *cut*: the fields of one of the model's base classes and no more, so that other
keys do not rerun it.
"""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from scripts.core.remembered import remembered

MOST_SAMPLES = 10**15
SMALLEST, LARGEST = 1e-50, 1e50  # sizes whose squares and products stay in the range of floats


class Settings(
    BaseModel,
    extra="forbid",
    strict=True,
    frozen=True,
    validate_default=True,
    defer_build=True,  # what no job or section asks for is never built
):
    """A block of the config. Unknown keys are refused, and text is not taken for a number."""

    @classmethod
    def could_be(cls, overlay: Mapping) -> bool:
        """Whether an overlay is of this kind: by its name, or else by its keys."""
        if (names := _names(cls)) and "name" in overlay:
            return overlay["name"] in names
        return overlay.keys() <= fields_of([cls]).keys()

    @classmethod
    def kept_under(cls, block: dict, overlay: Mapping) -> dict:
        """The keys of a block of this kind that have a meaning under an overlay of it."""
        return block

    @classmethod
    def laid_kinds(cls) -> dict[str, Any]:
        """By key, the annotation or the model by which an overlay is laid over its value."""
        return {key: field.annotation for key, field in fields_of([cls]).items()}


def entry(description: str, default: Any = ..., **bounds: Any) -> Any:
    """A key of a block: what it is, its default unless it must be given, and its bounds."""
    return Field(default, description=description, **bounds)


def cut(settings: Settings, kind: type[Settings], **only: str) -> dict:
    """The fields of ``kind``, a base class of the settings' own, as plain values: what a job gets.

    Blocks within are cut to the kind that ``kind`` declares for them; ``only`` says of which
    blocks by name a single one is kept. Keys come in the order of the model, not of the file.
    """
    plain = {key: _plain(getattr(settings, name), kinds) for key, name, kinds in _parts(kind)}
    return plain | {key: {name: plain[key][name]} for key, name in only.items()}


@cache
def _parts(kind: type[Settings]) -> list[tuple[str, str, list[type[Settings]]]]:
    """Each field of a model: its key in the config, its name, and the models of blocks within."""
    return [
        (field.alias or name, name, models_in(field.annotation))
        for name, field in kind.model_fields.items()
    ]


def _plain(value: Any, kinds: list[type[Settings]]) -> Any:
    if isinstance(value, Settings):
        return cut(value, type(value) if type(value) in kinds else kinds[0])
    if isinstance(value, list):
        return [_plain(item, kinds) for item in value]
    if isinstance(value, dict):
        return {key: _plain(value[key], kinds) for key in sorted(value)}
    return value


def whole(value: Any) -> Any:
    """1.0e+6 is a count too, and a table says 2 where the config does, not 2.0."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    return int(value) if is_whole else value


def in_range(value: Any) -> Any:
    """Raise ValueError for a number whose square would leave the range of floats."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < math.inf:
            raise ValueError(f"must be a finite number, not {value}")
        if value and not SMALLEST <= abs(value) <= LARGEST:
            raise ValueError(
                f"must be 0 or between {SMALLEST:g} and {LARGEST:g} in size, as squares and "
                f"products would leave the range of numbers, not {value:g}"
            )
    return value


def _distinct(values: list) -> list:
    if any(value in values[:i] for i, value in enumerate(values)):
        raise ValueError(f"must not repeat a value: {values}")
    return values


def _named(name: str) -> str:
    if not (name.isascii() and name.isidentifier() and name == name.lower() and name[0] != "_"):
        rule = "a name is of lower-case letters, digits and _, and begins with a letter"
        raise ValueError(f"{name!r} is no valid name; {rule}")
    return name


def _rising(window: list) -> list:
    if not window[0] < window[1]:
        raise ValueError(f"must rise, not {window}")
    return window


def _typeset(title: str) -> str:
    if title.count("$") < 2:
        return title
    [can_be_set] = remembered(_can_be_set, [title.encode()], version("matplotlib"))
    if not can_be_set:
        raise ValueError(f"Matplotlib cannot set the formula in {title!r}")
    return title


def _can_be_set(title: bytes) -> bool:
    """Whether Matplotlib knows all that a formula in a title is made of."""
    from matplotlib.mathtext import MathTextParser  # takes half a second

    try:
        MathTextParser("path").parse(title.decode())
    except ValueError:
        return False
    return True


Real = Annotated[float, BeforeValidator(in_range), AfterValidator(whole)]
Count = Annotated[int, BeforeValidator(whole), BeforeValidator(in_range)]
Title = Annotated[str, AfterValidator(_typeset)]
Name = Annotated[str, AfterValidator(_named)]
Distinct = AfterValidator(_distinct)
Interval = Annotated[list[Real], Field(min_length=2, max_length=2), AfterValidator(_rising)]
Pair = Annotated[list[Real], Field(min_length=2, max_length=2)]

Samples = Annotated[Count, Field(ge=1, le=MOST_SAMPLES)]
Generations = Annotated[list[Annotated[Count, Field(ge=0, le=1000)]], Field(min_length=1), Distinct]
Noise = Annotated[Real, Field(ge=0)]
Ridge = Annotated[Real, Field(ge=0)]
Replicates = Annotated[Count, Field(ge=2, le=10**6)]
REPLICATES = "independent repetitions of the whole chain; a standard error needs two"


SETS = ("mnist", "digits")
Pixels = Literal["unit", "centred", "standardized"]
Sizes = TypeVar("Sizes", bound=Settings)


class EitherSet(Settings, Generic[Sizes]):
    """Numbers of images for either set."""

    mnist: Sizes = entry("sizes on MNIST")
    digits: Sizes = entry("sizes on the embedded digits")


SAID = {  # of an error of pydantic
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
KINDS = {
    **{"dict": "a block of keys", "model": "a block of keys", "list": "a list", "string": "text"},
    **{"bool": "true or false", "int": "a whole number", "float": "a number"},
}
TAGS = (
    "[key]",
    "a value",
    "a list",
    "a grid",
    "a grid in steps",
)  # in pydantic's places, but no keys
YAML = "; YAML wants 1.0e-3, not 1e-3 or quotes, and --config takes no nested numbers"


def sentence(error: ValidationError, model: type[Settings]) -> str:
    """What is wrong first: where, what, and what would be right, in one line.

    A misspelt key comes before the key that is missing for it.
    """
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    kind, value, context = first["type"], first["input"], first.get("ctx", {})
    for words in context.keys() & {"expected", "expected_tags"}:
        context[words] = context[words].replace("'", "").replace(" or ", ", ")
    path, known, about = _walk(model, first["loc"])
    if kind.startswith("union_tag"):
        path.append("name")
    where, key = _where(path), path[-1] if path else ""
    if first["loc"][-1:] == ("[key]",):
        kind = "invalid_key"
    of_key = {
        "extra_forbidden": f"unknown key {key!r}{nearest(str(key), known)}",
        "missing": f"the key {key!r} is missing",
        "union_tag_not_found": f"the key {key!r} is missing",
        "invalid_key": context.get("error", f"the key {value!r} must be text{_of_bool(value)}"),
    }
    if kind in of_key:
        return f"{_where(path[:-1])}: {of_key[kind]}"
    if kind == "value_error":  # of a block, it begins with the key at fault, or else names it
        said = str(context["error"])
        between = "." if re.split(r"[:.[]", said)[0] in known else ": "
        return f"{where}{between}{said}" if path else said
    about, hint = f" ({about})" if about else "", ""
    if kind == "too_short" and not value:
        said = "must not be empty"
    elif kind in SAID:
        said = SAID[kind].format(**context, value=value)
    elif isinstance(value, str) and kind.startswith(("int", "float")):
        said = f"{value!r} is text where a number belongs"
        hint = YAML if re.fullmatch(r"[-+.\de]+", value, re.IGNORECASE) else ""
    else:
        wanted = KINDS.get(kind.split("_")[0], first["msg"])
        said = f"must be {wanted}, not {'empty' if value is None else repr(value)}"
        hint = _of_bool(value) if wanted == "text" else ""
    return f"{where}: {said}{about}{hint}"


def _of_bool(value: Any) -> str:
    return "; YAML reads yes, no, on and off as true and false: quote them" * isinstance(
        value, bool
    )


def _where(path: Iterable) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".") or "top level"


def _walk(model: type[Settings], loc: Iterable) -> tuple[list, dict[str, Any], str]:
    """The keys of a place, the fields that there may be, and what it is described as."""
    path, models, about, is_name = [], [model], "", False
    for part in loc:
        fields = {} if is_name else fields_of(models)
        named = [m for m in models if part in _names(m)]
        is_name = part in fields and get_origin(fields[part].annotation) is dict
        if part in fields:
            models, about = models_in(fields[part].annotation), fields[part].description
        elif named:
            models = named
        if not named and part not in TAGS:
            path.append(part)
    return path, fields_of(models), about


def _names(model: type[Settings]) -> tuple[str, ...]:
    field = model.model_fields.get("name")
    return get_args(field.annotation) if field else ()


def fields_of(models: list[type[Settings]]) -> dict[str, Any]:
    """The fields of all of the models, by key."""
    return {f.alias or name: f for m in models for name, f in m.model_fields.items()}


def models_in(annotation: Any) -> list[type[Settings]]:
    """The models that an annotation names, such as the kinds of a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in models_in(part)]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was meant, or at all that are known."""
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""
