"""All Gaussian experiments with their parameters, for the paper's appendix."""

import pandas as pd
from pydantic import TypeAdapter

from scripts.core.formats import code, escape, number, setting
from scripts.core.job import job
from scripts.core.spectra import Problem
from scripts.core.tables import Column, Table


def sweep_tex(sweep) -> str:
    """A sweep of T in a cell: one value, all of a list, the ends of a grid."""
    if isinstance(sweep, dict):
        return f"{setting(sweep['from'])}--{setting(sweep['to'])}"
    return ", ".join(map(number, sweep)) if isinstance(sweep, list) else number(sweep)


EXPERIMENTS = Table(
    Column("experiment", "experiment", code, align="l"),
    Column("spectrum", "spectrum", align="l"),
    Column("d", "$d$", number),
    Column("generator_samples", "$T_0$", number),
    Column("generator_noise", r"$\sigma_0$", setting),
    Column("noise", r"$\sigma$", setting),
    Column("designs", "designs", align="l"),
    Column("samples", "$T$", sweep_tex, align="l"),
    Column(
        "ridge_rules",
        "ridge rules",
        lambda rules: escape(", ".join(rules)),
        align=r">{\raggedright\arraybackslash}p{26mm}",
    ),
    Column("replicates", "repl.", number),
)


def experiments_table(experiments: dict[str, dict]) -> pd.DataFrame:
    """One row for each experiment."""
    rows = []
    for name, block in experiments.items():
        spectrum = TypeAdapter(Problem).validate_python(block["spectrum"])
        designs = "shared" if block["shared_design"] else "independent"
        about = {"experiment": name, "spectrum": spectrum.tex, "d": spectrum.d, "designs": designs}
        rows.append(block | about)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    with job(snakemake):
        table = experiments_table(snakemake.params.blocks)
        EXPERIMENTS.write_tex(table, snakemake.output[0])
