"""The error of every remedy against n: simulation over theory."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from scripts.output.style import REMEDY_LOOKS, TEXT_WIDTH, letter, save_figure, use_style
from scripts.remedies.catalogue import PANELS, REFERENCES, REMEDIES
from scripts.step.files import tables_of
from scripts.step.job import job

LABELS = {name: remedy.label for name, remedy in REMEDIES.items()}
LABELS |= {name: label for name, (label, _) in REFERENCES.items()} | {
    "null_predictor": "null predictor"
}


def draw_remedies(
    theory: dict[str, pd.DataFrame], simulated: dict[str, pd.DataFrame], titles: dict[str, str]
) -> plt.Figure:
    """E_n against n: a row for each regime, a column for each budget with its legend below."""
    rows = len(titles)
    figure, axes = plt.subplots(
        *(rows + 1, len(PANELS)),
        figsize=(TEXT_WIDTH, 2.2 * rows + 1.35),
        height_ratios=[*[1] * rows, 0.56],
        sharey="row",
        layout="constrained",
    )
    for i, (name, title) in enumerate(titles.items()):
        routes = [table[f"remedies_{name}"] for table in (theory, simulated)]
        for j, (ax, (panel, shown)) in enumerate(zip(axes[i], PANELS.items(), strict=True)):
            draw_panel(ax, *routes, [*shown, "null_predictor"])
            ax.tick_params(labelbottom=i == rows - 1)
            ax.set_title(f"{letter(i * len(PANELS) + j)} {panel}", loc="left")
        axes[i, 0].set_ylabel(f"{title}\ntest error $E_n$")
    for above, ax in zip(axes[-2], axes[-1], strict=True):
        above.set_xlabel("generation $n$")
        ax.axis("off")
        ax.legend(*above.get_legend_handles_labels(), loc="upper center", labelspacing=0.25)
    return figure


def draw_panel(ax: Axes, theory: pd.DataFrame, simulated: pd.DataFrame, names: list[str]) -> None:
    """Lines of theory, points of simulation."""
    for name in names:
        line, dots = (table[table["remedy"] == name] for table in (theory, simulated))
        look = {"label": LABELS[name], "markersize": 3.6} | REMEDY_LOOKS[name]
        if len(dots):
            ax.errorbar("generation", "error", "error_se", data=dots, **look, linestyle="none")
            look = {"color": look["color"]}
        line = line.dropna()
        ax.plot(line["generation"], line["error"], **look, linewidth=1.0)
    ax.set_yscale("log")


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        theory = tables_of(snakemake.input.theory)
        simulated = tables_of(snakemake.input.simulated)
        save_figure(draw_remedies(theory, simulated, snakemake.params.titles), snakemake.output)
