"""Tables of networks: every point, growth with the generation, SGD against its theory."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd

from model_collapse.networks.sgd import METHODS
from model_collapse.statistics import LEAST_POINTS, mean_slope
from scripts.output.formats import MILLI, code, in_thousandths, number, percent
from scripts.output.tables import Column, Table, mean_of, slope_of, with_error
from scripts.step.files import (
    KNEE,
    NETWORK,
    NETWORK_POINT,
    arrays_of,
    read_csv,
    read_json,
    tables_of,
    write_csv,
)
from scripts.step.job import job

unsigned = partial(in_thousandths, sign=False)

GROWTH = Table(
    Column("experiment", "", code, align="l", once=True),
    Column("width", "width", number),
    Column("method", "method", align="l"),
    *map(Column, ("samples", "replicates", "last_generation")),
    Column("first", "$E(0)$", lambda error: number(MILLI * error)),
    Column("last"),
    *with_error("early", rf"slope, $n\le{KNEE}$", unsigned, may_be_empty=True),
    *with_error("late", rf"$n\ge{KNEE}$", unsigned, may_be_empty=True),
    *with_error("bend", "bend", in_thousandths, may_be_empty=True),
    *with_error("linear", "linear", unsigned),
    *with_error("quadratic", "quadratic", in_thousandths),
)

AGREEMENT = Table(
    Column("experiment", "", code, align="l", once=True),
    Column("width"),
    Column("generation", "$n$"),
    *with_error("sgd", "SGD", unsigned),
    *with_error("filter", "filter", unsigned),
    *with_error("difference", "SGD $-$ filter", in_thousandths),
    Column("relative_difference", "", partial(percent, decimals=1)),
    *with_error("ridgeless", "ridgeless", unsigned),
    *with_error("recursion", "prediction", unsigned),
    Column("recursion_deviation", "", percent),
)


def all_points(simulated: dict[str, pd.DataFrame], theory: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every point, simulated and predicted (method "recursion"), in one table."""
    columns = [*NETWORK_POINT, "samples", "risk", "risk_se", "replicates"]
    samples = {name: table["samples"].iloc[0] for name, table in simulated.items()}
    predicted = [table.assign(samples=samples[name]) for name, table in theory.items()]
    points = pd.concat([*simulated.values(), *predicted], ignore_index=True)
    return points.reindex(columns=columns)


def growth(simulated: pd.DataFrame, risks: np.ndarray) -> Iterator[dict]:
    """Growth of E(n), one row for each width and method; one fit for each replicate, then mean and
    standard error.

    early, late: slopes over n ≤ KNEE and n ≥ KNEE; bend: late − early, paired; linear, quadratic:
    of a parabola over all n. risks are (replicates, points) in the order of ``simulated``.
    """
    for (width, method), group in simulated.groupby(["width", "method"], sort=False):
        n = group["generation"].to_numpy()
        ours = risks[:, group.index]
        early, late = (slopes(n[used], ours[:, used]) for used in (n <= KNEE, n >= KNEE))
        linear, quadratic = mean_slope(n, ours, degree=2)
        yield {
            "width": width,
            "method": method,
            "samples": group["samples"].iloc[0],
            "replicates": len(ours),
            "last_generation": n.max(),
            "first": ours[:, 0].mean(),
            "last": ours[:, -1].mean(),
            **mean_of("early", early),
            **mean_of("late", late),
            **mean_of("bend", late - early),
            **slope_of("linear", linear),
            **slope_of("quadratic", quadratic),
        }


def slopes(n: np.ndarray, risks: np.ndarray) -> np.ndarray:
    """Least-squares slope of each replicate, (replicates,); nan for fewer than three points."""
    if len(n) < LEAST_POINTS:
        return np.full(len(risks), np.nan)
    centred = n - n.mean()
    return risks @ centred / (centred @ centred)


def agreement(theory: pd.DataFrame, simulated: pd.DataFrame, risks: np.ndarray) -> Iterator[dict]:
    """Networks with a fixed hidden layer: SGD against its filter (paired), the ridgeless limit and
    the recursion, one row for each width and generation.
    """
    columns = simulated.reset_index().set_index(["width", "generation", "method"])["index"]
    for line in theory.itertuples():
        single = {m: risks[:, columns[line.width, line.generation, m]] for m in METHODS}
        single["difference"] = single["sgd"] - single["filter"]
        row = {"width": line.width, "generation": line.generation}
        for key, values in single.items():
            row |= mean_of(key, values)
        yield row | {
            "relative_difference": row["difference"] / row["filter"],
            "recursion": line.risk,
            "recursion_se": line.risk_se,
            "recursion_deviation": line.risk / row["filter"] - 1,
        }


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """Rows for the paper: generations 0, 1, 2, the middle and the last of each experiment."""
    n = table["generation"]
    last = table.groupby("experiment")["generation"].transform("max")
    return table[(n <= 2) | (n == last // 2) | (n == last)]


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        output = snakemake.output
        images = read_json(files.images)["name"]
        sizes = snakemake.params.sizes
        simulated = {
            name: table.assign(samples=sizes[name][images]["samples"])
            for name, table in tables_of(files.simulated, NETWORK).items()
        }
        risks = arrays_of(files.replicates, "risks")
        theory = tables_of(files.theory)
        write_csv(all_points(simulated, theory), output.points)
        growing = GROWTH.of_each(growth, simulated, risks)
        GROWTH.write(growing, output.network_growth, output.network_growth_tex)
        agreeing = AGREEMENT.of_each(agreement, theory, simulated, risks)
        AGREEMENT.write(agreeing, output.network_agreement)
        AGREEMENT.write_tex(shown(agreeing), output.network_agreement_tex)
        reference = read_csv(files.reference, GROWTH.names)
        GROWTH.write_tex(reference, output.reference_tex)
        log.info("%d experiments, %d in the reference run", len(simulated), len(reference))
