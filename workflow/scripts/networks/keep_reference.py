"""Results of a large run of the networks, to be kept beside the paper, and where they came from."""

import os
import platform
import shutil
from pathlib import Path

import pandas as pd

from scripts.core.files import read_json, write_json
from scripts.core.job import job

RULES = (  # that networks cost time
    *("draw_network_images", "predict_random_features", "summarise_networks"),
    *("train_network", "train_random_features"),
)


def job_seconds(benchmarks: str) -> dict[str, float]:
    """Seconds of all jobs of each of RULES, from the folder of their benchmarks."""
    seconds = {}
    for rule in RULES:
        files = sorted(Path(benchmarks, rule).glob("*.tsv"))
        took = sum(pd.read_csv(path, sep="\t")["s"].sum() for path in files)
        seconds[rule] = round(float(took), 1)
    return seconds


def machine() -> str:
    """Processor and number of cores."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores"


if __name__ == "__main__":
    with job(snakemake) as log:
        files, params = snakemake.input, snakemake.params
        for name in ("points", "growth", "agreement"):
            shutil.copyfile(files[name], snakemake.output[name])
        record = read_json(files.provenance) | {
            "backend": params.backend,
            "machine": machine(),
            "job_seconds": job_seconds(params.benchmarks),
            "networks": params.blocks,
        }
        write_json(record, snakemake.output.record)
        log.info("%s", record["job_seconds"])
