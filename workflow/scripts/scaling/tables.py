"""Scaling-law tables 1 to 3: exponents as printed, as corrected, from theory, from simulation."""

import numpy as np
import pandas as pd

from model_collapse.exponents import (
    Law,
    bias_exponent,
    collapse_exponent,
    ell_crit,
    ell_star,
    variance_exponent,
)
from scripts.core.formats import in_brackets, signed, to_tex
from scripts.scaling.cells import CELL, block_of, crossover_cells, theory_exponents

RULE_TEX = {
    "ell_crit": r"$\ell_{\mathrm{crit}}$",
    "ell_star": r"$\ell_\star$",
    "ell_crit / 2": r"$\ell_{\mathrm{crit}}/2$",
    "(ell_crit + beta) / 2": r"$(\ell_{\mathrm{crit}}+\beta)/2$",
    "3 beta / 2": r"$3\beta/2$",
}
SMALL_SIZE = 1e6
"""T below which "T too small" is named as the reason why a window is not asymptotic."""
CLOSE = 0.1
"""Exponents of two terms within this of each other: the smaller one dies slowly."""


def with_simulation(theory: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Theory's cells with the simulated ones beside them, errors, and why a window falls short."""
    both = theory.merge(simulated, on=CELL, how="left", validate="1:1")
    both["error"] = both["theory"] - both["corrected"]
    both["z"] = (both["simulated"] - both["theory_at_simulated"]) / both["simulated_se"]
    both["why_not_asymptotic"] = [
        "" if row.asymptotic else _reason(row) for row in both.itertuples()
    ]
    return both


def _reason(row) -> str:
    """Why the exponent still moves between the windows."""
    law = Law(row.beta, row.r, row.ell, None if np.isnan(row.b) else row.b, row.a)
    exponents = [bias_exponent(law)] + ([variance_exponent(law)] if row.sigma else [])
    exponents += [collapse_exponent(law)] if law.b is not None else []
    top = sorted(exponents)
    if len(top) > 1 and 1e-9 < top[-1] - top[-2] < CLOSE:
        return f"the second term has an exponent only {top[-1] - top[-2]:.2f} lower"
    if row.samples_to < SMALL_SIZE:
        return f"T reaches 10^{{{np.log10(row.samples_to):.1f}}} only"
    return "corrections to the leading power die slowly"


def crossover_theory(simulated: pd.DataFrame, scaling: dict) -> pd.DataFrame:
    """Cells of the crossover that were simulated, with theory's exponent at large d and regions."""
    tables = []
    for which in ("over_a", "over_b"):
        cells = crossover_cells(scaling, which, simulated=True)
        block = block_of(scaling, which)
        theory = theory_exponents(cells, block, scaling["largest_drift"])
        here = simulated[simulated["table"] == which]
        tables.append(with_simulation(theory, here))
    table = pd.concat(tables, ignore_index=True)
    table["region"] = [region(row) for row in table.itertuples()]
    return table


def region(row) -> str:
    """Where a cell of the crossover lies: what limits E, and whether E falls with T."""
    law = Law(row.beta, row.r, row.ell, row.b, row.a)
    if law.ell > law.beta * law.modes:
        return "ceiling"
    terms = {
        "bias": bias_exponent(law),
        "variance": variance_exponent(law),
        "collapse": collapse_exponent(law),
    }
    name = max(terms, key=terms.get)
    if name == "collapse":
        return "collapse, falling" if terms[name] < 0 else "collapse, rising"
    return name


def clean_tex(table: pd.DataFrame) -> str:
    """Table 1."""
    head = [r"$\beta$", "$r$", r"$\sigma$", r"$\ell$", "", "predicted", "theory", "from $T$"]
    head += ["simulated", "theory, same $T$"]
    rows = [
        (
            f"{row.beta:g}",
            f"{row.r:g}",
            row.sigma,
            RULE_TEX[row.ell_rule],
            f"{row.ell:.3f}",
            signed(row.printed, 3),
            in_brackets(row.theory, row.theory_se) + _dagger(row),
            _power(row.samples_from),
            in_brackets(row.simulated, row.simulated_se),
            signed(row.theory_at_simulated, 3),
        )
        for row in table.itertuples()
    ]
    return to_tex(pd.DataFrame(rows), head, "rrrlrrrrrr", gap=6)


def collapsed_tex(table: pd.DataFrame) -> str:
    """Table 2, of one σ."""
    head = [r"$\beta$", "$r$", "$b$", "$a$", "rule", r"$\ell$", "printed", "corrected", "theory"]
    head += ["up to $T$", "simulated", "theory, same $T$"]
    rows = [
        (
            f"{row.beta:g}",
            f"{row.r:g}",
            f"{row.b:g}",
            f"${row.a:g}$",
            RULE_TEX[row.ell_rule],
            f"{row.ell:.3f}",
            signed(row.printed, 3) + _differs(row),
            signed(row.corrected, 3),
            in_brackets(row.theory, row.theory_se) + _dagger(row),
            _power(row.samples_to),
            in_brackets(row.simulated, row.simulated_se),
            signed(row.theory_at_simulated, 3),
        )
        for row in table.itertuples()
    ]
    return to_tex(pd.DataFrame(rows), head, "rrrrlrrrrrrr", gap=12)


def crossover_tex(table: pd.DataFrame) -> str:
    """Table 3: the simulated cells of the map with their regions."""
    head = ["$b$", "$a$", r"$\ell$", r"$\ell_\star$", r"$\ell_{\mathrm{crit}}$", "region"]
    head += ["predicted", "theory", "simulated", "theory, same $T$"]
    rows = [
        (
            f"{row.b:g}",
            f"${row.a:g}$",
            f"{row.ell:g}",
            f"{ell_star(row.beta, row.r, row.b, row.a):.2f}",
            f"{ell_crit(row.beta, row.r):.2f}",
            row.region,
            signed(row.corrected, 3),
            in_brackets(row.theory, row.theory_se) + _dagger(row),
            in_brackets(row.simulated, row.simulated_se),
            signed(row.theory_at_simulated, 3),
        )
        for row in table.itertuples()
    ]
    return to_tex(pd.DataFrame(rows), head, "rrrrrlrrrr")


def _dagger(row) -> str:
    return "" if row.asymptotic else r"$^{\dagger}$"


def _differs(row) -> str:
    """A star where print is wrong; a double dagger where it is a bound that is not attained."""
    if np.isnan(row.printed) or abs(row.printed - row.corrected) < 1e-9:
        return ""
    bound = not row.sigma and row.ell_rule == "ell_crit" and row.printed < row.corrected
    return r"$^{\ddagger}$" if bound else r"$^{\ast}$"


def _power(samples: float) -> str:
    return f"$10^{{{np.log10(samples):.1f}}}$"
