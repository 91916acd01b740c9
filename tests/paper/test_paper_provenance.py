"""Where a build comes from: versions, hashes, TeX."""

import re

import pytest
from conftest import ROOT

from scripts.dag import TEX_FILES, TEX_PACKAGES
from scripts.paper.provenance import (
    STATED,
    hash_of_config,
    hash_of_files,
    locked_versions,
    provenance,
)


def test_versions_come_from_the_lock_and_the_conda_file_agrees():
    versions = locked_versions((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert set(versions) == set(STATED)
    conda = (ROOT / "workflow" / "envs" / "python.yaml").read_text(encoding="utf-8")
    for name in set(STATED) - {"snakemake"}:
        assert f"- {name} ={versions[name]}\n" in conda
    with pytest.raises(ValueError, match="pins no numpy"):
        locked_versions("scipy==1.0 \\\n", ["numpy"])


def test_the_makefile_and_the_workflow_ask_for_the_same_tex():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    assert " ".join(TEX_FILES) in makefile
    assert TEX_PACKAGES == " ".join(makefile.split("TEX := ")[1].split("\n")[0].split())


def test_what_is_installed_must_be_what_the_lock_pins(tmp_path):
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    other = tmp_path / "other.lock"
    other.write_text(re.sub(r"^numpy==\S+", "numpy==1.0", lock, flags=re.MULTILINE))
    with pytest.raises(ValueError, match=r"numpy .* is installed but .* pins 1\.0"):
        provenance({"seed": 1}, [], str(other), {})


def test_no_host_in_the_lock():
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_hashes_see_content_and_not_order(tmp_path):
    assert hash_of_config({"a": 1, "b": 2}) == hash_of_config({"b": 2, "a": 1})
    assert hash_of_config({"a": 1}) != hash_of_config({"a": 2})
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    other.write_text("y")
    files = [str(one), str(other)]
    before = hash_of_files(files)
    assert before == hash_of_files(files[::-1])
    one.write_text("z")
    assert hash_of_files(files) != before
