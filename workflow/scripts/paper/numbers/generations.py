"""Generation by generation: bias, variance and collapse."""

import numpy as np
import pandas as pd

from model_collapse.statistics import standard_error
from scripts.output.formats import measured, number, setting
from scripts.paper.numbers.rows import last_generation, one, rows
from scripts.paper.numbers.texts import formatted


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section and of its appendix, by name."""
    decompositions = config["decompositions"]
    slopes = decompositions["slope_isotropic"]
    return {
        **settings_of_the_figure(decompositions),
        **saturation(
            last_generation(tables["over_independent_theory"]),
            tables["over_independent_simulated"]["terms"],
        ),
        "slopes.worst": formatted(tables["slopes"]["deviation"].abs().max(), ".2%"),
        "slopes.replicates": number(slopes["replicates"]),
        "slopes.generations": number(slopes["generations"]),
        **growing_data(tables["growing"]),
    }


def settings_of_the_figure(decompositions: dict) -> dict[str, str]:
    """The problem and the sizes of the figure's panels."""
    under = decompositions["under_independent"]
    over = decompositions["over_independent"]
    return {
        "decomposition.d": number(under["spectrum"]["d"]),
        "decomposition.T": number(under["samples"]),
        "decomposition.T0_under": number(under["generator_samples"]),
        "decomposition.T0_over": number(over["generator_samples"]),
        "decomposition.ridge": setting(under["ridge"]),
        "decomposition.sigma": setting(under["noise"]),
        "decomposition.sigma0": setting(under["generator_noise"]),
        "decomposition.replicates": number(under["replicates"]),
    }


def saturation(theory: pd.DataFrame, simulated: np.ndarray) -> dict[str, str]:
    """The collapse of the last generation in panel (d), where the paper's formula misses it.

    ``simulated`` holds bias, variance and collapse: (replicates, generations, 3).
    """
    collapse = simulated[:, -1, 2]
    return {
        "decomposition.n": number(one(theory["generation"])),
        "decomposition.collapse": measured(collapse.mean(), standard_error(collapse)),
        "decomposition.collapse_theory": number(one(theory["collapse"])),
        "decomposition.collapse_paper": number(one(theory["paper_collapse"])),
    }


def growing_data(table: pd.DataFrame) -> dict[str, str]:
    """The collapse of batches that grow, after endless generations, over that of one generation."""
    sums = rows(table, quantity="sum")
    endless = sums[sums["generation"] > 1e9]
    return {
        "growing.limit": number(one(rows(endless, phi_0=0)["corrected"])),
        "growing.half": number(one(rows(endless, phi_0=0.5)["corrected"])),
    }
