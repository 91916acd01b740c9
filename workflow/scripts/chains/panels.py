"""One panel of a figure: simulated test errors as markers over theory as lines."""

from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from model_collapse.statistics import standard_error
from scripts.schema.ridge_rules import RIDGE_RULES
from scripts.schema.spectra import Generators

SWEEPS = {  # label and scale of the horizontal axis
    "samples": (r"sample size $T$", "log"),
    "ridge": (r"ridge $\lambda$", "log"),
    "ell": (r"exponent $\ell$ of $\lambda = T^{-\ell}$", "linear"),
}
OPEN = {"markerfacecolor": "none", "markersize": 4.6}  # a filled marker of another shows inside
LOOKS = (  # for ridge rules in the order of a figure: line and marker both tell them apart
    {"linestyle": "-", "marker": "o"},
    {"linestyle": "--", "marker": "s", **OPEN},
    {"linestyle": ":", "marker": "^", **OPEN},
    {"linestyle": "-.", "marker": "D", **OPEN},
    {"linestyle": (0, (9, 3)), "marker": "v", **OPEN},
    {"linestyle": (0, (6, 2, 1, 2, 1, 2)), "marker": "P", **OPEN},
    {"linestyle": (0, (9, 2, 3, 2)), "marker": "X", **OPEN},
    {"linestyle": (0, (1, 4)), "marker": "p", **OPEN},
)
NULL = {"color": "0.35", "linestyle": (0, (1, 1.5)), "linewidth": 0.9}
CEILING = {"linewidth": 2.2, "clip_on": False, "solid_capstyle": "butt"}
BARS = {"markeredgewidth": 0.8, "elinewidth": 0.8, "linestyle": "none", "zorder": 3}
STAR = {"marker": "*", "markersize": 7.5, "linestyle": "none"}
STAR |= {"markeredgecolor": "black", "markeredgewidth": 0.5}
SIZE_LABEL = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
SIZE_LABEL |= {"fontsize": 8, "color": "0.25", "annotation_clip": False}
STATISTICS = {"mean": r"mean $\pm$ standard error", "median": "median with quartiles"}
GREY = "0.3"  # for legend entries that apply to all colours


class Results(NamedTuple):
    """Results of one experiment: simulated points, the risks of their replicates
    (replicates, points), theory's curves, and T0; if it is Gaussian, its generators.
    """

    simulated: pd.DataFrame
    risks: np.ndarray
    theory: pd.DataFrame
    generator_samples: int
    generators: Generators | None = None

    def shown(self, panel: dict, key: str) -> list:
        """The "generations" or "ridge_rules" that a panel shows, by default all."""
        return panel[key] or list(self.simulated[key.removesuffix("s")].unique())


def draw_panel(ax: Axes, panel: dict, results: Results, colours: dict, looks: dict) -> dict:
    """One sweep of one experiment: a colour for each generation, a look for each ridge rule.

    Returns further entries of the legend: looks by their labels.
    """
    label, scale = SWEEPS[panel["sweep"]]
    entries = {}
    for n, rule in product(*(results.shown(panel, key) for key in ("generations", "ridge_rules"))):
        _draw_curve(ax, panel, results, n, rule, colours[n], looks.get(rule, LOOKS[0]))
    if panel["sweep"] != "samples":
        entries[r"best $\lambda$ of a curve"] = {"color": "0.6"} | STAR
    ax.set(xlabel=label, xscale=scale)
    if panel["sweep_range"]:
        ax.set_xlim(*panel["sweep_range"])
    if base := panel["relative_to"]:
        ax.set_ylabel(f"$E_{{\\mathrm{{test}}}}$ relative to {RIDGE_RULES[base].label}")
        ax.axhline(1, color="0.35", linewidth=0.7)
    else:
        ax.set_yscale(panel["risk_scale"])
        ax.set_ylabel(r"test error $E_{\mathrm{test}}$")
        entries |= _mark_levels(ax, panel, results, colours)
        _plain_ticks_on_short_range(ax)
    if panel["risk_range"]:
        ax.set_ylim(*panel["risk_range"])
    if panel["sweep"] == "samples":
        _mark_sizes(ax, results)
    markers = {"color": GREY, "marker": "o", "linestyle": "none"}
    simulation = f"simulation, {STATISTICS[panel['statistic']]}"
    return entries | {simulation: markers, "theory": {"color": GREY}}


def held_fixed(panel: dict, results: Results) -> str:
    """The title of a panel: the values that it holds fixed."""
    rules = results.shown(panel, "ridge_rules")
    if panel["relative_to"]:
        return f"cost of a rule against the {RIDGE_RULES[panel['relative_to']].label}"
    if panel["sweep"] != "samples":
        size = results.simulated["samples"].iloc[0]
        return f"$T = {size:,}$".replace(",", "{,}")  # no space after the comma
    if rules == ["fixed"]:
        ridge = results.simulated.loc[results.simulated["ridge_rule"] == "fixed", "ridge"].iloc[0]
        exponent = np.log10(ridge) if ridge > 0 else np.nan
        power = f"10^{{{exponent:g}}}" if exponent == round(exponent, 6) else f"{ridge:g}"
        return f"$\\lambda = {power}$"
    return " and ".join(RIDGE_RULES[rule].label for rule in rules)


def _draw_curve(
    ax: Axes, panel: dict, results: Results, n: int, rule: str, colour: tuple, look: dict
) -> None:
    """Theory as a line under the simulation: means with standard errors, or medians with quartiles;
    relative to the mean of the rule ``relative_to`` on the same replicates if one is named.
    """
    is_shown = _at(results.simulated, n, rule)
    points = results.simulated[is_shown]
    middle = points["risk"]
    error = points["risk_se"]
    curve = results.theory[_at(results.theory, n, rule)]
    y = curve["risk"].to_numpy()
    if base := panel["relative_to"]:
        y = y / results.theory.loc[_at(results.theory, n, base), "risk"].to_numpy()
        risks, under = (results.risks[:, i] for i in (is_shown, _at(results.simulated, n, base)))
        middle = risks.mean(axis=0) / under.mean(axis=0)
        error = standard_error(risks - middle * under) / under.mean(axis=0)
    elif panel["statistic"] == "median":
        low, middle, high = np.quantile(results.risks[:, is_shown], (0.25, 0.5, 0.75), axis=0)
        error = np.array([middle - low, high - middle])
    x = _abscissa(curve, panel["sweep"])
    ax.plot(x, y, color=colour, linestyle=look["linestyle"], zorder=2)
    if panel["sweep"] != "samples":
        ax.plot(x.iloc[y.argmin()], y.min(), color=colour, zorder=4, **STAR)
    x = _abscissa(points, panel["sweep"])
    ax.errorbar(x, middle, yerr=error, **({"color": colour} | look | BARS))


def _at(table: pd.DataFrame, n: int, rule: str) -> np.ndarray:
    return ((table["generation"] == n) & (table["ridge_rule"] == rule)).to_numpy()


def _abscissa(table: pd.DataFrame, sweep: str) -> pd.Series:
    if sweep == "ell":
        return -np.log(table["ridge"]) / np.log(table["samples"])
    return table[sweep]


def _mark_levels(ax: Axes, panel: dict, results: Results, colours: dict) -> dict:
    """Mark the null predictor's error and the ceilings as T → ∞; return their legend."""
    if (generators := results.generators) is None:
        return {}
    ax.axhline(generators.problem.null_risk, **NULL)
    if not panel["ceiling"]:
        return {"null predictor": NULL}
    phi_0 = generators.problem.dimension / generators.generator_samples
    for n in results.shown(panel, "generations"):
        level = n * generators.generator_noise**2 * phi_0 / (1 - phi_0)
        if level > 0:
            edge = {"color": colours[n], "transform": ax.get_yaxis_transform()}
            ax.plot([1.005, 1.04], [level, level], **edge, **CEILING)
    ceiling = {"color": "0.5", "linewidth": 2.2}
    return {"null predictor": NULL, r"ceiling $n\sigma_0^2\phi_0/(1-\phi_0)$": ceiling}


def _plain_ticks_on_short_range(ax: Axes) -> None:
    """On a logarithmic axis of less than two decades, decimals at 1, 2, 3, 5 instead of powers."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log" and high / low < 100:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _mark_sizes(ax: Axes, results: Results) -> None:
    """Vertical lines at T = d and T = T0, named at the top of the panel where they cross it."""
    marks = [(results.generator_samples, "$T_0$", "--")]
    if results.generators is not None:
        marks.append((results.generators.problem.dimension, "$d$", ":"))
    for i, (size, name, style) in enumerate(sorted(marks)):
        ax.axvline(size, color="0.45", linestyle=style, linewidth=0.8, zorder=1)
        left = len(marks) > 1 and i == 0
        beside = {"xytext": (1, 2), "ha": "right"} if left else {"xytext": (-1, 2), "ha": "left"}
        if ax.get_xlim()[0] <= size <= ax.get_xlim()[1]:
            ax.annotate(name, (size, 1), **beside, **SIZE_LABEL)
