"""A build on a Slurm cluster of one node that fails: `make test-slurm`, which installs Slurm."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest
import yaml
from conftest import (
    NOTHING,
    RESULTS,
    ROOT,
    fails,
    outputs,
    start_snakemake,
    succeeds,
    wait_for,
)

PROFILE = "workflow/profiles/slurm"
# As in the profile, but that jobs and files are looked for more often.
HURRY = (
    *("--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1"),
    *("--max-status-checks-per-second", "1", "--latency-wait", "10"),
)
ON_SLURM = ("--profile", PROFILE, *HURRY, "--cores", "1")
CLUSTER = ROOT / "tests/tools/slurm_cluster.sh"
CPUS = 4
DOWN = ("scontrol", "update", "NodeName=ALL", "State=DOWN")  # what it finds after SlurmdTimeout


@pytest.fixture(scope="module")
def cluster():
    """The folder of a running cluster."""
    with TemporaryDirectory(prefix="slurm-") as folder, pytest.MonkeyPatch.context() as patch:
        subprocess.run([CLUSTER, "up", folder, str(CPUS)], check=True)
        patch.setenv("SLURM_CONF", f"{folder}/slurm.conf")
        patch.setenv("PATH", os.pathsep.join([f"{folder}/bin", os.environ["PATH"], "/usr/sbin"]))
        yield Path(folder)
        subprocess.run([CLUSTER, "down", folder], check=True)


def queue(state: str) -> dict[str, str]:
    """Slurm's jobs in a state: what each was submitted for, by its number."""
    words = ["squeue", "--noheader", f"--states={state}", "--format=%i %k"]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.split(maxsplit=1) for line in lines)


def restarts(said: str) -> int:
    return len(re.findall("Trying to restart job", said))


def remove_figures_of_the_paper(folder: Path) -> None:
    """Remove the files of the paper's own experiments, and their records: half of all jobs make
    them, of nearly every rule that runs on the cluster.
    """
    results = folder / RESULTS
    for path in [*results.glob("*/fig*"), *results.glob("*/.fig*")]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def manifest_without_packages(folder: Path) -> dict:
    """The manifest of a build, but for the versions of packages: Slurm's executor may have been
    installed between two builds.
    """
    manifest = json.loads((folder / RESULTS / "manifest.json").read_bytes())
    assert manifest.pop("packages")
    return manifest


@pytest.mark.slurm
def test_a_build_that_loses_a_job_and_a_node_ends_with_the_same_bytes(cluster, built, rebuilt):
    remove_figures_of_the_paper(rebuilt)
    assert len(outputs(rebuilt)) < 0.7 * len(outputs(built))
    with TemporaryFile() as output:
        run = start_snakemake(rebuilt, output, *ON_SLURM)
        wait_for(lambda: queue("RUNNING"), run)
        killed = min(queue("RUNNING"))
        subprocess.run(["scancel", "--full", "--signal=KILL", killed], check=True)
        wait_for(lambda: killed in queue("CANCELLED,FAILED") and queue("RUNNING"), run)
        os.kill(int((cluster / "slurmd.pid").read_text()), signal.SIGKILL)
        subprocess.run([*DOWN, "Reason=killed"], check=True)
        wait_for(lambda: queue("NODE_FAIL"), run)
        subprocess.run(["slurmd"], check=True)
        run.join()
        output.seek(0)
        said = output.read().decode()
    assert run.exitcode == 0, said[-4000:]
    assert restarts(said) >= 2
    here, there = outputs(rebuilt), outputs(built)
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []
    assert manifest_without_packages(rebuilt) == manifest_without_packages(built)
    assert NOTHING in succeeds(rebuilt)


@pytest.mark.slurm
def test_a_job_that_is_lost_for_good_is_named_and_the_rest_is_kept(cluster, fresh):
    """Blocks of replicates are lost as often as they are tried; theory is not."""
    kept, lost = (f"{RESULTS}/{name}/fig2a_ridge.csv" for name in ("theory", "training"))
    with TemporaryFile() as output:
        run = start_snakemake(fresh, output, kept, lost, *ON_SLURM, "--retries", "1")
        while run.is_alive():
            for number, comment in queue("PENDING,RUNNING").items():
                if "blocks" in comment:
                    subprocess.run(["scancel", number], check=True)
            time.sleep(0.2)
        output.seek(0)
        said = output.read().decode()
    assert run.exitcode != 0
    assert restarts(said) == 1
    assert "Error in group blocks" in said
    assert "all that does not need them is kept" in said
    assert (fresh / kept).is_file() and not (fresh / lost).exists()
    assert "predict_risk" not in succeeds(fresh, kept, lost)


@pytest.mark.slurm
@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (("--profile", "workflow/profiles/slum"), "profile directory given"),
        (
            (*ON_SLURM, "--default-resources", "slurm_partition=night"),
            "slurm_partition: this cluster has no 'night'; it has main",
        ),
    ],
    ids=["profile", "partition"],
)
def test_what_the_cluster_does_not_know_is_refused_before_any_work(
    cluster, fresh, arguments, sentence
):
    said = fails(fresh, *arguments)
    assert sentence in said
    assert "Traceback" not in said and "sbatch" not in said
    assert not (fresh / RESULTS).exists() and not queue("PENDING,RUNNING")


def test_a_partition_is_no_matter_where_jobs_run_here(fresh):
    """As with a site's profile that names one, on a machine without Slurm."""
    goal = f"{RESULTS}/tables/experiments.tex"
    succeeds(fresh, goal, "--default-resources", "slurm_partition=night")
    assert (fresh / goal).is_file()


def test_the_profile_names_rules_and_groups_that_there_are():
    """Snakemake passes over any other."""
    rules = succeeds(ROOT, "--list-rules")
    profile = yaml.safe_load((ROOT / PROFILE / "config.yaml").read_text(encoding="utf-8"))
    named = profile["groups"].keys() | profile["set-resources"].keys()
    assert named <= set(re.findall(r"^\w+", rules, re.MULTILINE))
    assert set(profile["group-components"]) == set(profile["groups"].values())


def test_figures_and_tables_are_made_where_it_was_called_from():
    rules = succeeds(ROOT, "--list-rules")
    made = set(re.findall(r"^(?:plot|tabulate)_\w+", rules, re.MULTILINE))
    text = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = re.findall(r"^(?:use )?rule .*?(?=\n\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    local = {re.search(r"(\w+)(?: with)?:", rule)[1] for rule in rules if "localrule: True" in rule}
    assert {"plot_figure", "tabulate_kernels"} < made
    assert made - local == {"tabulate_limits", "tabulate_price"}  # which simulate
