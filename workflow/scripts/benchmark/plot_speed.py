"""Time for a replicate against the sample size T and against the dimension d."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scripts.benchmark.measure_speed import DIMENSION, SAMPLES
from scripts.output.style import COLOURS, TEXT_WIDTH, letter, save_figure, use_style
from scripts.step.files import read_csv
from scripts.step.job import job

LOOKS = {
    "plain": ("plain script", {"color": COLOURS["vermilion"], "marker": "s"}),
    "library": ("this library", {"color": COLOURS["blue"], "marker": "o"}),
    "chain": ("of it the chain", {"color": COLOURS["green"], "marker": "^"}),
    "floor": ("floor: random numbers, LAPACK", {"color": "black", "marker": "", "linestyle": "--"}),
}


def draw_speed(times: pd.DataFrame) -> plt.Figure:
    """Seconds for a replicate of one point, with ten generators and one ridge."""
    size = {"figsize": (TEXT_WIDTH, 2.9), "layout": "constrained"}
    figure, (left, right) = plt.subplots(1, 2, sharey=True, **size)
    at_d = times[times["d"] == DIMENSION]
    at_samples = times[times["samples"] == SAMPLES]
    _draw(left, at_d[at_d["method"] != "chain"], "samples")
    _draw(right, at_samples, "d")
    left.set(xlabel="samples $T$", ylabel="seconds for a replicate")
    right.set(xlabel="dimension $d$")
    left.set_title(f"{letter(0)} $d = {DIMENSION}$", loc="left")
    right.set_title(f"{letter(1)} $T = 10^{{{len(str(SAMPLES)) - 1}}}$", loc="left")
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def _draw(ax: Axes, times: pd.DataFrame, across: str) -> None:
    for method, (label, look) in LOOKS.items():
        of = times[times["method"] == method].sort_values(across)
        if len(of):
            ax.loglog(of[across], of["seconds"], label=label, markersize=3.4, **look)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        save_figure(draw_speed(read_csv(snakemake.input.times)), snakemake.output)
