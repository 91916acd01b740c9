"""When fake labels help: E after one noiseless generator against E on true labels, over a grid."""

from dataclasses import dataclass

import pandas as pd

from model_collapse.equivalents import Equivalent, Fit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import Spectrum, two_level
from model_collapse.theory import risk_of
from scripts.core.grids import MOST_VALUES, check_grid, values_of

TUNED = (1e-6, 1e3)
"""Bounds of λ for the best ridge. As λ → 0 without noise the error of T > d vanishes: a floor."""


@dataclass(frozen=True)
class Comparison:
    """The config's ``fake_labels``: a two-level spectrum, noiseless fits, one generator or none."""

    block: dict

    def check(self) -> None:
        """Raise ValueError, naming the key, for a block that makes no sense."""
        where, block = "fake_labels", self.block
        if block["d"] % 2:
            raise ValueError(f"{where}.d: must be even for two levels, not {block['d']}")
        if block["replicates"] < 2:
            raise ValueError(f"{where}.replicates: a standard error needs at least 2")
        check_grid(f"{where}.samples", block["samples"], logarithmic=False)
        if not block["samples"]["from"] >= 1:
            raise ValueError(
                f"{where}.samples.from: must be at least 1, not {block['samples']['from']}"
            )
        for panel, least in zip(PANELS, (0, 1e-9), strict=True):
            axis = self.axis(panel)
            key, grid = f"{where}.{panel}.{axis}", block[panel][axis]
            check_grid(key, grid, logarithmic=panel == "over_weak_eigenvalue")
            if grid["from"] < least or grid["to"] > 1:
                raise ValueError(f"{key}: must lie between {least:g} and 1, not {grid}")
            cells = len(self.cells(panel))
            if cells > MOST_VALUES:
                raise ValueError(f"{where}.{panel}: {cells:,} cells are more than {MOST_VALUES:,}")
            for T, value in block[panel]["simulated"]:
                if not (1 <= T <= 1e15 and T == int(T) and least <= value <= 1):
                    raise ValueError(
                        f"{where}.{panel}.simulated: a cell is a whole T of at least 1 and a "
                        f"{axis} between {least:g} and 1, not [{T}, {value}]"
                    )

    def cells(self, panel: str, *, simulated: bool = False) -> list[tuple[int, float]]:
        """(T, value of the panel's axis): the grid, or the cells to simulate."""
        if simulated:
            return [(int(T), float(value)) for T, value in self.block[panel]["simulated"]]
        axis = values_of(self.block[panel][self.axis(panel)])
        sizes = [round(T) for T in values_of(self.block["samples"])]
        return [(T, float(value)) for value in axis for T in sizes]

    @staticmethod
    def axis(panel: str) -> str:
        """The key that a panel varies: "weak_weight" or "weak_eigenvalue"."""
        return panel.removeprefix("over_")

    def spectrum(self, panel: str, value: float) -> Spectrum:
        """The problem of a cell."""
        given = {key: self.block[panel].get(key) for key in ("weak_eigenvalue", "weak_weight")}
        given[self.axis(panel)] = value
        return two_level(self.block["d"], **given)

    def chain(self, spectrum: Spectrum, n: int) -> list[Equivalent]:
        """No generator, or one: noiseless OLS on T0 samples."""
        fit = Fit(self.block["generator_samples"])
        return [Equivalent(spectrum.eigenvalues, fit)] * n

    def ridges(self, spectrum: Spectrum, samples: int, tuned: bool) -> list[float]:
        """λ for n = 0 and n = 1: the config's, or the best for each."""
        if not tuned:
            return [float(self.block["ridge"])] * 2
        return [
            best_ridge(spectrum, self.chain(spectrum, n), samples, 0.0, bounds=TUNED)
            for n in (0, 1)
        ]

    def predict(self, panel: str) -> pd.DataFrame:
        """Theory's errors on the grid, at the fixed and at the best ridges."""
        rows = []
        for T, value in self.cells(panel):
            spectrum = self.spectrum(panel, value)
            for tuned in (False, True):
                ridges = self.ridges(spectrum, T, tuned)
                risks = [
                    risk_of(spectrum, self.chain(spectrum, n), Fit(T, ridge)).total
                    for n, ridge in enumerate(ridges)
                ]
                rows.append((panel, tuned, T, value, *ridges, *risks))
        return pd.DataFrame(rows, columns=[*CELL, "ridge_0", "ridge_1", "risk_0", "risk_1"])


CELL = ["panel", "tuned", "samples", "value"]
"""Columns that name a cell."""
PANELS = ("over_weak_weight", "over_weak_eigenvalue")
"""Panels of the config's ``fake_labels``."""
