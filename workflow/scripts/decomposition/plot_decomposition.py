"""Bias, variance and collapse against the generation, theory over simulation."""

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from model_collapse.problem.fits import TERMS
from model_collapse.statistics import standard_error
from scripts.output.style import COLOURS, TEXT_WIDTH, handle, letter, save_figure, use_style
from scripts.schema.spectra import Generators
from scripts.step.files import arrays_of, tables_of
from scripts.step.job import job

LOOKS = {
    "bias": {"color": COLOURS["blue"], "marker": "o"},
    "variance": {"color": COLOURS["green"], "marker": "^"},
    "collapse": {"color": COLOURS["vermilion"], "marker": "s"},
    r"test error $E_{\mathrm{test}}$": {"color": "black", "marker": "D"},
}
PAPER = {"color": LOOKS["collapse"]["color"], "linestyle": (0, (4, 2))}


def draw_decomposition(
    theory: dict[str, pd.DataFrame], terms: dict[str, np.ndarray], blocks: dict[str, Generators]
) -> plt.Figure:
    """Bias, variance, collapse and their sum against n, one panel for each chain, two in a row."""
    rows = -(-len(blocks) // 2)
    size = {"figsize": (TEXT_WIDTH, 2.35 * rows + 0.4), "layout": "constrained"}
    figure, axes = plt.subplots(rows, 2, squeeze=False, sharex=True, **size)
    for i, (ax, (name, block)) in enumerate(zip(axes.flat, blocks.items(), strict=False)):
        _draw_chain(ax, theory[name], terms[name])
        sign = "<=>"[int(np.sign(block.generator_samples - block.spectrum.d)) + 1]
        design = "one shared design" if block.shared_design else "independent designs"
        ax.set_title(f"{letter(i)} $T_0 {sign} d$, {design}", loc="left")
        ax.set(ylabel="error", ylim=(0, None))
        if i >= len(blocks) - 2:
            ax.set_xlabel("generation $n$")
    handles = [handle(term, markersize=3.4, **look) for term, look in LOOKS.items()]
    handles.append(handle(r"the paper's $n\sigma_0^2\rho$", **PAPER))
    figure.legend(handles=handles, loc="outside lower center", ncols=5)
    return figure


def _draw_chain(ax: Axes, theory: pd.DataFrame, terms: np.ndarray) -> None:
    """Lines of theory, points of simulation (replicates, n+1, TERMS), the paper's line dashed."""
    n = theory["generation"]
    limits = [theory[term] for term in TERMS[:3]]
    limits.append(theory[list(TERMS[:3])].sum(axis=1))
    simulated = [*np.moveaxis(terms[:, :, :3], 2, 0), terms[:, :, :3].sum(axis=2)]
    for look, limit, values in zip(LOOKS.values(), limits, simulated, strict=True):
        ax.plot(n, limit, color=look["color"], linewidth=1.0, zorder=2)
        points = {"linestyle": "none", "markersize": 3.4} | look
        ax.errorbar(n, values.mean(axis=0), standard_error(values), **points, zorder=3)
    ax.plot(n, theory["paper_collapse"], **PAPER, linewidth=1.0, zorder=1)


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        theory = tables_of(snakemake.input.theory)
        terms = arrays_of(snakemake.input.simulated, "terms")
        blocks = {name: Generators(**block) for name, block in snakemake.params.blocks.items()}
        save_figure(draw_decomposition(theory, terms, blocks), snakemake.output)
