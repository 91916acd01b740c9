"""A regression problem and its generators as keys of the config: one class for each spectrum."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import (
    RANK_TOLERANCE,
    Spectrum,
    isotropic,
    on_range,
    power_law,
    two_level,
)
from scripts.schema.settings import Count, Noise, Real, Ridge, Samples, Settings, entry

Dimension = Annotated[Count, Field(ge=1, le=10_000, description="dimension of the inputs")]
WeakEigenvalue = Annotated[
    Real, Field(ge=1e-9, le=1, description="eigenvalue of the weak half; the others are 1")
]
WeakWeight = Annotated[Real, Field(ge=0, le=1, description="share of |w0|^2 in weak directions")]


class Shape(Settings):
    """A spectrum's block: the function that makes the spectrum, and its words in tables."""

    make: ClassVar[Callable[..., Spectrum]]
    words: ClassVar[str]
    formula: ClassVar[str]  # TeX, with keys of the block in <>

    def build(self) -> Spectrum:
        """Σ and w0."""
        return type(self).make(**self.model_dump(exclude={"name"}))

    @property
    def tex(self) -> str:
        """The spectrum in a table."""
        return re.sub("<(.+?)>", lambda key: f"{getattr(self, key[1]):g}", self.formula)


class Isotropic(Shape):
    """Σ = I, w0 of a random direction."""

    make, words, formula = isotropic, r"$\Sigma=I$", r"$\Sigma=I$"
    name: Literal["isotropic"] = entry("shape of Sigma")
    d: Dimension
    norm: Real = entry("length of w0", 1.0, gt=0)
    seed: Count = entry("draws the direction of w0", 0, ge=0)


class PowerLaw(Shape):
    """Eigenvalues k^−β, w0 of source exponent r."""

    make, words, formula = power_law, "power law", r"$\beta=<beta>,\ r=<r>$"
    name: Literal["power_law"] = entry("shape of Sigma")
    d: Dimension
    beta: Real = entry("capacity exponent", gt=1)
    r: Real = entry("source exponent", gt=0)

    @model_validator(mode="after")
    def _resolved(self):
        try:
            steep = not np.all(on_range(self.build().eigenvalues))
        except (ValueError, OverflowError):
            steep = True
        if steep:
            raise ValueError(
                f"beta: {self.beta:g} is so steep that eigenvalues up to d = {self.d} fall below "
                f"{RANK_TOLERANCE:g} of the first; lower beta or d"
            )
        return self


class TwoLevel(Shape):
    """Half of the eigenvalues 1, half of them weak."""

    make, words, formula = two_level, "two levels", r"$1,\ <weak_eigenvalue>$"
    name: Literal["two_level"] = entry("shape of Sigma")
    d: Count = entry("dimension, even", ge=2, le=10_000, multiple_of=2)
    weak_eigenvalue: WeakEigenvalue
    weak_weight: WeakWeight


Problem = Annotated[Isotropic | PowerLaw | TwoLevel, Field(discriminator="name")]


class Generators(Settings):
    """A regression problem, and how each of its generators is fitted."""

    spectrum: Problem = entry("the regression problem")
    generator_samples: Samples = entry("T0, sample size of every generator")
    generator_ridge: Ridge = entry("ridge of every generator; 0 is least squares", 0.0)
    generator_noise: Noise = entry("sigma_0, standard deviation of the noise on generators' labels")
    shared_design: bool = entry(
        "whether all generators see one design X_0 (least squares only)", False
    )

    @model_validator(mode="after")
    def _shareable(self):
        if self.shared_design and self.generator_ridge:
            raise ValueError(
                "shared_design: a shared design is defined for least-squares generators; their "
                "ridge must be 0"
            )
        return self

    @cached_property
    def problem(self) -> Spectrum:
        """Σ and w0."""
        return self.spectrum.build()

    def generators(self, generation: int) -> list[Fit]:
        """The fits that make a generation, as many as its number."""
        fit = Fit(self.generator_samples, self.generator_ridge, self.generator_noise)
        return [fit] * generation

    def refuse_singular(self, key: str, *fits: Fit) -> None:
        """Raise ValueError, naming the key of T, for a fit with λ = 0 and T within 1 of d: its mean
        error is not finite.
        """
        d = self.spectrum.d
        for fit in fits:
            if fit.ridge == 0 and abs(fit.samples - d) <= 1:
                raise ValueError(
                    f"{key}: {fit.samples} is within 1 of d = {d}, where a fit with λ = 0 has no "
                    f"finite mean error; take a positive ridge or another size"
                )
