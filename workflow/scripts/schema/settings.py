"""Strict models, types and checks, of which every section of the config is made.

``keys_of`` gives a job the keys of one of a model's base classes and no more, so that other keys do
not rerun it. ``sentences.py`` says in words what a model refuses.
"""

import math
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from scripts.schema.remembered import remembered

MOST_SAMPLES = 10**15
SMALLEST, LARGEST = 1e-50, 1e50  # sizes whose squares and products stay in the range of floats


class Settings(
    BaseModel,
    extra="forbid",
    strict=True,
    frozen=True,
    validate_default=True,
    defer_build=True,  # models that no job and no section uses are never built
):
    """A block of the config. Unknown keys are refused, and text is not taken for a number."""

    @classmethod
    def could_be(cls, overlay: Mapping) -> bool:
        """Return True if an overlay is of this kind: by its name, or else by its keys."""
        if (names := names_of_kind(cls)) and "name" in overlay:
            return overlay["name"] in names
        return overlay.keys() <= fields_of([cls]).keys()

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return a block without the keys that mean nothing once the overlay is laid over it."""
        return block

    @classmethod
    def kinds_by_key(cls) -> dict[str, Any]:
        """The annotation or the model of each key, which says how its value is overlaid."""
        return {key: field.annotation for key, field in fields_of([cls]).items()}


def entry(description: str, default: Any = ..., **bounds: Any) -> Any:
    """A key of a block: its description, its default unless it is required, and its bounds."""
    return Field(default, description=description, **bounds)


def keys_of(settings: Settings, kind: type[Settings], **only: str) -> dict:
    """The keys of ``kind``, a base class of the settings' own, as plain values for a job.

    Blocks within have the keys of the kind that ``kind`` declares for them. From each section of
    named blocks in ``only``, the block of that name stays alone. Keys come in the order of the
    model, not of the file.
    """
    plain = {key: _plain(getattr(settings, name), kinds) for key, name, kinds in _fields(kind)}
    return plain | {key: {name: plain[key][name]} for key, name in only.items()}


@cache
def _fields(kind: type[Settings]) -> list[tuple[str, str, list[type[Settings]]]]:
    """The fields of a model: key in the config, name, and the models of blocks within."""
    return [
        (field.alias or name, name, models_in(field.annotation))
        for name, field in kind.model_fields.items()
    ]


def _plain(value: Any, kinds: list[type[Settings]]) -> Any:
    if isinstance(value, Settings):
        return keys_of(value, type(value) if type(value) in kinds else kinds[0])
    if isinstance(value, list):
        return [_plain(item, kinds) for item in value]
    if isinstance(value, dict):
        return {key: _plain(value[key], kinds) for key in sorted(value)}
    return value


def as_count(value: Any) -> Any:
    """Return a float without decimals as an int, and any other value as it is: 1.0e+6 is a count
    too, and a table says 2 where the config does, not 2.0.
    """
    is_count = isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    return int(value) if is_count else value


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
    """Return True if Matplotlib knows all symbols of the formulas in a title."""
    from matplotlib.mathtext import MathTextParser  # takes half a second

    try:
        MathTextParser("path").parse(title.decode())
    except ValueError:
        return False
    return True


Real = Annotated[float, BeforeValidator(in_range), AfterValidator(as_count)]
Count = Annotated[int, BeforeValidator(as_count), BeforeValidator(in_range)]
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


def names_of_kind(model: type[Settings]) -> tuple[str, ...]:
    """The values of the key ``name`` by which a block is of this kind; none if it has no name."""
    field = model.model_fields.get("name")
    return get_args(field.annotation) if field else ()


def fields_of(models: list[type[Settings]]) -> dict[str, Any]:
    """The fields of all of the models, by key."""
    return {f.alias or name: f for m in models for name, f in m.model_fields.items()}


def models_in(annotation: Any) -> list[type[Settings]]:
    """The models that an annotation names, such as the kinds of a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in models_in(argument)]
