"""Print the path of the report that `make report` writes, beside the other results of a build.

No rule runs this. It takes Snakemake's arguments: ``python -m scripts.report.report_path
--configfile config/miniature.yaml`` prints ``miniature/results/report.html``.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from snakemake.cli import parse_args, parse_config
from snakemake.common.configfile import load_configfile
from snakemake.settings.types import ConfigSettings
from snakemake.utils import update_config

from scripts.step.imports import ROOT


def report_path(arguments: Sequence[str]) -> Path:
    """The path of the report of a build, from the arguments with which Snakemake is called."""
    _, args = parse_args(arguments)
    config = load_configfile(ROOT / "config/config.yaml")
    settings = ConfigSettings(config=parse_config(args.config), configfiles=args.configfile or ())
    update_config(config, settings.overwrite_config)
    results = config.get("pathvars", {}).get("results", "results")
    return Path(args.directory or "", results, "report.html")


if __name__ == "__main__":
    print(report_path(sys.argv[1:]))
