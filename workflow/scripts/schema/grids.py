"""Sweeps of the config: a value, a list of values, or a grid of them, in steps or per decade."""

import math
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from scripts.schema.settings import (
    MOST_SAMPLES,
    Count,
    Distinct,
    Real,
    Settings,
    entry,
)

MOST_VALUES = 10_000  # values of a sweep, or cells of a map


class Grid(Settings):
    """Values from … to."""

    start: Real = entry("first value", alias="from")
    to: Real = entry("last value")

    def model_post_init(self, _) -> None:
        if self.start > self.to:
            raise ValueError(f"the grid runs from {self.start:g} down to {self.to:g}")


class LogGrid(Grid):
    """Values from … to, per_decade of them for each factor of 10."""

    start: Real = entry("first value", gt=0, alias="from")
    per_decade: Count = entry("values for each factor of 10", ge=1, le=1000)

    def values(self, refine: int = 1) -> list[float]:
        """All values; every ``refine``-th is the coarse grid to the last bit."""
        density = self.per_decade * refine
        steps = math.floor(math.log10(self.to / self.start) * self.per_decade + 1e-9) * refine
        return [self.start * 10 ** (j / density) for j in range(steps + 1)]


class SampleGrid(LogGrid):
    """Sample sizes from … to, per_decade of them for each factor of 10."""

    start: Real = entry("smallest T", ge=1, alias="from")
    to: Real = entry("largest T", ge=1, le=MOST_SAMPLES)


class LinearGrid(Grid):
    """Values from … to, step apart."""

    step: Real = entry("distance of values", gt=0)

    def model_post_init(self, _) -> None:
        super().model_post_init(_)
        if (self.to - self.start) / self.step > MOST_VALUES:
            raise ValueError(f"step: {self.step:g} makes more than {MOST_VALUES:,} values")

    def values(self, refine: int = 1) -> list[float]:
        """All values; every ``refine``-th is the coarse grid to the last bit."""
        steps = math.floor((self.to - self.start) / self.step + 1e-9) * refine
        return [self.start + j / refine * self.step for j in range(steps + 1)]


class Steps(LinearGrid):
    """Values from … to, step apart, none negative."""

    start: Real = entry("first value", ge=0, alias="from")


class SampleSteps(LinearGrid):
    """Sample sizes from … to, step apart."""

    start: Real = entry("smallest T", ge=1, alias="from")
    to: Real = entry("largest T", ge=1, le=MOST_SAMPLES)


GRIDS = {LogGrid: ("a grid", "per_decade"), LinearGrid: ("a grid in steps", "step")}  # tag, key


def sweep(value: Any, *grids: type[Grid]) -> Any:
    """The type of a sweep: a value, a list of distinct values, or a grid of them of one of the
    kinds, the first unless its keys say otherwise.
    """
    values = Annotated[list[value], Field(min_length=1), Distinct, Tag("a list")]
    keys = [
        next(tag_and_key for base, tag_and_key in GRIDS.items() if issubclass(grid, base))
        for grid in grids
    ]

    def form(block: Any) -> str:
        if isinstance(block, Settings):
            return next(tag for base, (tag, _) in GRIDS.items() if isinstance(block, base))
        if isinstance(block, dict):
            return next((tag for tag, key in keys if key in block), keys[0][0])
        return "a list" if isinstance(block, list) else "a value"

    forms = Annotated[value, Tag("a value")] | values
    for grid, (tag, _) in zip(grids, keys, strict=True):
        forms |= Annotated[grid, Tag(tag)]
    return Annotated[forms, Discriminator(form)]


def values_of(block, refine: int = 1) -> list:
    """The values of a sweep, ascending; lists and single values are not refined."""
    if isinstance(block, Settings):
        return block.values(refine)
    return sorted(block) if isinstance(block, list) else [block]


def sample_sizes(block, refine: int = 1) -> list[int]:
    """Sample sizes T of a sweep: integers, distinct, ascending; the coarse ones are among them."""
    return sorted({round(value) for value in values_of(block, refine)})


def check_map(cells: Sequence[tuple], x: str, y: str) -> None:
    """Raise ValueError, naming a key, for cells (x, y, …) that are too many or make no map."""
    if len(cells) > MOST_VALUES:
        raise ValueError(f"{y}: {len(cells):,} cells are more than {MOST_VALUES:,}; widen a step")
    for key, values in zip((x, y), zip(*cells, strict=True), strict=False):
        if len(set(values)) < 2:
            raise ValueError(f"{key}: a map needs two values or more along each axis")
