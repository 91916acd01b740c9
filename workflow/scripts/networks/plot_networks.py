"""Test error of networks against the generation, training as markers, theory as lines: this build,
and the reference run that is kept beside the paper.
"""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from scripts.output.formats import MILLI
from scripts.output.style import COLOURS, TEXT_WIDTH, handle, letter, save_figure, shades, use_style
from scripts.step.files import KNEE, NETWORK, read_csv
from scripts.step.job import job

STYLES = (("o", "-"), ("s", "--"), ("^", ":"))  # of a panel's first, second, third experiment
BARS = {"markersize": 3.2, "elinewidth": 0.8, "linewidth": 1.0, "zorder": 3}
THEORY = {
    "filter": ("gradient-descent filter", COLOURS["blue"], "-"),
    "ridgeless": ("ridgeless limit", COLOURS["vermilion"], "--"),
    "recursion": ("prediction from the features' spectrum", COLOURS["green"], "-."),
}
LEGEND_ORDER = {"None": 0, "-": 1, "--": 2}  # markers alone first, then by line
DOTTED = (0, (1, 1.2))
COLUMNS = 2
PANEL_HEIGHT = 2.2


def draw_networks(panels: list[dict], build: pd.DataFrame, reference: pd.DataFrame) -> Figure:
    """Draw the panels for this build, then those for the reference run.

    A run has a panel only if it has one of the panel's experiments. Both tables hold points as
    tabulate_networks writes them.
    """
    shown = [
        (f"{panel['title']}: {run}", panel["experiments"], points_of_panel)
        for run, points in (("", build), ("reference, ", reference))
        for panel in panels
        if len(points_of_panel := points[points["experiment"].isin(panel["experiments"])])
    ]
    rows = -(-len(shown) // COLUMNS)
    size = (TEXT_WIDTH, PANEL_HEIGHT * rows + 0.55)
    figure, axes = plt.subplots(rows, COLUMNS, squeeze=False, layout="constrained", figsize=size)
    drawn = pd.concat([points for *_, points in shown])
    entries = {}
    fixed = drawn.loc[drawn["method"] == "filter", "experiment"]
    colours = shades(drawn.loc[~drawn["experiment"].isin(fixed), "width"].unique())
    for i, (ax, (title, names, points)) in enumerate(zip(axes.flat, shown, strict=False)):
        draw_panel(ax, names, points, colours, entries)
        ax.set_title(f"{letter(i)} {title}$T$ = {points['samples'].max():,}", loc="left")
    for ax in axes.flat[len(shown) :]:
        ax.set_visible(False)
    handles = sorted(entries.values(), key=lambda line: LEGEND_ORDER.get(line.get_linestyle(), 3))
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def draw_panel(
    ax: Axes, names: list[str], points: pd.DataFrame, colours: dict, entries: dict[str, Line2D]
) -> None:
    """One panel; its entries of the legend are added to ``entries``, by label."""
    for (marker, line), name in zip(STYLES, names, strict=False):
        for width, group in points[points["experiment"] == name].groupby("width"):
            sgd = group[group["method"] == "sgd"]
            solid = line == "-"
            if fixed := "filter" in set(group["method"]):  # only if the hidden layer stays as drawn
                colour = "black"
                label = r"SGD, mean $\pm$ standard error"
                for method, (name_of_curve, shade, dashes) in THEORY.items():
                    curve = group[group["method"] == method]
                    look = {"color": shade, "linestyle": dashes}
                    if len(curve):
                        risk = MILLI * curve["risk"]
                        ax.plot(curve["generation"], risk, linewidth=1.1, zorder=2, **look)
                        entries[name_of_curve] = handle(name_of_curve, **look)
            else:
                colour = colours[width]
                label = f"$H = {width}$" + ("" if solid else f", {name}")
                if solid:
                    draw_early_line(ax, sgd, colour, entries)
            look = {
                "color": colour,
                "marker": marker,
                "markerfacecolor": colour if solid else "white",
                "linestyle": "none" if fixed else line,
            }
            risk = MILLI * sgd["risk"]
            error = MILLI * sgd["risk_se"]
            ax.errorbar(sgd["generation"], risk, error, **BARS, **look)
            entries[label] = handle(label, **look)
    ax.set_xlabel("generation $n$")
    ax.set_ylabel(r"test error (MSE) $/\,10^{-3}$")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=0)


def draw_early_line(ax: Axes, points: pd.DataFrame, colour, entries: dict[str, Line2D]) -> None:
    """The straight line through generations up to KNEE, carried on to the last."""
    early = points[points["generation"] <= KNEE]
    last = points["generation"].max()
    if len(early) < 3 or last <= KNEE:
        return
    slope, offset = np.polyfit(early["generation"], early["risk"], 1)
    n = np.array([KNEE, last])
    ax.plot(n, MILLI * (offset + slope * n), color=colour, linestyle=DOTTED, linewidth=0.9)
    label = rf"line through $n\leq{KNEE}$, carried on"
    entries[label] = handle(label, color="0.4", linestyle=DOTTED)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        points = read_csv(snakemake.input.points, NETWORK)
        reference = read_csv(snakemake.input.reference, NETWORK)
        figure = draw_networks(snakemake.params.panels, points, reference)
        save_figure(figure, snakemake.output)
