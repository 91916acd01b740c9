"""Blocks of ``decompositions``: one chain with one downstream fit; and ``generation_tables``."""

import math
from dataclasses import replace
from typing import Annotated

from pydantic import Field, model_validator

from model_collapse.problem.fits import Chain, Fit
from model_collapse.theory.paper import growing_samples
from scripts.schema import settings as schema
from scripts.schema.sentences import nearest
from scripts.schema.settings import Settings, entry, keys_of
from scripts.schema.spectra import Generators


class Followed(Generators):
    """A chain of generators followed generation by generation, with one downstream fit."""

    growth: bool = entry("whether generator m is fitted to T0 m log^2 m samples", False)
    noise: schema.Noise = entry("sigma, standard deviation of the noise on downstream labels")
    generations: schema.Count = entry("generations to follow", ge=3, le=1000)
    samples: schema.Samples = entry("T, sample size of the downstream fit")
    ridge: schema.Ridge = entry("ridge of the downstream fit")

    @model_validator(mode="after")
    def _fits_make_sense(self):
        if self.shared_design and self.growth:
            raise ValueError(
                "shared_design: generators on one shared design need one size; growth must be false"
            )
        self.refuse_singular("samples", self.downstream)
        self.refuse_singular("generator_samples", *self.chain().fits)
        return self

    def chain(self, generation: int | None = None) -> Chain:
        """The generators of a generation, by default the last one; with ``growth`` on T0·m·log²m
        samples, rounded up.
        """
        fits = self.generators(self.generations)[:generation]
        if self.growth:
            sizes = (growing_samples(self.generator_samples, m + 1) for m in range(len(fits)))
            fits = [replace(fit, samples=math.ceil(T)) for fit, T in zip(fits, sizes, strict=True)]
        return Chain(fits, "shared" if self.shared_design else "independent")

    def collapses(self, growth: bool) -> bool:
        """Return True if the collapse is that of noisy OLS, T_m ≥ d + 2: nσ0²ρ, or with growth the
        sum over generations.
        """
        smallest = min(fit.samples for fit in self.chain().fits)
        is_ols = self.generator_ridge == 0
        enough = smallest >= self.spectrum.d + 2
        return is_ols and enough and self.generator_noise > 0 and self.growth == growth

    @property
    def downstream(self) -> Fit:
        """The fit that is tested."""
        return Fit(self.samples, self.ridge, self.noise)


class Decomposition(Followed):
    """A chain, simulated."""

    replicates: schema.Replicates = entry(schema.REPLICATES)


SIZES = {"slopes": "of one size", "break_even": "of one size", "growing": "of growing sizes"}
Names = Annotated[list[str], Field(min_length=1), schema.Distinct]


class Rows(Settings):
    """Names of decompositions in the tables."""

    slopes: Names = entry("rows of the table of slopes in n")
    projections: Names = entry("rows of the table of projections")
    growing: Names = entry("chains on growing data")
    break_even: Names = entry("chains for the break-even generation")

    @property
    def names(self) -> list[str]:
        """All of them, each once."""
        return sorted({name for names in keys_of(self, Rows).values() for name in names})


class GenerationTables(Rows):
    """Names of decompositions in the figure and the tables."""

    decomposition: Names = entry("panels of the figure")

    def check(self, decompositions: dict[str, Decomposition]) -> None:
        """Raise ValueError for a name that is unknown, or of a chain outside a table's formulas."""
        for table, names in keys_of(self, GenerationTables).items():
            where = f"generation_tables.{table}"
            for name in names:
                if name not in decompositions:
                    hint = nearest(name, decompositions)
                    raise ValueError(f"{where}: no decomposition {name!r}{hint}")
                if table in SIZES and not decompositions[name].collapses(table == "growing"):
                    raise ValueError(
                        f"{where}: {name} must have noisy least-squares generators {SIZES[table]} "
                        f"on at least d + 2 samples each, as the formulas of this table"
                    )
