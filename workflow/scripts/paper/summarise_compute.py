"""Time and memory of all jobs that measured themselves, as each last ran; the machine's size."""

import os
import platform
from pathlib import Path

import pandas as pd

from scripts.core.files import write_csv
from scripts.core.job import job

MAY_BE_EMPTY = ("job", "cpu_seconds", "max_rss_mib")  # of very short jobs


def compute_table(folder: Path) -> pd.DataFrame:
    """One row for each job: rule, job, seconds, cpu_seconds, max_rss_mib, python, cores."""
    rows = []
    for path in sorted(folder.rglob("*.tsv")):
        measured = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        rule, _, which = str(path.relative_to(folder).with_suffix("")).partition("/")
        rows.append((rule, which, measured["s"], measured["cpu_time"], measured["max_rss"]))
    table = pd.DataFrame(rows, columns=["rule", "job", "seconds", "cpu_seconds", "max_rss_mib"])
    return table.assign(python=platform.python_version(), cores=os.cpu_count())


if __name__ == "__main__":
    with job(snakemake) as log:
        table = compute_table(Path(snakemake.output[0]).parent)
        write_csv(table, snakemake.output[0], may_be_empty=MAY_BE_EMPTY)
        log.info("%.0f s in %d jobs", table["seconds"].sum(), len(table))
