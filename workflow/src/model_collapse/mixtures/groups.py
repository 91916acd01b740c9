"""Generations, each a fit to a union of groups of rows, real or labelled by any model.

A *protocol* is a function from the number k = 1, 2, … of a model to its Generation. Model 0 is the
truth w0, model 1 sees real labels only, and E_n is the test error of model n + 1. A Chain of fits,
as in the paper, is the protocol with one fresh group in each generation, labelled by the model
before. ``mixtures.theory`` and ``mixtures.simulation`` both take protocols apart, so a new one, in
``remedies``, is a function that says which rows are fitted.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import erf, inf, prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.problem.arguments import (
    LARGEST_WHOLE,
    as_number,
    number_of_at_least_0,
    whole_number,
)
from model_collapse.problem.spectra import Spectrum

FLAT_CUT = 1e-8  # the density of N between −z and z is constant to 10^−16


@dataclass(frozen=True)
class Outsider:
    """A model that no generation trained: w0 + Δ with Δ_l ~ N(0, spread_l), drawn once a replicate.

    Parameters
    ----------
    spread : float, or d floats
        E Δ² per coordinate, at least 0.
    name : str
        Outsiders of different names are drawn independently.

    Raises
    ------
    ValueError
        For a spread that is negative, infinite or not a number.
    """

    spread: float | tuple[float, ...]
    name: str = "outsider"

    if TYPE_CHECKING:

        def __init__(self, spread: ArrayLike, name: str = "outsider") -> None: ...

    def __post_init__(self) -> None:
        spread: Any = self.spread  # also a list or an array
        several = isinstance(spread, list | tuple) or np.ndim(spread) == 1
        values = [as_number(value) for value in (spread if several else [spread])]
        if not values or not all(0 <= value < inf for value in values):
            raise ValueError(f"spread must be of numbers of at least 0, not {spread}")
        object.__setattr__(self, "spread", tuple(values) if several else values[0])


Labeller = int | Outsider


@dataclass(frozen=True)
class Verifier:
    """A rule that keeps a row if its label is within zρ of the outsider's, ρ² the mean square gap.

    Parameters
    ----------
    model : Outsider
        The model whose labels those of rows are compared with.
    cut : float
        z > 0, finite.

    Raises
    ------
    ValueError
        For another kind of model, or a cut outside this range.
    """

    model: Outsider
    cut: float

    def __post_init__(self) -> None:
        if not isinstance(self.model, Outsider):
            raise ValueError(f"a verifier's model must be an Outsider, not {self.model!r}")
        cut = as_number(self.cut)
        if not 0 < cut < inf:
            raise ValueError(f"cut must be positive and finite, not {self.cut}")
        object.__setattr__(self, "cut", cut)

    @property
    def kept_share(self) -> float:
        """P(|N| ≤ z) of the rows, N a standard normal."""
        return erf(self.cut / sqrt(2))

    @property
    def kept_variance(self) -> float:
        """E[N² | |N| ≤ z], as P(χ²_3 ≤ z²)/P(χ²_1 ≤ z²), in which nothing cancels for small z.

        Where the density of N is flat to rounding, z²/3.
        """
        from scipy.special import gammainc  # imported here, as other protocols need NumPy alone

        if self.cut < FLAT_CUT:
            return self.cut**2 / 3
        half = self.cut * self.cut / 2
        return float(gammainc(1.5, half) / gammainc(0.5, half))


@dataclass(frozen=True)
class Group:
    """T rows x ~ N(0, Σ) with labels x'w + σE of one model, all of one weight.

    Groups of one ``rows`` have the same x, and with the same labeller and noise the same labels,
    whichever generations they are in.

    Parameters
    ----------
    samples : float
        T, from 0 to 2^53. Numbers of any numeric type become ints and floats.
    labels : int or Outsider
        The model w that labels the rows: 0 is the truth.
    noise : float
        σ ≥ 0, the standard deviation of label noise.
    weight : float
        The weight of each row beside those of other groups, at least 0.
    rows : hashable, optional
        The name of the x. Without one they are drawn afresh.
    verifier : Verifier, optional
        The rule by which rows are kept.

    Raises
    ------
    ValueError
        For numbers outside these ranges, a model that is neither a whole number nor an Outsider,
        a name without a hash, and another kind of verifier.
    """

    samples: float
    labels: Labeller = 0
    noise: float = 0.0
    weight: float = 1.0
    rows: Hashable = None
    verifier: Verifier | None = None

    def __post_init__(self) -> None:
        samples = as_number(self.samples)
        if samples > LARGEST_WHOLE:
            raise ValueError(f"growth overflows: samples must be at most 2^53, not {samples:g}")
        for name in ("samples", "noise", "weight"):
            object.__setattr__(self, name, number_of_at_least_0(name, getattr(self, name)))
        model = as_number(self.labels)
        if model % 1 == 0:  # false for nan, which stands for an Outsider or a wrong type
            object.__setattr__(self, "labels", int(model))
        elif isinstance(self.labels, bool | float | np.bool_):
            raise ValueError(f"labels must be the number of a model, and whole, not {self.labels}")
        if not isinstance(self.rows, Hashable):
            raise ValueError(f"rows must have a name such as a word or a number, not {self.rows}")
        if not (self.verifier is None or isinstance(self.verifier, Verifier)):
            raise ValueError(f"verifier must be a Verifier, not {self.verifier!r}")

    @property
    def outsiders(self) -> list[Outsider]:
        """Models from outside that label or verify the rows."""
        models = (self.labels, self.verifier and self.verifier.model)
        return [model for model in models if isinstance(model, Outsider)]


@dataclass(frozen=True)
class Generation:
    """One ridge fit: (S + λ)^{-1} Σ_i u_iX_i'y_i on groups i, S = Σ_i u_iX_i'X_i, Σ_i T_iu_i = 1.

    Parameters
    ----------
    groups : sequence of Group
        The union. Groups without rows or weight are left out.
    ridge : float
        λ ≥ 0, finite.
    drawn : int, optional
        The number of the union's labelled rows that are drawn without replacement for the fit; all
        by default. Groups on the same x hold different labelled rows.

    Raises
    ------
    ValueError
        If no group is left, for other objects than Groups, a ridge outside its range, weights
        without a positive and finite sum, a verified group that is not alone, and a ``drawn``
        above the number of rows or beside unequal weights.
    """

    groups: Sequence[Group]
    ridge: float = 0.0
    drawn: int | None = None

    def __post_init__(self) -> None:
        groups = list(self.groups) if isinstance(self.groups, Iterable) else [None]
        if not all(isinstance(group, Group) for group in groups):
            raise ValueError(f"groups must be a list of Groups, not {self.groups!r}")
        groups = [group for group in groups if group.samples > 0]
        used = tuple(group for group in groups if group.weight > 0)
        object.__setattr__(self, "groups", used)
        object.__setattr__(self, "ridge", number_of_at_least_0("ridge", self.ridge))
        if not groups:
            raise ValueError("a union must have rows, and this one is empty")
        if not used:
            raise ValueError("weights must not all be 0: no row of the union would count")
        if not 0 < self.total_weight < inf:
            raise ValueError(
                f"weights of all rows must have a positive and finite sum, not {self.total_weight}"
            )
        if len(used) > 1 and any(group.verifier for group in used):
            raise ValueError("a verified group must be the only one of its union")
        if self.drawn is None:
            return
        drawn = as_number(self.drawn)
        if not 0 < drawn <= sum(group.samples for group in used) or drawn % 1:
            raise ValueError(f"cannot draw {self.drawn} rows of a union without replacement")
        object.__setattr__(self, "drawn", int(drawn))
        if len({group.weight for group in used}) > 1:
            raise ValueError("rows can be drawn only from a union in which all have one weight")

    @property
    def total_weight(self) -> float:
        """Σ_i T_iw_i, by which weights are divided: T, if they are all 1."""
        return sum(group.samples * group.weight for group in self.groups)

    @property
    def size(self) -> float:
        """The number of different x in the fit: its mean if rows are verified, or drawn from groups
        on the same x.
        """
        verifier = self.groups[0].verifier
        if verifier and not self.drawn:
            return self.groups[0].samples * verifier.kept_share
        by_rows: dict[Hashable, list[Group]] = {}
        for i, group in enumerate(self.groups):
            by_rows.setdefault((i,) if group.rows is None else (group.rows,), []).append(group)
        if not self.drawn:
            return sum(groups[0].samples for groups in by_rows.values())
        if len(by_rows) == len(self.groups):
            return self.drawn
        pool = sum(group.samples for group in self.groups)
        return sum(
            groups[0].samples * chance_to_be_drawn(len(groups), self.drawn, pool)
            for groups in by_rows.values()
        )


def chance_to_be_drawn(copies: int, drawn: int, pool: float) -> float:
    """The chance that at least one of an x's labelled rows is among those drawn from a pool."""
    return 1 - prod(max(pool - drawn - i, 0) / (pool - i) for i in range(copies))


Protocol = Callable[[int], Generation]


def unfold(spectrum: Spectrum, protocol: Protocol, generations: int) -> list[Generation]:
    """Generations 1 … n + 1 of a protocol; fresh rows are named by their model and group.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    protocol : Protocol
        A function from k to the Generation of model k.
    generations : int
        n, at least 0.

    Returns
    -------
    list of Generation, of length n + 1
        Their rows all have names.

    Raises
    ------
    ValueError
        Before any work, for an n that is negative or not whole, a protocol that is not a function
        to Generations, a group that names its own or a later model, an outsider with a spread of
        another length, one name for rows of two sizes, names that differ in type alone, and least
        squares within 1 of the rank of Σ, where the mean error is not finite.
    """
    generations = whole_number("generations", generations, 0)
    if not callable(protocol):
        raise ValueError(f"protocol must be a function of the number of a model, not {protocol!r}")
    unions = []
    sizes: dict[Hashable, float] = {}  # by the name of rows
    d = spectrum.rank
    names: dict[Hashable, tuple] = {}
    for k in range(1, generations + 2):
        union = protocol(k)
        if not isinstance(union, Generation):
            raise ValueError(f"protocol must return a Generation for model {k}, not {union!r}")
        groups = []
        for i, group in enumerate(union.groups):
            name = _named_rows(group, (k, i), names)
            groups.append(replace(group, rows=name) if group.rows is None else group)
        union = replace(union, groups=groups)
        for group in groups:
            if not isinstance(group.labels, Outsider) and group.labels not in range(k):
                raise ValueError(f"model {k} cannot learn labels of model {group.labels}")
            for outsider in group.outsiders:
                if np.shape(outsider.spread) not in ((), spectrum.eigenvalues.shape):
                    raise ValueError(
                        f"spread must be one number or as many as eigenvalues, "
                        f"{len(spectrum.eigenvalues)}, not {np.size(outsider.spread)}"
                    )
            if sizes.setdefault(group.rows, group.samples) != group.samples:
                both = f"{sizes[group.rows]:.17g} and {group.samples:.17g}"
                raise ValueError(f"rows that are kept have one size, not {both}")
        if union.ridge == 0 and abs(union.size - d) <= 1:
            raise ValueError(
                f"model {k} would be a least-squares fit to {union.size:g} rows, within 1 of "
                f"d = {d:g}, where its mean error is not finite; take a ridge or another size"
            )
        unions.append(union)
    return unions


def _named_rows(group: Group, place: tuple[int, int], names: dict[Hashable, tuple]) -> Hashable:
    """The name of a group's rows, or their place if they have none.

    Random streams depend on the text of a name, so each name must have one text, and each text one
    name. ``names`` holds the earlier ones and is extended. Raises ValueError for a clash, as of 1
    with "1" or 1.0, or of a name with the place of fresh rows.
    """
    fresh = group.rows is None
    name = place if fresh else group.rows
    text = str(name)
    first_with_text = names.setdefault(("text", text), (name, fresh))
    first_with_name = names.setdefault(("name", name), (text, fresh))
    if first_with_text != (name, fresh) or first_with_name != (text, fresh):
        raise ValueError(
            f"rows of the name {name!r} would have the random numbers of other rows: "
            f"take another name"
        )
    return name


def last_uses(unions: Sequence[Generation], what: str) -> dict[Hashable, int]:
    """The last generation that uses each ``labels`` or ``rows``."""
    return {getattr(group, what): k for k, union in enumerate(unions, 1) for group in union.groups}
