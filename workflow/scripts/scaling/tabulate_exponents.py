"""Scaling-law tables 1 to 3: exponents as printed, as corrected, from theory, from simulation."""

from functools import partial

import numpy as np
import pandas as pd

from model_collapse.theory.exponents import Law, ell_crit, ell_star, term_exponents
from scripts.output.formats import in_brackets, signed
from scripts.output.tables import Column, Table
from scripts.scaling.cells import CELL, SIMULATED, THEORY, Cell
from scripts.scaling.measure_exponents import theory_exponents
from scripts.step.files import read_csv
from scripts.step.job import job

RULE_TEX = {
    "ell_crit": r"$\ell_{\mathrm{crit}}$",
    "ell_star": r"$\ell_\star$",
    "ell_crit / 2": r"$\ell_{\mathrm{crit}}/2$",
    "(ell_crit + beta) / 2": r"$(\ell_{\mathrm{crit}}+\beta)/2$",
    "3 beta / 2": r"$3\beta/2$",
}
SMALL_SIZE = 1e6  # T below which a small T is named as the reason for a window not asymptotic
CLOSE = 0.1  # exponents of two terms within this of each other: the smaller one dies slowly


def with_simulation(theory: pd.DataFrame, simulated: pd.DataFrame) -> pd.DataFrame:
    """Theory's cells, the simulated ones, errors, and reasons why windows are not asymptotic."""
    both = theory.merge(simulated, on=CELL, how="left", validate="1:1")
    both["error"] = both["theory"] - both["corrected"]
    both["z"] = (both["simulated"] - both["theory_at_simulated"]) / both["simulated_se"]
    both["why_not_asymptotic"] = list(map(_reason, both.itertuples()))
    return both


def region(law: Law) -> str:
    """The region of a cell of the crossover: the term that limits E, and if E falls with T."""
    if law.ell > law.beta * law.modes:
        return "ceiling"
    terms = term_exponents(law, noisy=True)
    name = max(terms, key=terms.get)
    if name == "collapse":
        return "collapse, falling" if terms[name] < 0 else "collapse, rising"
    return name


def _reason(row) -> str:
    """The reason why the exponent still moves between the windows; empty if it does not."""
    if row.asymptotic:
        return ""
    law = Law(row.beta, row.r, row.ell, None if pd.isna(row.b) else row.b, row.a)
    largest, *others = sorted(term_exponents(law, bool(row.sigma)).values(), reverse=True)
    if others and 1e-9 < largest - others[0] < CLOSE:
        return f"the second term has an exponent only {largest - others[0]:.2f} lower"
    if row.samples_to < SMALL_SIZE:
        return f"T reaches {_size(row.samples_to).strip('$')} only"
    return "corrections to the leading power die slowly"


def _size(samples: float) -> str:
    return f"$10^{{{np.log10(samples):.1f}}}$"


def _theory(value: float, error: float, asymptotic: bool) -> str:
    return in_brackets(value, error) + ("" if asymptotic else r"$^{\dagger}$")


def printed_tex(printed: float, corrected: float, sigma: int, rule: str) -> str:
    """A star where print is wrong; a double dagger where it is a bound that is not attained."""
    if np.isnan(printed) or abs(printed - corrected) < 1e-9:
        return signed(printed, 3)
    bound = not sigma and rule == "ell_crit" and printed < corrected
    return signed(printed, 3) + (r"$^{\ddagger}$" if bound else r"$^{\ast}$")


def _shown(head: str, form, *names: str, align: str = "r") -> Column:
    return Column(None, head, form, names, align)


short = "{:g}".format
fixed = "{:.3f}".format
three = partial(signed, decimals=3)
EMPTY = ("b", "z", "why_not_asymptotic")
NAMES = (*CELL, *THEORY, *SIMULATED, "error", "z", "why_not_asymptotic")
CSV = [Column(name, may_be_empty=name in EMPTY) for name in NAMES]
LAW = (_shown(r"$\beta$", short, "beta"), _shown("$r$", short, "r"))
PAIR = (_shown("$b$", short, "b"), _shown("$a$", "${:g}$".format, "a"))
THEIRS = _shown("theory", _theory, "theory", "theory_se", "asymptotic")
OURS = (
    _shown("simulated", in_brackets, "simulated", "simulated_se"),
    _shown("theory, same $T$", three, "theory_at_simulated"),
)
CLEAN = Table(
    *CSV,
    *LAW,
    _shown(r"$\sigma$", str, "sigma"),
    _shown(r"$\ell$", RULE_TEX.get, "ell_rule", align="l"),
    _shown("", fixed, "ell"),
    _shown("predicted", three, "printed"),
    THEIRS,
    _shown("from $T$", _size, "samples_from"),
    *OURS,
    apart=("beta", "r"),
)
COLLAPSED = Table(
    *CSV,
    *LAW,
    *PAIR,
    _shown("rule", RULE_TEX.get, "ell_rule", align="l"),
    _shown(r"$\ell$", fixed, "ell"),
    _shown("printed", printed_tex, "printed", "corrected", "sigma", "ell_rule"),
    _shown("corrected", three, "corrected"),
    THEIRS,
    _shown("up to $T$", _size, "samples_to"),
    *OURS,
    apart=("beta", "r"),
)
CROSSOVER = Table(
    *CSV,
    *PAIR,
    _shown(r"$\ell$", short, "ell"),
    _shown(r"$\ell_\star$", lambda *law: f"{ell_star(*law):.2f}", "beta", "r", "b", "a"),
    _shown(r"$\ell_{\mathrm{crit}}$", lambda *law: f"{ell_crit(*law):.2f}", "beta", "r"),
    Column("region", "region", align="l"),
    _shown("predicted", three, "corrected"),
    THEIRS,
    *OURS,
)


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        output = snakemake.output
        theory = [read_csv(path) for path in snakemake.input.theory]
        *tables, over_a, over_b = (read_csv(path) for path in snakemake.input.simulated)
        clean, collapsed = map(with_simulation, theory, tables)
        cells = list(map(Cell._make, params.cells))
        at_cells = theory_exponents(cells, **params.fits)
        crossover = with_simulation(at_cells, pd.concat([over_a, over_b]))
        crossover["region"] = [region(cell.law) for cell in cells]
        noisy = collapsed["sigma"] == 1
        CLEAN.write(clean, output.scaling_clean, output.scaling_clean_tex)
        COLLAPSED.write(collapsed, output.collapsed)
        COLLAPSED.write_tex(collapsed[~noisy], output.noiseless_tex)
        COLLAPSED.write_tex(collapsed[noisy], output.noisy_tex)
        CROSSOVER.write(crossover, output.scaling_crossover, output.scaling_crossover_tex)
        log.info("%d cells", len(clean) + len(collapsed) + len(crossover))
