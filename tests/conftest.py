"""Shared helpers: tolerances, small problems, and a copy of the project to run workflows in."""

import os

from pipeline.environment import fix_environment

fix_environment(os.environ)  # before numpy is imported

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

# PyTorch is an optional extra: `make test-torch` installs it and runs these.
collect_ignore = [] if find_spec("torch") else ["test_torch.py"]

ROOT = Path(__file__).resolve().parents[1]
EXACT = 1e-12
"""Relative tolerance of two exact routes to one number."""

COPIED = ("Snakefile", "config", "paper", "requirements.lock", "workflow")


def assert_same(one, other, rtol=EXACT):
    """Two exact routes, one number."""
    np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol)


def assert_mean(draws, expected, sigmas=4.0):
    """The mean of independent draws agrees with a formula within ``sigmas`` standard errors."""
    draws = np.asarray(draws)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    z = (draws.mean(axis=0) - expected) / error
    assert np.all(np.abs(z) <= sigmas), f"z = {z}, mean {draws.mean(axis=0)}, expected {expected}"


def copy_project(folder: Path) -> Path:
    """The sources that a run needs, copied into a folder."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def snakemake(folder: Path, *arguments: str, miniature: bool = True, **environment: str):
    """Run Snakemake in a folder: the completed process, both streams in stdout."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--nocolor"]
    # --configfile takes all the words that follow it, so targets come first.
    command += [*arguments, *(["--configfile", "config/miniature.yaml"] if miniature else [])]
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A folder in which the miniature has been built, paper included. Tests must not change it."""
    folder = copy_project(tmp_path_factory.mktemp("built") / "project")
    run = snakemake(folder)
    assert run.returncode == 0, run.stdout[-4000:]
    return folder


@pytest.fixture
def rebuilt(built, tmp_path) -> Path:
    """A copy of the built folder, times and metadata kept, for a test to change."""
    folder = tmp_path / "project"
    shutil.copytree(built, folder)
    return folder
