"""Start the scripts of steps in the environment of jobs.

A Snakefile that imports these rules keeps its own environment, in its jobs as in its own process.

Snakemake 9.27.1, which requirements.lock pins, has no place for that. So this module uses two
parts of ``snakemake.script`` that are not public, and may differ in other versions:

* ``PythonScript._execute_cmd(cmd, **options)`` runs a script by a shell command, and hands the
  option ``additional_envvars`` to the shell.
* ``script()``, which rules call, finds the class ``PythonScript`` among its module's globals.
"""

import os
from collections.abc import Mapping, Sequence
from types import FunctionType

import snakemake.script as launcher

from scripts.step.environment import fix_environment
from scripts.step.imports import SOURCES


def changes_for_jobs(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the variables that a job's environment adds or changes, with their values, and the
    names of those that it lacks. Jobs find packages of this project before others of their names.
    """
    fixed = dict(environment)
    fix_environment(fixed)
    path = [*map(str, SOURCES), *filter(None, [environment.get("PYTHONPATH")])]
    fixed["PYTHONPATH"] = os.pathsep.join(path)
    changed = {name: value for name, value in fixed.items() if environment.get(name) != value}
    return changed, sorted(environment.keys() - fixed.keys())


def without(names: Sequence[str]) -> str:
    """The beginning of a shell command, by which the rest of it runs without these variables."""
    readable = [name for name in names if name.isidentifier()]  # libraries read no others
    return f"unset {' '.join(readable)}; " if readable else ""


class Step(launcher.PythonScript):
    """A script of this project."""

    def _execute_cmd(self, cmd: str, **options):
        changed, removed = changes_for_jobs(os.environ)
        return super()._execute_cmd(without(removed) + cmd, additional_envvars=changed, **options)


# Snakemake's function with Step in place of its PythonScript. Rules call the ``script`` among the
# names of their Snakefile, so another Snakefile keeps Snakemake's own.
script = FunctionType(launcher.script.__code__, vars(launcher) | {"PythonScript": Step}, "script")
