"""Test error of networks against the generation, training as markers, theory as lines: this build,
and the reference run that is kept beside the paper.
"""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from scripts.core.files import read_csv
from scripts.core.formats import MILLI
from scripts.core.job import job
from scripts.core.points import KNEE, NETWORK
from scripts.core.style import TEXT_WIDTH, save_figure, use_style

STYLES = (("o", "-"), ("s", "--"), ("^", ":"))  # of a panel's first, second, third experiment
THEORY = {  # Okabe and Ito's colours, with lines of their own
    "filter": ("gradient-descent filter", "#0072B2", "-"),
    "ridgeless": ("ridgeless limit", "#D55E00", "--"),
    "recursion": ("recursion, from the features' spectrum", "#009E73", "-."),
}
LEGEND_ORDER = {"None": 0, "-": 1, "--": 2}  # markers alone first, then by line
DOTTED = (0, (1, 1.2))
COLUMNS, PANEL_HEIGHT = 2, 2.2


def draw_networks(panels: list[dict], build: pd.DataFrame, reference: pd.DataFrame) -> Figure:
    """The panels for this build, then for the reference run, two to a row.

    Both are points as tabulate_networks writes them. A panel is left out for a run that has none of
    its experiments.
    """
    runs = {"": build, "reference, ": reference}
    shown = [
        (run, panel)
        for run, points in runs.items()
        for panel in panels
        if points["experiment"].isin(panel["experiments"]).any()
    ]
    rows = -(-len(shown) // COLUMNS)
    figure, axes = plt.subplots(
        rows,
        COLUMNS,
        layout="constrained",
        figsize=(TEXT_WIDTH, PANEL_HEIGHT * rows + 0.55),
        squeeze=False,
    )
    colours = width_colours(panels, list(runs.values()))
    entries: dict[str, Line2D] = {}
    for i, (ax, (run, panel)) in enumerate(zip(axes.flat, shown, strict=False)):
        points = runs[run][runs[run]["experiment"].isin(panel["experiments"])]
        draw_panel(ax, panel["experiments"], points, colours, entries)
        title = f"({chr(ord('a') + i)}) {panel['title']}: {run}$T$ = {points['samples'].max():,}"
        ax.set_title(title, loc="left")
    for ax in axes.flat[len(shown) :]:
        ax.set_visible(False)
    handles = sorted(
        entries.values(), key=lambda handle: LEGEND_ORDER.get(handle.get_linestyle(), 3)
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def width_colours(panels: list[dict], runs: list[pd.DataFrame]) -> dict:
    """A colour for each width of the networks that the panels show, trained as a whole."""
    names, widths = {name for panel in panels for name in panel["experiments"]}, set()
    for points in runs:
        for _, group in points[points["experiment"].isin(names)].groupby("experiment"):
            widths |= set() if has_fixed_layer(group) else set(group["width"])
    ranks = np.linspace(0, 0.8, max(len(widths), 2))
    return dict(zip(sorted(widths), map(colormaps["viridis"], ranks), strict=False))


def has_fixed_layer(points: pd.DataFrame) -> bool:
    """Whether an experiment's hidden layer stays as drawn: only then there is a filter."""
    return "filter" in set(points["method"])


def draw_panel(
    ax: Axes, names: list[str], points: pd.DataFrame, colours: dict, entries: dict
) -> None:
    """One panel; ``entries`` of the legend are added to, by label."""
    for (marker, line), name in zip(STYLES, names, strict=False):
        here = points[points["experiment"] == name]
        fixed = has_fixed_layer(here)
        for width, group in here[here["method"] == "sgd"].groupby("width"):
            colour = "black" if fixed else colours[width]
            label = f"$H = {width}$" + (f", {short(name)}" if line != "-" else "")
            if fixed:
                draw_theory(ax, here[here["width"] == width], entries)
                label = r"SGD, mean $\pm$ standard error"
            elif line == "-":
                draw_early_line(ax, group, colour, entries)
            look = {
                "color": colour,
                "marker": marker,
                "markerfacecolor": colour if line == "-" else "white",
                "linestyle": "none" if fixed else line,
            }
            ax.errorbar(
                group["generation"],
                MILLI * group["risk"],
                MILLI * group["risk_se"],
                markersize=3.2,
                elinewidth=0.8,
                linewidth=1.0,
                zorder=3,
                **look,
            )
            entries[label] = Line2D([], [], label=label, **look)
    ax.set_xlabel("generation $n$")
    ax.set_ylabel(r"test error (MSE) $/\,10^{-3}$")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=0)


def short(name: str) -> str:
    """An experiment in the legend."""
    return {"control": r"$\sigma_0 = 0$"}.get(name.split("_", 1)[-1], name)


def draw_theory(ax: Axes, points: pd.DataFrame, entries: dict) -> None:
    """What theory says of one width, as lines."""
    for method, (label, colour, line) in THEORY.items():
        curve = points[points["method"] == method]
        if len(curve):
            look = {"color": colour, "linestyle": line}
            ax.plot(curve["generation"], MILLI * curve["risk"], linewidth=1.1, zorder=2, **look)
            entries[label] = Line2D([], [], label=label, **look)


def draw_early_line(ax: Axes, group: pd.DataFrame, colour, entries: dict) -> None:
    """The straight line through generations up to KNEE, carried on to the last."""
    early, last = group[group["generation"] <= KNEE], group["generation"].max()
    if len(early) < 3 or last <= KNEE:
        return
    slope, offset = np.polyfit(early["generation"], early["risk"], 1)
    n = np.array([KNEE, last])
    ax.plot(n, MILLI * (offset + slope * n), color=colour, linestyle=DOTTED, linewidth=0.9)
    label = rf"line through $n\leq{KNEE}$, carried on"
    entries[label] = Line2D([], [], color="0.4", linestyle=DOTTED, label=label)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        points = read_csv(snakemake.input.points, NETWORK)
        reference = read_csv(snakemake.input.reference, NETWORK)
        figure = draw_networks(snakemake.params.panels, points, reference)
        save_figure(figure, snakemake.output)
