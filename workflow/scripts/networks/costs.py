"""What training networks took, for the record of a large run."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path

import pandas as pd


def job_seconds(benchmarks: Sequence[str]) -> dict[str, float]:
    """Seconds of all jobs of each rule, by the folder that its benchmarks lie in."""
    table = pd.DataFrame(
        [
            (Path(path).parent.name, pd.read_csv(path, sep="\t", usecols=["s"])["s"].sum())
            for path in benchmarks
        ],
        columns=["rule", "seconds"],
    )
    return table.groupby("rule")["seconds"].sum().round(1).to_dict()


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
