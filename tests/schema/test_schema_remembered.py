"""What was worked out of a text in one call is there in the next, and is never stale."""

import json
from pathlib import Path

import pytest

from scripts.schema import remembered as module
from scripts.schema.remembered import FOLDER, remembered

ASKED = []  # texts that length() was called for


def length(text: bytes) -> int:
    ASKED.append(text)
    return len(text)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """A folder in which Snakemake has run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    ASKED.clear()
    return tmp_path


def test_each_text_is_worked_out_once():
    assert remembered(length, [b"", b"two", b""]) == [0, 3, 0]
    assert remembered(length, [b"two", b"four", b""]) == [3, 4, 0]
    assert ASKED == [b"", b"two", b"four"]


def test_another_version_or_function_is_worked_out_anew(tmp_path):
    edited = tmp_path / "edited.py"
    edited.write_text("def length(text):\n    return 2 * len(text)\n", encoding="utf-8")
    names = {}
    exec(compile(edited.read_bytes(), edited, "exec"), names)
    assert remembered(length, [b"two"]) == [3]
    assert remembered(length, [b"two"], "1.1") == [3]
    assert remembered(names["length"], [b"two"]) == [6]
    assert ASKED == [b"two", b"two"]


@pytest.mark.parametrize("content", ["", "[1]", '{"cut": ', "\x00"])
def test_a_damaged_file_is_written_anew(content):
    path = FOLDER / "length.json"
    path.parent.mkdir()
    path.write_text(content, encoding="utf-8")
    assert remembered(length, [b"two"]) == [3]
    assert list(json.loads(path.read_text(encoding="utf-8")).values()) == [3]
    assert [file.name for file in FOLDER.iterdir()] == ["length.json"]


def test_nothing_is_written_where_snakemake_has_no_folder(folder):
    (folder / ".snakemake").rmdir()
    assert remembered(length, [b"two"]) == [3]
    assert not list(folder.iterdir())


def test_the_oldest_are_forgotten(monkeypatch):
    monkeypatch.setattr(module, "MOST_VALUES", 2)
    remembered(length, [b"1", b"22", b"333"])
    remembered(length, [b"22", b"333"])
    assert len(ASKED) == 3
    remembered(length, [b"1"])
    assert len(ASKED) == 4
