"""How Snakemake starts a step's script: in the environment of jobs, which no one else gets.

A Snakefile that imports these rules keeps its own environment, in its jobs as in its own process.
"""

import os
from collections.abc import Mapping, Sequence
from types import FunctionType

import snakemake.script as launcher

from scripts.core.environment import fix_environment
from scripts.core.imports import SOURCES


def changes_for_jobs(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """What a job's environment has other than this one: variables with their values, and names that
    it has not. Packages of this project are found before all others of their names.
    """
    fixed = dict(environment)
    fix_environment(fixed)
    path = [*map(str, SOURCES), *filter(None, [environment.get("PYTHONPATH")])]
    fixed["PYTHONPATH"] = os.pathsep.join(path)
    changed = {name: value for name, value in fixed.items() if environment.get(name) != value}
    return changed, sorted(environment.keys() - fixed.keys())


def without(names: Sequence[str]) -> str:
    """The beginning of a shell command that takes these variables from the environment of it."""
    named = [name for name in names if name.isidentifier()]  # no other is one that a library reads
    return f"unset {' '.join(named)}; " if named else ""


class Step(launcher.PythonScript):
    """A script of this project."""

    def _execute_cmd(self, cmd: str, **options):
        changed, gone = changes_for_jobs(os.environ)
        return super()._execute_cmd(without(gone) + cmd, additional_envvars=changed, **options)


# Rules call ``script``, which each Snakefile may define for its own; Snakemake's knows no Step.
script = FunctionType(launcher.script.__code__, vars(launcher) | {"PythonScript": Step}, "script")
