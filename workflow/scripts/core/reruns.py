"""What Snakemake is told of our records: which files are not as this config and code make them.

Snakemake's own notes of what it ran lie in ``.snakemake`` and may be gone, or a profile may ask for
times alone (``rerun-triggers: mtime``); the record beside each output stays with it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from snakemake.exceptions import WorkflowError

from scripts.core.environment import check_partition
from scripts.core.records import (
    digest_of_params,
    known_as,
    read_record,
    record_path,
    sha256_of,
)


def difference(
    path: str,
    params: Mapping,
    inputs: Iterable[str],
    hash_of: Callable[[str], str | None],
) -> str:
    """What a file was made from that is other for its job now; nothing if all is as recorded.

    Parameters
    ----------
    path
        An output. If it has no record, nothing is said of it.
    params, inputs
        What the job would be given now.
    hash_of
        The sha256 of an input as it is now, or None if it is not there, as hash_now().

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
    names = {known_as(name): name for name in inputs}
    if record["inputs"].keys() != names.keys():
        return "other inputs"
    for known, name in names.items():
        if hash_of(name) not in (None, record["inputs"][known]):
            return f"another {known}"
    return ""


def hash_now(path: str) -> str | None:
    """The sha256 of an input, of a result as it was recorded; None if it is not there."""
    if not Path(path).is_file():
        return None
    record = read_record(path)
    return record["sha256"] if record else sha256_of(path)


def made_otherwise(rules: Iterable, paths: Iterable[str]) -> dict[str, str]:
    """Of these results, those that rules would not make as they are now, with the difference."""
    rules, hash_of, found = list(rules), cache(hash_now), {}
    for path in filter(lambda path: Path(path).is_file(), paths):
        rule = next((rule for rule in rules if rule.is_producer(path)), None)
        if rule is None:
            found[path] = "no experiment or figure here"
            continue
        wildcards = rule.get_wildcards(path)
        inputs, outputs = rule.expand_input(wildcards)[0], rule.expand_output(wildcards)[0]
        params = rule.expand_params(wildcards, inputs, outputs, None)[0]
        if said := difference(path, dict(params.items()), inputs, hash_of):
            found[path] = said
    return found


def heed_records(workflow, rules: set) -> None:
    """Have jobs of these rules run again if a record says that an output is not theirs, have
    records deleted with their files, and a partition looked for where Slurm is to have jobs.

    Snakemake has no place for any of this: it is done as the graph of jobs is built, the one moment
    that builds, reports and deletions share.
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
    """Raise ValueError if jobs are to go to a partition of Slurm's that there is not."""
    asked = workflow.resource_settings.default_resources or {}
    plugin = workflow.executor_plugin
    if plugin is not None and plugin.name == "slurm" and "slurm_partition" in asked:
        check_partition(asked["slurm_partition"].raw)


def _watch(dag, persistence, rules: set) -> None:
    """Stand beside two of Snakemake's steps: asking for notes of a job, and deleting outputs."""
    has_metadata, clean, hash_of = persistence.has_metadata, dag.clean, cache(hash_now)

    def asked_for_notes(job) -> bool:
        """Called for each job that nothing else makes run."""
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

    persistence.has_metadata, dag.clean = asked_for_notes, clean_with_records
