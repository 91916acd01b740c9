"""The explorer: theory live in a browser, beside the simulated points of the figures.

page.html names its style and its scripts; they are written into it, and the build's numbers as the
script data.js, so that the page is one file that needs nothing else.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from scripts.output.style import GENERATION_COLOURS, MAP_COLOURS, letter
from scripts.step.files import SIMULATED, tables_of
from scripts.step.job import job

SHADES = 33  # of a colour map; the page blends between them
LINKED = r'<link rel="stylesheet" href="(\w+\.css)">|<script src="(\w+\.js)"></script>'


def page_of(files: Mapping[str, str]) -> str:
    """page.html with the texts of the style and the scripts in the places where it names them."""

    def inlined(link: re.Match) -> str:
        tag, name = ("style", link[1]) if link[1] else ("script", link[2])
        return f"<{tag}>\n{files[name]}</{tag}>"

    return re.sub(LINKED, inlined, files["page.html"])


def data_of(
    shown: Mapping,
    simulated: Mapping[str, pd.DataFrame],
    remedies: Mapping[str, pd.DataFrame],
    exponents: Mapping[str, pd.DataFrame],
    simulated_exponents: Mapping[str, pd.DataFrame],
) -> str:
    """The script data.js: blocks of the config, and the rows of tables, by names of their files."""
    points = ("generation", "samples", "ridge_rule", "ridge", "risk", "risk_se", "replicates")
    measured = ("remedy", "generation", "ridge", "error", "error_se", "replicates")
    at = ("simulated", "simulated_se")
    data = {
        "colours": {"generations": hues(GENERATION_COLOURS), "map": hues(MAP_COLOURS)},
        "experiments": [
            {"name": name, "block": block, "points": rows(simulated[name], *points)}
            for name, block in shown["experiments"].items()
        ],
        "panels": panels_of(shown["panels"], simulated),
        "remedies": [
            {"name": name, "block": block, "real_share": shown["remedies"]["real_share"]}
            | {"points": rows(remedies[f"remedies_{name}"], *measured)}
            for name, block in shown["remedies"]["regimes"].items()
        ],
        "crossover": {
            "law": shown["law"],
            "cells": {x: rows(exponents[f"exponents_over_{x}"], x, "ell", "theory") for x in "ab"},
            "simulated": {
                x: rows(simulated_exponents[f"exponents_over_{x}"], x, "ell", *at) for x in "ab"
            },
        },
    }
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return "const DATA = " + text.replace("</", r"<\/") + ";\n"


def rows(table: pd.DataFrame, *columns: str) -> list[dict]:
    """Rows of a table by column."""
    return table[list(columns)].to_dict("records")


def hues(name: str) -> list[str]:
    """Colours of a map in hexadecimal, from its low end to its high one."""
    return [to_hex(colour) for colour in colormaps[name](np.linspace(0, 1, SHADES))]


def panels_of(
    figures: Mapping[str, list[dict]], simulated: Mapping[str, pd.DataFrame]
) -> list[dict]:
    """The panels of figures that the page can show, with their titles."""
    possible = []
    for name, panels in figures.items():
        for i, panel in enumerate(panels):
            if panel["experiment"] in simulated and not panel["relative_to"]:
                rules = list(simulated[panel["experiment"]]["ridge_rule"].unique())
                title = f"{name} {letter(i)}" if len(panels) > 1 else name
                rules = panel["ridge_rules"] or rules
                possible.append(panel | {"title": title, "ridge_rules": rules})
    return possible


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        simulated = tables_of(files.simulated, SIMULATED)
        others = map(tables_of, (files.remedies, files.exponents, files.simulated_exponents))
        texts = {Path(path).name: Path(path).read_text(encoding="utf-8") for path in files.page}
        texts["data.js"] = data_of(snakemake.params.shown, simulated, *others)
        Path(snakemake.output[0]).write_text(page_of(texts), encoding="utf-8")
