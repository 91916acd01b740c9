"""Kernels on images: figure 4, and theory on estimated spectra."""

import numpy as np
import pandas as pd

from model_collapse.theory.exponents import ell_crit
from scripts.output.formats import escape, number, setting
from scripts.paper.assumptions import KERNELS
from scripts.paper.numbers.rows import largest, last_generation, one, rows
from scripts.paper.numbers.texts import NONE, formatted, plain, span


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section and of its appendix, by name."""
    blocks = config["kernel_experiments"]
    images = tables["images"]
    rbf_sizes = blocks["fig4_rbf"]["sizes"]
    return {
        "fig4.images": escape(images["description"]),
        "fig4.replicates": span(*(blocks[name]["replicates"] for name in KERNELS)),
        **kernel("fig4_rbf", blocks["fig4_rbf"]),
        **kernel("fig4_polynomial", blocks["fig4_polynomial"]),
        "fig4_rbf.T0": number(rbf_sizes[images["name"]]["generator_samples"]),
        "fig4_rbf.sigma": setting(blocks["fig4_rbf"]["noise"]),
        "fig4_polynomial.degree": number(blocks["fig4_polynomial"]["kernel"]["degree"]),
        "fig4_polynomial.replicates": number(blocks["fig4_polynomial"]["replicates"]),
        **outliers(tables["fig4_polynomial_simulated"], tables["fig4_polynomial_replicates"]),
        "universality.images_mnist": number(rbf_sizes["mnist"]["spectrum_images"]),
        "universality.images_digits": number(rbf_sizes["digits"]["spectrum_images"]),
        **universality(tables["universality"]),
        **growth(tables["kernel_growth"]),
    }


def kernel(name: str, block: dict) -> dict[str, str]:
    """Scale and quoted exponents of a kernel."""
    return {
        f"{name}.gamma": setting(block["kernel"]["gamma"]),
        f"{name}.beta": setting(block["beta"]),
        f"{name}.r": setting(block["r"]),
        f"{name}.ell_crit": number(ell_crit(block["beta"], block["r"])),
    }


def outliers(simulated: pd.DataFrame, replicates: dict[str, np.ndarray]) -> dict[str, str]:
    """Single replicates of the polynomial kernel on clean data, at the largest T and at ℓ_crit.

    ``replicates`` holds risks, (replicates, points), with points as in the rows of ``simulated``.
    """
    most = largest(simulated, "samples")
    point = rows(most, generation=0, ridge_rule="ell_crit")
    singles = replicates["risks"][:, point.index]
    return {
        "fig4_polynomial.T_max": number(one(most["samples"])),
        "fig4_polynomial.largest_single": number(np.max(singles)),
        "fig4_polynomial.median_single": number(np.median(singles)),
    }


def universality(table: pd.DataFrame) -> dict[str, str]:
    """The deviation of simulation from theory, as a share of theory."""
    at_the_end = {
        f"{name}.theory_last": formatted(
            one(last_generation(rows(table, experiment=name))["median_deviation"]), "+.0%"
        )
        for name in KERNELS
    }
    clean = rows(table, experiment="fig4_rbf", generation=0)
    half = one(clean["last_simulated"]) / one(clean["last_theory_half"]) - 1
    return {
        **at_the_end,
        "fig4_rbf.theory_at_T": formatted(one(clean["last_deviation"]), "+.0%"),
        "fig4_rbf.half_at_T": formatted(half, "+.0%"),
    }


def growth(table: pd.DataFrame) -> dict[str, str]:
    """The numbers of curves over n that bend down and up by more than two standard errors."""
    concave = table["quadratic"] < -2 * table["quadratic_se"]
    convex = table["quadratic"] > 2 * table["quadratic_se"]
    return {
        "growth.rows": number(table["quadratic"].count()),
        "growth.concave": plain(concave.sum()),
        "growth.convex": number(convex.sum()) if convex.any() else NONE,
    }
