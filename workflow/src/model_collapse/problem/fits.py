"""What generations do to data: the values that theory and simulation both take apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from model_collapse.problem.arguments import LARGEST_SQUARED, float_array, plain

LARGEST_SIZE = 2.0**53  # above it, whole numbers are not exact

# The terms of the test error, ΔBias of Thm 4.3, and E‖ŵ_n‖²: the last axis of simulated terms.
TERMS = ("bias", "variance", "collapse", "bias_increase", "squared_norm")


@dataclass(frozen=True)
class Fit:
    """What one generation does: T samples, ridge λ (mean-loss convention), label-noise s.d. σ.

    Theory takes any real T > 0, and of a downstream fit arrays that broadcast; simulation needs
    numbers, T a whole one. Numbers of any type count as their float64. Raises ValueError for T ≤ 0,
    a negative λ or σ, a σ whose square overflows, or what is no number.
    """

    samples: np.ndarray | float
    ridge: np.ndarray | float = 0.0
    noise: np.ndarray | float = 0.0

    def __post_init__(self):
        for name in ("samples", "ridge", "noise"):
            given = getattr(self, name)
            try:
                values = float_array(given)
            except (ValueError, OverflowError):  # text, truth values, beyond float64
                values = np.array(np.nan)
            within, bound = values >= 0, "at least 0"
            if name == "samples":
                within, bound = values > 0, "more than 0"
            if not (values.size and np.all(within & np.isfinite(values))):
                raise ValueError(f"{name} must be a number of {bound}, not {given}")
            if name == "noise" and np.max(values) > LARGEST_SQUARED:
                raise ValueError(f"noise must be at most {LARGEST_SQUARED:g}, not {given}")
            object.__setattr__(self, name, values if values.ndim else plain(given))

    @property
    def is_grid(self) -> bool:
        """Whether it is of arrays."""
        return any(np.ndim(value) for value in (self.samples, self.ridge, self.noise))

    @property
    def whole_samples(self) -> int:
        """T as an int. Raises ValueError for arrays, or unless T is whole and at most 2^53."""
        if self.is_grid:
            raise ValueError(f"simulation needs fits of single numbers, not {self}")
        if self.samples > LARGEST_SIZE or self.samples % 1:
            raise ValueError(
                f"simulation needs, up to 2^53, a whole number of samples, not {self.samples}"
            )
        return int(self.samples)


@dataclass(frozen=True)
class Chain:
    """Generators, first to last, each fitted to labels of the one before, and their designs.

    design "independent": every generator draws its own X. "shared": all are OLS fits (λ = 0) on
    one X_0. Raises ValueError for any other design, a shared one with a ridge or unequal sizes, or
    what are no fits of single numbers.
    """

    fits: Sequence[Fit]
    design: str = "independent"

    def __post_init__(self):
        fits = tuple(self.fits) if isinstance(self.fits, Iterable) else (None,)
        distinct = {id(fit): fit for fit in fits}.values()  # equal stages often are one object
        if not all(isinstance(fit, Fit) and not fit.is_grid for fit in distinct):
            raise ValueError(f"generators must be a list of Fits of numbers, not {self.fits}")
        object.__setattr__(self, "fits", fits)
        if self.design not in ("independent", "shared"):
            raise ValueError(f"design must be independent or shared, not {self.design!r}")
        if self.design == "independent":
            return
        if any(fit.ridge > 0 for fit in self.fits):
            raise ValueError("a shared design is defined for OLS generators: their ridge must be 0")
        sizes = {fit.samples for fit in self.fits}
        if len(sizes) > 1:
            raise ValueError(f"generators on one shared design need one size, not {sorted(sizes)}")

    @classmethod
    def of(cls, generators: "Generators", shared_design: bool = False) -> "Chain":
        """A chain itself, or fits with the flag that public functions take.

        Raises ValueError for a chain with the flag, and as Chain does.
        """
        if not isinstance(generators, cls):
            return cls(generators, "shared" if shared_design else "independent")
        if shared_design:
            raise ValueError("a Chain says itself what its design is: leave shared_design out")
        return generators


# What the public functions take: a chain, or fits that their flag ``shared_design`` makes one of.
Generators = Sequence[Fit] | Chain
