"""A build that is killed, again and again, ends with the bytes of one that never was."""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import NOTHING, RESULTS, clone, command, outputs, snakemake

KILLS = 20
WAITS = 3.0, 12.0
"""Seconds from start to kill, drawn evenly: Snakemake needs about three to start its first job."""
PATIENCE = 30.0
"""Seconds to wait for an end after SIGTERM or Ctrl-C, before the next hard kill."""


def kill_process(run: subprocess.Popen, how: int) -> None:
    """Only Snakemake itself: its jobs go on without it."""
    os.kill(run.pid, how)


def kill_group(run: subprocess.Popen, how: int) -> None:
    """Snakemake and all its jobs, as Ctrl-C in a terminal or a machine that goes down."""
    os.killpg(run.pid, how)


WAYS = [
    (kill_process, signal.SIGKILL),
    (kill_group, signal.SIGKILL),
    (kill_process, signal.SIGTERM),
    (kill_group, signal.SIGINT),
]


def heed_interrupts() -> None:
    """Ctrl-C works, though this may run in the background, where it is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupt(folder: Path, kill, how: int, wait: float) -> bool:
    """Start a run, kill it after some seconds; whether that came before its end."""
    with open(folder / "run.log", "ab") as log:
        run = subprocess.Popen(
            command("--rerun-incomplete"),
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=heed_interrupts,
        )
        try:
            run.wait(wait)
        except subprocess.TimeoutExpired:
            kill(run, how)
            try:
                run.wait(PATIENCE)
            except subprocess.TimeoutExpired:  # Snakemake can hang if its solver is running then
                kill_group(run, signal.SIGKILL)
                run.wait()
            return True
    return False


def unlock(folder: Path) -> None:
    """What the README says to do after a hard kill, if the next run asks for it."""
    run = snakemake(folder, "--unlock")
    assert run.returncode == 0, run.stdout[-2000:]


@pytest.mark.slow
def test_a_build_killed_twenty_times_ends_with_the_same_bytes(built, origin, tmp_path):
    folder, chance = clone(origin, tmp_path / "project"), random.Random(0)
    killed = 0
    for i in range(KILLS):
        kill, how = WAYS[i % len(WAYS)]
        killed += interrupt(folder, kill, how, chance.uniform(*WAITS))
        unlock(folder)
    assert killed == KILLS
    run = snakemake(folder, "--rerun-incomplete")
    assert run.returncode == 0, run.stdout[-3000:]
    here, there = outputs(folder), outputs(built)
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []
    assert NOTHING in snakemake(folder).stdout


@pytest.mark.slow
def test_the_way_on_after_a_hard_kill_is_said_step_by_step(origin, tmp_path):
    """Files that may be half written, then a lock: Snakemake refuses both and names the option."""
    folder = clone(origin, tmp_path / "project")
    target = f"{RESULTS}/training/fig2a_ridge.csv"
    run = subprocess.Popen(
        command(target), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    generators = folder / RESULTS / "training/fig2a_ridge"
    while not generators.is_dir():
        time.sleep(0.01)
    run.kill()
    run.wait()
    refused = snakemake(folder, target)
    assert refused.returncode != 0
    assert "--rerun-incomplete" in refused.stdout or "--unlock" in refused.stdout
    refused = snakemake(folder, target, "--rerun-incomplete")
    assert refused.returncode != 0
    assert "cannot be locked" in refused.stdout
    assert "--unlock" in refused.stdout
    unlock(folder)
    assert snakemake(folder, target, "--rerun-incomplete").returncode == 0
