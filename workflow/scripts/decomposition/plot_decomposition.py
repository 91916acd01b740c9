"""Bias, variance and collapse against the generation, theory over simulation."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from model_collapse.protocol import TERMS
from model_collapse.slopes import standard_error
from scripts.core.files import arrays_of, tables_of
from scripts.core.generators import Generators
from scripts.core.job import job
from scripts.core.style import TEXT_WIDTH, save_figure, use_style

# Okabe and Ito's colours, with markers of their own
TERM_STYLES = {
    "bias": ("#0072B2", "o", "-"),
    "variance": ("#009E73", "^", "-"),
    "collapse": ("#D55E00", "s", "-"),
    "total": ("black", "D", "-"),
}
PAPER = {"color": TERM_STYLES["collapse"][0], "linestyle": (0, (4, 2))}


def draw_decomposition(
    theory: dict[str, pd.DataFrame], terms: dict[str, np.ndarray], blocks: dict[str, Generators]
) -> plt.Figure:
    """Bias, variance, collapse and their sum against n, one panel for each chain, two in a row."""
    rows = -(-len(blocks) // 2)
    size = {"figsize": (TEXT_WIDTH, 2.35 * rows + 0.4), "layout": "constrained"}
    figure, axes = plt.subplots(rows, 2, squeeze=False, sharex=True, **size)
    for i, (ax, (name, block)) in enumerate(zip(axes.flat, blocks.items(), strict=False)):
        _draw_chain(ax, theory[name], terms[name])
        regime = "T_0 > d" if block.generator_samples > block.spectrum.d else "T_0 < d"
        design = "one shared design" if block.shared_design else "independent designs"
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
    handles.append(Line2D([], [], **PAPER, label=r"the paper's $n\sigma_0^2\rho$"))
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
    return figure


def _draw_chain(ax: Axes, theory: pd.DataFrame, terms: np.ndarray) -> None:
    """Lines of theory, points of simulation (replicates, n+1, TERMS), the paper's line dashed."""
    n = theory["generation"]
    for term, (colour, marker, style) in TERM_STYLES.items():
        if term == "total":
            limit, values = theory[list(TERMS[:3])].sum(axis=1), terms[:, :, :3].sum(axis=2)
        else:
            limit, values = theory[term], terms[:, :, TERMS.index(term)]
        ax.plot(n, limit, color=colour, linestyle=style, linewidth=1.0, zorder=2)
        points = {"color": colour, "marker": marker, "linestyle": "none", "markersize": 3.4}
        ax.errorbar(n, values.mean(axis=0), standard_error(values), **points, zorder=3)
    ax.plot(n, theory["paper_collapse"], **PAPER, linewidth=1.0, zorder=1)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        theory = tables_of(snakemake.input.theory)
        terms = arrays_of(snakemake.input.simulated, "terms")
        blocks = {name: Generators(**block) for name, block in snakemake.params.blocks.items()}
        save_figure(draw_decomposition(theory, terms, blocks), snakemake.output)
