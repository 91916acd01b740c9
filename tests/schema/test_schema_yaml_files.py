"""What is read of YAML, and what in it says other than it seems."""

import json

import pytest
from conftest import ROOT

from scripts.schema.yaml_files import complaints, read_yaml

OURS = [*sorted(ROOT.glob("config/*.yaml")), ROOT / "workflow/report/captions.yaml"]


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_the_files_of_the_project_say_what_they_seem_to(path):
    assert read_yaml(path)


@pytest.mark.parametrize("number", ["0", "-0", "+5", "1.0e+3", ".5", "1.", "10.50", "'010'"])
def test_ordinary_numbers_and_quoted_text_pass(number):
    assert not list(complaints(f"key: {number}"))


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("010", "8"), ("-010", "-8"), ("10:00", "600"), ("12:30.5", "750.5"), ("0x10", "16"),
        ("0b11", "3"), ("1_000", "1000"), ("1_0.5", "10.5"), ("1e5", "text"), ("1.5e3", "text"),
        ("-1e-3", "text"), ("08", "text"), ("0o10", "text"), ("2024-01-01", "a date"),
    ],
)  # fmt: skip
def test_a_number_that_yaml_reads_as_something_else_is_told_with_its_line_and_key(number, read):
    (said,) = complaints(f"block:\n  key: {number}\n")
    assert said.startswith(f"line 2: key: YAML reads {number} as {read};")
    (said,) = complaints(f"block:\n  key: [1, {number}]\n")
    assert said.startswith(f"line 2: key: YAML reads {number} as {read};")


def test_a_key_that_stands_twice_is_told_with_its_lines_wherever_it_is():
    text = "a: &a {x: 1}\nb:\n  - <<: *a\n    y: 1\n    z: 2\n    y: 3\n"
    (said,) = complaints(text)
    assert said == (
        "lines 4 and 6: the key 'y' stands 2 times in one block; only the last would count"
    )
    assert not list(complaints("a: &a {x: 1}\nb: {<<: *a, x: 2}\n"))


def test_a_file_that_is_no_yaml_is_refused_by_name(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("a: [1,\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.yaml: while parsing"):
        read_yaml(path)


def test_json_that_is_no_yaml_is_read_and_its_doubled_keys_are_told(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"title": "\N{GRINNING FACE}"}), encoding="utf-8")
    assert read_yaml(path) == {"title": "\N{GRINNING FACE}"}
    path.write_text('{"title": "\\ud83d\\ude00", "a": 1, "a": 2}', encoding="utf-8")
    with pytest.raises(ValueError, match="the key 'a' stands twice in one block"):
        read_yaml(path)
