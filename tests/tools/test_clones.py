"""What git does, in tests and for the manifest, does not depend on the user's settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, forked, git

SETTINGS = """
[user]
  useConfigOnly = true
[commit]
  gpgsign = true
[gpg]
  program = false
[core]
  hooksPath = {home}/hooks
  excludesFile = {home}/ignored
  fsmonitor = false
[init]
  templateDir = {home}/template
[status]
  showUntrackedFiles = no
"""
REPOSITORY = """
import pathlib, sys
from conftest import clone, commit, git
folder = pathlib.Path(sys.argv[1])
git(folder, "init", "--quiet")
commit(folder, "sources")
copy = clone(folder, folder.parent / "copy")
print(git(copy, "rev-parse", "HEAD").strip(), *sorted(path.name for path in copy.glob("[!.]*")))
"""


@pytest.fixture
def of_the_user(tmp_path) -> dict[str, str]:
    """Variables of a user whose git signs, runs hooks, and leaves files out."""
    for place in (tmp_path / "home/hooks", tmp_path / "home/template/hooks"):
        place.mkdir(parents=True)
        for name in ("pre-commit", "post-checkout"):
            (place / name).write_text("#!/bin/sh\nexit 1\n")
            (place / name).chmod(0o755)
    home = tmp_path / "home"
    (home / "ignored").write_text("*.txt\n")
    (home / ".gitconfig").write_text(SETTINGS.format(home=home))
    return {"HOME": str(home), "GIT_CONFIG_GLOBAL": str(home / ".gitconfig")}


def commit_of(folder: Path, variables: dict[str, str]) -> str:
    """What a process of its own prints of a clone of a folder of one file, "a.txt"."""
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("a\n")
    paths = os.pathsep.join(map(str, (ROOT / "tests", ROOT / "workflow", ROOT / "workflow/src")))
    command = [sys.executable, "-c", REPOSITORY, str(folder)]
    environment = os.environ | {"PYTHONPATH": paths} | variables
    return subprocess.check_output(command, env=environment, text=True)


def test_clones_of_the_tests_are_the_same_whatever_the_users_git_does(tmp_path, of_the_user):
    elsewhere = {"GIT_DIR": str(tmp_path / "no.git"), "GIT_AUTHOR_NAME": "somebody"}
    mine = commit_of(tmp_path / "mine/project", of_the_user | elsewhere)
    assert mine == commit_of(tmp_path / "plain/project", {})
    assert mine.split()[1:] == ["a.txt"]


def test_the_manifest_sees_this_repository_and_its_new_files_whatever_the_users_git_does(
    fresh, tmp_path, of_the_user
):
    def print_checkout() -> None:
        sys.path.insert(0, str(fresh / "workflow"))
        from scripts.paper.origin import checkout

        print(json.dumps(checkout()))

    def stated() -> dict:
        run = forked(fresh, print_checkout, **of_the_user, GIT_DIR=str(tmp_path / "no.git"))
        assert run.returncode == 0, run.stdout
        return json.loads(run.stdout)

    assert stated()["clean"] is True
    assert len(stated()["commit"]) == 40
    (fresh / "workflow/scripts/new.py").write_text("# not committed\n")
    assert stated()["clean"] is False


def test_a_clone_has_the_committed_bytes_also_where_git_would_write_crlf(origin, fresh, tmp_path):
    where = str(tmp_path / "crlf")
    git(tmp_path, "clone", "--quiet", "--config", "core.autocrlf=true", str(origin), where)
    names = git(fresh, "ls-files", "-z").split("\0")[:-1]
    assert len(names) > 100
    for name in names:
        assert (tmp_path / "crlf" / name).read_bytes() == (fresh / name).read_bytes(), name
