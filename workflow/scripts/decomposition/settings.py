"""Blocks of ``decompositions``: one chain with one downstream fit; and ``generation_tables``."""

import math
from typing import Annotated

from pydantic import Field, model_validator

from model_collapse.equivalents import Fit
from model_collapse.theory import collapse_rate, growing_samples
from scripts.core.generators import Generators
from scripts.core.settings import (
    REPLICATES,
    Count,
    Distinct,
    Noise,
    Replicates,
    Ridge,
    Samples,
    Settings,
)


class Chain(Generators):
    """A chain of generators followed generation by generation, with one downstream fit."""

    growth: Annotated[
        bool, Field(description="whether generator m is fitted to T0 m log^2 m samples")
    ] = False
    noise: Annotated[
        Noise, Field(description="sigma, label-noise standard deviation of the downstream data")
    ]
    generations: Annotated[Count, Field(ge=3, le=1000, description="generations to follow")]
    samples: Annotated[Samples, Field(description="T, sample size of the downstream fit")]
    ridge: Annotated[Ridge, Field(description="ridge of the downstream fit")]

    @model_validator(mode="after")
    def _fits_make_sense(self):
        if self.shared_design and self.growth:
            raise ValueError(
                "shared_design: generators on one shared design need one size; growth must be false"
            )
        fits = [("samples", self.downstream)]
        fits += [("generator_samples", fit) for fit in self.chain]
        self.refuse_singular((key, fit.samples, fit.ridge) for key, fit in fits)
        return self

    @property
    def chain(self) -> list[Fit]:
        """All generators, first to last; with ``growth`` on T0·m·log²m samples, rounded up."""
        fits = self.generators(self.generations)
        if not self.growth:
            return fits
        sizes = (growing_samples(self.generator_samples, m + 1) for m in range(len(fits)))
        return [
            Fit(math.ceil(size), fit.ridge, fit.noise)
            for size, fit in zip(sizes, fits, strict=True)
        ]

    @property
    def downstream(self) -> Fit:
        """The fit that is tested."""
        return Fit(self.samples, self.ridge, self.noise)

    @property
    def paper_rate(self) -> float:
        """ρ of eq (18), which the paper multiplies with nσ0²."""
        return collapse_rate(self.problem, self.generator_samples, self.downstream)


class Decomposition(Chain):
    """A chain, simulated."""

    replicates: Annotated[Replicates, Field(description=REPLICATES)]


Names = Annotated[list[str], Field(min_length=1), Distinct]


class GenerationTables(Settings):
    """Which decompositions the figure and the tables show."""

    decomposition: Annotated[Names, Field(description="panels of the figure")]
    slopes: Annotated[Names, Field(description="rows of the table of slopes in n")]
    projections: Annotated[Names, Field(description="rows of the table of projections")]
    growing: Annotated[Names, Field(description="chains on growing data")]
    break_even: Annotated[Names, Field(description="chains for the break-even generation")]

    def names(self, *tables: str) -> list[str]:
        """The decompositions that these tables show, each once; all tables if none is named."""
        tables = tables or tuple(GenerationTables.model_fields)
        return list(dict.fromkeys(name for table in tables for name in getattr(self, table)))
