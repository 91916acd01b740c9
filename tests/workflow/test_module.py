"""The workflow from elsewhere: imported by another Snakefile, or in a folder of its own."""

import json
import shutil
import sys
import tarfile
from pathlib import Path

import pytest
import yaml
from conftest import NOTHING, RESULTS, git, jobs, outputs, succeeds

from scripts.step.environment import FIXED

SNAKEFILE = """
configfile: "mine.yaml"

module collapse:
    snakefile: {where}
    config: config

use rule * from collapse exclude all

rule all:
    default_target: True
    input: "results/figures/mine.pdf"
"""
OWN = {
    "experiments": {
        "mine": {
            "spectrum": {"name": "power_law", "d": 20, "beta": 1.5, "r": 0.5},
            "generator_samples": 40,
            "generator_noise": 0.5,
            "noise": 0.5,
            "generations": [0, 2],
            "samples": 60,
            "ridge_rules": ["fixed"],
            "ridge": {"from": 0.01, "to": 1, "per_decade": 2},
            "replicates": 3,
        }
    },
    "figures": {"mine": {"panels": [{"experiment": "mine", "sweep": "ridge"}]}},
}


def test_a_module_from_github_is_unpacked_by_python_before_3_11_4(origin, tmp_path):
    """That Python's tarfile has no filters. Rules are listed, which needs the imports."""
    where, environment = hosted(origin, tmp_path / "cache")
    (tmp_path / "Snakefile").write_text(SNAKEFILE.format(where=where), encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")

    def forget_filters() -> None:
        extract_all = tarfile.TarFile.extractall
        vars(tarfile).pop("data_filter", None)  # such a Python has none
        tarfile.TarFile.extractall = lambda archive, path: extract_all(archive, path)

    arguments = ("--list-rules", "--configfile", "mine.yaml")
    said = succeeds(tmp_path, *arguments, before=forget_filters, **environment)
    assert "plot_figure" in said


def hosted(origin: Path, cache: Path) -> tuple[str, dict[str, str]]:
    """The place of the workflow as snakedeploy writes it, and variables by which git and Snakemake
    find the repository here.
    """
    commit = git(origin, "rev-parse", "HEAD").strip()
    where = f'github("someone/collapse", path="workflow/Snakefile", commit="{commit}")'
    return where, {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{origin}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/someone/collapse",
        "XDG_CACHE_HOME": str(cache),
    }


@pytest.mark.parametrize("place", ["folder", "GitHub"])
def test_a_module_builds_a_figure_of_its_own_config(origin, tmp_path, place):
    where = f'"{origin}/Snakefile"'
    environment = {}
    if place == "GitHub":
        where, environment = hosted(origin, tmp_path / "cache")
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "Snakefile").write_text(SNAKEFILE.format(where=where), encoding="utf-8")
    (folder / "mine.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    before = git(origin, "status", "--porcelain", "--ignored")
    succeeds(folder, "--configfile", "mine.yaml", **environment)
    shown = {path.name for path in (folder / "results").rglob("*") if path.name[0] != "."}
    assert {"mine.pdf", "mine.svg", "mine.csv"} < shown
    assert not (folder / "results/paper.pdf").exists()
    assert git(origin, "status", "--porcelain", "--ignored") == before


HOST = """
configfile: "mini.yaml"

module collapse:
    snakefile: "{snakefile}"
    config: config

use rule * from collapse
"""


@pytest.fixture
def host(origin, tmp_path) -> Path:
    """A folder with a Snakefile as snakedeploy writes it, which makes the miniature."""
    folder = tmp_path / "host"
    folder.mkdir()
    snakefile = origin / "workflow/Snakefile"
    (folder / "Snakefile").write_text(HOST.format(snakefile=snakefile), encoding="utf-8")
    mini = (origin / "config/miniature.yaml").read_text(encoding="utf-8")
    (folder / "mini.yaml").write_text(mini, encoding="utf-8")
    return folder


def by_host(folder: Path, *arguments: str, **options) -> str:
    """What Snakemake says of the miniature from the Snakefile in a folder."""
    return succeeds(folder, *arguments, "--configfile", "mini.yaml", **options)


def from_elsewhere(origin: Path, folder: Path, *arguments: str) -> str:
    """What Snakemake says of the miniature by ``--directory`` in another folder."""
    return succeeds(origin, "--directory", str(folder), *arguments)


@pytest.fixture(scope="module")
def all_rules(origin) -> set[str]:
    """Rules of a build in the project's folder."""
    return set(jobs(succeeds(origin, "--dry-run")))


def test_the_snakefile_that_the_catalogue_looks_for_builds_all(origin, all_rules):
    said = succeeds(origin, "--dry-run", "--snakefile", "workflow/Snakefile")
    assert {"write_paper", "write_manifest"} <= all_rules == set(jobs(said))


def test_an_import_of_every_rule_builds_all(host, all_rules):
    assert set(jobs(by_host(host, "--dry-run"))) == all_rules


def test_another_folder_builds_all_from_the_project_s_sources(origin, all_rules, tmp_path):
    assert set(jobs(from_elsewhere(origin, tmp_path, "--dry-run"))) == all_rules


def test_sources_have_the_same_names_in_records_wherever_the_build_is(origin, host, tmp_path):
    """A figure that TeX draws, and the record of origin, which reads the lock file."""
    names = ("figures/fig3.pdf", "tables/provenance.json")
    goals = [f"{RESULTS}/{name}" for name in names]
    from_elsewhere(origin, tmp_path / "there", *goals)
    by_host(host, *goals)
    inputs = {"paper/framework.tex", "requirements.lock", f"{RESULTS}/data/images.json"}
    for folder in (host, tmp_path / "there"):
        records = [folder / RESULTS / f"{name.replace('/', '/.')}.json" for name in names]
        made = [json.loads(record.read_text(encoding="utf-8"))["inputs"] for record in records]
        assert set().union(*made) == inputs
    one, other = (outputs(folder) for folder in (host, tmp_path / "there"))
    assert one == other


def test_a_prefix_of_a_module_is_for_results_and_not_for_sources(origin, host):
    """Also where the project lies in the folder of the build."""
    (host / "project").symlink_to(origin)
    snakefile = host / "Snakefile"
    text = snakefile.read_text(encoding="utf-8").replace(
        "config\n\nuse", 'config\n    prefix: "ours"\n\nuse'
    )
    snakefile.write_text(text, encoding="utf-8")
    by_host(host, f"ours/{RESULTS}/figures/fig3.pdf")
    assert (host / f"ours/{RESULTS}/figures/fig3.pdf").is_file()


def test_jobs_are_given_plain_values_which_need_no_import(origin, host):
    """Snakemake pickles them after the host has its own packages back."""
    goals = [f"{RESULTS}/tables/scaling_crossover.csv", f"{RESULTS}/claims/err_10.csv"]
    by_host(host, *goals)
    assert all((host / goal).is_file() for goal in goals)


REMADE = (
    *("data/images.json", "training/fig2a_ridge.csv", "theory/fig1b_ell.csv", "claims/err_10.csv"),
    *("figures/fig2a.pdf", "figures/fig3.pdf", "tables/numbers.tex", "explorer.html"),
)


@pytest.mark.slow
def test_a_module_finds_a_plain_build_complete_and_remakes_its_bytes(built, host):
    """Inputs, parameters and code of all jobs are those of the project's own Snakefile."""
    shutil.copytree(built / "miniature", host / "miniature", symlinks=True)
    assert NOTHING in by_host(host)
    for name in REMADE:
        (host / RESULTS / name).unlink()
    by_host(host, *(f"{RESULTS}/{name}" for name in REMADE))
    assert {"write_paper", "write_manifest"} <= jobs(by_host(host)).keys()
    assert outputs(host) == outputs(built)
    assert "files are as this build left them" in by_host(host, "verify")
    ours, theirs = (
        json.loads((folder / RESULTS / "manifest.json").read_text(encoding="utf-8"))
        for folder in (host, built)
    )
    assert ours == theirs


OWN_SCRIPTS = """
import os, sys
from scripts.before import NAME

before = dict(os.environ)
"""
AFTER = """

from scripts.after import NAME as LATER

assert (NAME, LATER) == ("before", "after")
assert dict(os.environ) == before

rule mine:
    output: "mine.txt"
    shell: "echo $TZ $LC_ALL $PYTHONHASHSEED $PYTHONPATH > {output}"
"""


def test_a_host_keeps_its_own_scripts_and_its_environment(host, tmp_path):
    """Jobs of the project find the project's, with a package of that name on the path, too."""
    places = [host, tmp_path / "path"]
    for place in places:
        (place / "scripts").mkdir(parents=True)
        for name in ("__init__", "before", "after"):
            (place / f"scripts/{name}.py").write_text(f"NAME = {name!r}\n", encoding="utf-8")
    snakefile = host / "Snakefile"
    text = OWN_SCRIPTS + snakefile.read_text(encoding="utf-8") + AFTER
    snakefile.write_text(text, encoding="utf-8")
    environment = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    environment["PYTHONPATH"] = str(places[1])
    by_host(host, "mine.txt", f"{RESULTS}/tables/experiments.tex", **environment)
    said = (host / "mine.txt").read_text(encoding="utf-8").split()
    assert said == list(environment.values())
    assert FIXED["TZ"] != environment["TZ"]


def test_a_package_named_scripts_on_the_path_hides_nothing(origin, tmp_path):
    package = tmp_path / "path/scripts"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    goal = f"{RESULTS}/tables/experiments.tex"
    path = str(package.parent)

    def found_last() -> None:
        sys.path.append(path)  # where Python puts PYTHONPATH, for the process as for its jobs

    there = ("--directory", str(tmp_path / "there"))
    succeeds(origin, *there, goal, before=found_last, PYTHONPATH=path)
