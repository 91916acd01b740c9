"""What a config means, and what else is refused; the bulk of refusals is in test_refusals.py."""

import copy
import re

import numpy as np
import pytest
import yaml
from conftest import ROOT, assert_same
from snakemake.exceptions import WorkflowError

from model_collapse.equivalents import Fit
from model_collapse.exponents import ell_crit, ell_star
from model_collapse.scaling import best_ridge
from model_collapse.theory import chain_risk, equivalents_of
from scripts.config import check_config
from scripts.core.grids import POINT, sample_sizes, values_of
from scripts.core.replicates import replicate_blocks
from scripts.paper.numbers import check_text
from scripts.regression.old import Experiment
from scripts.regression.points import points_of

CONFIG = {
    key: value
    for name in ("config.yaml", "claims.yaml")
    for key, value in yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8")).items()
}


def changed(path: str, value) -> dict:
    """The config with one key set; DELETE removes it."""
    config = copy.deepcopy(CONFIG)
    *parents, last = path.split("/")
    block = config
    for key in parents:
        block = block[int(key)] if isinstance(block, list) else block[key]
    if value is DELETE:
        del block[last]
    else:
        block[int(last) if isinstance(block, list) else last] = value
    return config


DELETE = object()
A, B = "experiments/fig1a_samples", "experiments/fig1b_samples"
K = "kernel_experiments/fig4_rbf"


@pytest.mark.parametrize("name", ["config.yaml", "miniature.yaml"])
def test_the_configs_of_the_project_pass(name):
    config = copy.deepcopy(CONFIG)
    _merge(config, yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8")))
    check_config(config)


def _merge(base: dict, over: dict) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def test_an_overlay_leaves_out_a_claim_by_null():
    config = changed("claims/thm_4_1", None)
    check_config(config)
    assert "thm_4_1" not in config["claims"]
    assert "eq_10" in config["claims"]


def test_whole_floats_are_counts():
    config = changed(f"{A}/replicates", 1.0e2)
    config["experiments"]["fig1a_ridge"]["samples"] = 1.0e3
    check_config(config)
    assert isinstance(config["experiments"]["fig1a_samples"]["replicates"], int)
    assert (
        points_of(Experiment("x", config["experiments"]["fig1a_ridge"]))["samples"].unique() == 1000
    )


def test_an_unreadable_folder_is_one_sentence(monkeypatch, tmp_path):
    """As for a user without the right to list it; root may list everything."""

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", denied)
    with pytest.raises(WorkflowError, match=r"images\.folder: .* \(Permission denied\)"):
        check_config(changed("images/folder", str(tmp_path)))


def test_a_backend_that_is_not_installed_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WorkflowError, match=r"backend\.library: torch is not installed"):
        check_config(changed("backend", {"library": "torch", "device": "cpu"}))


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (f"{A}/generator_samples", 900, "fig1a_samples.generator_samples: the paper's text"),
        (f"{A}/replicates", 1, "fig1a_samples.replicates"),
        (f"{A}/generations", [0], "fig1a_samples.generations"),
        (f"{B}/ridge_rules", ["ell_crit"], "fig1b_samples.ridge_rules"),
        (f"{B}/samples", {"from": 9, "to": 99, "per_decade": 1}, "fig1b_samples.samples"),
        (f"{K}/replicates", 1, "fig4_rbf.replicates"),
        (
            f"{K}/noise",
            0.5,
            "fig4_rbf_unit.noise: the paper's text needs the value of fig4_rbf, 0.5",
        ),
        ("kernel_experiments/fig4_polynomial_unit/beta", 1.3, "fig4_polynomial_unit.beta"),
        ("experiments/fig2b_ridge/noise", 0.3, "fig2b_samples.noise"),
        (A, DELETE, "experiments.fig1a_samples: the paper's text needs"),
    ],
)
def test_the_paper_refuses_a_config_that_its_text_does_not_fit(path, value, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        check_text(changed_and_filled(path, value))


def changed_and_filled(path, value) -> dict:
    config = changed(path, value)
    config["figures"] = {}
    check_config(config)
    return config


def test_ell_star_is_the_constant_below_its_cap():
    for samples in (700, 5000, 10**6):
        b = np.log(600) / np.log(samples)
        assert_same(samples ** -ell_star(2.0, 0.375, b), 600**-0.8)


def test_defaults_are_filled_in():
    config = copy.deepcopy(CONFIG)
    check_config(config)
    block = config["experiments"]["fig1a_ridge"]
    assert block["generator_ridge"] == 0
    assert block["shared_design"] is False


def test_every_key_of_the_schema_is_described():
    """Properties that are only a reference are described where they are defined."""
    schema = yaml.safe_load(
        (ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
    )

    def walk(node, where):
        if not isinstance(node, dict):
            return
        for key, value in node.get("properties", {}).items():
            target = value
            if "$ref" in value:
                target = schema["$defs"][value["$ref"].split("/")[-1]]
            assert "description" in target, (where, key)
        for key, value in node.items():
            walk(value, f"{where}/{key}" if key != "properties" else where)

    walk(schema, "")


def test_refined_grids_contain_the_coarse_ones_to_the_last_bit():
    for grid in (
        {"from": 1e-4, "to": 1e2, "per_decade": 4},
        {"from": 0.3, "to": 1e7, "per_decade": 7},
        {"from": 0, "to": 2, "step": 0.1},
    ):
        coarse, fine = values_of(grid), values_of(grid, 6)
        assert set(coarse) <= set(fine)
        assert len(fine) == 6 * (len(coarse) - 1) + 1
        assert coarse[0] == grid["from"]
    assert_same(values_of({"from": 1, "to": 1e6, "per_decade": 4})[-1], 1e6)
    assert sample_sizes({"from": 1, "to": 1000, "per_decade": 1}) == [1, 10, 100, 1000]
    assert values_of([3, 1]) == [3, 1]
    assert values_of(7, 5) == [7]


def experiment(name: str) -> Experiment:
    config = copy.deepcopy(CONFIG)
    check_config(config)
    return Experiment(name, config["experiments"][name])


@pytest.mark.parametrize("name", ["fig1a_ridge", "fig1b_ell", "fig1b_samples"])
def test_theory_has_every_simulated_point(name):
    small = experiment(name)
    if name == "fig1b_samples":
        small.block["samples"] = {"from": 100, "to": 1000, "per_decade": 2}
        small.block["theory_samples_to"] = 1e4
    simulated, predicted = points_of(small), points_of(small, refine=3, extend=True)
    both = simulated.merge(predicted, on=POINT)
    assert len(both) == len(simulated)
    assert not predicted.duplicated().any()
    if name == "fig1b_samples":
        assert (simulated["samples"].max(), predicted["samples"].max()) == (1000, 10_000)


def test_ridge_rules_at_one_point():
    """Figure 1b at T = 5000, n = 3: every rule by its own formula."""
    point = experiment("fig1b_samples")
    point.block["samples"] = [5000]
    point.block["ridge_rules"] = ["ell_crit", "ell_star", "effective", "smooth", "best"]
    del point.block["theory_samples_to"]
    table = points_of(point)
    ridges = table[table["generation"] == 3].set_index("ridge_rule")["ridge"]
    crit = ell_crit(2.0, 0.375)
    assert_same(ridges["ell_crit"], 5000**-crit)
    assert_same(ridges["ell_star"], 600**-crit)
    assert_same(ridges["effective"], 200**-crit)
    assert_same(ridges["smooth"], (1 / 5000 + 3 / 600) ** crit)
    chain = [Fit(600, 0, 1.0)] * 3
    best = best_ridge(point.spectrum, equivalents_of(point.spectrum, chain), 5000, 1.0)
    assert ridges["best"] == best
    risks = [chain_risk(point.spectrum, chain, Fit(5000, r, 1.0)).total for r in ridges]
    assert min(risks) == risks[-1]


def test_adding_replicates_keeps_the_full_blocks():
    assert replicate_blocks(100, 50) == [(0, 49), (50, 99)]
    assert replicate_blocks(110, 50) == [(0, 49), (50, 99), (100, 109)]
    assert replicate_blocks(4, 50) == [(0, 3)]
