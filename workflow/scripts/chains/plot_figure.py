"""A figure of any number of panels, with one legend below."""

from matplotlib import pyplot as plt
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from scripts.chains.panels import GREY, LOOKS, Results, draw_panel, held_fixed
from scripts.output.style import TEXT_WIDTH, handle, letter, save_figure, shades, use_style
from scripts.schema.ridge_rules import RIDGE_RULES
from scripts.schema.spectra import Generators
from scripts.step.files import PREDICTED, SIMULATED, arrays_of, read_json, tables_of
from scripts.step.job import job

ROW_HEIGHT = 2.55  # inches for a row of panels
LINE_HEIGHT = 0.19  # inches for a line of the legend
COLUMNS = 2  # panels in a row
ENTRIES = 4  # entries in a line of the legend


def draw_figure(panels: list[dict], results: dict[str, Results], note: str = "") -> plt.Figure:
    """A figure of the panels of a config block, two in a row, with one legend below.

    ``results`` maps experiment names to Results; ``note`` is printed under the legend.
    """
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    pairs = [(results[panel["experiment"]], panel) for panel in panels]
    colours = shades({n for result, _ in pairs for n in result.simulated["generation"]})
    generations = {n for result, panel in pairs for n in result.shown(panel, "generations")}
    # One rule alone in its panel needs no look; most figures need the plainest ones only.
    rules = [result.shown(panel, "ridge_rules") for result, panel in pairs]
    sharing = dict.fromkeys(rule for together in rules if len(together) > 1 for rule in together)
    looks = dict(zip(sharing, LOOKS, strict=False))
    entries = {}
    figure, axes = plt.subplots(rows, columns, squeeze=False, layout="constrained")
    for i, (ax, (result, panel)) in enumerate(zip(axes.flat, pairs, strict=False)):
        entries |= draw_panel(ax, panel, result, colours, looks)
        title = panel["title"] or held_fixed(panel, result)
        title = f"{letter(i)} {title}" if len(panels) > 1 else title
        ax.set_title(title, loc="left", pad=15)  # above the names of d and T0
    for ax in axes.flat[len(panels) :]:
        ax.set_visible(False)
    lines = [[handle(f"$n = {n}$", color=colours[n], linewidth=2.2) for n in sorted(generations)]]
    plain = {"color": GREY, "markersize": None}
    explained = {RIDGE_RULES[rule].label: look | plain for rule, look in looks.items()}
    for looks_by_label in (explained, entries):
        handles = [handle(label, **look) for label, look in looks_by_label.items()]
        lines += [handles[j : j + ENTRIES] for j in range(0, len(handles), ENTRIES)]
    _add_legend(figure, ROW_HEIGHT * rows, lines, note)
    return figure


def _add_legend(figure: plt.Figure, above: float, lines: list[list[Line2D]], note: str) -> None:
    """The legend and the note, below panels that are ``above`` inches high."""
    below = LINE_HEIGHT * (len(lines) + bool(note) + 0.3)
    height = above + below
    figure.set_size_inches(TEXT_WIDTH, height)
    figure.get_layout_engine().set(rect=(0, below / height, 1, 1 - below / height))
    for i, handles in enumerate(lines):
        labels = [line.get_label() for line in handles]
        top = (below - LINE_HEIGHT * i) / height
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, top), "borderaxespad": 0.2}
        figure.add_artist(Legend(figure, handles, labels, ncols=len(handles), **place))
    if note:
        figure.text(0.5, 0.06 / height, note, ha="center", va="bottom", fontsize=8, color="0.3")


if __name__ == "__main__":
    with job(snakemake) as log:
        use_style(snakemake.input.style)
        files = snakemake.input
        panels = snakemake.params.panels
        theory = tables_of(files.theory, PREDICTED)
        risks = arrays_of(files.replicates, "risks")
        images = read_json(files.images[0]) if files.images else None
        results = {}
        for name, points in tables_of(files.simulated, SIMULATED).items():
            if name in snakemake.params.gaussian:
                generators = Generators(**snakemake.params.gaussian[name])
                size = generators.generator_samples
            else:
                generators = None
                size = snakemake.params.on_images[name][images["name"]]
            results[name] = Results(points, risks[name], theory[name], size, generators)
        note = f"Images: {images['description']}" if images else ""
        save_figure(draw_figure(panels, results, note), snakemake.output)
        log.info("%d panels", len(panels))
