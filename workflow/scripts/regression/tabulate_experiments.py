"""All Gaussian experiments with their parameters, for the paper's appendix."""

import pandas as pd

from scripts.output.formats import code, escape, number, ragged, setting
from scripts.output.tables import Column, Table
from scripts.regression.settings import Experiment
from scripts.schema.grids import Grid
from scripts.step.job import job


def sweep_tex(sweep: int | list[int] | Grid) -> str:
    """A sweep of T in a cell: one value, all of a list, the ends of a grid."""
    if isinstance(sweep, Grid):
        return f"{setting(sweep.start)}--{setting(sweep.to)}"
    return ", ".join(map(number, sweep)) if isinstance(sweep, list) else number(sweep)


EXPERIMENTS = Table(
    Column("experiment", "experiment", code, align="l"),
    Column("spectrum", "spectrum", lambda spectrum: spectrum.tex, align="l"),
    Column("spectrum", "$d$", lambda spectrum: number(spectrum.d)),
    Column("generator_samples", "$T_0$", number),
    Column("generator_noise", r"$\sigma_0$", setting),
    Column("noise", r"$\sigma$", setting),
    Column("shared_design", "designs", lambda s: "shared" if s else "independent", align="l"),
    Column("samples", "$T$", sweep_tex, align="l"),
    Column("ridge_rules", "ridge rules", lambda x: escape(", ".join(x)), align=ragged(26)),
    Column("replicates", "repl.", number),
)


def experiments_table(experiments: dict[str, Experiment]) -> pd.DataFrame:
    """One row for each experiment: the values of its keys, a column for each key."""
    return pd.DataFrame([{"experiment": name, **dict(e)} for name, e in experiments.items()])


if __name__ == "__main__":
    with job(snakemake):
        blocks = {name: Experiment(**block) for name, block in snakemake.params.blocks.items()}
        EXPERIMENTS.write_tex(experiments_table(blocks), snakemake.output[0])
