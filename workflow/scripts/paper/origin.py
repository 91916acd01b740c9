"""The origin of a build: the project's files, their commit, and the installed versions."""

import json
import os
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from scripts.step.imports import LOCK, ROOT
from scripts.step.records import sha256_of

SOURCES = ("Snakefile", "config", "paper", LOCK, "workflow")
STATED = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "snakemake")


def sources() -> dict[str, str]:
    """sha256 of each of the project's files that a build may read, by path."""
    paths = [path for name in SOURCES for path in (ROOT / name, *(ROOT / name).rglob("*"))]
    files = [path for path in paths if path.is_file() and path.suffix != ".pyc"]
    return {str(path.relative_to(ROOT)): sha256_of(path) for path in files}


def checkout() -> dict[str, str | bool | None]:
    """The commit, and whether the files of SOURCES are as committed; None without a repository."""
    top = _git("rev-parse", "--show-toplevel")
    if top is None or Path(top).resolve() != ROOT:
        return {"commit": None, "clean": None}
    changed = _git("status", "--porcelain", "--", *SOURCES)
    return {"commit": _git("rev-parse", "HEAD"), "clean": changed == ""}


def _git(*arguments: str) -> str | None:
    """The output of git, independent of the user's settings; None if it fails or is not there.

    The settings: untracked files count, nothing is run to watch the folder, and the folder may be
    another user's. Variables such as GIT_DIR, which hooks set, would lead to another repository.
    """
    settings = ("status.showUntrackedFiles=normal", "core.fsmonitor=false", "safe.directory=*")
    options = [word for setting in settings for word in ("-c", setting)]
    command = ["git", "-C", ROOT, *options, *arguments]
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    try:
        run = subprocess.run(command, env=variables, capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return None if run.returncode else os.fsdecode(run.stdout).strip()


def hashes_of(manifest: dict, results: str) -> dict[str, str]:
    """sha256 of all files of a build, by path, from its manifest and its folder of results."""
    return {
        name.replace("<results>", results, 1): entry["sha256"]
        for name, entry in manifest["artefacts"].items()
    }


def listed_in(path: str) -> list[str]:
    """Paths of all files that a manifest lists; none if it is not there, or no manifest."""
    try:
        manifest = json.loads(Path(path).read_bytes())
        return list(hashes_of(manifest, str(Path(path).parent)))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return []  # verify says so


def locked_versions(lock: str) -> dict[str, str]:
    """Versions of all packages, as the text of a lock file pins them."""
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, flags=re.MULTILINE))


def check_installed(lock: str | Path = ROOT / LOCK) -> dict[str, str]:
    """The versions that the paper states. Raises ValueError if others are installed."""
    pinned = locked_versions(Path(lock).read_text(encoding="utf-8"))
    for name in STATED:
        if name not in pinned:
            raise ValueError(f"{lock}: pins no {name}")
        if version(name) != pinned[name]:
            raise ValueError(
                f"{name} {version(name)} is installed but {Path(lock).name} pins {pinned[name]}: "
                f"install the lock file, for example with make setup"
            )
    return {name: pinned[name] for name in STATED}
