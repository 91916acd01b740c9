"""The map of remedies: which is best, by its marker, and by what factor, by colour."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.colors import TwoSlopeNorm

from scripts.core.files import read_csv
from scripts.core.job import job
from scripts.core.style import MAP_COLOURS, TEXT_WIDTH, handle, letter, save_figure, use_style
from scripts.remedies.catalogue import MAPS, REMEDIES
from scripts.remedies.plot_remedies import LOOKS

TITLES = {"samples": "one real batch", "real_share": "fresh real rows each time"}
AXES = {"samples": "rows of the real batch $T_0$", "real_share": "share of real rows"}
POINTS = {"color": "white", "markeredgecolor": "black", "markersize": 4.5, "linestyle": "none"}


def draw_map_of_remedies(table: pd.DataFrame) -> plt.Figure:
    """log2 of the best remedy's error over the reference's: noise upwards, a panel for each map."""
    size = {"figsize": (TEXT_WIDTH, 2.9), "layout": "constrained"}
    figure, axes = plt.subplots(1, len(MAPS), sharey=True, **size)
    norm, shown = TwoSlopeNorm(0, -4, 1), {}
    for i, (ax, panel) in enumerate(zip(axes, MAPS, strict=True)):
        here = table[table["panel"] == panel]
        grid = np.log2(here.pivot_table(index="noise", columns="value", values="factor"))
        mesh = ax.pcolormesh(
            *(grid.columns, grid.index, grid),
            **{"norm": norm, "cmap": MAP_COLOURS, "shading": "nearest", "rasterized": True},
        )
        for name, cells in here.groupby("best", sort=False):
            look = POINTS | {"marker": LOOKS[name]["marker"]}
            ax.plot(cells["value"], cells["noise"], **look)
            shown[name] = handle(REMEDIES[name].label, **look)
        ax.set(xlabel=AXES[panel], xscale="log" if panel == "samples" else "linear", yscale="log")
        ax.set_xticks(grid.columns[::2], labels=[f"{value:.3g}" for value in grid.columns[::2]])
        ax.minorticks_off()
        ax.set_title(f"{letter(i)} {TITLES[panel]}", loc="left")
        ax.grid(False)
    axes[0].set_ylabel(r"noise $\sigma$")
    bar = figure.colorbar(mesh, ax=axes, pad=0.015, extend="both")
    bar.set_ticks([-4, -3, -2, -1, 0, 1], labels=["1/16", "1/8", "1/4", "1/2", "1", "2"])
    bar.set_label("error over that of one real batch")
    figure.legend(handles=list(shown.values()), loc="outside lower center", ncols=len(shown))
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        figure = draw_map_of_remedies(read_csv(snakemake.input.cells))
        save_figure(figure, snakemake.output)
