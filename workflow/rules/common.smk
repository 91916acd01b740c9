# What all rules share: environment of the jobs, the checked config, names and input functions.

import os
import sys
from pathlib import Path

SOURCE = str(Path(workflow.basedir) / "workflow" / "src")
sys.path.insert(0, SOURCE)

# One BLAS thread a job and fixed dates: the same bytes on every run.
os.environ.update(
    PYTHONPATH=os.pathsep.join([SOURCE, *filter(None, [os.environ.get("PYTHONPATH")])]),
    OPENBLAS_NUM_THREADS="1",
    OMP_NUM_THREADS="1",
    MKL_NUM_THREADS="1",
    SOURCE_DATE_EPOCH="1733788800",
    FORCE_SOURCE_DATE="1",
    TZ="UTC",
    LC_ALL="C.UTF-8",
    PYTHONHASHSEED="0",
    MPLBACKEND="Agg",
)

from pipeline.config import check_config, image_files, without_machine
from pipeline.dag import GENERATOR_KEYS, PAPER_FIGURES, Dag
from pipeline.numbers import IN_FIGURES, KERNEL, REPEATED
from pipeline.imports import project_files, tracked_modules

check_config(config)

dag = Dag(config)


wildcard_constraints:
    first=r"\d+",
    last=r"\d+",


localrules:
    all,
    figures,
