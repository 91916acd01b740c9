"""Fits and chains of fits, the arguments of both theory and simulation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import LARGEST_SQUARED, LARGEST_WHOLE, float_array, plain

# The last axis of simulated terms: the terms of the test error, ΔBias of Thm 4.3, and E‖ŵ_n‖².
TERMS = ("bias", "variance", "collapse", "bias_increase", "squared_norm")


@dataclass(frozen=True)
class Fit:
    """One ridge fit to labels with noise.

    Theory takes any real T > 0, and for a downstream fit arrays that broadcast; simulation needs
    single numbers, with T whole.

    Parameters
    ----------
    samples : float or array_like
        T > 0, the number of rows.
    ridge : float or array_like
        λ ≥ 0, which multiplies ‖w‖² beside a mean squared loss.
    noise : float or array_like
        σ ≥ 0, the standard deviation of label noise, up to 1e154, above which σ² overflows.

    Raises
    ------
    ValueError
        For values outside these ranges, infinite ones, and values that are not real numbers.
    """

    samples: np.ndarray | float
    ridge: np.ndarray | float = 0.0
    noise: np.ndarray | float = 0.0

    if TYPE_CHECKING:

        def __init__(
            self, samples: ArrayLike, ridge: ArrayLike = 0.0, noise: ArrayLike = 0.0
        ) -> None: ...

    def __post_init__(self) -> None:
        for name in ("samples", "ridge", "noise"):
            argument = getattr(self, name)
            try:
                values = float_array(argument)
            except (ValueError, OverflowError):  # text, truth values, beyond float64
                values = np.array(np.nan)
            in_range = values > 0 if name == "samples" else values >= 0
            if not (values.size and np.all(in_range & np.isfinite(values))):
                bound = "more than 0" if name == "samples" else "at least 0"
                raise ValueError(f"{name} must be a number of {bound}, not {argument}")
            if name == "noise" and np.max(values) > LARGEST_SQUARED:
                raise ValueError(f"noise must be at most {LARGEST_SQUARED:g}, not {argument}")
            object.__setattr__(self, name, values if values.ndim else plain(argument))

    @property
    def is_grid(self) -> bool:
        """True if T, λ or σ is an array."""
        return any(np.ndim(value) for value in (self.samples, self.ridge, self.noise))

    @property
    def numbers(self) -> tuple[float, float, float]:
        """T, λ and σ. Raises ValueError for arrays."""
        if (
            isinstance(self.samples, np.ndarray)
            or isinstance(self.ridge, np.ndarray)
            or isinstance(self.noise, np.ndarray)
        ):
            raise ValueError(
                f"simulation and the paper's formulas need fits of single numbers, not {self}"
            )
        return self.samples, self.ridge, self.noise

    @property
    def whole_samples(self) -> int:
        """T as an int. Raises ValueError for arrays, or unless T is whole and at most 2^53."""
        samples, *_ = self.numbers
        if samples > LARGEST_WHOLE or samples % 1:
            raise ValueError(
                f"simulation needs, up to 2^53, a whole number of samples, not {samples}"
            )
        return int(samples)


@dataclass(frozen=True)
class Chain:
    """Generators, first to last, each fitted to labels of the one before.

    Parameters
    ----------
    fits : sequence of Fit
        The generators, Fits of single numbers; the first is fitted to true labels.
    design : {"independent", "shared"}
        "independent": every generator draws its own X. "shared": all are OLS fits (λ = 0) of one
        size on one X_0.

    Raises
    ------
    ValueError
        For any other design, a shared one with a ridge or unequal sizes, or generators that are
        not Fits of single numbers.
    """

    fits: Sequence[Fit]
    design: str = "independent"

    def __post_init__(self) -> None:
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
        """Return a Chain as it is, or one of fits and the flag that public functions take.

        Raises ValueError for a chain with the flag, and as Chain does.
        """
        if not isinstance(generators, Chain):
            return cls(generators, "shared" if shared_design else "independent")
        if shared_design:
            raise ValueError("a Chain says itself what its design is: leave shared_design out")
        return generators


# The generators that public functions take: a Chain, or fits beside a flag ``shared_design``.
Generators = Sequence[Fit] | Chain
