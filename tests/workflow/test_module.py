"""Another workflow imports this one, from a folder or GitHub, and builds a figure of its own."""

import pytest
import yaml
from conftest import git, succeeds

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


@pytest.mark.parametrize("place", ["folder", "GitHub"])
def test_a_module_builds_a_figure_of_its_own_config(origin, tmp_path, place):
    where = f'"{origin}/Snakefile"'
    environment = {}
    if place == "GitHub":  # as snakedeploy writes it; git is told that the repository is here
        commit = git(origin, "rev-parse", "HEAD").strip()
        where = f'github("someone/collapse", path="workflow/Snakefile", commit="{commit}")'
        environment = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.file://{origin}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://github.com/someone/collapse",
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
        }
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
