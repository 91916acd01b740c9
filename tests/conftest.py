"""Shared helpers: tolerances, and copies of the project to run workflows in."""

import os

from scripts.core.environment import fix_environment

fix_environment(os.environ)  # before numpy is imported

import json
import logging
import multiprocessing
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import numpy as np
import pytest
import yaml
from snakemake.cli import main as snakemake_main

# PyTorch is an optional extra: `make test-torch` installs it and runs these.
collect_ignore = [] if find_spec("torch") else ["science/test_torch.py"]

ROOT = Path(__file__).resolve().parents[1]
EXACT = 1e-12  # relative tolerance of two exact routes to one number

FORK = multiprocessing.get_context("fork")
PACKAGES = ("scripts", "model_collapse")  # ours
COPIED = ("Snakefile", "Makefile", "config", "paper", "requirements.lock", "workflow")
RESULTS = "miniature/results"
NOTHING = "Nothing to be done"


def assert_same(one, other, rtol=EXACT):
    """Two exact routes, one number."""
    np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol)


def assert_mean(draws, expected, sigmas=4.0):
    """The mean of independent draws agrees with a formula within ``sigmas`` standard errors."""
    draws = np.asarray(draws)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    z = (draws.mean(axis=0) - expected) / error
    assert np.all(np.abs(z) <= sigmas), f"z = {z}, mean {draws.mean(axis=0)}, expected {expected}"


def assert_means_agree(one, other, sigmas=4.0):
    """Two samples of independent draws have the same mean within ``sigmas`` standard errors."""
    variances = [np.var(draws, axis=0, ddof=1) / len(draws) for draws in (one, other)]
    gap = np.mean(one, axis=0) - np.mean(other, axis=0)
    assert np.all(np.abs(gap) <= sigmas * np.sqrt(sum(variances))), (gap, np.sqrt(variances))


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


class Run(NamedTuple):
    """How a process ended, and what it wrote on both streams."""

    returncode: int
    stdout: str


def start(folder: Path, call: Callable[[], None], output: IO, **environment: str):
    """Start a function in a fork of this process, in a folder, in a session of its own.

    The fork finds numpy, pandas and Snakemake imported, which takes a fresh process two seconds,
    but nothing of ours: that it imports anew, from where it runs.
    """

    def run() -> None:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
        os.chdir(folder)
        os.environ.update(environment)
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
        sys.stdout, sys.stderr = (open(n, "w", buffering=1, closefd=False) for n in (1, 2))
        sys.modules["snakemake.shell"].STDOUT = sys.stdout  # of jobs; until now pytest's
        logging.root.handlers.clear()  # pytest's
        here = (str(ROOT / "workflow"), str(ROOT / "tests"))
        sys.path[:] = [path for path in sys.path if not path.startswith(here)]
        for name in [name for name in sys.modules if name.split(".")[0] in PACKAGES]:
            del sys.modules[name]
        call()

    process = FORK.Process(target=run)
    process.start()
    return process


def wait_for(seen: Callable[[], object], process) -> None:
    """Wait until something is to be seen, which a process must live to see."""
    while not seen():
        assert process.is_alive()
        time.sleep(0.01)


def forked(folder: Path, call: Callable[[], None], **environment: str) -> Run:
    """Call a function in a fork of this process, in a folder, and wait for its end."""
    with TemporaryFile() as output:
        process = start(folder, call, output, **environment)
        process.join()
        output.seek(0)
        return Run(process.exitcode, output.read().decode())


def line(*arguments: str, miniature: bool = True, cores: int = 2) -> list[str]:
    """What follows ``snakemake`` on its command line."""
    # --configfile takes all the words that follow it, so targets come first.
    config = ["--configfile", "config/miniature.yaml"] if miniature else []
    return ["--cores", str(cores), "--nocolor", *arguments, *config]


def start_snakemake(folder: Path, output: IO, *arguments: str):
    """Start Snakemake in a folder, in a fork; its process."""
    return start(folder, partial(snakemake_main, line(*arguments)), output)


def snakemake(
    folder: Path,
    *arguments: str,
    anew: bool = False,
    before: Callable[[], None] | None = None,
    miniature: bool = True,
    cores: int = 2,
    **environment: str,
) -> Run:
    """Run Snakemake in a folder and in an environment: in a fork, or ``anew``, in a process of its
    own, in which ``before`` has been called.
    """
    words = line(*arguments, miniature=miniature, cores=cores)
    if not anew and before is None:
        return forked(folder, partial(snakemake_main, words), **environment)
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        cwd=folder,
        env=os.environ | environment,
        preexec_fn=before,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout)


def succeeds(folder: Path, *arguments: str, **options) -> str:
    """Run Snakemake as snakemake() does, see that it ends well, and return what it wrote."""
    run = snakemake(folder, *arguments, **options)
    assert run.returncode == 0, run.stdout[-4000:]
    return run.stdout


def fails(folder: Path, *arguments: str, **options) -> str:
    """Run Snakemake as snakemake() does, see that it fails, and return what it wrote."""
    run = snakemake(folder, *arguments, **options)
    assert run.returncode != 0, run.stdout[-4000:]
    return run.stdout


def git(folder: Path, *arguments: str) -> str:
    """What git prints in a folder; commits are by nobody, at one time, so clones share them."""
    known = {"NAME": "nobody", "EMAIL": "nobody", "DATE": "2024-12-10T00:00:00Z"}
    who = {f"GIT_{w}_{key}": known[key] for w in ("AUTHOR", "COMMITTER") for key in known}
    words = ["git", *arguments]
    done = subprocess.run(words, cwd=folder, env=os.environ | who, capture_output=True, check=True)
    return done.stdout.decode()


@pytest.fixture(scope="session")
def origin(tmp_path_factory) -> Path:
    """A git repository with one commit: the sources as they are in the working tree."""
    folder = copy_project(tmp_path_factory.mktemp("origin") / "project")
    shutil.copy(ROOT / ".gitignore", folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "sources")
    return folder


def clone(origin: Path, folder: Path) -> Path:
    """A fresh clone of ``origin``."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    git(folder.parent, "clone", "--quiet", str(origin), str(folder))
    return folder


@pytest.fixture
def fresh(origin, tmp_path) -> Path:
    """A clone in which nothing has been built."""
    return clone(origin, tmp_path / "project")


@pytest.fixture(scope="session")
def built(origin, tmp_path_factory) -> Path:
    """A clone in which the miniature has been built, paper included. Tests must not change it."""
    folder = clone(origin, tmp_path_factory.mktemp("built") / "project")
    succeeds(folder)
    return folder


@pytest.fixture
def rebuilt(built, tmp_path) -> Path:
    """A copy of the built folder, times and metadata kept, for a test to change."""
    return shutil.copytree(built, tmp_path / "project", symlinks=True)


@pytest.fixture
def edited(built, tmp_path) -> Path:
    """As ``rebuilt``, but results are links to the built ones: for changes of sources and dry runs.

    A file of results may be removed, but not written.
    """
    results = str(built / "miniature")

    def copy(source: str, target: str) -> None:
        (os.link if source.startswith(results) else shutil.copy2)(source, target)

    return shutil.copytree(built, tmp_path / "project", symlinks=True, copy_function=copy)


def jobs(output: str) -> dict[str, list[str]]:
    """Rule name to the outputs of its jobs, read off a run or a dry run."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?:local)?rule ", output)[1:]:
        made = re.search(r"\n    output: (.*)", block)
        found.setdefault(block.split(":")[0], []).append(made.group(1) if made else "")
    found.pop("all", None)
    return found


def edited_yaml(folder: Path, name: str, change: Callable[[dict], None]) -> None:
    """Change a config file of a folder; blocks that share an anchor become separate first."""
    path = folder / "config" / name
    config = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    change(config)
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")


def outputs(folder: Path) -> dict[str, bytes]:
    """Every result but the manifest, hidden files too, by its path."""
    root = folder / RESULTS
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(p.relative_to(root)): p.read_bytes() for p in files if "manifest" not in p.name}
