"""The manifest of a build, two compared, and where a build comes from."""

import copy
import re
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from scripts.paper import verify
from scripts.paper.origin import STATED, check_installed, locked_versions, sources
from scripts.paper.record_provenance import hash_of_config
from scripts.paper.write_manifest import manifest
from scripts.step.records import sha256_of, write_records

TABLE, ARRAYS, FIGURE = "<results>/a.csv", "<results>/a.npz", "<results>/a.pdf"
LOCK = str(ROOT / "requirements.lock")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A build of three files in the present folder: what makes its manifest."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "main.tex").write_text("x")
    begun = {"main.tex": sha256_of("main.tex")}
    table = pd.DataFrame({"risk": [1.0, 2.0], "risk_se": [0.1, float("nan")], "name": "x"})
    table.to_csv("results/a.csv", index=False)
    (tmp_path / "results/a.pdf").write_text("drawn")
    write_records(["results/a.csv"], "simulate", {"seed": "1/a", "code": "c", "n": 1}, begun)
    made = {"results/a.csv": sha256_of("results/a.csv")}
    write_records(["results/a.pdf"], "draw", {"code": "d"}, made)
    return lambda sources=begun: manifest(["results/a.pdf"], "results", sources, LOCK)


def test_a_manifest_says_what_everything_is_made_from(build, tmp_path):
    made = build()
    assert list(made["artefacts"]) == [TABLE, FIGURE]
    assert made["sources"] == {"main.tex": sha256_of("main.tex")}
    assert made["artefacts"][TABLE]["inputs"] == ["main.tex"]
    assert made["artefacts"][TABLE]["numbers"] == {"risk": [1, 2], "risk_se": [0.1, None]}
    entry = made["artefacts"][FIGURE]
    assert (entry["rule"], entry["code"], entry["seeds"]) == ("draw", "d", ["1/a"])
    assert entry["inputs"] == [TABLE]
    assert verify.changed_since(made, "results") == []
    (tmp_path / "results/a.csv").write_text("y")
    (tmp_path / "results/a.pdf").unlink()
    assert verify.changed_since(made, "results") == ["results/a.csv", "results/a.pdf"]


@pytest.mark.parametrize(
    ("damaged", "text", "begun", "sentence"),
    [
        ("results/a.csv", "y", (), "a.csv: not as simulate wrote it"),
        ("main.tex", "y", (), "main.tex: changed while the build ran"),
        ("main.tex", "y", ({},), r"a\.csv: made from another main\.tex"),
        ("results/.a.csv.json", None, (), "a.csv: has no record"),
    ],
)
def test_a_manifest_of_files_that_do_not_belong_together_is_refused(
    build, damaged, text, begun, sentence
):
    Path(damaged).write_text(text) if text else Path(damaged).unlink()
    with pytest.raises(ValueError, match=sentence):
        build(*begun)


def entry(numbers: dict, *inputs: str, **more) -> dict:
    """An artefact of a manifest."""
    made = {"sha256": "0", "rule": "r", "code": "c", "params": "p", "seeds": []}
    return made | {"inputs": list(inputs), "numbers": numbers} | more


OURS = {
    "artefacts": {
        TABLE: entry({"risk": [1.0, 2.0], "risk_se": [0.1, 0.1], "theory": [1.0, 2.0]}, "main.tex"),
        ARRAYS: entry({"draws": [0.0, 1.0, -1.0, 2.0]}),
        FIGURE: entry({}, TABLE, ARRAYS),
    },
    "sources": {"main.tex": "1"},
    "packages": {"numpy": "2.0"},
} | dict.fromkeys(("commit", "clean", "python", "machine", "tex"))


def against(**changes) -> pd.DataFrame:
    """OURS compared with a build of which these artefacts, by suffix, have other bytes and this."""
    theirs = copy.deepcopy(OURS)
    for suffix, change in changes.items():
        found = theirs["artefacts"][f"<results>/a.{suffix}"]
        found["sha256"] = "1"
        found["numbers"] |= change.pop("numbers", {})
        found |= change
    assert verify.summary(verify.compare(OURS, theirs), OURS, theirs)
    return verify.compare(OURS, theirs).set_index("artefact")


@pytest.mark.parametrize(
    ("numbers", "state"),
    [
        ({"theory": [1.0 + verify.RTOL / 3, 2.0]}, verify.AGREES),
        ({"theory": [1.001, 2.0]}, verify.DIFFERS),
        ({"risk": [1.04, 2.0]}, verify.AGREES),  # less than half a standard error
        ({"risk": [1.06, 2.0]}, verify.DIFFERS),
        ({"theory": [1.0]}, verify.DIFFERS),
        ({"other": [1.0]}, verify.DIFFERS),
        ({}, verify.DIFFERS),  # the words of a table are its content
    ],
)
def test_a_table_agrees_by_its_numbers_and_so_does_what_is_drawn_from_it(numbers, state):
    table = against(csv={"numbers": numbers}, pdf={})
    assert table.loc[TABLE, "state"] == state
    assert table.loc[FIGURE, "state"] == state
    assert table.loc[FIGURE, "because"] == TABLE
    assert table.loc[ARRAYS, "state"] == verify.IDENTICAL
    largest = table.loc[TABLE, "largest_difference"]
    assert largest in ("other columns or rows", "text only") or " in " in largest


def test_an_array_packed_otherwise_agrees_and_a_figure_of_the_same_inputs_differs():
    assert against(npz={}).loc[ARRAYS, "state"] == verify.AGREES
    row = against(pdf={}).loc[FIGURE]
    assert row["state"] == verify.DIFFERS
    assert "other versions or another CPU" in row["because"]


def test_code_params_and_inputs_that_changed_are_named_but_do_not_decide():
    other = {"code": "other", "params": "other", "inputs": ["main.tex", "old.tex"]}
    named = against(csv=copy.deepcopy(other) | {"numbers": {"risk": [1.01, 2.0]}}).loc[TABLE]
    assert (named["state"], named["because"]) == (verify.AGREES, "code, params")
    theirs = copy.deepcopy(OURS) | {"sources": {"old.tex": "2"}}
    theirs["artefacts"][TABLE] |= other
    assert set(verify.compare(OURS, theirs)["state"]) == {verify.IDENTICAL}
    del theirs["artefacts"][FIGURE]
    for pair, state in (((OURS, theirs), verify.NEW), ((theirs, OURS), verify.MISSING)):
        assert verify.compare(*pair).set_index("artefact").loc[FIGURE, "state"] == state


def test_sources_are_what_a_build_may_read():
    found = sources()
    assert found["paper/main.tex"] == sha256_of(ROOT / "paper/main.tex")
    wanted = {
        "Snakefile",
        "config/config.yaml",
        "requirements.lock",
        "workflow/rules/paper.smk",
    }
    assert wanted <= found.keys()
    assert not [name for name in found if "__pycache__" in name or name.startswith("tests")]


def test_what_is_installed_must_be_what_the_lock_pins(tmp_path):
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text  # no host
    assert check_installed(LOCK).keys() == set(STATED) <= locked_versions(text).keys()
    other = tmp_path / "other.lock"
    said = {
        "numpy==1.0": r"numpy .* is installed but .* pins 1\.0",
        "nothing==1.0": "pins no numpy",
    }
    for line, sentence in said.items():
        other.write_text(re.sub(r"^numpy==\S+", line, text, flags=re.MULTILINE))
        with pytest.raises(ValueError, match=sentence):
            check_installed(str(other))


def test_the_hash_of_the_config_sees_values_and_not_order():
    assert hash_of_config({"a": 1, "b": 2}) == hash_of_config({"b": 2, "a": 1})
    assert hash_of_config({"a": 1}) != hash_of_config({"a": 2})
