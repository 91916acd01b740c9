"""The map of remedies: markers name the best one, colours its error relative to the reference."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.colors import TwoSlopeNorm

from scripts.output.style import (
    REMEDY_LOOKS,
    TEXT_WIDTH,
    draw_map,
    handle,
    letter,
    save_figure,
    use_style,
)
from scripts.remedies.catalogue import MAPS, REMEDIES
from scripts.step.files import read_csv
from scripts.step.job import job

TITLES = {"samples": "one real batch", "real_share": "fresh real rows each time"}
AXES = {"samples": "rows of the real batch $T_0$", "real_share": "share of real rows"}
POINTS = {"color": "white", "markeredgecolor": "black", "linestyle": "none"}
SIZES = {True: 4.5, False: 2.4}  # markers; True where the best remedy is decided
SURE = 2  # standard errors between the best and the next best, where the best is decided


def decided(table: pd.DataFrame) -> pd.Series:
    """True for cells whose best is better than the next by at least SURE standard errors."""
    margin = table["factor"] * (table["next_over_best"] - 1)
    return margin >= SURE * np.hypot(table["best_se"], table["next_se"])


def draw_map_of_remedies(table: pd.DataFrame) -> plt.Figure:
    """log2 of the best remedy's error over the reference's: noise upwards, a panel for each map."""
    size = {"figsize": (TEXT_WIDTH, 2.9), "layout": "constrained"}
    figure, axes = plt.subplots(1, len(MAPS), sharey=True, **size)
    norm = TwoSlopeNorm(0, -4, 1)
    legend = {}
    for i, (ax, panel) in enumerate(zip(axes, MAPS, strict=True)):
        cells_of_panel = table[table["panel"] == panel]
        grid = np.log2(cells_of_panel.pivot_table(index="noise", columns="value", values="factor"))
        mesh = draw_map(ax, grid, norm)
        groups = cells_of_panel.groupby(["best", decided(cells_of_panel)], sort=False)
        for (name, sure), cells in groups:
            look = POINTS | {"marker": REMEDY_LOOKS[name]["marker"]}
            ax.plot(cells["value"], cells["noise"], **look, markersize=SIZES[sure])
            legend[name] = handle(REMEDIES[name].label, **look, markersize=SIZES[True])
        ax.set(xlabel=AXES[panel], xscale="log" if panel == "samples" else "linear", yscale="log")
        ax.set_xticks(grid.columns[::2], labels=[f"{value:.3g}" for value in grid.columns[::2]])
        ax.minorticks_off()
        ax.set_title(f"{letter(i)} {TITLES[panel]}", loc="left")
    axes[0].set_ylabel(r"noise $\sigma$")
    bar = figure.colorbar(mesh, ax=axes, pad=0.015, extend="both")
    bar.set_ticks([-4, -3, -2, -1, 0, 1], labels=["1/16", "1/8", "1/4", "1/2", "1", "2"])
    bar.set_label("best remedy's error / real rows alone")
    small = POINTS | {"marker": "o", "markersize": SIZES[False]}
    lines = [*legend.values(), handle(f"small: next best within {SURE} s.e.", **small)]
    figure.legend(handles=lines, loc="outside lower center", ncols=len(lines))
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        figure = draw_map_of_remedies(read_csv(snakemake.input.cells))
        save_figure(figure, snakemake.output)
