"""Rerun jobs by the records beside outputs: if a file is not as this config and code make it.

Snakemake's own notes of what it ran lie in ``.snakemake`` and may be gone, or a profile may ask for
times alone (``rerun-triggers: mtime``); the record beside each output stays with it.

Snakemake 9.27.1, which requirements.lock pins, has no place for that. So ``heed_records`` replaces
three of its methods, which are not public, and may differ in other versions:

* ``Workflow._build_dag()`` decides which jobs run; builds, reports and deletions all call it.
* ``Persistence.has_metadata(job)`` is called within, for each job that nothing else makes run; a
  job runs once ``dag.reason(job).forced`` is True.
* ``DAG.clean(only_temp, dryrun)`` deletes outputs.

``made_otherwise`` expands a rule for one path by ``Rule.is_producer``, ``get_wildcards``,
``expand_input``, ``expand_output`` and ``expand_params``, which are not documented either.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from scripts.step.environment import check_partition
from scripts.step.records import (
    digest_of_params,
    read_record,
    record_path,
    recorded_name,
    sha256_of,
)


def difference(
    path: str,
    params: Mapping,
    inputs: Iterable[str],
    hash_of: Callable[[str], str | None],
) -> str:
    """A phrase on what differs from the record of a file for its job now; empty if nothing does.

    Parameters
    ----------
    path
        An output. If it has no record, nothing differs.
    params, inputs
        Parameters and inputs that the job would be given now.
    hash_of
        Function that returns the sha256 of an input as it is now, or None if it is missing, as
        ``hash_now`` does.

    Raises
    ------
    ValueError
        If a record is damaged.
    """
    record = read_record(path)
    if record is None:
        return ""
    if record.get("params") != digest_of_params(params):
        return "other settings"
    if record.get("code") != params.get("code"):
        return "other code"
    paths = {recorded_name(path): path for path in inputs}
    if record["inputs"].keys() != paths.keys():
        return "other inputs"
    for name, path in paths.items():
        if hash_of(path) not in (None, record["inputs"][name]):
            return f"another {name}"
    return ""


def hash_now(path: str) -> str | None:
    """The sha256 of an input, or the recorded one if it is a result; None if it is missing."""
    if not Path(path).is_file():
        return None
    record = read_record(path)
    return record["sha256"] if record else sha256_of(path)


def made_otherwise(rules: Iterable, paths: Iterable[str]) -> dict[str, str]:
    """The results among these that the rules would make otherwise now, with the difference."""
    rules = list(rules)
    hash_of = cache(hash_now)
    differences = {}
    for path in filter(lambda path: Path(path).is_file(), paths):
        rule = next((rule for rule in rules if rule.is_producer(path)), None)
        if rule is None:
            differences[path] = "no experiment or figure here"
            continue
        wildcards = rule.get_wildcards(path)
        inputs, *_ = rule.expand_input(wildcards)
        outputs, *_ = rule.expand_output(wildcards)
        params, *_ = rule.expand_params(wildcards, inputs, outputs, None)
        if reason := difference(path, dict(params.items()), inputs, hash_of):
            differences[path] = reason
    return differences


def heed_records(workflow, rules: set) -> None:
    """Make Snakemake rerun jobs of these rules by the records of their outputs, delete records with
    their files, and check the partition of Slurm, all when it builds the graph of jobs.
    """
    build = workflow._build_dag

    def build_dag() -> None:
        try:
            check_executor(workflow)
            _watch(workflow.dag, workflow.persistence, rules)
            build()
        except ValueError as error:
            raise WorkflowError(str(error)) from None

    workflow._build_dag = build_dag


def check_executor(workflow) -> None:
    """Raise ValueError if jobs are to go to a partition that Slurm does not have."""
    resources = workflow.resource_settings.default_resources or {}
    plugin = workflow.executor_plugin
    if plugin is not None and plugin.name == "slurm" and "slurm_partition" in resources:
        check_partition(resources["slurm_partition"].raw)


def _watch(dag, persistence, rules: set) -> None:
    """Replace ``has_metadata`` and ``clean`` by functions that look at records too."""
    has_metadata = persistence.has_metadata
    clean = dag.clean
    hash_of = cache(hash_now)

    def has_metadata_or_reruns(job) -> bool:
        """Force a job that differs from a record of its outputs, then answer as Snakemake does."""
        if job.rule in rules and job.output:
            params = dict(job.params.items())
            if any(difference(path, params, job.input, hash_of) for path in job.output):
                dag.reason(job).forced = True
        return has_metadata(job)

    async def clean_with_records(only_temp: bool = False, dryrun: bool = False) -> None:
        await clean(only_temp=only_temp, dryrun=dryrun)
        if only_temp or dryrun:
            return
        for job in dag.jobs:
            for path in job.output if job.rule in rules else ():
                if not Path(path).exists():
                    record_path(path).unlink(missing_ok=True)

    persistence.has_metadata = has_metadata_or_reruns
    dag.clean = clean_with_records
