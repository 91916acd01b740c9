"""The section ``scaling``: λ = T^−ℓ, T0 = T^b, nσ0² = T^a."""

from itertools import product
from typing import Annotated, ClassVar

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
from scripts.scaling.cells import Cell, clean_cells, collapsed_cells, map_cells

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


class Fitted(Settings):
    """Exponents that are fitted in windows."""

    windows: Annotated[
        list[Annotated[Interval, AfterValidator(_spans)]],
        Field(
            min_length=2,
            description="fit windows; the last one gives the exponent and the one before its drift",
        ),
    ]
    points: Annotated[
        Count,
        Field(ge=3, le=100, description="points of a fit window; a slope with an error needs 3"),
    ]


class Clean(Fitted):
    """Clean data, n = 0, at one d."""

    dimension: Annotated[
        Count, Field(ge=10, le=MOST_DIMENSIONS, description="d of theory's spectrum")
    ]
    simulated: Annotated[CleanSimulated, Field(description="what is simulated")]


class Collapsed(Fitted):
    """Least-squares generators, d = T0/2."""

    pairs: Annotated[
        list[Annotated[Pair, AfterValidator(_exponents)]],
        Field(min_length=1, description="pairs of b and a; a may not exceed b"),
    ]
    simulated: Annotated[Simulated, Field(description="what is simulated")]


class Map(Settings):
    """A map over one exponent and ℓ."""

    across: ClassVar[str]
    least: ClassVar[float]
    ell: Annotated[ExponentGrid, Field(description="exponents of λ = T^−ℓ, upwards")]
    simulated: Annotated[
        list[Pair], Field(min_length=1, description="cells to simulate, pairs of coordinates")
    ]

    def grid(self) -> list[tuple[float, float]]:
        """Coordinates of all cells: b or a, and ℓ."""
        return list(product(getattr(self, self.across).values(), self.ell.values()))

    @model_validator(mode="after")
    def _cells_make_laws(self):
        cells, lowest = len(self.grid()), getattr(self, self.across).start
        if cells > MOST_VALUES:
            raise ValueError(f"ell: {cells:,} cells are more than {MOST_VALUES:,}; widen a step")
        if self.ell.start < 0:
            raise ValueError(f"ell.from: ell must not be negative, not {self.ell.start:g}")
        if lowest < self.least:
            raise ValueError(
                f"{self.across}.from: {self.across} must be at least {self.least}, not {lowest:g}"
            )
        for x, ell in self.simulated:
            if not (0 <= ell <= MOST_EXPONENT and self.least <= x <= MOST_EXPONENT):
                raise ValueError(
                    f"simulated: ell must lie between 0 and {MOST_EXPONENT}, {self.across} "
                    f"between {self.least} and {MOST_EXPONENT}, not [{x:g}, {ell:g}]"
                )
        return self


class OverA(Map):
    """Over (a, ℓ) at one b."""

    across, least = "a", -MOST_EXPONENT
    b: Annotated[Real, Field(ge=LEAST_B, le=MOST_EXPONENT, description="exponent of T0 = T^b")]
    a: Annotated[ExponentGrid, Field(description="exponents of n sigma_0^2 = T^a, across")]


class OverB(Map):
    """Over (b, ℓ) at one a."""

    across, least = "b", LEAST_B
    b: Annotated[ExponentGrid, Field(description="exponents of T0 = T^b, across")]
    a: Annotated[
        Real,
        Field(ge=-MOST_EXPONENT, le=MOST_EXPONENT, description="exponent of n sigma_0^2 = T^a"),
    ]


class Crossover(Fitted):
    """The exponent over grids of (a, ℓ) and (b, ℓ), noisy downstream labels."""

    law: Annotated[Law, Field(description="capacity and source exponent")]
    simulated: Annotated[Simulated, Field(description="what is simulated")]
    over_a: Annotated[OverA, Field(description="over (a, ell) at one b")]
    over_b: Annotated[OverB, Field(description="over (b, ell) at one a")]

    @property
    def held(self) -> dict[str, float]:
        """β and r, the b of the map over a, and the a of the map over b."""
        return cut(self.law, Law) | {"b": self.over_a.b, "a": self.over_b.a}


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

    def cells(self, *tables: str, simulated: bool = False) -> list[Cell]:
        """The cells of these TABLES; of maps all, or only the simulated ones."""
        return [cell for table in tables for cell in self._cells(table, simulated)]

    def _cells(self, table: str, simulated: bool) -> list[Cell]:
        laws = [(float(law.beta), float(law.r)) for law in self.laws]
        if table == "clean":
            return clean_cells(laws)
        if table == "collapsed":
            return collapsed_cells(laws, self.collapsed.pairs)
        panel = getattr(self.crossover, table)
        pairs = panel.simulated if simulated else panel.grid()
        return map_cells(table, pairs, **self.crossover.held)

    def fits(self, table: str) -> dict:
        """How exponents of one of TABLES are fitted: windows, points, d, which drift is small."""
        block = getattr(self, table, self.crossover)
        dimension = getattr(block, "dimension", None)
        return cut(block, Fitted) | {"dimension": dimension, "largest_drift": self.largest_drift}

    def simulated(self, table: str) -> dict:
        """The sizes and replicates that are simulated for one of TABLES."""
        found = getattr(self, table, self.crossover).simulated
        return cut(found, type(found))
