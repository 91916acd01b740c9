"""Scaling laws and the crossover."""

import pandas as pd

from scripts.output.formats import number, setting, to_math
from scripts.paper.numbers.rows import rows
from scripts.paper.numbers.texts import NONE, formatted


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section and of its appendix, by name."""
    scaling = config["scaling"]
    clean = tables["scaling_clean"]
    collapsed = tables["scaling_collapsed"]
    return {
        **exponents(pd.concat([clean, collapsed], ignore_index=True)),
        **at_ell_star(rows(collapsed, sigma=0, ell_rule="ell_star")),
        **sizes(scaling),
        **crossover(scaling["crossover"]),
    }


def exponents(cells: pd.DataFrame) -> dict[str, str]:
    """Exponents by the recursion, by simulation, and by the largest term."""
    asymptotic = cells[cells["asymptotic"]]
    others = cells[~cells["asymptotic"]]
    off = asymptotic["error"].abs()
    finite_size = (cells["theory_at_simulated"] - cells["theory"]).abs()
    return {
        "scaling.cells": number(len(cells)),
        "scaling.not_asymptotic": number(len(others)),
        "scaling.why": reasons(others["why_not_asymptotic"]),
        "scaling.error_low_r": formatted(off[asymptotic["r"] < 1].max(), ".3f"),
        "scaling.error_high_r": formatted(off[asymptotic["r"] > 1].max(), ".3f"),
        "scaling.within_3": formatted((cells["z"].abs() <= 3).mean(), ".0%"),
        "scaling.finite_size": formatted(finite_size.max(), ".2f"),
    }


def reasons(column: pd.Series) -> str:
    """The reasons why cells are not asymptotic, each with the number of its cells."""
    counts = column.value_counts(sort=False)
    texts = [
        f"{to_math(reason)} ({count} {'cell' if count == 1 else 'cells'})"
        for reason, count in counts.items()
    ]
    return "; ".join(texts) or NONE


def at_ell_star(cells: pd.DataFrame) -> dict[str, str]:
    """Noiseless cells at ℓ⋆, and those in which corollary 5.2 prints a wrong exponent."""
    wrong = (cells["printed"] - cells["corrected"]).abs() > 1e-9
    return {
        "scaling.star_cells": number(cells["ell"].count()),
        "scaling.wrong": number(wrong.sum()),
    }


def sizes(scaling: dict) -> dict[str, str]:
    """Windows and sizes in which exponents are measured."""
    clean = scaling["clean"]
    collapsed = scaling["collapsed"]
    last_window = collapsed["windows"][-1]
    clean_window = clean["windows"][-1]
    return {
        "scaling.drift": setting(scaling["largest_drift"]),
        "scaling.d_from": setting(last_window[0]),
        "scaling.d_to": setting(last_window[1]),
        "scaling.clean_d": setting(clean["dimension"]),
        "scaling.clean_from": setting(clean_window[0]),
        "scaling.clean_to": setting(clean_window[1]),
        "scaling.simulated_from": number(min(collapsed["simulated"]["dimensions"])),
        "scaling.simulated_to": number(max(collapsed["simulated"]["dimensions"])),
        "scaling.simulated_T_from": number(min(clean["simulated"]["samples"])),
        "scaling.simulated_T_to": number(max(clean["simulated"]["samples"])),
        "scaling.simulated_d": number(clean["simulated"]["dimension"]),
        "scaling.replicates": number(collapsed["simulated"]["replicates"]),
        "scaling.clean_replicates": number(clean["simulated"]["replicates"]),
    }


def crossover(block: dict) -> dict[str, str]:
    """The law of figure R2 and how it is simulated."""
    return {
        "crossover.beta": setting(block["law"]["beta"]),
        "crossover.r": setting(block["law"]["r"]),
        "crossover.d_to": setting(block["windows"][-1][1]),
        "crossover.replicates": number(block["simulated"]["replicates"]),
    }
