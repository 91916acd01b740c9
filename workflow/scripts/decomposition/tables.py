"""Scaling-law tables 4 to 6: growth in n, projections, growing data and break-even."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_collapse.protocol import TERMS
from model_collapse.slopes import mean_slope, standard_error
from model_collapse.theory import (
    break_even,
    growing_samples,
    independent_designs_limit,
    shared_design_limit,
)
from scripts.core.formats import code, in_brackets, measured, number, setting, to_tex
from scripts.decomposition.old import Decomposition

ALL_GENERATIONS = 10**6
"""Terms of Σ 1/(m log²m) that are added one by one; the rest is its integral, 1/log m."""


@dataclass(frozen=True)
class Chain:
    """A decomposition with its simulated terms (replicates, n+1, TERMS) and theory's table."""

    decomposition: Decomposition
    terms: np.ndarray
    theory: pd.DataFrame

    @property
    def name(self) -> str:
        """The name of its config block."""
        return self.decomposition.name

    @property
    def block(self) -> dict:
        """Its config block."""
        return self.decomposition.block

    def totals(self) -> np.ndarray:
        """E of each replicate and generation: (replicates, n+1)."""
        return self.terms[:, :, :3].sum(axis=2)

    def mean(self, term: str, n: int) -> tuple[float, float]:
        """Simulated mean of a term at generation n, and its standard error."""
        values = self.terms[:, n, TERMS.index(term)]
        return float(values.mean()), float(standard_error(values))


def slopes_table(chains: Sequence[Chain]) -> pd.DataFrame:
    """Table 4: slope of E in n against σ0²ρ of eq (18), and with T0 − d − 1 for T0 − d."""
    rows = []
    for chain in chains:
        block, d = chain.block, chain.decomposition.spectrum.dimension
        slope = mean_slope(np.arange(block["generations"] + 1), chain.totals())[0]
        rate = block["generator_noise"] ** 2 * chain.decomposition.paper_rate
        size = block["generator_samples"]
        rows.append(
            {
                "decomposition": chain.name,
                "spectrum": block["spectrum"]["name"],
                "d": d,
                "generator_samples": size,
                "generator_noise": block["generator_noise"],
                "samples": block["samples"],
                "ridge": block["ridge"],
                "predicted": rate,
                "predicted_finite_size": rate * (size - d) / (size - d - 1),
                "slope": slope.value,
                "slope_se": slope.standard_error,
            }
        )
    table = pd.DataFrame(rows)
    table["deviation"] = table["slope"] / table["predicted_finite_size"] - 1
    return table


def slopes_tex(table: pd.DataFrame) -> str:
    """Table 4 for the paper."""
    rows = [
        (
            code(row.decomposition),
            row.d,
            row.generator_samples,
            setting(row.generator_noise),
            row.samples,
            setting(row.ridge),
            number(row.predicted, 4),
            number(row.predicted_finite_size, 4),
            in_brackets(row.slope, row.slope_se, sign=False),
            f"${100 * row.deviation:+.2f}\\,\\%$",
        )
        for row in table.itertuples()
    ]
    head = ["", "$d$", "$T_0$", r"$\sigma_0$", "$T$", r"$\lambda$", r"$\sigma_0^2\rho$"]
    head += ["finite size", "simulated slope", "deviation"]
    return to_tex(pd.DataFrame(rows), head, "lrrrrrrrrr")


def projections_table(chains: Sequence[Chain]) -> pd.DataFrame:
    """Table 5: ΔBias and ‖ŵ_n‖² by Thm 4.5 or 4.6 (Σ = I only), by the recursion, simulated."""
    rows = []
    for chain in chains:
        block, spectrum = chain.block, chain.decomposition.spectrum
        isotropic, size = block["spectrum"]["name"] == "isotropic", block["generator_samples"]
        norm = float(np.linalg.norm(spectrum.coefficients))
        generations = [n for n in (1, 2, 4, 8, 16) if n <= block["generations"]]
        for n in generations:
            theorem = (np.nan, np.nan)
            if isotropic and block["shared_design"]:
                theorem = shared_design_limit(spectrum.dimension, norm, size)
            elif isotropic:
                theorem = independent_designs_limit(spectrum.dimension, norm, [size] * n)
            limit = chain.theory.iloc[n]
            increase, squared = chain.mean("bias_increase", n), chain.mean("squared_norm", n)
            rows.append(
                {
                    "decomposition": chain.name,
                    "generator_share": size / spectrum.dimension,
                    "design": "shared" if block["shared_design"] else "independent",
                    "isotropic": isotropic,
                    "generation": n,
                    "bias_increase_theorem": theorem[1],
                    "bias_increase_theory": limit["bias_increase"],
                    "bias_increase": increase[0],
                    "bias_increase_se": increase[1],
                    "squared_norm_theorem": theorem[0],
                    "squared_norm_theory": limit["squared_norm"],
                    "squared_norm": squared[0],
                    "squared_norm_se": squared[1],
                }
            )
    return pd.DataFrame(rows)


def projections_tex(table: pd.DataFrame) -> str:
    """Table 5 for the paper."""
    rows = []
    for row in table.itertuples():
        first = row.generation == 1
        rows.append(
            (
                ("$\\Sigma=I$" if row.isotropic else "power law") if first else "",
                row.design if first else "",
                f"{row.generator_share:g}" if first else "",
                row.generation,
                _or_dash(row.bias_increase_theorem),
                number(row.bias_increase_theory, 4),
                in_brackets(row.bias_increase, row.bias_increase_se, sign=False),
                _or_dash(row.squared_norm_theorem),
                number(row.squared_norm_theory, 4),
                in_brackets(row.squared_norm, row.squared_norm_se, sign=False),
            )
        )
    head = ["", "designs", "$T_0/d$", "$n$", "theorem", "recursion", "simulated"]
    head += ["theorem", "recursion", "simulated"]
    above = (
        r" & & & & \multicolumn{3}{c}{$\Delta$Bias}"
        r" & \multicolumn{3}{c}{$\mathbb{E}\lVert\widehat w_n\rVert^2$} \\"
        r" \cmidrule(lr){5-7}\cmidrule(lr){8-10}"
    )
    per_chain = table["generation"].eq(1).cumsum().value_counts().iloc[0]
    return to_tex(pd.DataFrame(rows), head, "llrrrrrrrr", gap=int(per_chain), above=above)


def growth_sum(phi_0: float, generations: float) -> float:
    """Collapse after n generations over that of one: Σ_{m=1..n} of φ_m/(1−φ_m), T_m = T0·m·log²m.

    As φ0 → 0 the paper's 1 + Σ 1/(m log²m). ``inf`` adds the tail by its integral.
    """
    last = int(min(generations, ALL_GENERATIONS))
    growth = np.array([growing_samples(1.0, m) for m in range(1, last + 1)])
    total = np.sum((1 - phi_0) / (growth - phi_0))
    if not np.isfinite(generations):
        total += (1 - phi_0) / np.log(last + 0.5)
    return float(total)


def growing_table(growing: Sequence[Chain], constant: Sequence[Chain]) -> pd.DataFrame:
    """Table 6: collapse with growing data over that of one generation, then break-even."""
    rows = []
    for chain in growing:
        phi_0 = chain.decomposition.spectrum.dimension / chain.block["generator_samples"]
        collapse = chain.terms[:, :, TERMS.index("collapse")]
        one = collapse[:, 1].mean()
        for n in sorted({n for n in (1, 2, 10, 100) if n < collapse.shape[1]}):
            error = standard_error(collapse[:, n] - collapse[:, n].mean() / one * collapse[:, 1])
            rows.append(
                (
                    "sum",
                    phi_0,
                    n,
                    1.0,
                    growth_sum(phi_0, n),
                    collapse[:, n].mean() / one,
                    error / one,
                )
            )
        rows.append(("sum", phi_0, np.inf, 1.0, growth_sum(phi_0, np.inf), np.nan, np.nan))
    rows.append(("sum", 0.0, np.inf, 1.0, growth_sum(0.0, np.inf), np.nan, np.nan))
    for chain in constant:
        spectrum, noise = chain.decomposition.spectrum, chain.block["generator_noise"]
        phi_0 = spectrum.dimension / chain.block["generator_samples"]
        slope = mean_slope(np.arange(chain.block["generations"] + 1), chain.totals())[0]
        found = spectrum.null_risk / slope.value
        printed = spectrum.null_risk / noise**2 / (1 / phi_0 - 1)
        corrected = break_even(spectrum, phi_0, noise)
        error = found * slope.standard_error / slope.value
        rows.append(("break-even", phi_0, np.nan, printed, corrected, found, error))
    columns = ["quantity", "phi_0", "generation", "printed", "corrected", "simulated"]
    return pd.DataFrame(rows, columns=[*columns, "simulated_se"])


def growing_tex(table: pd.DataFrame) -> str:
    """Table 6 for the paper."""
    rows = []
    for row in table.itertuples():
        generation = "$\\infty$" if np.isinf(row.generation) else _or_dash(row.generation)
        found = "--" if np.isnan(row.simulated) else measured(row.simulated, row.simulated_se)
        what = "collapse at $n$ / at 1" if row.quantity == "sum" else "break-even $n$"
        rows.append(
            (
                what,
                setting(row.phi_0) if row.phi_0 else r"$\to 0$",
                generation,
                number(row.printed),
                number(row.corrected, 4),
                found,
            )
        )
    head = ["", r"$\phi_0$", "$n$", "printed", "corrected", "simulated"]
    return to_tex(pd.DataFrame(rows), head, "lrrrrr")


def _or_dash(value: float) -> str:
    return "--" if np.isnan(value) else number(value, 4)
