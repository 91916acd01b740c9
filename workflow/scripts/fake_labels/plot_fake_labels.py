"""When fake labels help: E(n = 1) over E(n = 0), at a fixed and at the best ridge."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.colors import TwoSlopeNorm

from scripts.fake_labels.settings import Comparison
from scripts.output.style import TEXT_WIDTH, draw_map, letter, save_figure, use_style
from scripts.step.files import tables_of
from scripts.step.job import job

PANELS = {
    "over_weak_weight": r"share of $\Vert w_0\Vert^2$ in weak directions",
    "over_weak_eigenvalue": "eigenvalue of the weak directions",
}


def draw_fake_labels(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], block: Comparison
) -> plt.Figure:
    """log2 of E(n = 1)/E(n = 0): columns the two panels, rows the fixed and the best ridge."""
    figure, axes = plt.subplots(2, 2, layout="constrained", figsize=(TEXT_WIDTH, 5.0))
    norm = TwoSlopeNorm(0, -1, 3)
    ridges = (rf"$\lambda = {block.ridge:g}$ for both", r"best $\lambda$ for each")
    for i, (ax, (tuned, panel)) in enumerate(zip(axes.flat, product((0, 1), PANELS), strict=True)):
        cells, dots = (
            table[table["tuned"] == tuned].assign(ratio=np.log2(table["risk_1"] / table["risk_0"]))
            for table in (theory[f"fake_labels_{panel}"], simulated[f"fake_labels_{panel}"])
        )
        grid = cells.pivot_table(index="value", columns="samples", values="ratio")
        mesh = draw_map(ax, grid, norm, dots, "ratio")
        if (grid.to_numpy() < -1e-3).any():
            ax.contour(grid.columns, grid.index, grid, levels=[0], colors="black", linewidths=1)
        ax.axvline(block.generator_samples, color="black", linestyle="--", linewidth=0.8)
        if panel == "over_weak_eigenvalue":
            ax.set_yscale("log")
        ax.set_title(f"{letter(i)} {ridges[tuned]}", loc="left")
        ax.set_ylabel(PANELS[panel])
    for ax in axes[1]:
        ax.set_xlabel("sample size $T$")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.8, pad=0.015, extend="both")
    bar.set_ticks([-1, -0.5, 0, 1, 2, 3], labels=["1/2", r"$1/\sqrt{2}$", "1", "2", "4", "8"])
    bar.set_label(r"$E_{\mathrm{test}}$ on fake labels / on true labels")
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        theory = tables_of(snakemake.input.theory)
        simulated = tables_of(snakemake.input.simulated)
        figure = draw_fake_labels(theory, simulated, Comparison(**snakemake.params.block))
        save_figure(figure, snakemake.output)
