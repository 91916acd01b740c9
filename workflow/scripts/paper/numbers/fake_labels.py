"""When fake labels help."""

import pandas as pd

from scripts.output.formats import number, setting
from scripts.paper.numbers.rows import rows
from scripts.paper.numbers.texts import formatted


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section, by name."""
    block = config["fake_labels"]
    predicted = both_maps(tables["fake_labels_weight_theory"], tables["fake_labels_value_theory"])
    simulated = both_maps(
        tables["fake_labels_weight_simulated"], tables["fake_labels_value_simulated"]
    )
    lowest = simulated.loc[simulated["ratio"].idxmin()]
    return {
        "labels.d": number(block["d"]),
        "labels.T0": number(block["generator_samples"]),
        "labels.ridge": setting(block["ridge"]),
        "labels.replicates": number(block["replicates"]),
        "labels.eigenvalue": setting(block["over_weak_weight"]["weak_eigenvalue"]),
        "labels.helped": formatted((predicted["ratio"] < 1 - 1e-6).mean(), ".0%"),
        "labels.simulated_ratio": formatted(lowest["ratio"], ".2f"),
        "labels.simulated_T": number(lowest["samples"]),
    }


def both_maps(*maps: pd.DataFrame) -> pd.DataFrame:
    """The cells of both maps at the fixed ridge; ``ratio`` is the error on fake over true ones."""
    cells = rows(pd.concat(maps, ignore_index=True), tuned=False)
    return cells.assign(ratio=cells["risk_1"] / cells["risk_0"])
