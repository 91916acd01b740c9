# What all rules share: environment of the jobs, the checked config, the plan, wildcards.

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

from scripts.config import read_config
from scripts.core.imports import code_of
from scripts.core.settings import cut
from scripts.fake_labels.settings import PANELS as FAKE_PANELS
from scripts.plan import Plan
from scripts.scaling.settings import TABLES as EXPONENTS

settings = read_config(config)
plan = Plan(settings)

# For rules that are not converted yet: the config as plain blocks.
from scripts.core.imports import tracked_sources
from scripts.dag import (
    GENERATOR_KEYS,
    MAPS,
    NETWORK_FIGURES,
    PAPER_FIGURES,
    PAPER_TABLES,
    STABILITY,
    Dag,
)


def filled(value):
    """Plain values without the keys that are null."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items() if item is not None}
    return [filled(item) for item in value] if isinstance(value, list) else value


plain = cut(settings, type(settings))
config.update(
    {k: v if k in ("images", "claim", "against") else filled(v) for k, v in plain.items()}
)
del config["at_most"]
config.pop("pathvars")
dag = Dag(config)


def image_files(config):
    return settings.images.files()


# A name of no section must match nothing.
wildcard_constraints:
    first=r"\d+",
    last=r"\d+",
    width=r"\d+",
    replicate=r"\d+",
    generation=r"\d+",
    table="|".join(EXPONENTS),
    panel="|".join(FAKE_PANELS),
    experiment="|".join(settings.experiments),
    kernel="|".join(settings.kernel_experiments) or "(?!)",
    features="|".join(settings.random_features) or "(?!)",
    whole="|".join(settings.networks) or "(?!)",
    network="|".join(plan.nets) or "(?!)",
    decomposition="|".join(settings.decompositions) or "(?!)",
    figure="|".join(settings.figures) or "(?!)",
    network_figure="|".join(settings.network_figures) or "(?!)",


localrules:
    all,
    figures,
