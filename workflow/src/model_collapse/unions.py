"""What each generation is fitted to: a union of groups of rows, real or labelled by any model.

A *protocol* is a function from the number k = 1, 2, … of a model to its Generation. Model 0 is the
truth w0, model 1 sees real labels only, and E_n is the test error of model n + 1. A Chain of fits,
as in the paper, is the protocol with one fresh group in each generation, labelled by the model
before. Theory (``union_moments``) and simulation (``union_draws``) both take protocols apart, so a
new one, in ``remedies``, is a function that says which rows are fitted.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from math import erf, inf, sqrt
from numbers import Integral, Real

import numpy as np

from model_collapse.protocol import LARGEST_SIZE
from model_collapse.spectra import Spectrum


@dataclass(frozen=True)
class Outsider:
    """A model that no generation trained: w0 + Δ with Δ_l ~ N(0, spread_l), drawn once a replicate.

    ``spread`` is E Δ² per coordinate, one number or d of them; two outsiders differ by their name.
    """

    spread: float | tuple[float, ...]
    name: str = "outsider"

    def __post_init__(self):
        values = np.array(self.spread, dtype=float)
        if not np.all(np.isfinite(values)) or np.min(values) < 0:
            raise ValueError(f"spread must be of numbers of at least 0, not {self.spread}")
        if values.ndim:  # a list or an array, which has no hash
            object.__setattr__(self, "spread", tuple(values.tolist()))


Labeller = int | Outsider


@dataclass(frozen=True)
class Verifier:
    """Keeps a row if its label is within zρ of the outsider's, where ρ² is the mean square gap."""

    model: Outsider
    cut: float  # z

    def __post_init__(self):
        if not (isinstance(self.cut, Real) and 0 < self.cut < inf):
            raise ValueError(f"cut must be positive and finite, not {self.cut}")

    @property
    def kept_share(self) -> float:
        """P(|N| ≤ z) of the rows, N a standard normal."""
        return erf(self.cut / sqrt(2))


@dataclass(frozen=True)
class Group:
    """T rows x ~ N(0, Σ) with labels x'w + σE of one model, each row of a weight beside the others.

    Groups of one ``rows`` have the same x, and with the same labeller and noise the same labels,
    whichever generations they are in; without ``rows`` they are drawn afresh. Raises ValueError for
    what is no number of at least 0.
    """

    samples: float
    labels: Labeller = 0
    noise: float = 0.0
    weight: float = 1.0
    rows: Hashable = None
    verifier: Verifier | None = None

    def __post_init__(self):
        if isinstance(self.samples, Real) and self.samples > LARGEST_SIZE:
            raise ValueError(
                f"growth overflows: samples must be at most 2^53, not {self.samples:g}"
            )
        for name in ("samples", "noise", "weight"):
            require_at_least_0(name, getattr(self, name))

    @property
    def outsiders(self) -> list[Outsider]:
        """Models from outside that label or verify the rows."""
        named = (self.labels, self.verifier and self.verifier.model)
        return [model for model in named if isinstance(model, Outsider)]


@dataclass(frozen=True)
class Generation:
    """One ridge fit: (S + λ)^{-1} Σ_i u_iX_i'y_i on groups i, S = Σ_i u_iX_i'X_i, Σ_i T_iu_i = 1.

    If ``drawn`` is given, it is so many of the union's rows, without replacement. Groups without
    rows or weight are left out. Raises ValueError if none is left, for a ridge that is negative or
    not finite, a verified group that is not alone, and drawn rows that are too few or weighted.
    """

    groups: Sequence[Group]
    ridge: float = 0.0
    drawn: int | None = None

    def __post_init__(self):
        groups = [group for group in self.groups if group.samples > 0]
        used = tuple(group for group in groups if group.weight > 0)
        object.__setattr__(self, "groups", used)
        require_at_least_0("ridge", self.ridge)
        if not groups:
            raise ValueError("a union must have rows, and this one is empty")
        if not used:
            raise ValueError("weights must not all be 0: no row of the union would count")
        if len(used) > 1 and any(group.verifier for group in used):
            raise ValueError("a verified group must be the only one of its union")
        if self.drawn is None:
            return
        if not 0 < self.drawn <= sum(group.samples for group in used) or self.drawn % 1:
            raise ValueError(f"cannot draw {self.drawn} rows of a union without replacement")
        if len({group.weight for group in used}) > 1:
            raise ValueError("rows can be drawn only from a union in which all have one weight")

    @property
    def total_weight(self) -> float:
        """Σ_i T_iw_i, by which weights are divided: T, if they are all 1."""
        return sum(group.samples * group.weight for group in self.groups)

    @property
    def size(self) -> float:
        """How many different rows are fitted; of verified ones, as many as are expected."""
        if self.groups[0].verifier:
            return self.groups[0].samples * self.groups[0].verifier.kept_share
        return self.drawn or sum({group.rows: group.samples for group in self.groups}.values())


Protocol = Callable[[int], Generation]


def unfold(spectrum: Spectrum, protocol: Protocol, generations: int) -> list[Generation]:
    """Generations 1 … n + 1 of a protocol, rows that are drawn afresh named by where they stand.

    Raises ValueError, before any work, for an n that is negative or no whole number, a group that
    names its own or a later model, an outsider with a spread of another length, one name for rows
    of two sizes, and least squares within 1 of the rank of Σ, where the mean error is not finite.
    """
    require_generations(generations)
    unions, sizes, d = [], {}, spectrum.rank
    for k in range(1, generations + 2):
        given = protocol(k)
        groups = [
            replace(group, rows=(k, i)) if group.rows is None else group
            for i, group in enumerate(given.groups)
        ]
        union = replace(given, groups=groups)
        for group in groups:
            if not isinstance(group.labels, Outsider) and group.labels not in range(k):
                raise ValueError(f"model {k} cannot learn labels of model {group.labels}")
            for outsider in group.outsiders:
                if np.shape(outsider.spread) not in ((), spectrum.eigenvalues.shape):
                    raise ValueError(
                        f"spread must be one number or as many as eigenvalues, "
                        f"{len(spectrum.eigenvalues)}, not {len(outsider.spread)}"
                    )
            if sizes.setdefault(group.rows, group.samples) != group.samples:
                both = f"{sizes[group.rows]} and {group.samples}"
                raise ValueError(f"rows that are kept have one size, not {both}")
        if union.ridge == 0 and abs(union.size - d) <= 1:
            raise ValueError(
                f"model {k} would be a least-squares fit to {union.size:g} rows, within 1 of "
                f"d = {d:g}, where its mean error is not finite; take a ridge or another size"
            )
        unions.append(union)
    return unions


def last_uses(unions: list[Generation], what: str) -> dict[Hashable, int]:
    """The last generation that uses each ``labels`` or ``rows``."""
    return {getattr(group, what): k for k, union in enumerate(unions, 1) for group in union.groups}


def require_generations(generations: int) -> None:
    """Raise ValueError unless a number of generations is whole and at least 0."""
    if not (isinstance(generations, Integral) and generations >= 0):
        raise ValueError(f"generations must be at least 0, and whole, not {generations}")


def require_at_least_0(name: str, value: float) -> None:
    """Raise ValueError unless a value is a number of at least 0."""
    if not (isinstance(value, Real) and 0 <= value < inf):
        raise ValueError(f"{name} must be a number of at least 0, not {value}")


def require_share(name: str, value: float) -> None:
    """Raise ValueError unless a value is between 0 and 1."""
    if not (isinstance(value, Real) and 0 <= value <= 1):
        raise ValueError(f"{name} must be between 0 and 1, not {value}")
