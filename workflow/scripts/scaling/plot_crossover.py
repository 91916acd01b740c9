"""The crossover: the exponent of the test error over (a, ell) and over (b, ell)."""

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm

from model_collapse.theory.exponents import ell_crit, ell_star
from scripts.output.style import TEXT_WIDTH, draw_map, letter, save_figure, use_style
from scripts.step.files import tables_of
from scripts.step.job import job

ACROSS = {"a": r"exponent $a$ of $n\sigma_0^2 = T^a$", "b": r"exponent $b$ of $T_0 = T^b$"}
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]


def draw_crossover(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], held: dict[str, float]
) -> plt.Figure:
    """The exponent of E in T over (a, ℓ) and (b, ℓ): colour theory, circles simulation.

    ``held``: β and r, the b of the first map and the a of the second.
    """
    figure, axes = plt.subplots(1, 2, layout="constrained", figsize=(TEXT_WIDTH, 3.5))
    values = pd.concat(theory.values())["theory"]
    norm = TwoSlopeNorm(0, min(values.min(), -1e-3), max(values.max(), 1e-3))
    for i, (ax, key, other) in enumerate(zip(axes, "ab", "ba", strict=True)):
        table, dots = (tables[f"exponents_over_{key}"] for tables in (theory, simulated))
        grid = table.pivot_table(index="ell", columns=key, values="theory")
        mesh = draw_map(ax, grid, norm, dots, "simulated")
        x = np.linspace(grid.columns.min(), grid.columns.max(), 200)
        _draw_boundaries(ax, x, key, **held)
        ax.set(xlim=(x[0], x[-1]), ylim=(grid.index.min(), grid.index.max()))
        ax.set(xlabel=ACROSS[key], ylabel=r"exponent $\ell$ of $\lambda = T^{-\ell}$")
        ax.set_title(f"{letter(i)} ${other} = {held[other]:g}$", loc="left")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.9, pad=0.015)
    bar.set_label(r"$d\log E_{\mathrm{test}}\,/\,d\log T$")
    return figure


def _draw_boundaries(
    ax: Axes, x: np.ndarray, key: str, beta: float, r: float, b: float, a: float
) -> None:
    """Lines of the paper and of its correction over x, which is a or b, named where they run."""
    if key == "a":
        star = [ell_star(beta, r, b, y) for y in x]
        sign = beta * (1 - x)
        name = r"\beta(1-a)"
    else:
        star = [ell_star(beta, r, y, a) for y in x]
        sign = beta * np.minimum(x, 1)
        name = r"\beta\,\min(b,1)"
    for y, style, label in (
        (star, "-", r"$\ell_\star$"),
        (np.full(len(x), ell_crit(beta, r)), "--", r"$\ell_{\mathrm{crit}}$"),
        (sign, ":", rf"$\ell = {name}$"),
    ):
        ax.plot(x, y, color="black", linestyle=style, linewidth=1.3, label=label, path_effects=HALO)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, handlelength=2)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        theory = tables_of(snakemake.input.theory)
        simulated = tables_of(snakemake.input.simulated)
        save_figure(draw_crossover(theory, simulated, snakemake.params.held), snakemake.output)
