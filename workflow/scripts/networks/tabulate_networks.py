"""Tables of networks: every point, growth with the generation, SGD against its theory."""

from functools import partial

import numpy as np
import pandas as pd

from model_collapse.networks import METHODS
from model_collapse.slopes import LEAST_POINTS, mean_slope, standard_error
from scripts.core.files import arrays_of, read_csv, read_json, tables_of, write_csv
from scripts.core.formats import MILLI, code, in_thousandths, number
from scripts.core.job import job
from scripts.core.points import KNEE, NETWORK, NETWORK_POINT
from scripts.core.tables import Column, Table


def with_error(name: str, head: str, *, sign: bool = False, may_be_empty: bool = False) -> list:
    """Columns of a mean and of its standard error, in TeX together, in thousandths."""
    error, form = f"{name}_se", partial(in_thousandths, sign=sign)
    return [
        Column(name, head, form, also=[error], may_be_empty=may_be_empty),
        Column(error, may_be_empty=may_be_empty),
    ]


def percent(decimals: int):
    """How a share is written as a percentage with its sign."""
    return lambda share: f"${100 * share:+.{decimals}f}\\,\\%$"


GROWTH = Table(
    Column("experiment", "", code, align="l", once=True),
    Column("width", "width", number),
    Column("method", "method", align="l"),
    *map(Column, ("samples", "replicates", "last_generation")),
    Column("first", "$E(0)$", lambda error: number(MILLI * error)),
    Column("last"),
    *with_error("early", rf"slope, $n\le{KNEE}$", may_be_empty=True),
    *with_error("late", rf"$n\ge{KNEE}$", may_be_empty=True),
    *with_error("bend", "bend", sign=True, may_be_empty=True),
    *with_error("linear", "linear"),
    *with_error("quadratic", "quadratic", sign=True),
)

AGREEMENT = Table(
    Column("experiment", "", code, align="l", once=True),
    Column("width"),
    Column("generation", "$n$"),
    *with_error("sgd", "SGD"),
    *with_error("filter", "filter"),
    *with_error("difference", "SGD $-$ filter", sign=True),
    Column("relative_difference", "", percent(1)),
    *with_error("ridgeless", "ridgeless"),
    *with_error("recursion", "recursion"),
    Column("recursion_deviation", "", percent(0)),
)


def all_points(simulated: dict[str, pd.DataFrame], theory: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every point, simulated and predicted (method "recursion"), in one table."""
    columns = [*NETWORK_POINT, "samples", "risk", "risk_se", "replicates"]
    parts = list(simulated.values())
    for name, predicted in theory.items():
        parts.append(predicted.assign(samples=simulated[name]["samples"].iloc[0]))
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def growth_table(simulated: dict[str, pd.DataFrame], risks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Growth of E(n), one row for each experiment, width and method; one fit for each replicate,
    then mean and standard error.

    early, late: slopes over n ≤ KNEE and n ≥ KNEE; bend: late − early, paired; linear, quadratic:
    of a parabola over all n. risks are (replicates, points) in the order of ``simulated``.
    """
    rows = []
    for name, table in simulated.items():
        for (width, method), group in table.groupby(["width", "method"], sort=False):
            n, ours = group["generation"].to_numpy(), risks[name][:, group.index]
            early, late = (slopes(n[kept], ours[:, kept]) for kept in (n <= KNEE, n >= KNEE))
            row = {
                "experiment": name,
                "width": width,
                "method": method,
                "samples": group["samples"].iloc[0],
                "replicates": len(ours),
                "last_generation": n.max(),
                "first": ours[:, 0].mean(),
                "last": ours[:, -1].mean(),
            }
            for key, values in (("early", early), ("late", late), ("bend", late - early)):
                row |= {key: values.mean(), f"{key}_se": standard_error(values)}
            fits = mean_slope(n, ours, degree=2)
            for key, fit in zip(("linear", "quadratic"), fits, strict=True):
                row |= {key: fit.value, f"{key}_se": fit.standard_error}
            rows.append(row)
    return pd.DataFrame(rows, columns=GROWTH.names)


def slopes(n: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Least-squares slope of each replicate, (replicates,); nan for fewer than three points."""
    if len(n) < LEAST_POINTS:
        return np.full(len(risks), np.nan)
    centred = n - n.mean()
    return risks @ centred / (centred @ centred)


def agreement_table(
    simulated: dict[str, pd.DataFrame],
    risks: dict[str, np.ndarray],
    theory: dict[str, pd.DataFrame],
) -> pd.DataFrame:
    """Networks with a fixed hidden layer: SGD against its filter (paired), the ridgeless limit and
    the recursion, one row for each experiment, width and generation.
    """
    rows = []
    for name, predicted in theory.items():
        table = simulated[name]
        for line in predicted.itertuples():
            here = (table["width"] == line.width) & (table["generation"] == line.generation)
            single = {
                method: risks[name][:, (here & (table["method"] == method)).to_numpy()][:, 0]
                for method in METHODS
            }
            single["difference"] = single["sgd"] - single["filter"]
            row = {"experiment": name, "width": line.width, "generation": line.generation}
            for key, values in single.items():
                row |= {key: values.mean(), f"{key}_se": float(standard_error(values))}
            rows.append(
                row
                | {
                    "relative_difference": row["difference"] / row["filter"],
                    "recursion": line.risk,
                    "recursion_se": line.risk_se,
                    "recursion_deviation": line.risk / row["filter"] - 1,
                }
            )
    return pd.DataFrame(rows, columns=AGREEMENT.names)


def shown(agreement: pd.DataFrame) -> pd.DataFrame:
    """Rows for the paper: of each experiment the generations 0, 1, 2, half of them and the last."""
    last = agreement.groupby("experiment")["generation"].transform("max")
    n = agreement["generation"]
    return agreement[(n <= 2) | (n == last // 2) | (n == last)]


if __name__ == "__main__":
    with job(snakemake) as log:
        files, output = snakemake.input, snakemake.output
        images, sizes = read_json(files.images)["name"], snakemake.params.sizes
        simulated = {
            name: table.assign(samples=sizes[name][images]["samples"])
            for name, table in tables_of(files.simulated, NETWORK).items()
        }
        risks, theory = arrays_of(files.replicates, "risks"), tables_of(files.theory)
        write_csv(all_points(simulated, theory), output.points)
        GROWTH.write(growth_table(simulated, risks), output.growth, output.growth_tex)
        agreement = agreement_table(simulated, risks, theory)
        AGREEMENT.write(agreement, output.agreement)
        AGREEMENT.write_tex(shown(agreement), output.agreement_tex)
        reference = read_csv(files.reference, GROWTH.names)
        GROWTH.write_tex(reference, output.reference_tex)
        log.info("%d experiments, %d in the reference run", len(simulated), len(reference))
