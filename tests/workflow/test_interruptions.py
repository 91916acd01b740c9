"""A build that is killed, again and again, ends with the bytes of one that never was."""

import os
import random
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from conftest import NOTHING, RESULTS, fails, outputs, start_snakemake, succeeds, wait_for

# A figure of chains and theory, and networks that go on where they stopped.
TARGETS = [
    f"{RESULTS}/{name}"
    for name in ("figures/fig2a.pdf", "training/fig6_control.csv", "training/fig6_continued.csv")
]
KILLS = 8  # each way twice
PATIENCE = 30.0  # seconds to wait for an end after SIGTERM or Ctrl-C, before a hard kill


# Snakemake alone, while its jobs go on; or all, as by Ctrl-C or a machine that goes down.
WAYS = [
    (os.kill, signal.SIGKILL),
    (os.killpg, signal.SIGKILL),
    (os.kill, signal.SIGTERM),
    (os.killpg, signal.SIGINT),
]


def interrupt(folder: Path, kill, how: int, jobs: int, delay: float) -> bool:
    """Start a run, and kill it once it has started so many jobs, or a little later; whether it had
    not yet ended by itself.
    """
    log = folder / "run.log"
    with open(log, "wb") as output:
        run = start_snakemake(folder, output, *TARGETS, "--rerun-incomplete")
        started = re.compile(rb"\n(?:local)?rule ")
        while run.is_alive() and len(started.findall(log.read_bytes())) < jobs:
            time.sleep(0.01)
        run.join(delay)
        if not run.is_alive():
            return False
        kill(run.pid, how)
        run.join(PATIENCE)
        if run.is_alive():  # Snakemake can hang if its solver is running then
            os.killpg(run.pid, signal.SIGKILL)
            run.join()
        return True


def as_built(folder: Path, built: Path) -> bool:
    """Whether all that was made is, and has the bytes of the build that was not interrupted."""
    here, there = outputs(folder), outputs(built)
    assert {target.removeprefix(f"{RESULTS}/") for target in TARGETS} <= here.keys() <= there.keys()
    return all(here[name] == there[name] for name in here)


@pytest.mark.slow
def test_a_build_killed_eight_times_ends_with_the_same_bytes(built, fresh):
    chance = random.Random(0)
    killed = 0
    while killed < KILLS:
        how = WAYS[killed % len(WAYS)]
        if interrupt(fresh, *how, jobs=chance.randint(1, 3), delay=chance.random()):
            killed += 1
            succeeds(fresh, "--unlock")
        else:  # it has ended: once more from the beginning
            assert as_built(fresh, built)
            shutil.rmtree(fresh / "miniature")
    succeeds(fresh, *TARGETS, "--rerun-incomplete")
    assert as_built(fresh, built)
    assert NOTHING in succeeds(fresh, *TARGETS)


def test_the_way_on_after_a_hard_kill_is_said_step_by_step(fresh):
    """Files that may be half written, then a lock: Snakemake refuses both and names the option."""
    target = f"{RESULTS}/training/fig2a_ridge.csv"
    with open(os.devnull, "wb") as output:
        run = start_snakemake(fresh, output, target)
        wait_for(lambda: (fresh / RESULTS / "training/fig2a_ridge").is_dir(), run)
        run.kill()
        run.join()
    said = fails(fresh, target)
    assert "--rerun-incomplete" in said or "--unlock" in said
    said = fails(fresh, target, "--rerun-incomplete")
    assert "cannot be locked" in said
    assert "--unlock" in said
    succeeds(fresh, "--unlock")
    succeeds(fresh, target, "--rerun-incomplete")
