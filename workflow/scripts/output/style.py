"""Size, style, colours and maps of all figures, and how figures are saved."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib import color_sequences, colormaps
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

TEXT_WIDTH = 6.27  # inches: the paper's \textwidth
GENERATION_COLOURS = "viridis"  # told apart without hue
MAP_COLOURS = "RdBu_r"  # told apart by the colour-blind: blue is good (falls, helps), red is bad
HUES = ("black", "orange", "sky", "green", "yellow", "blue", "vermilion", "purple")
COLOURS = dict(zip(HUES, color_sequences["okabe_ito"], strict=True))  # for the colour-blind too
MAP_MARKER = {"s": 46, "edgecolors": "black", "linewidths": 0.9, "zorder": 5}
REMEDY_LOOKS = {  # colour and marker of a remedy, colour and line of a reference
    "replace": {"color": COLOURS["vermilion"], "marker": "s"},
    "replace_tuned": {"color": COLOURS["orange"], "marker": "v"},
    "rationed": {"color": COLOURS["purple"], "marker": "D"},
    "subsample": {"color": COLOURS["sky"], "marker": "X"},
    "accumulate": {"color": COLOURS["green"], "marker": "^"},
    "accumulate_tuned": {"color": COLOURS["blue"], "marker": "o"},
    "growing": {"color": COLOURS["vermilion"], "marker": "P"},
    "big": {"color": COLOURS["orange"], "marker": "p"},
    "mix": {"color": COLOURS["vermilion"], "marker": "<"},
    "weighted": {"color": COLOURS["purple"], "marker": ">"},
    "accumulate_real": {"color": COLOURS["green"], "marker": "d"},
    "stop": {"color": "black", "linestyle": "--"},
    "alone": {"color": "black", "linestyle": (0, (3, 1, 1, 1))},
    "pooled": {"color": "black", "linestyle": (0, (6, 1))},
    "null_predictor": {"color": "0.55", "linestyle": ":"},
}


def use_style(path: str) -> None:
    """Matplotlib's own defaults, then the style sheet: no matplotlibrc of the user's."""
    plt.style.use(["default", path])


def save_figure(figure: Figure, output) -> None:
    """Write a figure to ``output.pdf`` and ``output.svg``, without a date."""
    figure.savefig(output.pdf)
    figure.savefig(output.svg, metadata={"Date": None})


def shades(values: Iterable) -> dict:
    """A colour for each value, dark to light in order, told apart without hue."""
    values = sorted(values)
    ranks = np.linspace(0, 0.8, max(len(values), 2))
    return dict(zip(values, map(colormaps[GENERATION_COLOURS], ranks), strict=False))


def letter(i: int) -> str:
    """The beginning of the title of panel ``i``: (a), (b) and so on."""
    return f"({chr(ord('a') + i)})"


def handle(label: str, **look) -> Line2D:
    """A line of a legend."""
    return Line2D([], [], label=label, **look)


def draw_map(
    ax: Axes,
    grid: pd.DataFrame,
    norm: TwoSlopeNorm,
    dots: pd.DataFrame | None = None,
    value: str = "",
) -> QuadMesh:
    """A frame as a map: its columns across, its index upwards, one cell for each value; on it
    circles for the column ``value`` of ``dots``, if given, at its columns of the same names.
    """
    colours = {"norm": norm, "cmap": MAP_COLOURS}
    look = colours | {"shading": "nearest", "rasterized": True, "zorder": 0}
    mesh = ax.pcolormesh(grid.columns, grid.index, grid, **look)
    if dots is not None:
        x, y = (dots[axis.name] for axis in (grid.columns, grid.index))
        ax.scatter(x, y, c=dots[value], **colours, **MAP_MARKER)
    ax.grid(False)
    return mesh
