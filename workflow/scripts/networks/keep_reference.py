"""Results of a large run of the networks, to be kept beside the paper, and their origin."""

import os
import platform
import re
import shutil
from pathlib import Path

import pandas as pd

from scripts.step.files import read_json, write_json
from scripts.step.job import job

RULES = (  # whose jobs' seconds are recorded
    *("draw_network_images", "predict_random_features", "summarise_networks"),
    *("train_network", "train_random_features"),
)


def seconds_of(rule: str, benchmarks: str) -> float:
    """Seconds of all jobs of a rule, from the folder of their benchmarks."""
    files = sorted(Path(benchmarks, rule).glob("*.tsv"))
    return round(float(sum(pd.read_csv(path, sep="\t")["s"].sum() for path in files)), 1)


def machine() -> str:
    """Processor and number of cores."""
    info = Path("/proc/cpuinfo")
    line = re.search(r"model name\s*: (.+)", info.read_text("utf-8") if info.is_file() else "")
    model = line[1].strip() if line else platform.processor() or platform.machine()
    return f"{model}, {os.cpu_count()} cores"


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        for table, copy in zip(files.tables, snakemake.output.tables, strict=True):
            shutil.copyfile(table, copy)
        record = read_json(files.provenance) | {
            "backend": params.backend,
            "machine": machine(),
            "job_seconds": {rule: seconds_of(rule, params.benchmarks) for rule in RULES},
            "networks": params.blocks,
        }
        write_json(record, snakemake.output.record)
        log.info("%s", record["job_seconds"])
