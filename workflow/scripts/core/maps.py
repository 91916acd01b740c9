"""Figures of the scaling laws: crossover, decomposition by generation, fake against true labels."""

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import TwoSlopeNorm
from matplotlib.lines import Line2D

from model_collapse.exponents import ell_crit, ell_star
from model_collapse.protocol import TERMS
from model_collapse.slopes import standard_error
from scripts.core.style import TEXT_WIDTH

MAP_COLOURS = "RdBu_r"
"""Diverging and told apart by the colour-blind: blue is good (falls, helps), red is bad."""
MARKER = {"s": 46, "edgecolors": "black", "linewidths": 0.9, "zorder": 5}
HALO = [patheffects.withStroke(linewidth=2.2, foreground="white")]
TERM_STYLES = {
    "bias": ("#0072B2", "o", "-"),
    "variance": ("#009E73", "^", "-"),
    "collapse": ("#D55E00", "s", "-"),
    "total": ("black", "D", "-"),
}
"""Okabe and Ito's colours, with markers of their own."""


def draw_crossover(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], block: dict
) -> plt.Figure:
    """The exponent of E in T over (a, ℓ) and (b, ℓ): colour theory, circles simulation."""
    figure, axes = plt.subplots(1, 2, layout="constrained", figsize=(TEXT_WIDTH, 3.5))
    beta, r = block["law"]["beta"], block["law"]["r"]
    tables = [theory["exponents_over_a"], theory["exponents_over_b"]]
    values = np.concatenate([table["theory"] for table in tables])
    norm = TwoSlopeNorm(0, min(values.min(), -1e-3), max(values.max(), 1e-3))
    for ax, table, which in zip(axes, tables, ("over_a", "over_b"), strict=True):
        key = which[-1]
        grid = table.pivot_table(index="ell", columns=key, values="theory")
        mesh = _draw_map(ax, grid, norm)
        found = simulated[f"exponents_{which}"]
        ax.scatter(
            found[key], found["ell"], c=found["simulated"], norm=norm, cmap=MAP_COLOURS, **MARKER
        )
        x = np.linspace(grid.columns.min(), grid.columns.max(), 200)
        b, a = (block[which]["b"], x) if key == "a" else (x, block[which]["a"])
        _boundaries(ax, x, beta, r, b, a, which)
        ax.set_xlim(grid.columns.min(), grid.columns.max())
        ax.set_ylim(grid.index.min(), grid.index.max())
        ax.grid(False)
        ax.set_ylabel(r"exponent $\ell$ of $\lambda = T^{-\ell}$")
    axes[0].set_xlabel(r"exponent $a$ of $n\sigma_0^2 = T^a$")
    axes[1].set_xlabel(r"exponent $b$ of $T_0 = T^b$")
    axes[0].set_title(f"(a) $b = {block['over_a']['b']:g}$", loc="left")
    axes[1].set_title(f"(b) $a = {block['over_b']['a']:g}$", loc="left")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.9, pad=0.015)
    bar.set_label(r"$d\log E_{\mathrm{test}}\,/\,d\log T$")
    return figure


def _draw_map(ax: Axes, grid: pd.DataFrame, norm: TwoSlopeNorm) -> QuadMesh:
    """A frame as a map: its columns across, its index upwards, one cell a value."""
    return ax.pcolormesh(
        grid.columns,
        grid.index,
        grid,
        norm=norm,
        cmap=MAP_COLOURS,
        shading="nearest",
        rasterized=True,
        zorder=0,
    )


def _boundaries(ax: Axes, x, beta: float, r: float, b, a, which: str) -> None:
    """Lines of the paper and of its correction, named where they run."""
    b, a = np.broadcast_arrays(np.asarray(b, float), np.asarray(a, float))
    star = np.array([ell_star(beta, r, *pair) for pair in zip(b.ravel(), a.ravel(), strict=False)])
    if len(star) == 1:
        star = np.full(len(x), star[0])
    sign = beta * (1 - a) if which == "over_a" else beta * np.minimum(b, 1)
    name = r"$\ell = \beta(1-a)$" if which == "over_a" else r"$\ell = \beta\,\min(b,1)$"
    lines = (
        (star, "-", r"$\ell_\star$"),
        (np.full(len(x), ell_crit(beta, r)), "--", r"$\ell_{\mathrm{crit}}$"),
        (np.broadcast_to(sign, x.shape), ":", name),
    )
    for y, style, label in lines:
        ax.plot(x, y, color="black", linestyle=style, linewidth=1.3, label=label, path_effects=HALO)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, handlelength=2)


def draw_decomposition(
    theory: dict[str, pd.DataFrame], terms: dict[str, np.ndarray], blocks: dict[str, dict]
) -> plt.Figure:
    """Bias, variance, collapse and their sum against n, a panel a chain, two a row."""
    rows = -(-len(blocks) // 2)
    figure, axes = plt.subplots(
        rows,
        2,
        layout="constrained",
        figsize=(TEXT_WIDTH, 2.35 * rows + 0.4),
        squeeze=False,
        sharex=True,
    )
    for i, (ax, (name, block)) in enumerate(zip(axes.flat, blocks.items(), strict=False)):
        table, ours = theory[name], terms[name][:, :, :3]
        limit = {term: table[term] for term in TERMS[:3]}
        limit["total"] = sum(limit.values())
        for term, (colour, marker, style) in TERM_STYLES.items():
            values = ours.sum(axis=2) if term == "total" else ours[:, :, TERMS.index(term)]
            n = table["generation"]
            ax.plot(n, limit[term], color=colour, linestyle=style, linewidth=1.0, zorder=2)
            ax.errorbar(
                n,
                values.mean(axis=0),
                standard_error(values),
                color=colour,
                marker=marker,
                linestyle="none",
                markersize=3.4,
                zorder=3,
            )
        ax.plot(
            table["generation"],
            table["paper_collapse"],
            color=TERM_STYLES["collapse"][0],
            linestyle=(0, (4, 2)),
            linewidth=1.0,
            zorder=1,
        )
        regime = "T_0 > d" if block["generator_samples"] > block["spectrum"]["d"] else "T_0 < d"
        design = "one shared design" if block["shared_design"] else "independent designs"
        ax.set_title(f"({chr(ord('a') + i)}) ${regime}$, {design}", loc="left")
        ax.set_ylabel("error")
        ax.set_ylim(bottom=0)
        if i >= len(blocks) - 2:
            ax.set_xlabel("generation $n$")
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle=style, markersize=3.4, label=term)
        for term, (colour, marker, style) in TERM_STYLES.items()
    ]
    handles[-1].set_label(r"test error $E_{\mathrm{test}}$")
    handles.append(
        Line2D(
            [],
            [],
            color=TERM_STYLES["collapse"][0],
            linestyle=(0, (4, 2)),
            label=r"the paper's $n\sigma_0^2\rho$",
        )
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
    return figure


def draw_fake_labels(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], block: dict
) -> plt.Figure:
    """log2 of E(n = 1)/E(n = 0): columns the two panels, rows the fixed and the best ridge."""
    figure, axes = plt.subplots(2, 2, layout="constrained", figsize=(TEXT_WIDTH, 5.0), sharey=False)
    norm = TwoSlopeNorm(0, -1, 3)
    for column, (panel, label) in enumerate(
        (
            ("over_weak_weight", r"share of $\Vert w_0\Vert^2$ in weak directions"),
            ("over_weak_eigenvalue", "eigenvalue of the weak directions"),
        )
    ):
        table, found = theory[f"fake_labels_{panel}"], simulated[f"fake_labels_{panel}"]
        for row, tuned in enumerate((False, True)):
            ax = axes[row, column]
            here, dots = table[table["tuned"] == tuned], found[found["tuned"] == tuned]
            ratio = np.log2(here["risk_1"] / here["risk_0"])
            grid = here.assign(ratio=ratio).pivot_table(
                index="value", columns="samples", values="ratio"
            )
            mesh = _draw_map(ax, grid, norm)
            if (grid.to_numpy() < -1e-3).any():
                ax.contour(grid.columns, grid.index, grid, levels=[0], colors="black", linewidths=1)
            ax.scatter(
                dots["samples"],
                dots["value"],
                c=np.log2(dots["risk_1"] / dots["risk_0"]),
                norm=norm,
                cmap=MAP_COLOURS,
                **MARKER,
            )
            ax.axvline(block["generator_samples"], color="black", linestyle="--", linewidth=0.8)
            if panel == "over_weak_eigenvalue":
                ax.set_yscale("log")
            ridge = (
                r"best $\lambda$ for each" if tuned else rf"$\lambda = {block['ridge']:g}$ for both"
            )
            ax.set_title(f"({'abcd'[2 * row + column]}) {ridge}", loc="left")
            ax.set_ylabel(label)
            ax.grid(False)
            if row:
                ax.set_xlabel("sample size $T$")
    bar = figure.colorbar(mesh, ax=axes, shrink=0.8, pad=0.015, extend="both")
    bar.set_ticks([-1, -0.5, 0, 1, 2, 3], labels=["1/2", r"$1/\sqrt{2}$", "1", "2", "4", "8"])
    bar.set_label(r"$E_{\mathrm{test}}$ on fake labels / on true labels")
    return figure
