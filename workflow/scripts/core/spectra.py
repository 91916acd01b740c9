"""Spectra as blocks of the config: one class for each, with its bounds, problem and words."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from model_collapse.spectra import (
    RANK_TOLERANCE,
    Spectrum,
    isotropic,
    power_law,
    rank,
    two_level,
)
from scripts.core.settings import Count, Real, Settings, by_name, entry

Dimension = Annotated[Count, Field(ge=1, le=10_000, description="dimension of the inputs")]
WeakEigenvalue = Annotated[
    Real, Field(ge=1e-9, le=1, description="eigenvalue of the weak half; the others are 1")
]
WeakWeight = Annotated[Real, Field(ge=0, le=1, description="share of |w0|^2 in weak directions")]


class Isotropic(Settings):
    """Σ = I, w0 of a random direction."""

    words: ClassVar[str] = r"$\Sigma=I$"  # in tables
    name: Literal["isotropic"] = entry("shape of Sigma")
    d: Dimension
    norm: Real = entry("length of w0", 1.0, gt=0)
    seed: Count = entry("draws the direction of w0", 0, ge=0)

    def build(self) -> Spectrum:
        """Σ and w0."""
        return isotropic(self.d, self.norm, self.seed)

    @property
    def tex(self) -> str:
        """The spectrum in a table."""
        return r"$\Sigma=I$"


class PowerLaw(Settings):
    """Eigenvalues k^−β, w0 of source exponent r."""

    words: ClassVar[str] = "power law"
    name: Literal["power_law"] = entry("shape of Sigma")
    d: Dimension
    beta: Real = entry("capacity exponent", gt=1)
    r: Real = entry("source exponent", gt=0)

    @model_validator(mode="after")
    def _resolved(self):
        try:
            steep = rank(self.build().eigenvalues) < self.d
        except (ValueError, OverflowError):
            steep = True
        if steep:
            raise ValueError(
                f"beta: {self.beta:g} is so steep that eigenvalues up to d = {self.d} fall below "
                f"{RANK_TOLERANCE:g} of the first; lower beta or d"
            )
        return self

    def build(self) -> Spectrum:
        """Σ and w0."""
        return power_law(self.d, self.beta, self.r)

    @property
    def tex(self) -> str:
        """The spectrum in a table."""
        return f"$\\beta={self.beta:g},\\ r={self.r:g}$"


class TwoLevel(Settings):
    """Half of the eigenvalues 1, half of them weak."""

    words: ClassVar[str] = "two levels"
    name: Literal["two_level"] = entry("shape of Sigma")
    d: Count = entry("dimension, even", ge=2, le=10_000, multiple_of=2)
    weak_eigenvalue: WeakEigenvalue
    weak_weight: WeakWeight

    def build(self) -> Spectrum:
        """Σ and w0."""
        return two_level(self.d, self.weak_eigenvalue, self.weak_weight)

    @property
    def tex(self) -> str:
        """The spectrum in a table."""
        return f"$1,\\ {self.weak_eigenvalue:g}$"


Problem = by_name(Isotropic, PowerLaw, TwoLevel)  # the type of a block ``spectrum``
