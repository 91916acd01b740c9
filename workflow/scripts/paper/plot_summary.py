"""The summary figure: the ridge for clean data, one for all noise, and remedies."""

from typing import NamedTuple

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scripts.output.style import (
    REMEDY_LOOKS,
    TEXT_WIDTH,
    handle,
    letter,
    save_figure,
    shades,
    use_style,
)
from scripts.step.files import read_csv
from scripts.step.job import job

RIDGES = {"ell_crit": "ridge for clean data", "effective": "ridge for all noise"}
PROTOCOLS = {
    "replace": "replace",
    "replace_tuned": "replace, best ridge",
    "accumulate_tuned": "keep all, best ridge",
    "stop": "stop, best ridge",
}


class Routes(NamedTuple):
    """Theory and simulation, each a table."""

    theory: pd.DataFrame
    simulated: pd.DataFrame

    def draw(self, ax: Axes, query: str, x: str, y: str, **look) -> None:
        """A line and, where there are some, markers with error bars."""
        line, dots = (table.query(query) for table in self)
        if len(dots):
            point = look | {"markersize": 2.6, "linestyle": "none"}
            ax.errorbar(dots[x], dots[y], dots[f"{y}_se"], **point)
        ax.plot(line[x], line[y], **look | {"marker": ""})


def draw_summary(risks: Routes, remedies: Routes) -> plt.Figure:
    """Two panels of the test error over T, one of the error over generations."""
    figure, axes = plt.subplots(1, 3, figsize=(TEXT_WIDTH, 2.55), layout="constrained")
    colours = shades(risks.simulated["generation"].unique())
    largest = risks.simulated["samples"].max()
    risks = risks._replace(theory=risks.theory[risks.theory["samples"] <= largest])
    for ax, rule in zip(axes[:2], RIDGES, strict=True):
        for n, colour in colours.items():
            query = f"ridge_rule == '{rule}' and generation == {n}"
            risks.draw(ax, query, "samples", "risk", color=colour, marker="o")
        ax.set(xscale="log", yscale="log", xlabel="sample size $T$")
    axes[1].sharey(axes[0])
    axes[0].set_ylabel("test error")
    generations = [handle(f"$n = {n}$", color=colour) for n, colour in colours.items()]
    protocols = []
    for name, label in PROTOCOLS.items():
        look = REMEDY_LOOKS[name]
        remedies.draw(axes[2], f"remedy == '{name}'", "generation", "error", **look)
        protocols.append(handle(label, **look, markersize=3))
    axes[2].set(yscale="log", xlabel="generation $n$")
    for i, (ax, title) in enumerate(zip(axes, [*RIDGES.values(), "what to do"], strict=True)):
        ax.set_title(f"{letter(i)} {title}", loc="left")
    figure.legend(handles=generations, loc="outside lower left", ncols=3)
    figure.legend(handles=protocols, loc="outside lower right", ncols=2)
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        files = snakemake.input
        risks = Routes(read_csv(files.theory), read_csv(files.simulated))
        remedies = Routes(read_csv(files.theory_of_remedies), read_csv(files.remedies))
        save_figure(draw_summary(risks, remedies), snakemake.output)
