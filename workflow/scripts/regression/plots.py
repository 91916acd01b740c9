"""Figures of any number of panels: simulated test errors as markers over theory as lines."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from model_collapse.slopes import standard_error
from scripts.core.grids import values_of
from scripts.core.ridge_rules import RIDGE_RULES

TEXT_WIDTH = 6.27
"""Inches: the paper's \\textwidth."""
ROW_HEIGHT = 2.55
LINE_HEIGHT = 0.19
"""Inches: a row of panels, a line of the legend."""

SWEEPS = {
    "samples": r"sample size $T$",
    "ridge": r"ridge $\lambda$",
    "ell": r"exponent $\ell$ of $\lambda = T^{-\ell}$",
}
"""Axis labels."""

RULE_STYLES = (
    {"linestyle": "-", "marker": "o"},
    {"linestyle": "--", "marker": "s"},
    {"linestyle": ":", "marker": "^"},
    {"linestyle": "-.", "marker": "D"},
)
COLUMNS = 2
STAR = {
    "marker": "*",
    "markersize": 7.5,
    "markeredgecolor": "black",
    "markeredgewidth": 0.5,
    "linestyle": "none",
}


@dataclass(frozen=True)
class Results:
    """What is known of one experiment: simulated risks, per-replicate risks, predicted risks.

    ``block`` is its config; theory is None for kernel experiments; risks is (replicates, points)
    in the order of ``simulated``. generator_samples is T0 for the images that were used.
    """

    block: dict
    simulated: pd.DataFrame
    risks: np.ndarray
    theory: pd.DataFrame | None
    generator_samples: int
    dimension: int | None = None
    null_risk: float | None = None


@dataclass
class Shown:
    """What the legend has to explain: generations, ridge rules with their styles, the rest."""

    rules: dict[str, dict]
    generations: set = field(default_factory=set)
    entries: dict[str, Line2D] = field(default_factory=dict)


def generation_colours(generations: list[int]) -> dict[int, tuple]:
    """A colour for each generation, dark to light in order, told apart without hue."""
    ranks = np.linspace(0, 0.8, max(len(generations), 2))
    return {n: colormaps["viridis"](x) for n, x in zip(sorted(generations), ranks, strict=False)}


def draw_figure(panels: list[dict], results: dict[str, Results], note: str = "") -> plt.Figure:
    """A figure of the panels of a config block, two a row, with one legend below.

    ``results`` maps experiment names to Results; ``note`` is printed under the legend.
    """
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    colours = generation_colours(
        sorted({n for panel in panels for n in results[panel["experiment"]].block["generations"]})
    )
    figure, axes = plt.subplots(rows, columns, squeeze=False, layout="constrained")
    shown = Shown(_rule_styles(panels, results))
    for i, (ax, panel) in enumerate(zip(axes.flat, panels, strict=False)):
        draw_panel(ax, panel, results[panel["experiment"]], colours, shown)
        letter = f"({chr(ord('a') + i)}) " if len(panels) > 1 else ""
        title = f"{letter}{panel['title'] or _setting(panel, results)}"
        ax.set_title(title, loc="left", pad=12)  # above the names of d and T0
    for ax in axes.flat[len(panels) :]:
        ax.set_visible(False)
    lines = _legend_lines(colours, shown)
    below = LINE_HEIGHT * (len(lines) + bool(note) + 0.3)
    height = ROW_HEIGHT * rows + below
    figure.set_size_inches(TEXT_WIDTH, height)
    figure.get_layout_engine().set(rect=(0, below / height, 1, 1 - below / height))
    for i, handles in enumerate(lines):
        top = (below - LINE_HEIGHT * i) / height
        figure.add_artist(
            Legend(
                figure,
                handles,
                [handle.get_label() for handle in handles],
                loc="upper center",
                bbox_to_anchor=(0.5, top),
                ncols=len(handles),
                borderaxespad=0.2,
            )
        )
    if note:
        figure.text(0.5, 0.06 / height, note, ha="center", va="bottom", fontsize=8, color="0.3")
    return figure


def draw_panel(
    ax: Axes, panel: dict, results: Results, colours: dict[int, tuple], shown: Shown
) -> None:
    """One sweep of one experiment: a colour a generation, a line style a ridge rule."""
    sweep, base = panel["sweep"], panel.get("relative_to")
    for n in panel.get("generations", results.block["generations"]):
        shown.generations.add(n)
        for rule in _rules(panel, results):
            style = shown.rules.get(rule, RULE_STYLES[0])
            _draw_curve(ax, results, n, rule, style, colours[n], panel, shown)
    ax.set_xlabel(SWEEPS[sweep])
    ax.set_xscale("linear" if sweep == "ell" else "log")
    if "sweep_range" in panel:
        ax.set_xlim(*panel["sweep_range"])
    if base:
        ax.set_ylabel(f"$E_{{\\mathrm{{test}}}}$ relative to {RIDGE_RULES[base].label}")
        ax.axhline(1, color="0.35", linewidth=0.7)
    else:
        ax.set_yscale(panel["risk_scale"])
        ax.set_ylabel(r"test error $E_{\mathrm{test}}$")
        _mark_levels(ax, panel, results, colours, shown)
        _plain_ticks_on_short_range(ax)
    if "risk_range" in panel:
        ax.set_ylim(*panel["risk_range"])
    if sweep == "samples":
        _mark_sizes(ax, results)
    if results.theory is not None:
        shown.entries["simulation, mean $\\pm$ standard error"] = Line2D(
            [], [], color="0.3", marker="o", linestyle="none"
        )
        shown.entries["theory"] = Line2D([], [], color="0.3")


def _rules(panel: dict, results: Results) -> list[str]:
    return panel.get("ridge_rules", results.block["ridge_rules"])


def _rule_styles(panels: list[dict], results: dict[str, Results]) -> dict[str, dict]:
    """A style for each rule that shares a panel with another; one alone needs no explanation."""
    sharing = [rules for p in panels if len(rules := _rules(p, results[p["experiment"]])) > 1]
    names = dict.fromkeys(rule for rules in sharing for rule in rules)
    return {rule: RULE_STYLES[i % len(RULE_STYLES)] for i, rule in enumerate(names)}


def _draw_curve(ax, results, n, rule, style, colour, panel, shown) -> None:
    """Theory as a line under the simulated means with their standard errors."""
    sweep, base = panel["sweep"], panel.get("relative_to")
    hollow = style is not RULE_STYLES[0]
    if results.theory is not None:
        curve = _curve(results.theory, n, rule)
        y = curve["risk"].to_numpy()
        if base:
            y = y / _curve(results.theory, n, base)["risk"].to_numpy()
        ax.plot(_abscissa(curve, sweep), y, color=colour, linestyle=style["linestyle"], zorder=2)
        if sweep != "samples" and not base:
            lowest = curve.iloc[[np.argmin(y)]]
            ax.plot(_abscissa(lowest, sweep), lowest["risk"], color=colour, zorder=4, **STAR)
            shown.entries[r"best $\lambda$ of a curve"] = Line2D([], [], color="0.6", **STAR)
    points, middle, error = _simulated(results, n, rule, base, panel["statistic"])
    ax.errorbar(
        _abscissa(points, sweep),
        middle,
        yerr=error,
        color=colour,
        marker=style["marker"],
        # Open and larger, so that a filled marker of another rule shows inside.
        markerfacecolor="none" if hollow else colour,
        markersize=4.6 if hollow else None,
        markeredgewidth=0.8,
        linestyle="none" if results.theory is not None else style["linestyle"],
        elinewidth=0.8,
        zorder=3,
    )


def _simulated(results: Results, n: int, rule: str, base: str | None, statistic: str):
    """The points of a curve, their centres and error bars, (points,) or (2, points).

    mean ± standard error, or median with the distances to the quartiles; relative to the mean of
    the rule ``base`` on the same replicates if one is named.
    """
    table = results.simulated
    here = (table["generation"] == n).to_numpy()
    kept = here & (table["ridge_rule"] == rule).to_numpy()
    risks = results.risks[:, kept]
    if base:
        under = results.risks[:, here & (table["ridge_rule"] == base).to_numpy()]
        ratio = risks.mean(axis=0) / under.mean(axis=0)
        spread = standard_error(risks - ratio * under) / under.mean(axis=0)
        return table[kept], ratio, spread
    if statistic == "median":
        low, middle, high = np.quantile(risks, (0.25, 0.5, 0.75), axis=0)
        return table[kept], middle, np.array([middle - low, high - middle])
    return table[kept], table["risk"][kept], table["risk_se"][kept]


def _curve(theory: pd.DataFrame, n: int, rule: str) -> pd.DataFrame:
    return theory[(theory["generation"] == n) & (theory["ridge_rule"] == rule)]


def _abscissa(table: pd.DataFrame, sweep: str) -> pd.Series:
    if sweep == "ell":
        return -np.log(table["ridge"]) / np.log(table["samples"])
    return table[sweep]


def _mark_levels(ax, panel, results, colours, shown) -> None:
    """The null predictor's error, and what the curves rise to as T → ∞."""
    if results.null_risk is not None:
        ax.axhline(results.null_risk, color="0.35", linestyle=(0, (1, 1.5)), linewidth=0.9)
        shown.entries["null predictor"] = Line2D(
            [], [], color="0.35", linestyle=(0, (1, 1.5)), linewidth=0.9
        )
    if panel.get("ceiling"):
        d, size = results.dimension, results.generator_samples
        for n in results.block["generations"]:
            level = n * results.block["generator_noise"] ** 2 * d / (size - d)
            if level > 0:
                ax.plot(
                    [1.005, 1.04],
                    [level, level],
                    color=colours[n],
                    linewidth=2.2,
                    transform=ax.get_yaxis_transform(),
                    clip_on=False,
                    solid_capstyle="butt",
                )
        shown.entries[r"ceiling $n\sigma_0^2\phi_0/(1-\phi_0)$"] = Line2D(
            [], [], color="0.5", linewidth=2.2
        )


def _plain_ticks_on_short_range(ax: Axes) -> None:
    """On a logarithmic axis of less than two decades, decimals at 1, 2, 3, 5 instead of powers."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log" and high / low < 100:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _mark_sizes(ax, results) -> None:
    """Vertical lines at T = d and T = T0, named at the top of the panel."""
    marks = [(results.generator_samples, "$T_0$", "--")]
    if results.dimension is not None:
        marks.append((results.dimension, "$d$", ":"))
    marks.sort()
    for i, (size, name, style) in enumerate(marks):
        ax.axvline(size, color="0.45", linestyle=style, linewidth=0.8, zorder=1)
        left = len(marks) > 1 and i == 0
        ax.annotate(
            name,
            (size, 1),
            xycoords=("data", "axes fraction"),
            fontsize=8,
            color="0.25",
            xytext=(1 if left else -1, 2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="bottom",
            annotation_clip=False,
        )


def _setting(panel: dict, results: dict[str, Results]) -> str:
    """What is held fixed in a panel, as its title."""
    block = results[panel["experiment"]].block
    rules = _rules(panel, results[panel["experiment"]])
    if panel.get("relative_to"):
        return "cost of a rule against the best $\\lambda$"
    if panel["sweep"] != "samples":
        return f"$T = {block['samples']:,}$".replace(",", "{,}")  # no space after the comma
    if rules == ["fixed"]:
        ridge = values_of(block["ridge"])[0]
        exponent = np.log10(ridge) if ridge > 0 else np.nan
        power = f"10^{{{exponent:g}}}" if exponent == round(exponent, 6) else f"{ridge:g}"
        return f"$\\lambda = {power}$"
    return " and ".join(RIDGE_RULES[rule].label for rule in rules)


def _legend_lines(colours: dict[int, tuple], shown: Shown) -> list[list[Line2D]]:
    """Legend handles line by line: the generations, the ridge rules if several, the rest."""
    lines = [
        [
            Line2D([], [], color=colours[n], linewidth=2.2, label=f"$n = {n}$")
            for n in sorted(shown.generations)
        ]
    ]
    if shown.rules:
        rules = [
            Line2D(
                [],
                [],
                color="0.3",
                **style,
                markerfacecolor="0.3" if style is RULE_STYLES[0] else "none",
                label=RIDGE_RULES[rule].label,
            )
            for rule, style in shown.rules.items()
        ]
        lines += [rules[i : i + 4] for i in range(0, len(rules), 4)]
    for label, handle in shown.entries.items():
        handle.set_label(label)
    rest = list(shown.entries.values())
    return lines + [rest[i : i + 4] for i in range(0, len(rest), 4)]
