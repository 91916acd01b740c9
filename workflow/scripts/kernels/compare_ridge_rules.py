"""Kernel experiments: ell_star against ell_crit on the same replicates, left and right of T0."""

from pathlib import Path

import pandas as pd

from scripts.core.files import arrays_of, read_json, tables_of, write_csv
from scripts.core.formats import rule_differences, rule_differences_tex
from scripts.core.grids import SIMULATED
from scripts.core.job import job

with job(snakemake) as log:
    images = read_json(snakemake.input.images)["name"]
    simulated = tables_of(snakemake.input.simulated, SIMULATED)
    risks = arrays_of(snakemake.input.replicates, "risks")
    tables = []
    for name, points in simulated.items():
        size = snakemake.params.sizes[name][images]["generator_samples"]
        table = rule_differences(points, risks[name], size)
        tables.append(table.assign(experiment=name))
    table = pd.concat(tables)
    write_csv(table, snakemake.output.table)
    Path(snakemake.output.tex).write_text(rule_differences_tex(table), encoding="utf-8")
    log.info("%d comparisons on %s", len(table), images)
