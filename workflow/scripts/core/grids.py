"""Sweeps of the config as values: numbers, lists, and linear or logarithmic grids."""

import math

import numpy as np
import pandas as pd

POINT = ["experiment", "generation", "samples", "ridge_rule", "ridge"]
"""The columns that name a point, in every csv of results."""

SIMULATED = [*POINT, "risk", "risk_se", "replicates"]
PREDICTED = [*POINT, "risk", "bias", "variance", "collapse"]
"""Columns of simulated risks and of theory."""

FEW_SAMPLES = 10  # up to this T the high-dimensional limit is off by a finite-size bias

NETWORK_POINT = ["experiment", "width", "method", "generation"]
NETWORK = [*NETWORK_POINT, "risk", "risk_se", "replicates"]
"""The columns that name a point of networks, and those of its risks."""

KNEE = 4  # the generation up to which the paper calls growth linear, and superlinear from then on

MOST_VALUES = 10_000
"""Values of a linear grid."""


def distinct(points: pd.DataFrame) -> np.ndarray:
    """Which points are not a repetition of an earlier one: booleans, (points,).

    Rules that meet in one λ, or generations on one shared noiseless design, give one number.
    """
    same = points[["experiment", "samples"]].assign(risk=points["risk"].map("{:.9g}".format))
    return ~same.duplicated().to_numpy()


def values_of(grid, refine: int = 1) -> list[float]:
    """The values of a number, a list, or a grid {from, to, per_decade | step}, in order.

    ``refine`` puts that many steps where the grid has one; every refine-th value is the coarse
    grid to the last bit. Lists and numbers are not refined.
    """
    if not isinstance(grid, dict):
        return list(grid) if isinstance(grid, (list, tuple)) else [grid]
    low, high = grid["from"], grid["to"]
    if "step" in grid:
        steps = math.floor((high - low) / grid["step"] + 1e-9) * refine
        return [low + j / refine * grid["step"] for j in range(steps + 1)]
    density = grid["per_decade"] * refine
    steps = math.floor(math.log10(high / low) * grid["per_decade"] + 1e-9) * refine
    return [low * 10 ** (j / density) for j in range(steps + 1)]


def sample_sizes(grid, refine: int = 1) -> list[int]:
    """Sample sizes T of a number, list or grid: whole and distinct, the coarse ones kept."""
    fine = values_of(grid, refine)
    return sorted({round(value) for value in fine})


def check_grid(where: str, grid, *, logarithmic: bool) -> None:
    """Raise ValueError unless a grid rises, and, if logarithmic, has per_decade and from > 0."""
    if not isinstance(grid, dict):
        return
    wanted = "per_decade" if logarithmic else "step"
    if grid.keys() != {"from", "to", wanted}:
        raise ValueError(f"{where}: a grid here has the keys from, to and {wanted}")
    if grid["from"] > grid["to"]:
        raise ValueError(f"{where}: the grid runs from {grid['from']} down to {grid['to']}")
    if wanted == "step" and (grid["to"] - grid["from"]) / grid["step"] > MOST_VALUES:
        raise ValueError(f"{where}.step: {grid['step']} makes more than {MOST_VALUES:,} values")
    if logarithmic and not grid["from"] > 0:
        raise ValueError(f"{where}: a logarithmic grid must begin above 0, not at {grid['from']}")
