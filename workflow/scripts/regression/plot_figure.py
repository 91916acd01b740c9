"""A figure of any number of panels: simulated test errors as markers over theory as lines."""

from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from model_collapse.slopes import standard_error
from scripts.core.files import PREDICTED, SIMULATED, arrays_of, read_json, tables_of
from scripts.core.job import job
from scripts.core.ridge_rules import RIDGE_RULES
from scripts.core.spectra import Generators
from scripts.core.style import TEXT_WIDTH, handle, letter, save_figure, shades, use_style

ROW_HEIGHT, LINE_HEIGHT = 2.55, 0.19  # inches: a row of panels, a line of the legend
COLUMNS = 2  # panels in a row
ENTRIES = 4  # of the legend in a line
SWEEPS = {  # what the horizontal axis shows: its label and scale
    "samples": (r"sample size $T$", "log"),
    "ridge": (r"ridge $\lambda$", "log"),
    "ell": (r"exponent $\ell$ of $\lambda = T^{-\ell}$", "linear"),
}
LOOKS = (  # of ridge rules, as they come in a figure: told apart by line and marker alike
    {"linestyle": "-", "marker": "o"},
    {"linestyle": "--", "marker": "s"},
    {"linestyle": ":", "marker": "^"},
    {"linestyle": "-.", "marker": "D"},
    {"linestyle": (0, (9, 3)), "marker": "v"},
    {"linestyle": (0, (6, 2, 1, 2, 1, 2)), "marker": "P"},
    {"linestyle": (0, (9, 2, 3, 2)), "marker": "X"},
    {"linestyle": (0, (1, 4)), "marker": "p"},
)
OPEN_SIZE = 4.6  # of open markers: a filled one of another rule shows inside
NULL = {"color": "0.35", "linestyle": (0, (1, 1.5)), "linewidth": 0.9}
CEILING = {"linewidth": 2.2, "clip_on": False, "solid_capstyle": "butt"}
BARS = {"markeredgewidth": 0.8, "elinewidth": 0.8, "linestyle": "none", "zorder": 3}
STAR = {"marker": "*", "markersize": 7.5, "linestyle": "none"}
STAR |= {"markeredgecolor": "black", "markeredgewidth": 0.5}
# Of a size named above the panel
NAMED = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
NAMED |= {"fontsize": 8, "color": "0.25", "annotation_clip": False}
GREY = "0.3"  # of what stands for every colour
SIMULATION = {"color": GREY, "marker": "o", "linestyle": "none"}


@dataclass(frozen=True)
class Results:
    """What is known of one experiment.

    Simulated points, the risks of their replicates (replicates, points), theory's curves, and T0;
    of a Gaussian experiment its generators, with the problem.
    """

    simulated: pd.DataFrame
    risks: np.ndarray
    theory: pd.DataFrame
    generator_samples: int
    generators: Generators | None = None

    @property
    def generations(self) -> list[int]:
        """n, in the config's order."""
        return list(self.simulated["generation"].unique())

    def rules(self, panel: dict) -> list[str]:
        """The ridge rules that a panel shows."""
        return panel.get("ridge_rules") or list(self.simulated["ridge_rule"].unique())


@dataclass
class Key:
    """What the legend has to explain: colours and looks, and what else panels show."""

    colours: dict[int, tuple]
    looks: dict[str, dict]
    generations: set[int] = field(default_factory=set)
    entries: dict[str, dict] = field(default_factory=dict)


def rule_looks(panels: list[dict], results: dict[str, Results]) -> dict[str, dict]:
    """A look for each rule that shares a panel with another; one alone needs no explanation.

    Looks go by a rule's rank in the figure, so that most figures need the plainest ones only.
    """
    shown = [results[panel["experiment"]].rules(panel) for panel in panels]
    sharing = dict.fromkeys(rule for rules in shown if len(rules) > 1 for rule in rules)
    return dict(zip(sharing, LOOKS, strict=False))


def draw_figure(panels: list[dict], results: dict[str, Results], note: str = "") -> plt.Figure:
    """A figure of the panels of a config block, two in a row, with one legend below.

    ``results`` maps experiment names to Results; ``note`` is printed under the legend.
    """
    columns = min(COLUMNS, len(panels))
    rows, shown = -(-len(panels) // columns), [results[panel["experiment"]] for panel in panels]
    key = Key(shades({n for one in shown for n in one.generations}), rule_looks(panels, results))
    figure, axes = plt.subplots(rows, columns, squeeze=False, layout="constrained")
    for i, (ax, panel, one) in enumerate(zip(axes.flat, panels, shown, strict=False)):
        draw_panel(ax, panel, one, key)
        title = panel["title"] or held_fixed(panel, one)
        title = f"{letter(i)} {title}" if len(panels) > 1 else title
        ax.set_title(title, loc="left", pad=12)  # above the names of d and T0
    for ax in axes.flat[len(panels) :]:
        ax.set_visible(False)
    _add_legend(figure, ROW_HEIGHT * rows, _legend_lines(key), note)
    return figure


def draw_panel(ax: Axes, panel: dict, results: Results, key: Key) -> None:
    """One sweep of one experiment: a colour for each generation, a look for each ridge rule."""
    label, scale = SWEEPS[panel["sweep"]]
    generations = panel.get("generations") or results.generations
    key.generations |= set(generations)
    for n, rule in product(generations, results.rules(panel)):
        _draw_curve(ax, panel, results, n, rule, key)
    ax.set_xlabel(label)
    ax.set_xscale(scale)
    if panel.get("sweep_range"):
        ax.set_xlim(*panel["sweep_range"])
    if base := panel.get("relative_to"):
        ax.set_ylabel(f"$E_{{\\mathrm{{test}}}}$ relative to {RIDGE_RULES[base].label}")
        ax.axhline(1, color="0.35", linewidth=0.7)
    else:
        ax.set_yscale(panel["risk_scale"])
        ax.set_ylabel(r"test error $E_{\mathrm{test}}$")
        _mark_levels(ax, panel, results, key)
        _plain_ticks_on_short_range(ax)
    if panel.get("risk_range"):
        ax.set_ylim(*panel["risk_range"])
    if panel["sweep"] == "samples":
        _mark_sizes(ax, results)
    key.entries[r"simulation, mean $\pm$ standard error"] = SIMULATION
    key.entries["theory"] = {"color": GREY}


def held_fixed(panel: dict, results: Results) -> str:
    """What is held fixed in a panel, as its title."""
    rules, first = results.rules(panel), results.simulated.iloc[0]
    if panel.get("relative_to"):
        return "cost of a rule against the best $\\lambda$"
    if panel["sweep"] != "samples":
        return f"$T = {first['samples']:,}$".replace(",", "{,}")  # no space after the comma
    if rules == ["fixed"]:
        ridge = results.simulated.loc[results.simulated["ridge_rule"] == "fixed", "ridge"].iloc[0]
        exponent = np.log10(ridge) if ridge > 0 else np.nan
        power = f"10^{{{exponent:g}}}" if exponent == round(exponent, 6) else f"{ridge:g}"
        return f"$\\lambda = {power}$"
    return " and ".join(RIDGE_RULES[rule].label for rule in rules)


def _draw_curve(ax: Axes, panel: dict, results: Results, n: int, rule: str, key: Key) -> None:
    """Theory as a line under the simulated means with their standard errors."""
    sweep, base = panel["sweep"], panel.get("relative_to")
    look, colour = key.looks.get(rule, LOOKS[0]), key.colours[n]
    curve = results.theory[_at(results.theory, n, rule)]
    y = curve["risk"].to_numpy()
    if base:
        y = y / results.theory.loc[_at(results.theory, n, base), "risk"].to_numpy()
    ax.plot(_abscissa(curve, sweep), y, color=colour, linestyle=look["linestyle"], zorder=2)
    if sweep != "samples" and not base:
        lowest = curve.iloc[[np.argmin(y)]]
        ax.plot(_abscissa(lowest, sweep), lowest["risk"], color=colour, zorder=4, **STAR)
        key.entries[r"best $\lambda$ of a curve"] = {"color": "0.6"} | STAR
    points, middle, error = _simulated(results, n, rule, base, panel["statistic"])
    marker = {"marker": look["marker"], "markersize": None if look is LOOKS[0] else OPEN_SIZE}
    marker |= {"color": colour} | _face(look, colour)
    ax.errorbar(_abscissa(points, sweep), middle, yerr=error, **marker, **BARS)


def _simulated(results: Results, n: int, rule: str, base: str | None, statistic: str):
    """The points of a curve, their centres and error bars, (points,) or (2, points).

    mean ± standard error, or median with the distances to the quartiles; relative to the mean of
    the rule ``base`` on the same replicates if one is named.
    """
    table, here = results.simulated, _at(results.simulated, n, rule)
    risks = results.risks[:, here]
    if base:
        under = results.risks[:, _at(table, n, base)]
        ratio = risks.mean(axis=0) / under.mean(axis=0)
        spread = standard_error(risks - ratio * under) / under.mean(axis=0)
        return table[here], ratio, spread
    if statistic == "median":
        low, middle, high = np.quantile(risks, (0.25, 0.5, 0.75), axis=0)
        return table[here], middle, np.array([middle - low, high - middle])
    return table[here], table["risk"][here], table["risk_se"][here]


def _face(look: dict, colour) -> dict:
    """The plainest marker is filled, others are open."""
    return {"markerfacecolor": colour if look is LOOKS[0] else "none"}


def _at(table: pd.DataFrame, n: int, rule: str) -> np.ndarray:
    return ((table["generation"] == n) & (table["ridge_rule"] == rule)).to_numpy()


def _abscissa(table: pd.DataFrame, sweep: str) -> pd.Series:
    if sweep == "ell":
        return -np.log(table["ridge"]) / np.log(table["samples"])
    return table[sweep]


def _mark_levels(ax: Axes, panel: dict, results: Results, key: Key) -> None:
    """The null predictor's error, and what the curves rise to as T → ∞."""
    if (generators := results.generators) is None:
        return
    ax.axhline(generators.problem.null_risk, **NULL)
    key.entries["null predictor"] = NULL
    if not panel.get("ceiling"):
        return
    d, size = generators.problem.dimension, generators.generator_samples
    for n in results.generations:
        level = n * generators.generator_noise**2 * d / (size - d)
        if level > 0:
            at_the_edge = {"color": key.colours[n], "transform": ax.get_yaxis_transform()}
            ax.plot([1.005, 1.04], [level, level], **at_the_edge, **CEILING)
    key.entries[r"ceiling $n\sigma_0^2\phi_0/(1-\phi_0)$"] = {"color": "0.5", "linewidth": 2.2}


def _plain_ticks_on_short_range(ax: Axes) -> None:
    """On a logarithmic axis of less than two decades, decimals at 1, 2, 3, 5 instead of powers."""
    low, high = ax.get_ylim()
    if ax.get_yscale() == "log" and high / low < 100:
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())


def _mark_sizes(ax: Axes, results: Results) -> None:
    """Vertical lines at T = d and T = T0, named at the top of the panel."""
    marks = [(results.generator_samples, "$T_0$", "--")]
    if results.generators is not None:
        marks.append((results.generators.problem.dimension, "$d$", ":"))
    marks.sort()
    for i, (size, name, style) in enumerate(marks):
        ax.axvline(size, color="0.45", linestyle=style, linewidth=0.8, zorder=1)
        left = len(marks) > 1 and i == 0
        beside = {"xytext": (1, 2), "ha": "right"} if left else {"xytext": (-1, 2), "ha": "left"}
        ax.annotate(name, (size, 1), **beside, **NAMED)


def _legend_lines(key: Key) -> list[list[Line2D]]:
    """Legend handles line by line: the generations, the ridge rules if several, the rest."""
    generations = [
        handle(f"$n = {n}$", color=key.colours[n], linewidth=2.2) for n in sorted(key.generations)
    ]
    rules = [
        handle(RIDGE_RULES[rule].label, color=GREY, **look, **_face(look, GREY))
        for rule, look in key.looks.items()
    ]
    rest = [handle(label, **look) for label, look in key.entries.items()]
    parts = (part[i : i + ENTRIES] for part in (rules, rest) for i in range(0, len(part), ENTRIES))
    return [generations, *parts]


def _add_legend(figure: plt.Figure, above: float, lines: list[list[Line2D]], note: str) -> None:
    """The legend and the note, below panels that are ``above`` inches high."""
    below = LINE_HEIGHT * (len(lines) + bool(note) + 0.3)
    height = above + below
    figure.set_size_inches(TEXT_WIDTH, height)
    figure.get_layout_engine().set(rect=(0, below / height, 1, 1 - below / height))
    for i, handles in enumerate(lines):
        labels, top = [line.get_label() for line in handles], (below - LINE_HEIGHT * i) / height
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, top), "borderaxespad": 0.2}
        figure.add_artist(Legend(figure, handles, labels, ncols=len(handles), **place))
    if note:
        figure.text(0.5, 0.06 / height, note, ha="center", va="bottom", fontsize=8, color="0.3")


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        files, panels = snakemake.input, snakemake.params.panels
        theory, risks = tables_of(files.theory, PREDICTED), arrays_of(files.replicates, "risks")
        images, results = read_json(files.images[0]) if files.images else None, {}
        for name, points in tables_of(files.simulated, SIMULATED).items():
            block, generators = snakemake.params.blocks[name], None
            if "spectrum" in block:
                generators = Generators(**block)
            else:
                block = block["sizes"][images["name"]]
            size = block["generator_samples"]
            results[name] = Results(points, risks[name], theory[name], size, generators)
        note = f"Images: {images['description']}" if images else ""
        save_figure(draw_figure(panels, results, note), snakemake.output)
        log.info("%d panels", len(panels))
