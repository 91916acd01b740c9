"""The section ``fake_labels``: one noiseless generator against none, on a two-level spectrum."""

from pydantic import model_validator

from model_collapse.problem.spectra import Spectrum, two_level
from scripts.schema import settings as schema
from scripts.schema.grids import LinearGrid, LogGrid, check_map
from scripts.schema.settings import Settings, entry
from scripts.schema.spectra import WeakEigenvalue, WeakWeight

LEAST_EIGENVALUE = 1e-9


class SizeGrid(LinearGrid):
    """Sample sizes from … to, step apart."""

    start: schema.Real = entry("smallest T", ge=1, alias="from")
    to: schema.Real = entry("largest T", ge=1, le=schema.MOST_SAMPLES)


class WeightGrid(LinearGrid):
    """Shares from … to, step apart."""

    start: schema.Real = entry("smallest share", ge=0, le=1, alias="from")
    to: schema.Real = entry("largest share", ge=0, le=1)


class EigenvalueGrid(LogGrid):
    """Eigenvalues from … to, per_decade of them for each factor of 10."""

    start: schema.Real = entry("smallest eigenvalue", ge=LEAST_EIGENVALUE, le=1, alias="from")
    to: schema.Real = entry("largest eigenvalue", ge=LEAST_EIGENVALUE, le=1)


class Panel(Settings):
    """A map over T and one property of the weak half."""

    simulated: list[schema.Pair] = entry(
        "cells to simulate: T and the other coordinate", min_length=1
    )


class OverWeakWeight(Panel):
    """Over the share of |w0|^2 in weak directions."""

    weak_eigenvalue: WeakEigenvalue
    weak_weight: WeightGrid = entry("shares of |w0|^2 in weak directions")


class OverWeakEigenvalue(Panel):
    """Over the weak eigenvalue."""

    weak_eigenvalue: EigenvalueGrid = entry("eigenvalues of the weak half")
    weak_weight: WeakWeight


class Comparison(Settings):
    """One noiseless generator against true labels, at a fixed ridge and at the best ones."""

    d: schema.Count = entry("dimension of the inputs, even", ge=4, le=10_000, multiple_of=2)
    generator_samples: schema.Samples = entry("T0, sample size of the generator")
    ridge: schema.Real = entry("the fixed ridge", gt=0)
    samples: SizeGrid = entry("T, sample sizes")
    over_weak_weight: OverWeakWeight = entry("over the weak share of |w0|^2")
    over_weak_eigenvalue: OverWeakEigenvalue = entry("over the weak eigenvalue")

    @model_validator(mode="after")
    def _cells_can_be_computed(self):
        for panel, least in zip(PANELS, (0, LEAST_EIGENVALUE), strict=True):
            check_map(self.cells(panel), "samples", f"{panel}.{self.axis(panel)}")
            for T, value in getattr(self, panel).simulated:
                if not (1 <= T <= schema.MOST_SAMPLES and T == int(T) and least <= value <= 1):
                    raise ValueError(
                        f"{panel}.simulated: a cell is a whole T of at least 1 and a "
                        f"{self.axis(panel)} between {least:g} and 1, not [{T:g}, {value:g}]"
                    )
        return self

    @staticmethod
    def axis(panel: str) -> str:
        """The key that a panel varies: "weak_weight" or "weak_eigenvalue"."""
        return panel.removeprefix("over_")

    def cells(self, panel: str, *, simulated: bool = False) -> list[tuple[int, float]]:
        """(T, value of the panel's axis): the grid, or the cells to simulate."""
        block = getattr(self, panel)
        if simulated:
            return [(int(T), float(value)) for T, value in block.simulated]
        values = getattr(block, self.axis(panel)).values()
        sizes = [round(T) for T in self.samples.values()]
        return [(T, float(value)) for value in values for T in sizes]

    def spectrum(self, panel: str, value: float) -> Spectrum:
        """The problem of a cell."""
        block = getattr(self, panel)
        weak = {"weak_eigenvalue": block.weak_eigenvalue, "weak_weight": block.weak_weight}
        return two_level(self.d, **weak | {self.axis(panel): value})


PANELS = tuple(name for name in Comparison.model_fields if name.startswith("over_"))


class FakeLabels(Comparison):
    """A comparison, simulated."""

    replicates: schema.Replicates = entry(schema.REPLICATES)
