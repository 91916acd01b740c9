"""Tables of networks: growth of the error with the generation, and SGD against its theory."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from model_collapse.slopes import LEAST_POINTS, mean_slope, standard_error
from scripts.core.formats import MILLI, code, in_brackets, in_thousandths, number, to_tex
from scripts.core.grids import KNEE, NETWORK_POINT


def growth_table(simulated: dict[str, pd.DataFrame], risks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Growth of E(n), one row an experiment, width and method; one fit a replicate, then mean and
    standard error.

    early, late: slopes over n ≤ KNEE and n ≥ KNEE; bend: late − early, paired; linear, quadratic:
    of a parabola over all n. risks are (replicates, points) in the order of ``simulated``.
    """
    rows = []
    for name, table in simulated.items():
        for (width, method), group in table.groupby(["width", "method"], sort=False):
            n, ours = group["generation"].to_numpy(), risks[name][:, group.index]
            linear, quadratic = mean_slope(n, ours, degree=2)
            early, late = (slopes(n[kept], ours[:, kept]) for kept in (n <= KNEE, n >= KNEE))
            rows.append(
                {
                    "experiment": name,
                    "width": width,
                    "method": method,
                    "samples": group["samples"].iloc[0],
                    "replicates": len(ours),
                    "last_generation": n.max(),
                    "first": ours[:, 0].mean(),
                    "last": ours[:, -1].mean(),
                    "early": early.mean(),
                    "early_se": standard_error(early),
                    "late": late.mean(),
                    "late_se": standard_error(late),
                    "bend": (late - early).mean(),
                    "bend_se": standard_error(late - early),
                    "linear": linear.value,
                    "linear_se": linear.standard_error,
                    "quadratic": quadratic.value,
                    "quadratic_se": quadratic.standard_error,
                }
            )
    return pd.DataFrame(rows)


def slopes(n: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Least-squares slope of each replicate, (replicates,); nan for fewer than three points."""
    if len(n) < LEAST_POINTS:
        return np.full(len(risks), np.nan)
    centred = n - n.mean()
    return risks @ centred / (centred @ centred)


def growth_tex(table: pd.DataFrame) -> str:
    """The table of growth for the paper, in thousandths."""
    rows, shown = [], None
    for row in table.itertuples():
        cells = [
            in_thousandths(getattr(row, key), getattr(row, f"{key}_se"), sign=sign)
            for key, sign in (
                ("early", False),
                ("late", False),
                ("bend", True),
                ("linear", False),
                ("quadratic", True),
            )
        ]
        name = "" if row.experiment == shown else code(row.experiment)
        rows.append((name, number(row.width), row.method, number(MILLI * row.first), *cells))
        shown = row.experiment
    head = ["", "width", "method", "$E(0)$", rf"slope, $n\le{KNEE}$", rf"$n\ge{KNEE}$"]
    return to_tex(pd.DataFrame(rows), [*head, "bend", "linear", "quadratic"], "lrlrrrrrr")


def agreement_table(
    simulated: dict[str, pd.DataFrame],
    risks: dict[str, np.ndarray],
    theory: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Networks with a fixed hidden layer: SGD against its filter (paired), the ridgeless limit and
    the recursion, one row an experiment, width and generation.
    """
    rows = []
    for name, predicted in theory.items():
        table = simulated[name]
        for line in predicted.itertuples():
            here = (table["width"] == line.width) & (table["generation"] == line.generation)
            single = {
                method: risks[name][:, (here & (table["method"] == method)).to_numpy()][:, 0]
                for method in ("sgd", "filter", "ridgeless")
            }
            difference = single["sgd"] - single["filter"]
            means = {method: values.mean() for method, values in single.items()}
            rows.append(
                {
                    "experiment": name,
                    "width": line.width,
                    "generation": line.generation,
                    "sgd": means["sgd"],
                    "sgd_se": float(standard_error(single["sgd"])),
                    "filter": means["filter"],
                    "filter_se": float(standard_error(single["filter"])),
                    "difference": difference.mean(),
                    "difference_se": float(standard_error(difference)),
                    "relative_difference": difference.mean() / means["filter"],
                    "ridgeless": means["ridgeless"],
                    "ridgeless_se": float(standard_error(single["ridgeless"])),
                    "recursion": line.risk,
                    "recursion_se": line.risk_se,
                    "recursion_deviation": line.risk / means["filter"] - 1,
                }
            )
    return pd.DataFrame(rows)


def agreement_tex(table: pd.DataFrame) -> str:
    """The table of agreement for the paper, in thousandths, some generations."""
    rows = []
    for name, group in table.groupby("experiment", sort=False):
        for row in group[group["generation"].isin(_shown(group["generation"]))].itertuples():
            rows.append(
                (
                    code(name) if row.generation == 0 else "",
                    row.generation,
                    in_brackets(MILLI * row.sgd, MILLI * row.sgd_se, sign=False),
                    in_brackets(MILLI * row.filter, MILLI * row.filter_se, sign=False),
                    in_brackets(MILLI * row.difference, MILLI * row.difference_se),
                    f"${100 * row.relative_difference:+.1f}\\,\\%$",
                    in_brackets(MILLI * row.ridgeless, MILLI * row.ridgeless_se, sign=False),
                    in_brackets(MILLI * row.recursion, MILLI * row.recursion_se, sign=False),
                    f"${100 * row.recursion_deviation:+.0f}\\,\\%$",
                )
            )
    head = ["", "$n$", "SGD", "filter", "SGD $-$ filter", "", "ridgeless", "recursion", ""]
    return to_tex(pd.DataFrame(rows), head, "lrrrrrrrr")


def _shown(generations: Sequence[int]) -> list[int]:
    last = max(generations)
    return sorted({0, 1, 2, last // 2, last})


def all_points(simulated: dict[str, pd.DataFrame], theory: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every point, simulated and predicted (method "recursion"), in one table."""
    columns = [*NETWORK_POINT, "samples", "risk", "risk_se", "replicates"]
    parts = list(simulated.values())
    for name, predicted in theory.items():
        parts.append(predicted.assign(samples=simulated[name]["samples"].iloc[0]))
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)
