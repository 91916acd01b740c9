"""Simulated means against theory at every simulated point, and the distribution of z."""

import numpy as np
import pandas as pd

from model_collapse.statistics import standard_error
from scripts.output.formats import code, escape, number, signed
from scripts.output.tables import Column, Table
from scripts.step.files import (
    FEW_SAMPLES,
    POINT,
    PREDICTED,
    SIMULATED,
    arrays_of,
    distinct,
    tables_of,
    write_csv,
)
from scripts.step.job import job


def join(simulated: pd.DataFrame, theory: pd.DataFrame) -> pd.DataFrame:
    """Simulated points with theory's risk beside them, z = (mean − theory)/standard error, and
    the relative deviation. Raises ValueError if theory lacks a simulated point.
    """
    both = simulated.merge(theory, on=POINT, how="left", suffixes=("", "_theory"), validate="1:1")
    if both["risk_theory"].isna().any():
        point = both.loc[both["risk_theory"].isna(), POINT].iloc[0].to_dict()
        raise ValueError(f"theory has no value at the simulated point {point}")
    difference = both["risk"] - both["risk_theory"]
    both["z"] = difference / both["risk_se"]  # not finite where all replicates are the same
    both["deviation"] = difference / both["risk_theory"]
    return both[[*SIMULATED, "risk_theory", "z", "deviation"]]


def agreement(points: pd.DataFrame, risks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Distribution of z in each experiment over distinct joined points, T ≤ FEW_SAMPLES apart.

    Points without a standard error, such as OLS without noise, are left out.
    ``risks`` holds each experiment's risks, (replicates, points) in the points' order. group_z
    tests a group's points together, although they are correlated: it is the relative deviation
    from theory, averaged over the points of each replicate, in standard errors over replicates.
    """
    rows = []
    for name, group in points.groupby("experiment", sort=False):
        has_few_samples = (group["samples"] <= FEW_SAMPLES).to_numpy()
        usable = distinct(group)
        usable &= np.isfinite(group["z"]).to_numpy()
        for sizes, of_sizes in (
            (f"T ≤ {FEW_SAMPLES}", has_few_samples),
            (f"T > {FEW_SAMPLES}", ~has_few_samples),
        ):
            counted = of_sizes & usable
            if not counted.any():
                continue
            z = group["z"][counted]
            expected = group["risk_theory"][counted].to_numpy()
            deviation = (risks[name][:, counted] / expected - 1).mean(axis=1)
            group_z = deviation.mean() / standard_error(deviation)
            shares = (np.mean(np.abs(z) <= 2), group_z, group["deviation"][counted].abs().max())
            quartiles = z.quantile((0, 0.25, 0.5, 0.75, 1))
            rows.append((name, sizes, len(deviation), len(z), *quartiles, *shares))
    return pd.DataFrame(rows, columns=AGREEMENT.names)


def strays(points: pd.DataFrame) -> pd.DataFrame:
    """Distinct points at T ≥ 30 with |z| > 3 that are also more than 2 % from theory."""
    stray = (points["samples"] >= 30) & (points["z"].abs() > 3) & (points["deviation"].abs() > 0.02)
    return points[stray & distinct(points)]


AGREEMENT = Table(
    Column("experiment", "experiment", code, align="l"),
    Column("sizes", "sizes", escape, align="l"),
    Column("replicates", "repl.", number),
    Column("points", "points", number),
    Column("minimum", "min", signed),
    Column("quartile_1", r"$\frac14$", signed),
    Column("median", "median", signed),
    Column("quartile_3", r"$\frac34$", signed),
    Column("maximum", "max", signed),
    Column("share_within_2", r"$|z|\le2$", lambda share: f"{100 * share:.0f}\\,\\%"),
    Column("group_z", "group $z$", signed),
    Column("largest_deviation", "dev.", lambda value: f"{100 * value:.1f}\\,\\%"),
)


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        output = snakemake.output
        theory = tables_of(files.theory, PREDICTED)
        risks = arrays_of(files.replicates, "risks")
        simulated = tables_of(files.simulated, SIMULATED).items()
        points = [join(table, theory[name]) for name, table in simulated]
        points = pd.concat(points, ignore_index=True)
        AGREEMENT.write(agreement(points, risks), output.agreement, output.agreement_tex)
        for table, path in ((points, output.points), (strays(points), output.strays)):
            write_csv(table, path, may_be_empty=["z", "deviation"])
        log.info("%d points, largest |z| %.2f", len(points), points["z"].abs().max())
