"""What every section of the config is made of: strict models, and errors as one sentence.

A section is a model: its fields have bounds, defaults and descriptions, its validators say what a
field cannot, and its properties are what the jobs use. A job is given a *cut*: the fields of one of
the model's base classes and no more, so that other keys do not rerun it.
"""

import difflib
import math
from collections.abc import Iterable
from typing import Annotated, Any, Union, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
)

MOST_SAMPLES = 10**15
MOST_VALUES = 10_000  # of a sweep, or cells of a map
SMALLEST, LARGEST = 1e-50, 1e50  # sizes whose squares and products stay in the range of floats
NAME_RULE = "a name is of lower-case letters, digits and _, and begins with a letter"


class Settings(BaseModel):
    """A block of the config. Unknown keys are refused, and text is not taken for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True)


def entry(description: str, default: Any = ..., **bounds: Any) -> Any:
    """A key of a block: what it is, its default unless it must be given, and its bounds."""
    return Field(default, description=description, **bounds)


def cut(settings: Settings, kind: type[Settings]) -> dict:
    """The fields of ``kind``, a base class of the settings' own, as plain values: what a job gets.

    Blocks within are cut to the kind that ``kind`` declares for them. Keys come in the order of
    the model, not of the file.
    """
    return {
        field.alias or name: _plain(getattr(settings, name), _models_in(field.annotation))
        for name, field in kind.model_fields.items()
    }


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
        raise ValueError(f"{name!r} is no valid name; {NAME_RULE}")
    return name


def _rising(window: list) -> list:
    if not window[0] < window[1]:
        raise ValueError(f"must rise, not {window}")
    return window


def _typeset(title: str) -> str:
    if title.count("$") < 2:
        return title
    from matplotlib.mathtext import MathTextParser  # half a second, and most titles are words

    try:
        MathTextParser("path").parse(title)
    except ValueError:
        raise ValueError(f"Matplotlib cannot set the formula in {title!r}") from None
    return title


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


class LogGrid(Settings):
    """Values from … to, per_decade of them for each factor of 10."""

    start: Real = entry("first value", gt=0, alias="from")
    to: Real = entry("last value")
    per_decade: Count = entry("values for each factor of 10", ge=1, le=1000)

    def model_post_init(self, _) -> None:
        """Raise ValueError for a grid that does not rise."""
        if self.start > self.to:
            raise ValueError(f"the grid runs from {self.start:g} down to {self.to:g}")

    def values(self, refine: int = 1) -> list[float]:
        """All values; every ``refine``-th is the coarse grid to the last bit."""
        density = self.per_decade * refine
        steps = math.floor(math.log10(self.to / self.start) * self.per_decade + 1e-9) * refine
        return [self.start * 10 ** (j / density) for j in range(steps + 1)]


class LinearGrid(Settings):
    """Values from … to, step apart."""

    start: Real = entry("first value", alias="from")
    to: Real = entry("last value")
    step: Real = entry("distance of values", gt=0)

    def model_post_init(self, _) -> None:
        """Raise ValueError for a grid that does not rise, or of too many values."""
        if self.start > self.to:
            raise ValueError(f"the grid runs from {self.start:g} down to {self.to:g}")
        if (self.to - self.start) / self.step > MOST_VALUES:
            raise ValueError(f"step: {self.step:g} makes more than {MOST_VALUES:,} values")

    def values(self, refine: int = 1) -> list[float]:
        """All values; every ``refine``-th is the coarse grid to the last bit."""
        steps = math.floor((self.to - self.start) / self.step + 1e-9) * refine
        return [self.start + j / refine * self.step for j in range(steps + 1)]


def sweep(value: Any, grid: type[Settings]) -> Any:
    """The type of a sweep: a value, a list of distinct values, or a grid of them."""

    def kind(given: Any) -> str:
        is_grid = isinstance(given, dict | Settings)
        return "a grid" if is_grid else "a list" if isinstance(given, list) else "a value"

    values = Annotated[list[value], Field(min_length=1), Distinct]
    forms = {"a value": value, "a list": values, "a grid": grid}
    tagged = tuple(Annotated[form, Tag(tag)] for tag, form in forms.items())
    return Annotated[Union[tagged], Discriminator(kind)]  # noqa: UP007


def values_of(given, refine: int = 1) -> list:
    """The values of a sweep in order; lists and single values are not refined."""
    if isinstance(given, Settings):
        return given.values(refine)
    return list(given) if isinstance(given, list) else [given]


def sample_sizes(given, refine: int = 1) -> list[int]:
    """Sample sizes T of a sweep: whole, distinct, ascending; the coarse ones kept."""
    return sorted({round(value) for value in values_of(given, refine)})


def by_name(*models: type[Settings]) -> Any:
    """The type of a block whose key ``name`` says which of the models it is."""
    known = {_name_of(model): model for model in models}

    def tag(given: Any) -> str | None:
        name = given.get("name") if isinstance(given, dict) else getattr(given, "name", None)
        return f"a {name}" if isinstance(name, str) and name in known else None

    tagged = tuple(Annotated[model, Tag(f"a {name}")] for name, model in known.items())
    said = f"name: must be one of {', '.join(known)}"
    return Annotated[
        Union[tagged],  # noqa: UP007
        Discriminator(tag, custom_error_type="unknown_name", custom_error_message=said),
    ]


KINDS = {
    "dict": "a block of keys",
    "model": "a block of keys",
    "list": "a list",
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("greater than", "gt"),
    "less_than": ("less than", "lt"),
}


def sentence(error: ValidationError, model: type[Settings]) -> str:
    """What is wrong first: where, what, and what would be right, in one line.

    A misspelt key comes before the key that is missing for it.
    """
    errors = error.errors(include_url=False)
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    kind, context, value = first["type"], first.get("ctx", {}), first["input"]
    path = [part for part in first["loc"] if not str(part).startswith("a ")]
    if path and path[-1] == "[key]":
        return f"{_where(path[:-2])}: {context.get('error', f'the key {path[-2]!r} must be text')}"
    models, about = _walk(model, first["loc"])
    where, about = _where(path), f" ({about})" if about else ""
    if kind == "extra_forbidden":
        keys = {field.alias or name for m in models for name, field in m.model_fields.items()}
        return f"{_where(path[:-1])}: unknown key {path[-1]!r}{nearest(str(path[-1]), keys)}"
    if kind == "missing":
        return f"{_where(path[:-1])}: the key {path[-1]!r} is missing"
    if kind in BOUNDS:
        word, key = BOUNDS[kind]
        return f"{where}: must be {word} {context[key]:g}, not {value}{about}"
    if kind == "literal_error":
        wanted = context["expected"].replace("'", "").replace(" or ", ", ")
        return f"{where}: must be one of {wanted}, not {value!r}{about}"
    if kind == "multiple_of":
        return f"{where}: must be a multiple of {context['multiple_of']}, not {value}{about}"
    if kind in ("too_short", "too_long"):
        key, word = ("min_length", "at least") if kind == "too_short" else ("max_length", "at most")
        if not value:
            return f"{where}: must not be empty{about}"
        return f"{where}: must have {word} {context[key]} values, not {len(value)}{about}"
    if kind == "unknown_name":
        if not isinstance(value, dict):
            return f"{where}: {_wrong_type('dict', value, about)}"
        if "name" not in value:
            return f"{where}: the key 'name' is missing"
        return f"{where}.{first['msg']}, not {value['name']!r}"
    if kind == "value_error":
        return _joined(where, str(context.get("error", first["msg"])), models)
    if kind == "invalid_key":
        return f"{_where(path[:-1])}: the key {path[-1]!r} must be text"
    return f"{where}: {_wrong_type(kind, value, about) or first['msg'] + about}"


def _joined(where: str, said: str, models: Iterable[type[Settings]]) -> str:
    """The sentence of a validator of a whole block begins with the key at fault."""
    if where == "top level":  # of the whole config: the sentence names section or file itself
        return said
    key = said.split(":")[0].split(".")[0].split("[")[0]
    known = {field.alias or name for m in models for name, field in m.model_fields.items()}
    return f"{where}.{said}" if ":" in said and key in known else f"{where}: {said}"


def _wrong_type(kind: str, value: Any, about: str) -> str:
    wanted = next((text for name, text in KINDS.items() if kind.startswith(name)), "")
    if not wanted:
        return ""
    if isinstance(value, str) and kind.startswith(("int", "float")):
        text = f"{value!r} is text where a number belongs{about}"
        try:
            float(value)
        except ValueError:
            return text
        hint = "YAML wants 1.0e-3, not 1e-3 or quotes, and --config takes no nested numbers"
        return f"{text}; {hint}"
    return f"must be {wanted}, not {'empty' if value is None else repr(value)}{about}"


def _where(path: Iterable) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".") or "top level"


def _walk(model: type[Settings], path: Iterable) -> tuple[list[type[Settings]], str]:
    """The models that may stand at the end of a path, and what the last key is described as."""
    here, about = [model], model.__doc__ or ""
    for part in path:
        fields = [
            field
            for m in here
            for name, field in m.model_fields.items()
            if part == (field.alias or name)
        ]
        if fields:
            here, about = _models_in(fields[0].annotation), fields[0].description or ""
        elif isinstance(part, str) and part.startswith("a "):  # the tag of by_name, or of a sweep
            here = [m for m in here if part[2:] == _name_of(m)] or here
    return here, about


def _name_of(model: type[Settings]) -> str | None:
    """What the key ``name`` of a block of this model must be."""
    field = model.model_fields.get("name")
    return get_args(field.annotation)[0] if field else None


def _models_in(annotation: Any) -> list[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the name that was meant, or at all that are known."""
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(sorted(known))}" if known else ""


def one_line(text: object) -> str:
    """A sentence as one line, whatever a file's name has in it."""
    words = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)
