"""The section ``scaling``: λ = T^−ℓ, T0 = T^b, nσ0² = T^a."""

from collections.abc import Iterator
from itertools import product
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator

from model_collapse.theory.exponents import ell_crit, ell_star
from scripts.scaling.cells import CLEAN_ELL, CLEAN_REGIMES, Cell
from scripts.schema import settings as schema
from scripts.schema.grids import LinearGrid, check_map
from scripts.schema.settings import Settings, entry, keys_of

MOST_DIMENSIONS = 10**7  # largest d of a scaling law's spectrum
MOST_EXPONENT = 20
LEAST_B = 0.05
PRINTED_EXPONENTS = ("clean", "collapsed")
EXPONENT_MAPS = ("over_a", "over_b")
EXPONENT_TABLES = (*PRINTED_EXPONENTS, *EXPONENT_MAPS)


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

    beta: schema.Real = entry("capacity exponent", gt=1, le=MOST_EXPONENT)
    r: schema.Real = entry("source exponent", gt=0, le=MOST_EXPONENT)


class CleanSimulated(Settings):
    """Settings for simulations on clean data."""

    dimension: schema.Count = entry("d of the simulated spectrum", ge=10, le=100_000)
    samples: Annotated[list[Annotated[schema.Count, Field(ge=2)]], schema.Distinct] = entry(
        "T, sample sizes", min_length=3
    )
    replicates: schema.Replicates = entry(schema.REPLICATES)


class Simulated(Settings):
    """Settings for simulations with generators."""

    dimensions: Annotated[
        list[Annotated[schema.Count, Field(ge=10, le=10_000)]], schema.Distinct
    ] = entry("d, dimensions of the simulated spectra", min_length=3)
    replicates: schema.Replicates = entry(schema.REPLICATES)


class Fitted(Settings):
    """Exponents that are fitted in windows."""

    windows: list[Annotated[schema.Interval, AfterValidator(_spans)]] = entry(
        "fit windows; the last one gives the exponent and the one before its drift", min_length=2
    )
    points: schema.Count = entry(
        "points of a fit window; a slope with an error needs 3", ge=3, le=100
    )


class Clean(Fitted):
    """Clean data, n = 0, at one d."""

    dimension: schema.Count = entry("d of theory's spectrum", ge=10, le=MOST_DIMENSIONS)
    simulated: CleanSimulated = entry("what is simulated")


class Collapsed(Fitted):
    """Least-squares generators, d = T0/2."""

    pairs: Annotated[list[Annotated[schema.Pair, AfterValidator(_exponents)]], schema.Distinct] = (
        entry("pairs of b and a; a may not exceed b", min_length=1)
    )
    simulated: Simulated = entry("what is simulated")


class Map(Settings):
    """A map over one exponent and ℓ."""

    across: ClassVar[str]
    least: ClassVar[float]
    ell: ExponentGrid = entry("exponents of λ = T^−ℓ, upwards")
    simulated: Annotated[list[schema.Pair], schema.Distinct] = entry(
        "cells to simulate, pairs of coordinates", min_length=1
    )

    def grid(self) -> list[tuple[float, float]]:
        """Coordinates of all cells: b or a, and ℓ."""
        return list(product(getattr(self, self.across).values(), self.ell.values()))

    @model_validator(mode="after")
    def _cells_make_laws(self):
        check_map(self.grid(), self.across, "ell")
        lowest = getattr(self, self.across).start
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

    across = "a"
    least = -MOST_EXPONENT
    b: schema.Real = entry("exponent of T0 = T^b", ge=LEAST_B, le=MOST_EXPONENT)
    a: ExponentGrid = entry("exponents of n sigma_0^2 = T^a, across")


class OverB(Map):
    """Over (b, ℓ) at one a."""

    across = "b"
    least = LEAST_B
    b: ExponentGrid = entry("exponents of T0 = T^b, across")
    a: schema.Real = entry("exponent of n sigma_0^2 = T^a", ge=-MOST_EXPONENT, le=MOST_EXPONENT)


class Crossover(Fitted):
    """The exponent over grids of (a, ℓ) and (b, ℓ), noisy downstream labels."""

    law: Law = entry("capacity and source exponent")
    simulated: Simulated = entry("what is simulated")
    over_a: OverA = entry("over (a, ell) at one b")
    over_b: OverB = entry("over (b, ell) at one a")

    @property
    def held(self) -> dict[str, float]:
        """β and r, the b of the map over a, and the a of the map over b."""
        return keys_of(self.law, Law) | {"b": self.over_a.b, "a": self.over_b.a}


class Scaling(Settings):
    """Scaling laws."""

    laws: Annotated[list[Law], schema.Distinct] = entry(
        "pairs of capacity and source exponent", min_length=1
    )
    largest_drift: schema.Real = entry(
        "an exponent that moved by more than this between two windows is not asymptotic", 0.01, gt=0
    )
    clean: Clean = entry("clean data, n = 0, at one d")
    collapsed: Collapsed = entry("least-squares generators, d = T0/2")
    crossover: Crossover = entry("the exponent over two maps")

    def cells(self, *tables: str, simulated: bool = False) -> list[Cell]:
        """The cells of some EXPONENT_TABLES: every regime of App. H.2 for every law (β, r); ℓ⋆ and
        ℓ_crit, noiseless and noisy, for every law and pair (b, a); all cells of a map, or only the
        simulated ones.
        """
        return [cell for table in tables for cell in self._cells(table, simulated)]

    def plain_cells(self, *tables: str, simulated: bool = False) -> list[tuple]:
        """The same as tuples, for a job's params: Snakemake cannot import our classes there."""
        return [tuple(cell) for cell in self.cells(*tables, simulated=simulated)]

    def _cells(self, table: str, simulated: bool) -> Iterator[Cell]:
        laws = [(float(law.beta), float(law.r)) for law in self.laws]
        if table == "clean":
            for (beta, r), (rule, sigma) in product(laws, CLEAN_REGIMES):
                ell = CLEAN_ELL[rule](beta, ell_crit(beta, r))
                yield Cell(table, beta, r, None, 0.0, rule, ell, sigma)
        elif table == "collapsed":
            for sigma, law, (b, a) in product((0, 1), laws, self.collapsed.pairs):
                yield Cell(table, *law, b, a, "ell_star", ell_star(*law, b, a), sigma)
                yield Cell(table, *law, b, a, "ell_crit", ell_crit(*law), sigma)
        else:
            panel = getattr(self.crossover, table)
            held = self.crossover.held
            for x, ell in panel.simulated if simulated else panel.grid():
                at = held | {panel.across: x}
                yield Cell(table, **at, ell_rule="grid", ell=ell, sigma=1)

    def fits(self, table: str) -> dict:
        """Windows, points, d and the largest small drift, for the fits of one table."""
        block = getattr(self, table, self.crossover)
        dimension = getattr(block, "dimension", None)
        return keys_of(block, Fitted) | {
            "dimension": dimension,
            "largest_drift": self.largest_drift,
        }

    def simulated(self, table: str) -> dict:
        """The sizes and replicates that are simulated for one of EXPONENT_TABLES."""
        block = getattr(self, table, self.crossover).simulated
        return keys_of(block, type(block))
