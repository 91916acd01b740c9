"""Section 2 and the appendix on agreement: does theory pass through the simulated points?"""

import pandas as pd

from scripts.output.formats import at_most, code, number
from scripts.paper.assumptions import FIGURES_1_AND_2
from scripts.paper.numbers.rows import rows
from scripts.paper.numbers.texts import NONE, formatted, listed, names, plain
from scripts.step.files import FEW_SAMPLES, distinct


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """The distribution of z = (mean − theory)/standard error, by name."""
    every_point = tables["agreement_points"]
    points = in_figures(every_point)
    points = points[distinct(points)]
    return {
        **all_points(points),
        **groups(in_figures(tables["agreement"])),
        **worst_point(points),
        **few_samples(points[points["samples"] <= FEW_SAMPLES]),
        **strays(in_figures(tables["agreement_strays"])),
        **repeated(rows(every_point, experiment="fig1b_repeat")),
    }


def in_figures(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the experiments of figures 1 and 2."""
    return table[table["experiment"].isin(FIGURES_1_AND_2)]


def all_points(points: pd.DataFrame) -> dict[str, str]:
    """The number of points, and the shares of those that are close to theory."""
    pooled = points[points["samples"] >= 30]
    close = (pooled["z"].abs() <= 3) | (pooled["deviation"].abs() <= 0.02)
    return {
        "agreement.points": number(len(points)),
        "agreement.share": formatted((points["z"].abs() <= 2).mean(), ".1%"),
        "agreement.pooled": number(len(pooled)),
        "agreement.pooled_share": formatted(close.mean(), ".1%"),
    }


def groups(table: pd.DataFrame) -> dict[str, str]:
    """The z of each experiment's points together, and of all those with T > FEW_SAMPLES."""
    independent = table[table["sizes"].str.contains(">")]
    combined = independent["group_z"].sum() / len(independent) ** 0.5
    return {
        "agreement.groups": number(len(table)),
        "agreement.worst_group": plain(table["group_z"].abs().max()),
        "agreement.experiments": number(len(independent)),
        "agreement.combined": plain(combined),
    }


def worst_point(points: pd.DataFrame) -> dict[str, str]:
    """The point that is furthest from theory in standard errors."""
    worst = points.loc[points["z"].abs().idxmax()]
    return {
        "agreement.worst": number(worst["z"]),
        "agreement.worst_deviation": formatted(worst["deviation"], "+.0%"),
        "agreement.worst_experiment": code(worst["experiment"]),
        "agreement.worst_rule": code(worst["ridge_rule"]),
        "agreement.worst_n": number(worst["generation"]),
        "agreement.worst_T": number(worst["samples"]),
    }


def few_samples(points: pd.DataFrame) -> dict[str, str]:
    """Points with T ≤ FEW_SAMPLES, where the limit itself is off."""
    return {
        "few_samples": number(FEW_SAMPLES),
        "agreement.few_deviation": at_most(points["deviation"].abs().max()),
        "agreement.few_z": number(points["z"].abs().max()),
    }


def strays(points: pd.DataFrame) -> dict[str, str]:
    """Points that are neither within three standard errors nor within 2 % of theory."""
    scatter = (points["risk_se"] * points["replicates"] ** 0.5 / points["risk"]).median()
    return {
        "agreement.strays": number(len(points)),
        "agreement.stray_scatter": formatted(scatter, ".0%") if len(points) else NONE,
        "agreement.stray_experiments": names(sorted(points["experiment"].unique())),
        "agreement.stray_generations": listed(sorted(points["generation"].unique())),
    }


def repeated(points: pd.DataFrame) -> dict[str, str]:
    """Points of figure 1b (a) with more replicates."""
    return {
        "agreement.repeat_replicates": number(points["replicates"].max()),
        "agreement.repeat_worst": number(points["z"].abs().max()),
        "agreement.repeat_deviation": formatted(points["deviation"].abs().max(), ".1%"),
    }
