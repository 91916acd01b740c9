"""Figures of networks: test error against the generation, training as markers, theory as lines."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from scripts.core.formats import MILLI
from scripts.core.grids import KNEE
from scripts.core.style import TEXT_WIDTH

STYLES = (("o", "-"), ("s", "--"), ("^", ":"))
"""Marker and line of a panel's first, second, third experiment."""
THEORY = {
    "filter": ("gradient-descent filter", "#0072B2", "-"),
    "ridgeless": ("ridgeless limit", "#D55E00", "--"),
    "recursion": ("recursion, from the features' spectrum", "#009E73", "-."),
}
"""Okabe and Ito's colours, with lines of their own."""
LEGEND_ORDER = {"None": 0, "-": 1, "--": 2}
"""Markers alone first, then by line."""
PANEL_HEIGHT = 2.2


def draw_networks(panels: list[dict], build: pd.DataFrame, reference: pd.DataFrame) -> plt.Figure:
    """The panels for this build, then for the reference run, two a row.

    Both are points as network_tables.all_points makes them. A panel is left out for a run that has
    none of its experiments.
    """
    runs = {"": build, "reference, ": reference}
    shown = [
        (run, panel)
        for run, points in runs.items()
        for panel in panels
        if len(_of_panel(points, panel))
    ]
    columns = 2
    rows = -(-len(shown) // columns)
    figure, axes = plt.subplots(
        rows,
        columns,
        layout="constrained",
        figsize=(TEXT_WIDTH, PANEL_HEIGHT * rows + 0.55),
        squeeze=False,
    )
    widths = sorted({w for points in runs.values() for w in _networks(points, panels)["width"]})
    colours = {w: colormaps["viridis"](x) for w, x in zip(widths, _ranks(len(widths)), strict=True)}
    entries: dict[str, Line2D] = {}
    for i, (ax, (run, panel)) in enumerate(zip(axes.flat, shown, strict=False)):
        _draw_panel(ax, panel, runs[run], colours, entries)
        samples = _of_panel(runs[run], panel)["samples"].max()
        letter = chr(ord("a") + i)
        ax.set_title(f"({letter}) {panel['title']}: {run}$T$ = {samples:,}", loc="left")
    for ax in axes.flat[len(shown) :]:
        ax.set_visible(False)
    handles = sorted(
        entries.values(), key=lambda handle: LEGEND_ORDER.get(handle.get_linestyle(), 3)
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=3)
    return figure


def _of_panel(points: pd.DataFrame, panel: dict) -> pd.DataFrame:
    return points[points["experiment"].isin(panel["experiments"])]


def _ranks(count: int) -> np.ndarray:
    return np.linspace(0, 0.8, max(count, 2))[:count]


def _networks(points: pd.DataFrame, panels: list[dict]) -> pd.DataFrame:
    """The points of networks that were trained as a whole."""
    names = [name for panel in panels for name in panel["experiments"]]
    ours = points[points["experiment"].isin(names)]
    fixed = ours.loc[ours["method"] == "filter", "experiment"].unique()
    return ours[~ours["experiment"].isin(fixed)]


def _draw_panel(ax: Axes, panel: dict, points: pd.DataFrame, colours: dict, entries: dict) -> None:
    several = len(panel["experiments"]) > 1
    for (marker, line), name in zip(STYLES, panel["experiments"], strict=False):
        here = points[points["experiment"] == name]
        fixed = "filter" in set(here["method"])
        for width, group in here[here["method"] == "sgd"].groupby("width"):
            colour = "black" if fixed else colours[width]
            if fixed:
                _draw_theory(ax, here[here["width"] == width], entries)
                label = r"SGD, mean $\pm$ standard error"
            else:
                label = f"$H = {width}$" + (f", {_short(name)}" if several and line != "-" else "")
                if line == "-":
                    _draw_early_line(ax, group, colour, entries)
            ax.errorbar(
                group["generation"],
                MILLI * group["risk"],
                MILLI * group["risk_se"],
                color=colour,
                marker=marker,
                linestyle="none" if fixed else line,
                markerfacecolor=colour if line == "-" else "white",
                markersize=3.2,
                elinewidth=0.8,
                linewidth=1.0,
                zorder=3,
            )
            entries[label] = Line2D(
                [],
                [],
                color=colour,
                marker=marker,
                markerfacecolor=colour if line == "-" else "white",
                linestyle="none" if fixed else line,
                label=label,
            )
    ax.set_xlabel("generation $n$")
    ax.set_ylabel(r"test error (MSE) $/\,10^{-3}$")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_ylim(bottom=0)


def _short(name: str) -> str:
    return {"control": r"$\sigma_0 = 0$"}.get(name.split("_", 1)[-1], name)


def _draw_theory(ax: Axes, points: pd.DataFrame, entries: dict) -> None:
    for method, (label, colour, line) in THEORY.items():
        curve = points[points["method"] == method]
        if len(curve):
            ax.plot(
                curve["generation"],
                MILLI * curve["risk"],
                color=colour,
                linestyle=line,
                linewidth=1.1,
                zorder=2,
            )
            entries[label] = Line2D([], [], color=colour, linestyle=line, label=label)


def _draw_early_line(ax: Axes, group: pd.DataFrame, colour, entries: dict) -> None:
    """The straight line through generations up to KNEE, carried on to the last."""
    early = group[group["generation"] <= KNEE]
    if len(early) < 3 or group["generation"].max() <= KNEE:
        return
    slope, offset = np.polyfit(early["generation"], early["risk"], 1)
    n = np.array([KNEE, group["generation"].max()])
    ax.plot(n, MILLI * (offset + slope * n), color=colour, linestyle=(0, (1, 1.2)), linewidth=0.9)
    label = rf"line through $n\leq{KNEE}$, carried on"
    entries[label] = Line2D([], [], color="0.4", linestyle=(0, (1, 1.2)), label=label)
