"""Cells of the scaling tables and maps: the (β, r, b, a, ℓ, σ) of each exponent."""

import math
from typing import NamedTuple

from model_collapse.theory.exponents import Law, printed_clean_exponent, printed_collapsed_exponent

# ℓ in each regime of App. H.2
CLEAN_ELL = {
    "ell_crit / 2": lambda beta, crit: crit / 2,
    "ell_crit": lambda beta, crit: crit,
    "(ell_crit + beta) / 2": lambda beta, crit: (crit + beta) / 2,
    "3 beta / 2": lambda beta, crit: 1.5 * beta,
}
# (ℓ, σ) of the clean table: noiseless below and above β, noisy in each regime
CLEAN_REGIMES = (("ell_crit", 0), ("3 beta / 2", 0), *((rule, 1) for rule in CLEAN_ELL))


class Cell(NamedTuple):
    """One exponent: a law, how its ℓ came about, and σ of the downstream labels."""

    table: str
    beta: float
    r: float
    b: float | None  # none on clean data
    a: float
    ell_rule: str
    ell: float
    sigma: int

    @property
    def law(self) -> Law:
        """Its exponents."""
        return Law(self.beta, self.r, self.ell, self.b, self.a)

    @property
    def printed(self) -> float:
        """The paper's exponent; nan where the paper gives none."""
        if self.b is None:
            return printed_clean_exponent(self.law, bool(self.sigma))
        try:
            return printed_collapsed_exponent(self.law, bool(self.sigma))
        except ValueError:
            return math.nan

    def error(self, bias, variance, collapse):
        """E of its terms, the variance being that of σ = 1."""
        return bias + collapse + self.sigma * variance


# Columns that name a cell, then those of theory and of simulation beside them
CELL = list(Cell._fields)
THEORY = [
    *("printed", "corrected", "theory", "theory_se", "samples_from", "samples_to"),
    *("drift", "asymptotic"),
]
SIMULATED = ["simulated", "simulated_se", "theory_at_simulated"]
