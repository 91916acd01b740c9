"""Remedies on images: kernel ridge simulated, beside theory for Gaussian features."""

import pandas as pd
from matplotlib import pyplot as plt

from scripts.output.style import TEXT_WIDTH, letter, save_figure, use_style
from scripts.remedies.catalogue import ON_IMAGES
from scripts.remedies.plot_remedies import draw_panel
from scripts.step.files import tables_of
from scripts.step.job import job


def draw_remedies_on_images(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], titles: dict[str, str]
) -> plt.Figure:
    """E_n against n, a panel for each learner."""
    size = {"figsize": (TEXT_WIDTH, 2.9), "layout": "constrained"}
    figure, axes = plt.subplots(1, len(titles), sharey=True, squeeze=False, **size)
    for i, (ax, (name, title)) in enumerate(zip(axes[0], titles.items(), strict=True)):
        routes = [table[f"remedies_{name}"] for table in (theory, simulated)]
        draw_panel(ax, *routes, [*ON_IMAGES, "stop", "alone", "null_predictor"])
        ax.set_title(f"{letter(i)} {title}", loc="left")
        ax.set_xlabel("generation $n$")
    axes[0, 0].set_ylabel("test error $E_n$")
    axes[0, 0].yaxis.set(major_formatter="{x:g}", minor_formatter="{x:g}")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    return figure


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        routes = tables_of(snakemake.input.theory), tables_of(snakemake.input.simulated)
        save_figure(draw_remedies_on_images(*routes, snakemake.params.titles), snakemake.output)
