"""Remedies, their limits and prices."""

import pandas as pd

from scripts.output.formats import at_most, measured, number, percent, setting
from scripts.paper.numbers.rows import last_generation, one, rows, smallest, with_error
from scripts.paper.numbers.texts import formatted, span


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section and of its appendix, by name."""
    remedies = config["remedies"]
    return {
        **settings_of_the_figure(remedies),
        **at_the_end(tables),
        **best_of_a_map(remedies["map"], tables["remedies_map"]),
        **on_images(remedies["images"], tables["kernel_remedies"], tables["features_remedies"]),
        **prices(remedies["price"], tables["remedies_price"]),
        **limits(remedies["limits"]),
    }


def settings_of_the_figure(remedies: dict) -> dict[str, str]:
    """The two problems and their budgets."""
    flat = remedies["regimes"]["isotropic"]
    steep = remedies["regimes"]["power_law"]
    return {
        "remedies.d": span(flat["spectrum"]["d"], steep["spectrum"]["d"]),
        "remedies.T": span(flat["samples"], steep["samples"]),
        "remedies.sigma_flat": setting(flat["noise"]),
        "remedies.sigma_steep": setting(steep["noise"]),
        "remedies.beta": setting(steep["spectrum"]["beta"]),
        "remedies.r": setting(steep["spectrum"]["r"]),
        "remedies.share": setting(remedies["real_share"]),
        "remedies.n": number(remedies["generations"]),
        "remedies.replicates": number(remedies["replicates"]),
    }


def at_the_end(tables: dict) -> dict[str, str]:
    """Errors after the last generation, most of them over that of one tuned fit to one batch."""
    flat = last_generation(tables["flat_theory"]).set_index("remedy")
    steep = last_generation(tables["steep_theory"]).set_index("remedy")
    flat_kept, steep_kept = (
        last_generation(rows(tables[name], remedy="accumulate_real"))
        for name in ("flat_simulated", "steep_simulated")
    )
    steep_kept_over_stop = one(steep_kept["error"]) / steep.loc["stop", "error"]
    return {
        "remedies.replace_steep": formatted(steep.loc["replace_tuned", "over_stop"], ".1f"),
        "remedies.kept_flat": formatted(flat.loc["accumulate_tuned", "over_stop"], ".2f"),
        "remedies.kept_steep": formatted(steep.loc["accumulate_tuned", "over_stop"], ".2f"),
        "remedies.big_flat": formatted(flat.loc["big", "over_stop"], ".2f"),
        "remedies.big_steep": formatted(steep.loc["big", "over_stop"], ".2f"),
        "remedies.weighted_error": number(flat.loc["weighted", "error"]),
        "remedies.weighted_steep": formatted(steep.loc["weighted", "over_stop"], ".2f"),
        "remedies.mix_error": number(flat.loc["mix", "error"]),
        "remedies.pooled_flat": number(flat.loc["pooled", "error"]),
        "remedies.real_kept_flat": measured(*with_error(flat_kept, "error")),
        "remedies.real_kept_steep": formatted(steep_kept_over_stop, ".2f"),
        "remedies.penalty_flat": formatted(penalty_over_stop(flat), ".1f"),
        "remedies.penalty_steep": formatted(penalty_over_stop(steep), ".1f"),
    }


def penalty_over_stop(theory: pd.DataFrame) -> float:
    """The penalty of all kept rows over the best ridge of one batch; rows are named by remedy."""
    return theory.loc["accumulate_tuned", "ridge"] / theory.loc["stop", "ridge"]


def best_of_a_map(block: dict, cells: pd.DataFrame) -> dict[str, str]:
    """The shares of the map's cells in which a remedy is best, and the factors by which it is."""
    one_batch = rows(cells, panel="samples")
    fresh_rows = rows(cells, panel="real_share")
    return {
        "remedies.map_d": number(block["spectrum"]["d"]),
        "remedies.map_rows": number(block["rows"]),
        "remedies.map_n": number(block["generations"]),
        "remedies.map_replicates": number(block["replicates"]),
        "remedies.map_first": formatted((one_batch["best"] == "accumulate_tuned").mean(), ".0%"),
        "remedies.map_most": formatted(one_batch["factor"].max(), ".2f"),
        "remedies.map_mixed": formatted((fresh_rows["best"] == "weighted").mean(), ".0%"),
        "remedies.map_gains": formatted((fresh_rows["factor"] < 1).mean(), ".0%"),
    }


def on_images(block: dict, kernel: pd.DataFrame, features: pd.DataFrame) -> dict[str, str]:
    """The deviation of simulation from theory on images."""
    sizes = block["learners"]["kernel"]["sizes"]
    kernel_off, features_off = (
        table["error"] / table["theory"] - 1 for table in (kernel, features)
    )
    furthest = pd.concat([kernel_off, features_off]).abs().max()
    return {
        "remedies.images_sigma": setting(block["noise"]),
        "remedies.images_replicates": number(block["replicates"]),
        "remedies.images_mnist": number(sizes["mnist"]["spectrum_images"]),
        "remedies.images_digits": number(sizes["digits"]["spectrum_images"]),
        "remedies.images_T": number(sizes["mnist"]["samples"]),
        "remedies.images_T_digits": number(sizes["digits"]["samples"]),
        "remedies.kernel_off": percent(kernel_off.median()),
        "remedies.features_off": percent(features_off.median()),
        "remedies.images_most": at_most(furthest),
    }


def prices(block: dict, table: pd.DataFrame) -> dict[str, str]:
    """Fresh real rows that undo a generation, in units of T0."""
    steep = rows(table, problem="power_law", ridge="tuned")
    without_ridge = rows(table, ridge="none")
    below = without_ridge[without_ridge["size"] < 1]
    return {
        "remedies.price_first": formatted(smallest(steep, "generation")["price"].max(), ".2f"),
        "remedies.price_last": formatted(last_generation(steep)["price"].max(), ".2f"),
        "remedies.price_below": formatted(below["price"].min(), ".1f"),
        "remedies.price_replicates": number(block["replicates"]),
    }


def limits(block: dict) -> dict[str, str]:
    """The setting of the table of limits."""
    return {
        "remedies.limits_d": number(block["d"]),
        "remedies.limits_n": number(block["generations"]),
        "remedies.limits_T": number(block["samples"]),
        "remedies.limits_sigma": setting(block["noise"]),
        "remedies.limits_ridge": setting(block["ridge"]),
        "remedies.limits_replicates": number(block["replicates"]),
    }
