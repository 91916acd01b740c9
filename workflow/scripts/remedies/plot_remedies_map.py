"""The map of remedies: which is best, by its marker, and by what factor, by colour."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.colors import TwoSlopeNorm

from scripts.core.files import read_csv
from scripts.core.job import job
from scripts.core.style import (
    REMEDY_LOOKS,
    TEXT_WIDTH,
    draw_map,
    handle,
    letter,
    save_figure,
    use_style,
)
from scripts.remedies.catalogue import MAPS, REMEDIES

TITLES = {"samples": "one real batch", "real_share": "fresh real rows each time"}
AXES = {"samples": "rows of the real batch $T_0$", "real_share": "share of real rows"}
POINTS = {"color": "white", "markeredgecolor": "black", "linestyle": "none"}
SIZES = {True: 4.5, False: 2.4}  # of a marker where the best is decided, and where it is not
SURE = 2  # standard errors that the next best must be away


def decided(table: pd.DataFrame) -> pd.Series:
    """Whether the best of a cell is better than the next by more than SURE standard errors."""
    margin = table["factor"] * (table["next_over_best"] - 1)
    return margin >= SURE * np.hypot(table["best_se"], table["next_se"])


def draw_map_of_remedies(table: pd.DataFrame) -> plt.Figure:
    """log2 of the best remedy's error over the reference's: noise upwards, a panel for each map."""
    size = {"figsize": (TEXT_WIDTH, 2.9), "layout": "constrained"}
    figure, axes = plt.subplots(1, len(MAPS), sharey=True, **size)
    norm, shown = TwoSlopeNorm(0, -4, 1), {}
    for i, (ax, panel) in enumerate(zip(axes, MAPS, strict=True)):
        here = table[table["panel"] == panel]
        grid = np.log2(here.pivot_table(index="noise", columns="value", values="factor"))
        mesh = draw_map(ax, grid, norm)
        for (name, sure), cells in here.groupby(["best", decided(here)], sort=False):
            look = POINTS | {"marker": REMEDY_LOOKS[name]["marker"]}
            ax.plot(cells["value"], cells["noise"], **look, markersize=SIZES[sure])
            shown[name] = handle(REMEDIES[name].label, **look, markersize=SIZES[True])
        ax.set(xlabel=AXES[panel], xscale="log" if panel == "samples" else "linear", yscale="log")
        ax.set_xticks(grid.columns[::2], labels=[f"{value:.3g}" for value in grid.columns[::2]])
        ax.minorticks_off()
        ax.set_title(f"{letter(i)} {TITLES[panel]}", loc="left")
    axes[0].set_ylabel(r"noise $\sigma$")
    bar = figure.colorbar(mesh, ax=axes, pad=0.015, extend="both")
    bar.set_ticks([-4, -3, -2, -1, 0, 1], labels=["1/16", "1/8", "1/4", "1/2", "1", "2"])
    bar.set_label("best remedy's error / real rows alone")
    small = POINTS | {"marker": "o", "markersize": SIZES[False]}
    lines = [*shown.values(), handle(f"small: next best within {SURE} s.e.", **small)]
    figure.legend(handles=lines, loc="outside lower center", ncols=len(lines))
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        figure = draw_map_of_remedies(read_csv(snakemake.input.cells))
        save_figure(figure, snakemake.output)
