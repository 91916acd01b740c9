"""Two clones, two folders, two numbers of cores, two environments: the same bytes; and `verify`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import (
    RESULTS,
    clone,
    configure,
    edit,
    fails,
    jobs,
    line,
    made_once,
    outputs,
    succeeds,
)

from scripts.paper.verify import DIFFERS, IDENTICAL, compare

# A name of a folder that no shell may see unquoted.
FOLDER = 'it\'s a "clone" $(touch pwned) ; of 100 %'
FOREIGN = {  # what somebody has changed
    "TZ": "Asia/Kathmandu",
    "LC_ALL": "C",
    "SOURCE_DATE_EPOCH": "1",
    "PYTHONHASHSEED": "7",
    "OPENBLAS_CORETYPE": "Prescott",
    "OPENBLAS_NUM_THREADS": "2",
    "OMP_NUM_THREADS": "2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4",
}


@pytest.fixture(scope="module")
def other(origin, shared) -> Path:
    """Another clone, built on three cores in a folder of a nasty name, in a foreign environment."""
    folder = shared / "other"
    made_once(folder, lambda: build_elsewhere(origin, folder))
    return folder / "deep" / FOLDER


def build_elsewhere(origin: Path, folder: Path) -> None:
    """Clone and build below a folder, as a user with a home of their own."""
    home = folder / "home"
    tmp = folder / "a tmp"
    project = clone(origin, folder / "deep" / FOLDER)
    edit(home / "matplotlib/matplotlibrc", "", "font.size: 20\nlines.linewidth: 7\nsvg.hashsalt: a")
    edit(home / ".latexmkrc", "", "$pdflatex = 'false';\n")
    tmp.mkdir()
    places = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "TMPDIR": str(tmp)}
    # A process of its own: a fork has loaded NumPy already.
    command = [sys.executable, "-m", "snakemake", *line(cores=3)]
    subprocess.run(command, cwd=project, env=os.environ | FOREIGN | places, check=True)


def manifest_of(folder: Path) -> dict:
    """The manifest of the build in a folder."""
    return json.loads((folder / RESULTS / "manifest.json").read_bytes())


@pytest.mark.slow
def test_two_clones_give_the_same_bytes(built, other):
    """csv, tex, svg, pdf, arrays, records; the manifest too, as the commit is the same."""
    here, there = outputs(built), outputs(other)
    assert here.keys() == there.keys()
    assert len(here) > 500
    assert [name for name in here if here[name] != there[name]] == []
    kinds = {Path(name).suffix for name in here}
    assert kinds == {".csv", ".tex", ".svg", ".pdf", ".npz", ".json", ".html"}
    one, two = (folder / RESULTS / "manifest.json" for folder in (built, other))
    assert one.read_bytes() == two.read_bytes()
    assert not list(other.parent.rglob("pwned"))


@pytest.mark.slow
def test_verify_finds_another_clone_identical(rebuilt, other, tmp_path):
    link = tmp_path / "theirs.json"  # --config has its own quoting, which a nasty name breaks
    link.symlink_to(other / RESULTS / "manifest.json")
    said = succeeds(rebuilt, "verify", "--config", f"against={link}")
    files = len(manifest_of(rebuilt)["artefacts"])
    assert f"{files} files are as this build left them" in said
    assert f"\n{files} identical\n" in said
    assert DIFFERS not in said


def test_verify_runs_nothing_else_whatever_changed(rebuilt):
    configure(rebuilt, "config.yaml", "seed", 7)
    assert jobs(succeeds(rebuilt, "verify")) == {"verify": [""]}
    (rebuilt / RESULTS / "manifest.json").unlink()
    assert f"there is no {RESULTS}/manifest.json: build first" in fails(rebuilt, "verify")


def test_outputs_hold_nothing_of_machine_place_or_time(built):
    """No path, host, user or commit; dates in PDFs are the project's."""
    manifest = manifest_of(built)
    private = [str(built), str(built.parent), manifest["commit"]]
    private += [os.uname().nodename] if len(os.uname().nodename) > 8 else []
    for name, content in outputs(built).items():
        for word in private:
            assert word.encode() not in content, (name, word)
        if name.endswith(".pdf"):
            assert b"CreationDate" not in content or b"CreationDate (D:20241210" in content, name


def test_the_manifest_says_what_everything_is_made_from(built):
    """Every output is in it, with rule, hashes of inputs, seeds; then versions, commit, tree."""
    made = manifest_of(built)
    assert made["clean"] is True and len(made["commit"]) == 40
    assert made["packages"]["numpy"] and made["tex"].startswith("pdfTeX")
    written = {
        f"<results>/{name}" for name in outputs(built) if not Path(name).name.startswith(".")
    }
    assert made["artefacts"].keys() == written
    known = made["artefacts"].keys() | made["sources"].keys()
    for name, entry in made["artefacts"].items():
        assert entry["rule"], name
        assert set(entry["inputs"]) <= known
        assert len(entry["sha256"]) == 64
    fig1b = made["artefacts"]["<results>/figures/fig1b.pdf"]
    assert fig1b["seeds"] == ["2402/fig1b_ell", "2402/fig1b_samples"]
    assert "workflow/style.mplstyle" in fig1b["inputs"]
    assert made["artefacts"]["<results>/theory/fig1b_ell.csv"]["seeds"] == []


@pytest.mark.slow
def test_one_changed_seed_is_named_with_all_that_follows_and_nothing_else(rebuilt, built):
    """The seed of figure 2's true weights: only what is made from them may differ."""
    names = ("fig2a_ridge", "fig2a_samples", "fig2b_ridge", "fig2b_samples")
    seeds = [part for name in names for part in (f"experiments/{name}/spectrum/seed", 5)]
    configure(rebuilt, "config.yaml", *seeds)
    succeeds(rebuilt)
    ours = manifest_of(rebuilt)
    theirs = manifest_of(built)
    table = compare(ours, theirs).set_index("artefact")
    apart = table[table["state"] != IDENTICAL]
    tables = {f"tables/{name}" for name in (
        "agreement.csv", "agreement.tex", "agreement_points.csv", "numbers.tex",
        "provenance.json", "provenance.tex", "experiments.tex", "agreement_strays.csv",
    )}  # fmt: skip
    for name in apart.index:
        short = name.removeprefix("<results>/")
        assert "fig2" in short or short in tables | {"paper.pdf", "explorer.html"}, name
    for name in ("training/fig2a_samples.csv", "figures/fig2a.pdf"):
        assert apart.loc[f"<results>/{name}", "state"] == DIFFERS
    trained = apart[apart.index.str.contains("fig2a_samples/generators")]
    assert (trained["because"] == "params").all() and len(trained)
    assert ours["clean"] is False
    against = f"against={built / RESULTS / 'manifest.json'}"
    said = fails(rebuilt, "verify", "--config", against)
    assert f"{len(apart)} files are not as in" in said
    assert "<results>/training/fig2a_samples.csv" in said
