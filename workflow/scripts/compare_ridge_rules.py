"""Kernel experiments: ell_star against ell_crit on the same replicates, left and right of T0."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.files import named_after, read_csv, read_json, write_csv
from pipeline.job import job
from pipeline.tables import rule_differences, rule_differences_tex

with job(snakemake) as log:
    images = read_json(snakemake.input.images)["name"]
    simulated = named_after(snakemake.input.simulated)
    replicates = named_after(snakemake.input.replicates)
    tables = []
    for name, path in simulated.items():
        size = snakemake.params.sizes[name][images]["generator_samples"]
        table = rule_differences(read_csv(path), np.load(replicates[name])["risks"], size)
        tables.append(table.assign(experiment=name))
    table = pd.concat(tables)
    write_csv(table, snakemake.output.table)
    Path(snakemake.output.tex).write_text(rule_differences_tex(table), encoding="utf-8")
    log.info("%d comparisons on %s", len(table), images)
