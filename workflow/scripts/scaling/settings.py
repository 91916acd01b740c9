"""The section ``scaling``: λ = T^−ℓ, T0 = T^b, nσ0² = T^a."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from scripts.core.settings import (
    MOST_VALUES,
    REPLICATES,
    Count,
    Distinct,
    Interval,
    LinearGrid,
    Pair,
    Real,
    Replicates,
    Settings,
    cut,
)

MOST_DIMENSIONS = 10**7  # largest d of a scaling law's spectrum
MOST_EXPONENT = 20
LEAST_B = 0.05
TABLES = ("clean", "collapsed", "over_a", "over_b")  # of exponents; the last two are maps


def _spans(window: list) -> list:
    if window[0] < 10 or window[1] > MOST_DIMENSIONS or window[1] < 2 * window[0]:
        raise ValueError(
            f"must lie between 10 and {MOST_DIMENSIONS:,} and span a factor of 2 or more, "
            f"not {window}"
        )
    return window


def _exponents(pair: list) -> list:
    b, a = pair
    if not (LEAST_B <= b <= MOST_EXPONENT and -MOST_EXPONENT <= a <= b):
        raise ValueError(
            f"b, the exponent of T0 = T^b, must lie between {LEAST_B} and {MOST_EXPONENT}, and a, "
            f"that of n sigma_0^2 = T^a, between -{MOST_EXPONENT} and b, not {pair}"
        )
    return pair


def _bounded(grid: LinearGrid) -> LinearGrid:
    if max(abs(grid.start), abs(grid.to)) > MOST_EXPONENT:
        raise ValueError(f"exponents must lie between -{MOST_EXPONENT} and {MOST_EXPONENT}")
    return grid


ExponentGrid = Annotated[LinearGrid, AfterValidator(_bounded)]
Windows = Annotated[list[Annotated[Interval, AfterValidator(_spans)]], Field(min_length=2)]
WINDOWS = "fit windows; the last one gives the exponent and the one before its drift"
Points = Annotated[Count, Field(ge=3, le=100)]
POINTS = "points of a fit window; a slope with an error needs 3"


class Law(Settings):
    """Capacity and source exponent."""

    beta: Annotated[Real, Field(gt=1, le=MOST_EXPONENT, description="capacity exponent")]
    r: Annotated[Real, Field(gt=0, le=MOST_EXPONENT, description="source exponent")]


class CleanSimulated(Settings):
    """What is simulated on clean data."""

    dimension: Annotated[Count, Field(ge=10, le=100_000, description="d of the simulated spectrum")]
    samples: Annotated[
        list[Annotated[Count, Field(ge=2)]],
        Field(min_length=3, description="T, sample sizes"),
        Distinct,
    ]
    replicates: Annotated[Replicates, Field(description=REPLICATES)]


class Simulated(Settings):
    """What is simulated."""

    dimensions: Annotated[
        list[Annotated[Count, Field(ge=10, le=10_000)]],
        Field(min_length=3, description="d, dimensions of the simulated spectra"),
        Distinct,
    ]
    replicates: Annotated[Replicates, Field(description=REPLICATES)]


class Clean(Settings):
    """Clean data, n = 0, at one d."""

    dimension: Annotated[
        Count, Field(ge=10, le=MOST_DIMENSIONS, description="d of theory's spectrum")
    ]
    windows: Annotated[Windows, Field(description=WINDOWS)]
    points: Annotated[Points, Field(description=POINTS)]
    simulated: Annotated[CleanSimulated, Field(description="what is simulated")]


class Collapsed(Settings):
    """Least-squares generators, d = T0/2."""

    pairs: Annotated[
        list[Annotated[Pair, AfterValidator(_exponents)]],
        Field(min_length=1, description="pairs of b and a; a may not exceed b"),
    ]
    windows: Annotated[Windows, Field(description=WINDOWS)]
    points: Annotated[Points, Field(description=POINTS)]
    simulated: Annotated[Simulated, Field(description="what is simulated")]


class Map(Settings):
    """A map over one exponent and ℓ."""

    ell: Annotated[ExponentGrid, Field(description="exponents of λ = T^−ℓ, upwards")]
    simulated: Annotated[
        list[Pair], Field(min_length=1, description="cells to simulate, pairs of coordinates")
    ]

    @model_validator(mode="after")
    def _cells_make_laws(self):
        across = self.b if isinstance(self, OverB) else self.a
        cells = math.prod(len(grid.values()) for grid in (across, self.ell))
        if cells > MOST_VALUES:
            raise ValueError(f"ell: {cells:,} cells are more than {MOST_VALUES:,}; widen a step")
        if self.ell.start < 0:
            raise ValueError(f"ell.from: ell must not be negative, not {self.ell.start:g}")
        least = LEAST_B if isinstance(self, OverB) else -MOST_EXPONENT
        if isinstance(self, OverB) and self.b.start < LEAST_B:
            raise ValueError(f"b.from: b must be at least {LEAST_B}, not {self.b.start:g}")
        for x, ell in self.simulated:
            if not (0 <= ell <= MOST_EXPONENT and least <= x <= MOST_EXPONENT):
                raise ValueError(
                    f"simulated: ell must lie between 0 and {MOST_EXPONENT}, the other exponent "
                    f"between {least} and {MOST_EXPONENT}, not [{x:g}, {ell:g}]"
                )
        return self


class OverA(Map):
    """Over (a, ℓ) at one b."""

    b: Annotated[Real, Field(ge=LEAST_B, le=MOST_EXPONENT, description="exponent of T0 = T^b")]
    a: Annotated[ExponentGrid, Field(description="exponents of n sigma_0^2 = T^a, across")]


class OverB(Map):
    """Over (b, ℓ) at one a."""

    b: Annotated[ExponentGrid, Field(description="exponents of T0 = T^b, across")]
    a: Annotated[
        Real,
        Field(ge=-MOST_EXPONENT, le=MOST_EXPONENT, description="exponent of n sigma_0^2 = T^a"),
    ]


class Crossover(Settings):
    """The exponent over grids of (a, ℓ) and (b, ℓ), noisy downstream labels."""

    law: Annotated[Law, Field(description="capacity and source exponent")]
    windows: Annotated[Windows, Field(description=WINDOWS)]
    points: Annotated[Points, Field(description=POINTS)]
    simulated: Annotated[Simulated, Field(description="what is simulated")]
    over_a: Annotated[OverA, Field(description="over (a, ell) at one b")]
    over_b: Annotated[OverB, Field(description="over (b, ell) at one a")]


class Scaling(Settings):
    """Scaling laws."""

    laws: Annotated[
        list[Law], Field(min_length=1, description="pairs of capacity and source exponent")
    ]
    largest_drift: Annotated[
        Real,
        Field(
            gt=0,
            description="an exponent that moved by more than this between two windows is not "
            "asymptotic",
        ),
    ] = 0.01
    clean: Annotated[Clean, Field(description="clean data, n = 0, at one d")]
    collapsed: Annotated[Collapsed, Field(description="least-squares generators, d = T0/2")]
    crossover: Annotated[Crossover, Field(description="the exponent over two maps")]

    def part(self, table: Literal[TABLES]) -> dict:
        """What the exponents of one of TABLES depend on, as plain values."""
        block = cut(self, Scaling)
        kept = {"largest_drift": block["largest_drift"]}
        if table in block:
            return kept | {"laws": block["laws"], table: block[table]}
        crossover = block["crossover"]
        others = {"over_a", "over_b"} - {table}
        return kept | {"crossover": {key: crossover[key] for key in crossover if key not in others}}
