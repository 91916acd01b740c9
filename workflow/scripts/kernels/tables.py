"""Kernel tables: capacity and source exponents (7), growth in n (8), and where theory fails."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from model_collapse.slopes import fit_exponent, in_window, mean_slope, standard_error
from model_collapse.spectra import Spectrum
from scripts.core.formats import code, in_brackets, number, to_tex
from scripts.core.grids import POINT


def exponents_table(
    blocks: dict[str, dict], spectra: dict[str, Spectrum], windows: Sequence[Sequence[float]]
) -> pd.DataFrame:
    """Table 7: β from eigenvalues λ_k ∝ k^{−β}, r from the target's power beyond k, Σ_{j≥k} λ_j
    w_j² ∝ k^{−2βr}, in windows of ranks, beside the pairs that the paper quotes.

    Raises ValueError for a window with fewer than three ranks of a kernel.
    """
    rows = []
    for name, spectrum in spectra.items():
        ranks = np.arange(1, spectrum.dimension + 1)
        power = spectrum.eigenvalues * spectrum.coefficients**2
        tail = np.cumsum(power[::-1])[::-1]
        for low, high in windows:
            if high > spectrum.dimension:
                continue
            kept = in_window(ranks, low, high)
            capacity = fit_exponent(ranks[kept], spectrum.eigenvalues[kept])
            source = fit_exponent(ranks[kept], tail[kept])
            beta = -capacity.value
            r = -source.value / (2 * beta)
            error = np.hypot(source.standard_error, 2 * r * capacity.standard_error) / (2 * beta)
            rows.append(
                {
                    "experiment": name,
                    "images": spectrum.dimension,
                    "rank_from": low,
                    "rank_to": high,
                    "beta_quoted": blocks[name]["beta"],
                    "beta": beta,
                    "beta_se": capacity.standard_error,
                    "r_quoted": blocks[name]["r"],
                    "r": r,
                    "r_se": error,
                }
            )
    return pd.DataFrame(rows)


def exponents_tex(table: pd.DataFrame) -> str:
    """Table 7 for the paper."""
    rows = [
        (
            code(row.experiment),
            f"{row.rank_from:g}--{row.rank_to:g}",
            f"{row.beta_quoted:g}",
            in_brackets(row.beta, row.beta_se, sign=False),
            f"{row.r_quoted:g}",
            in_brackets(row.r, row.r_se, sign=False),
        )
        for row in table.itertuples()
    ]
    head = ["", "ranks", r"$\beta$ quoted", r"$\beta$ measured", "$r$ quoted", "$r$ measured"]
    return to_tex(pd.DataFrame(rows), head, "lrrrrr")


def growth_table(
    simulated: dict[str, pd.DataFrame],
    risks: dict[str, np.ndarray],
    theory: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Table 8: E(n) − E(0) against n at the largest T, per replicate: a line, and a parabola; the
    line of theory beside it.
    """
    rows = []
    for name, table in simulated.items():
        for rule in table["ridge_rule"].unique():
            here = (table["samples"] == table["samples"].max()) & (table["ridge_rule"] == rule)
            generations = table.loc[here, "generation"].to_numpy()
            ours, limit = risks[name][:, here.to_numpy()], theory[name].loc[here, "risk"]
            if len(generations) < 3:
                continue
            line = mean_slope(generations, ours)[0]
            linear, quadratic = mean_slope(generations, ours, degree=2)
            rows.append(
                {
                    "experiment": name,
                    "ridge_rule": rule,
                    "samples": table["samples"].max(),
                    "last_generation": generations.max(),
                    "slope": line.value,
                    "slope_se": line.standard_error,
                    "slope_theory": np.polyfit(generations, limit, 1)[0],
                    "linear": linear.value,
                    "linear_se": linear.standard_error,
                    "quadratic": quadratic.value,
                    "quadratic_se": quadratic.standard_error,
                    "median_slope": np.polyfit(generations, np.median(ours, axis=0), 1)[0],
                }
            )
    return pd.DataFrame(rows)


def growth_tex(table: pd.DataFrame) -> str:
    """Table 8 for the paper."""
    rows = [
        (
            code(row.experiment),
            code(row.ridge_rule),
            in_brackets(row.slope, row.slope_se),
            number(row.slope_theory),
            number(row.median_slope),
            in_brackets(row.linear, row.linear_se),
            in_brackets(row.quadratic, row.quadratic_se),
        )
        for row in table.itertuples()
    ]
    head = ["", "rule", "slope", "theory", "of medians", "linear", "quadratic"]
    return to_tex(pd.DataFrame(rows), head, "llrrrrr")


def universality_table(
    simulated: dict[str, pd.DataFrame],
    risks: dict[str, np.ndarray],
    theory: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """How far simulation is from the recursion on the estimated spectrum, by generation.

    Deviations are (simulated − theory)/theory at ell_crit: median and largest over T, of means and,
    in ``median_of_medians``, of the medians over replicates.
    """
    rows = []
    for name, table in simulated.items():
        both = table.merge(theory[name], on=POINT, suffixes=("", "_theory"), validate="1:1")
        middle = np.median(risks[name], axis=0)
        for n in sorted(both["generation"].unique()):
            kept = ((both["generation"] == n) & (both["ridge_rule"] == "ell_crit")).to_numpy()
            limit = both.loc[kept, "risk_theory"].to_numpy()
            deviation = both.loc[kept, "risk"].to_numpy() / limit - 1
            last = int(np.argmax(both.loc[kept, "samples"].to_numpy()))
            single = risks[name][:, kept][:, last]
            rows.append(
                {
                    "experiment": name,
                    "generation": n,
                    "median_deviation": np.median(deviation),
                    "largest_deviation": deviation[np.argmax(np.abs(deviation))],
                    "last_samples": both.loc[kept, "samples"].iloc[last],
                    "last_simulated": single.mean(),
                    "last_simulated_se": standard_error(single),
                    "last_theory": limit[last],
                    "last_theory_half": both.loc[kept, "risk_half_the_images"].iloc[last],
                    "last_deviation": deviation[last],
                    "median_of_medians": np.median(middle[kept] / limit - 1),
                }
            )
    return pd.DataFrame(rows)


def universality_tex(table: pd.DataFrame) -> str:
    """The deviations for the paper."""
    rows = [
        (
            code(row.experiment) if row.generation == table["generation"].min() else "",
            row.generation,
            _percent(row.median_deviation),
            _percent(row.largest_deviation),
            _percent(row.median_of_medians),
            in_brackets(row.last_simulated, row.last_simulated_se, sign=False),
            number(row.last_theory),
            number(row.last_theory_half),
            _percent(row.last_deviation),
        )
        for row in table.itertuples()
    ]
    head = ["", "$n$", "median dev.", "largest", "of medians", "at the largest $T$: simulated"]
    gap = int(table["generation"].nunique())
    return to_tex(pd.DataFrame(rows), [*head, "theory", "half", "dev."], "lrrrrrrrr", gap=gap)


def _percent(value: float) -> str:
    return f"${100 * value:+.0f}\\,\\%$"
