"""Scaling laws of the config: cells (β, r, b, a, ℓ, noise), their exponents predicted, from theory
and from simulation.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from model_collapse.exponents import (
    Law,
    corrected_exponent,
    ell_crit,
    ell_star,
    printed_clean_exponent,
    printed_collapsed_exponent,
)
from model_collapse.scaling import Size, law_risk, size_at
from model_collapse.slopes import fit_exponent
from scripts.core.grids import values_of

CELL = ["table", "beta", "r", "b", "a", "ell_rule", "ell", "sigma"]
"""Columns that name a cell; b is empty on clean data."""

CLEAN_ELL = {
    "ell_crit / 2": lambda beta, crit: crit / 2,
    "ell_crit": lambda beta, crit: crit,
    "(ell_crit + beta) / 2": lambda beta, crit: (crit + beta) / 2,
    "3 beta / 2": lambda beta, crit: 1.5 * beta,
}
"""ℓ in each regime of App. H.2."""
CLEAN_REGIMES = (
    ("ell_crit", 0),
    ("3 beta / 2", 0),
    ("ell_crit / 2", 1),
    ("ell_crit", 1),
    ("(ell_crit + beta) / 2", 1),
    ("3 beta / 2", 1),
)
"""(ℓ, σ) of the clean table: noiseless below and above β; noisy left of, at, right of ℓ_crit, and
above β.
"""


@dataclass(frozen=True)
class Cell:
    """One row of a scaling table: a law, how its ℓ came about, and σ of the downstream labels."""

    table: str
    law: Law
    ell_rule: str
    sigma: int

    @property
    def key(self) -> tuple:
        """Values of the columns CELL."""
        law = self.law
        b = np.nan if law.b is None else law.b
        return self.table, law.beta, law.r, b, law.a, self.ell_rule, law.ell, self.sigma

    @property
    def printed(self) -> float:
        """The paper's exponent; nan where the paper gives none."""
        noisy = bool(self.sigma)
        if self.law.b is None:
            return printed_clean_exponent(self.law, noisy)
        try:
            return printed_collapsed_exponent(self.law, noisy)
        except ValueError:
            return np.nan


def cells_of(scaling: dict, table: str, *, simulated: bool = False) -> list[Cell]:
    """The cells of "clean", "collapsed", "over_a" or "over_b"; of a map all, or the simulated."""
    if table == "clean":
        return clean_cells(scaling)
    if table == "collapsed":
        return collapsed_cells(scaling)
    return crossover_cells(scaling, table, simulated=simulated)


def block_of(scaling: dict, table: str) -> dict:
    """The config block with the windows and sizes of a table."""
    return scaling[table if table in ("clean", "collapsed") else "crossover"]


def clean_cells(scaling: dict) -> list[Cell]:
    """Every regime of App. H.2 for every law."""
    cells = []
    for beta, r in _laws(scaling):
        for rule, sigma in CLEAN_REGIMES:
            ell = CLEAN_ELL[rule](beta, ell_crit(beta, r))
            cells.append(Cell("clean", Law(beta, r, ell), rule, sigma))
    return cells


def collapsed_cells(scaling: dict) -> list[Cell]:
    """ℓ⋆ and ℓ_crit, noiseless and noisy, for every law and pair (b, a)."""
    cells = []
    for sigma in (0, 1):
        for beta, r in _laws(scaling):
            for b, a in scaling["collapsed"]["pairs"]:
                for rule in ("ell_star", "ell_crit"):
                    star, crit = ell_star(beta, r, b, a), ell_crit(beta, r)
                    law = Law(beta, r, star if rule == "ell_star" else crit, b, a)
                    cells.append(Cell("collapsed", law, rule, sigma))
    return cells


def crossover_cells(scaling: dict, which: str, *, simulated: bool = False) -> list[Cell]:
    """Cells of a panel of the crossover figure: "over_a" at one b, "over_b" at one a; σ = 1."""
    block, panel = scaling["crossover"], scaling["crossover"][which]
    beta, r = block["law"]["beta"], block["law"]["r"]
    if simulated:
        pairs = [tuple(pair) for pair in panel["simulated"]]
    else:
        pairs = [(x, ell) for x in values_of(panel[which[-1]]) for ell in values_of(panel["ell"])]
    laws = [
        Law(beta, r, ell, panel["b"], x) if which == "over_a" else Law(beta, r, ell, x, panel["a"])
        for x, ell in pairs
    ]
    return [Cell(which, law, "grid", 1) for law in laws]


def _laws(scaling: dict) -> list[tuple[float, float]]:
    return [(float(law["beta"]), float(law["r"])) for law in scaling["laws"]]


def window_sizes(law: Law, window: Sequence[float], points: int, dimension: int) -> list[Size]:
    """Sizes across a window: of d with generators, of T^{min(ℓ/β, 1)} at that d without."""
    steps = np.geomspace(*window, points)
    if law.b is not None:
        return [size_at(law, round(step)) for step in steps]
    growth = min(law.ell / law.beta, 1.0)
    return [Size(dimension, step ** (1 / growth)) for step in steps]


def theory_exponents(cells: Sequence[Cell], block: dict, largest_drift: float) -> pd.DataFrame:
    """Exponents of the recursion in the last window of the block, its standard error from the
    scatter about the power law; the drift since the window before, and whether that is small.
    """
    risks, rows = {}, []
    for cell in cells:
        fits = []
        for window in block["windows"]:
            sizes = window_sizes(cell.law, window, block["points"], block.get("dimension", 0))
            # The collapse is proportional to nσ0² = T^a: cells that differ in a share their risks.
            unit = replace(cell.law, a=0.0)
            key = (unit, tuple(window))
            if key not in risks:
                risks[key] = [law_risk(unit, size) for size in sizes]
            samples = [size.samples for size in sizes]
            totals = [
                risk.bias + T**cell.law.a * risk.collapse + cell.sigma * risk.variance
                for risk, T in zip(risks[key], samples, strict=True)
            ]
            fits.append(fit_exponent(samples, np.array(totals)))
        drift = fits[-1].value - fits[-2].value
        rows.append(
            (
                *cell.key,
                cell.printed,
                corrected_exponent(cell.law, bool(cell.sigma)),
                fits[-1].value,
                fits[-1].standard_error,
                samples[0],
                samples[-1],
                drift,
                abs(drift) <= largest_drift,
            )
        )
    columns = ["printed", "corrected", "theory", "theory_se", "samples_from", "samples_to"]
    return pd.DataFrame(rows, columns=[*CELL, *columns, "drift", "asymptotic"])


def simulation_sizes(law: Law, simulated: dict) -> list[Size]:
    """The sizes that are simulated: T at one d on clean data, else d."""
    if law.b is None:
        return [Size(simulated["dimension"], float(T)) for T in simulated["samples"]]
    return [size_at(law, d) for d in simulated["dimensions"]]
