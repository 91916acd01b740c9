"""Shared helpers: tolerances, and copies of the project to run workflows in."""

import os

from scripts.step.environment import fix_environment

fix_environment(os.environ)  # before numpy is imported

DATED = "2024-12-10T00:00:00Z"  # all commits, so that clones share them
for name in [name for name in os.environ if name.startswith("GIT_")]:
    del os.environ[name]
os.environ |= {
    "GIT_CONFIG_GLOBAL": os.path.join(os.path.dirname(__file__), "gitconfig"),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": DATED,
    "GIT_COMMITTER_DATE": DATED,
}

import fcntl
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
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile
from typing import IO

import numpy as np
import pytest
import yaml
from configs import changed
from snakemake.cli import main as snakemake_main

# PyTorch is an optional extra: `make test-torch` installs it and runs these.
collect_ignore = [] if find_spec("torch") else ["library/networks/test_torch.py"]

ROOT = Path(__file__).resolve().parents[1]
EXACT = 1e-12  # relative tolerance of two exact routes to one number

BROWSERS = ("chromium", "google-chrome")
CHROMIUM_FLAGS = (
    *("headless", "no-sandbox", "disable-gpu", "no-first-run", "disable-sync"),
    *("disable-background-networking", "disable-component-update"),
)
LOCAL = ("file:", "data:", "blob:", "about:", "chrome:")

FORK = multiprocessing.get_context("fork")
PACKAGES = ("scripts", "model_collapse")  # ours
COPIED = {
    *("Snakefile", "Makefile", ".gitignore", ".gitattributes", "requirements.lock"),
    *("config", "paper", "workflow"),
}
RESULTS = "miniature/results"
NOTHING = "Nothing to be done"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option by which several calls share one build."""
    parser.addoption(
        "--miniature", type=Path, help="folder that keeps the built miniature for later calls"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests come first, so that none is left to one core at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def assert_same(one, other, rtol=EXACT, atol=0.0):
    """Two exact routes, one number; with ``atol``, where rounding stands for an exact zero."""
    np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


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

    def left_out(place: str, names: list[str]) -> set[str]:
        return set(names) - COPIED if Path(place) == ROOT else {"__pycache__"}

    return shutil.copytree(ROOT, folder, ignore=left_out)


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


def forked(folder: Path, call: Callable[[], None], **environment: str) -> CompletedProcess:
    """Call a function in a fork of this process, in a folder, and wait for its end."""
    with TemporaryFile() as output:
        process = start(folder, call, output, **environment)
        process.join()
        output.seek(0)
        return CompletedProcess((), process.exitcode, output.read().decode())


def line(*arguments: str, cores: int = 2) -> list[str]:
    """What follows ``snakemake`` on its command line; the miniature, unless a config is named."""
    # --configfile takes all the words that follow it, so targets come first.
    config = [] if "--configfile" in arguments else ["--configfile", "config/miniature.yaml"]
    return ["--cores", str(cores), "--nocolor", *arguments, *config]


def start_snakemake(folder: Path, output: IO, *arguments: str):
    """Start Snakemake in a folder, in a fork; its process."""
    return start(folder, lambda: snakemake_main(line(*arguments)), output)


def snakemake(
    folder: Path, *arguments: str, before: Callable[[], None] | None = None, **environment: str
) -> CompletedProcess:
    """Run Snakemake in a fork, in a folder and an environment, after a function was called."""

    def call() -> None:
        if before:
            before()
        snakemake_main(line(*arguments))

    return forked(folder, call, **environment)


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
    """What git prints in a folder."""
    return subprocess.check_output(["git", *arguments], cwd=folder, text=True)


def commit(folder: Path, message: str) -> None:
    """Commit all that is in a folder."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """Headless Chromium, driven by Selenium, an extra; its console and its requests are logged."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for flag in (*CHROMIUM_FLAGS, f"user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(f"--{flag}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@contextmanager
def undisturbed(driver):
    """Pages opened meanwhile must leave no error in the console, and ask for nothing elsewhere."""
    for kind in ("browser", "performance"):
        driver.get_log(kind)
    yield
    assert not [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    assert asked and all(url.startswith(LOCAL) for url in asked), asked


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """A folder that all workers of pytest-xdist share."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def made_once(folder: Path, make: Callable[[], object]) -> Path:
    """A folder for all workers: the first who asks for it makes it, while the others wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make()
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="session")
def origin(shared) -> Path:
    """A git repository with one commit: the sources as they are in the working tree."""
    folder = shared / "origin/project"

    def make() -> None:
        copy_project(folder)
        git(folder, "init", "--quiet")
        commit(folder, "sources")

    made_once(folder.parent, make)
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
def built(origin, shared, request) -> Path:
    """A clone in which the miniature has been built, paper included. Tests must not change it: dry
    runs alone, as others copy it meanwhile.
    """
    folder = (request.config.getoption("miniature") or shared / "built").resolve() / "project"
    made_once(folder.parent, lambda: succeeds(clone(origin, folder)))
    commits = [git(place, "rev-parse", "HEAD") for place in (folder, origin)]
    assert commits[0] == commits[1], f"{folder.parent} was built from other sources: remove it"
    return folder


@pytest.fixture
def rebuilt(built, tmp_path) -> Path:
    """A copy of the built folder, times and metadata kept, for a test to change."""
    return shutil.copytree(built, tmp_path / "project", symlinks=True)


def jobs(output: str) -> dict[str, list[str]]:
    """Rule name to the outputs of its jobs, read off a run or a dry run."""
    found: dict[str, list[str]] = {}
    for block in re.split(r"\n(?:local)?rule ", output)[1:]:
        made = re.search(r"\n    output: (.*)", block)
        found.setdefault(block.split(":")[0], []).append(made.group(1) if made else "")
    found.pop("all", None)
    return found


def edit(path: Path, pattern: str, new: str | Callable[[re.Match], str]) -> None:
    """Put other text in the place of a pattern's first match in a file, which may not exist yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert re.search(pattern, text), pattern
    new_text = re.sub(pattern, new if callable(new) else lambda _: new, text, count=1)
    path.write_text(new_text, encoding="utf-8")


def configure(folder: Path, name: str, *changes) -> None:
    """Set keys of a config file: path, value, path, value, …; blocks of one anchor are separate."""
    path = folder / "config" / name
    base = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    config = changed(*changes, base=base)
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")


def outputs(folder: Path) -> dict[str, bytes]:
    """Every result but the manifest, hidden files too, by its path."""
    root = folder / RESULTS
    files = [path for path in root.rglob("*") if path.is_file()]
    return {str(p.relative_to(root)): p.read_bytes() for p in files if "manifest" not in p.name}
