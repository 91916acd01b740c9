"""Time and memory of the jobs of this build, of each as it last ran, with the machine's size."""

import os
import platform
from pathlib import Path

import pandas as pd

from scripts.core.files import write_csv
from scripts.core.job import job

with job(snakemake) as log:
    rows, folder = [], Path(snakemake.output[0]).parent
    for name in snakemake.params.jobs:
        path = folder / f"{name}.tsv"
        if not path.is_file():
            continue
        measured = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        rule, _, which = name.partition("/")
        rows.append((rule, which, measured["s"], measured["cpu_time"], measured["max_rss"]))
    table = pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_rss_mib"])
    table = table.assign(python=platform.python_version(), cores=os.cpu_count())
    write_csv(table, snakemake.output[0])
    log.info("%.0f s in %d jobs", table["seconds"].sum(), len(table))
