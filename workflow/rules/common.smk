# What all rules share: environment of the jobs, the checked config, names and input functions.

import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

SOURCES = [str(Path(workflow.basedir) / "workflow" / part) for part in ("", "src")]
sys.path[:0] = SOURCES

from scripts.core.environment import check_packages, fix_environment

fix_environment(os.environ)
try:
    check_packages()
except ValueError as error:
    raise WorkflowError(str(error)) from None
os.environ.update(
    PYTHONPATH=os.pathsep.join([*SOURCES, *filter(None, [os.environ.get("PYTHONPATH")])]),
)

from scripts.config import check_config, image_files, without_machine
from scripts.plan import (
    FAKE_PANELS,
    GENERATION_TABLES,
    GENERATOR_KEYS,
    NETWORK_FIGURES,
    PAPER_FIGURES,
    PAPER_TABLES,
    POINT_BY_POINT,
    SCALING_TABLES,
    STABILITY,
    Dag,
)
from scripts.claims.tables import MAPS
from scripts.paper.numbers import IN_FIGURES, KERNEL, REPEATED
from scripts.core.imports import project_files, tracked_sources
from scripts.paper.manifest import checkout

check_config(config)

dag = Dag(config)
TOLD = [
    *("scaling_clean", "scaling_collapsed", "scaling_crossover"),
    *("slopes", "kernel_growth", "universality"),
]
PAPER_TEX = [name for name in PAPER_TABLES if name != "scaling_collapsed"]


wildcard_constraints:
    first=r"\d+",
    last=r"\d+",
    width=r"\d+",
    generation=r"\d+",
    replicate=r"\d+",
    network="|".join(dag.network_blocks) or "(?!)",
    decomposition="|".join(dag.config["decompositions"]),
    panel="|".join(FAKE_PANELS),


localrules:
    all,
    figures,
