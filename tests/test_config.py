"""Bad config gets one sentence that names the key; good config means what it says."""

import copy
import re

import numpy as np
import pytest
import yaml
from conftest import ROOT, assert_same
from snakemake.exceptions import WorkflowError
from test_images import write_folder

from model_collapse.equivalents import Fit
from model_collapse.exponents import ell_crit, ell_star
from model_collapse.scaling import best_ridge
from model_collapse.theory import chain_risk, equivalents_of
from pipeline.config import check_config
from pipeline.experiments import Experiment
from pipeline.grids import POINT, sample_sizes, values_of
from pipeline.kernel_experiments import KernelExperiment
from pipeline.numbers import check_text
from pipeline.points import points_of
from pipeline.replicates import replicate_blocks, standard_error

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
D = "decompositions/under_shared"
N = "networks/fig6_fresh"

BAD = {
    "unknown key": (f"{A}/generater_samples", 5, ["generater_samples", "generator_samples"]),
    "unknown key at the top": ("imagse", {}, ["imagse", "images"]),
    "T = 0": ("experiments/fig1a_ridge/samples", 0, ["fig1a_ridge.samples", "at least 1"]),
    "T = 0 in a list": (f"{A}/samples", [10, 0], ["fig1a_samples.samples[1]", "at least 1"]),
    "T = 0 in a grid": (f"{A}/samples/from", 0, ["fig1a_samples.samples.from", "at least 1"]),
    "negative ridge": (f"{A}/ridge", -1e-3, ["fig1a_samples.ridge", "at least 0"]),
    "negative generator ridge": (f"{A}/generator_ridge", -1, ["generator_ridge", "at least 0"]),
    "negative noise": (f"{A}/noise", -0.1, ["fig1a_samples.noise", "at least 0", "sigma"]),
    "negative generator noise": (f"{A}/generator_noise", -1, ["generator_noise", "at least 0"]),
    "beta = 1": (f"{B}/spectrum/beta", 1, ["fig1b_samples.spectrum.beta", "greater than 1"]),
    "kernel beta = 1": (f"{K}/beta", 1.0, ["fig4_rbf.beta", "greater than 1"]),
    "T0 = 0": (f"{A}/generator_samples", 0, ["generator_samples", "at least 1", "T0"]),
    "T0 = 0 for images": (f"{K}/sizes/mnist/generator_samples", 0, ["mnist.generator_samples"]),
    "no generations": (f"{A}/generations", [], ["fig1a_samples.generations", "not be empty"]),
    "negative generation": (f"{A}/generations", [-1], ["generations[0]", "at least 0"]),
    "repeated generation": (f"{A}/generations", [1, 1], ["generations", "repeat"]),
    "no replicates": (f"{A}/replicates", 0, ["fig1a_samples.replicates", "at least 1"]),
    "text for a number": (f"{A}/noise", "loud", ["fig1a_samples.noise", "'loud' is text"]),
    "1e-3 is text in YAML": (f"{A}/ridge", "1e-3", ["fig1a_samples.ridge", "1.0e-3"]),
    "fraction for a count": (f"{A}/replicates", 2.5, ["replicates", "integer"]),
    "infinite": (f"{A}/noise", float("inf"), ["fig1a_samples.noise", "finite"]),
    "missing key": (f"{A}/noise", DELETE, ["fig1a_samples", "'noise' is missing"]),
    "unknown experiment": (
        "figures/fig1a/panels/0/experiment", "fig1a_ridg",
        ["figures.fig1a.panels[0].experiment", "fig1a_ridg", "fig1a_ridge"],
    ),
    "rule not in the experiment": (
        "figures/fig1a/panels/0/ridge_rules", ["best"], ["figures.fig1a.panels[0]", "'best'"],
    ),
    "wrong sweep": ("figures/fig4/panels/0/sweep", "ridge", ["figures.fig4.panels[0]"]),
    "sweep over two axes": (
        "experiments/fig1a_ridge/samples", [100, 1000], ["figures.fig1a.panels[0].sweep", "one T"],
    ),
    "sweep of T with many ridges": (f"{A}/ridge", [0.1, 1], ["figures.fig1a.panels[1].sweep"]),
    "generation not in the experiment": (
        "figures/fig1a/panels/0/generations", [4], ["panels[0].generations", "no generation 4"],
    ),
    "ceiling without one": ("figures/fig2a/panels/1/ceiling", True, ["panels[1].ceiling"]),
    "ceiling on images": ("figures/fig4/panels/1/ceiling", True, ["figures.fig4.panels[1]"]),
    "falling range": ("figures/fig1a/panels/0/risk_range", [2, 1], ["panels[0].risk_range"]),
    "the diagram's name": ("figures/fig3", CONFIG["figures"]["fig1a"], ["figures.fig3"]),
    "key that is no text": ("experiments", {1: {}}, ["experiments: the key 1 must be text"]),
    "results in the sources": ("pathvars", {"results": "."}, ["pathvars.results"]),
    "results elsewhere": ("pathvars", {"results": "/elsewhere"}, ["pathvars.results"]),
    "too steep a spectrum": (f"{B}/spectrum/beta", 6, ["fig1b_samples.spectrum.beta", "steep"]),
    "T beyond all bounds": (f"{A}/samples", [10**19], ["fig1a_samples.samples[0]", "at most"]),
    "all exponents at T = 1": (
        "experiments/fig1b_ell/samples", 1, ["fig1b_ell.samples", "T = 1"],
    ),
    "norm of a power law": (f"{B}/spectrum/norm", 2, ["fig1b_samples.spectrum", "isotropic"]),
    "λ = 0 at T = d": (
        "experiments/fig1a_ridge",
        CONFIG["experiments"]["fig1a_ridge"] | {"samples": [299], "ridge": [0, 0.1]},
        ["fig1a_ridge.samples", "299 is within 1 of d = 300"],
    ),
    "OLS generators at T0 = d+1": (f"{A}/generator_samples", 301, ["301 is within 1 of d = 300"]),
    "grid downwards": (f"{A}/samples/to", 0.5, ["fig1a_samples.samples"]),
    "linear grid of T": (f"{A}/samples", {"from": 1, "to": 9, "step": 1}, ["per_decade"]),
    "logarithmic grid from 0": (f"{A}/ridge", {"from": 0, "to": 1, "per_decade": 2}, ["above 0"]),
    "shared design with a ridge": (
        "experiments/fig2a_samples/generator_ridge", 0.1, ["fig2a_samples.shared_design"],
    ),
    "ell_crit without beta": (f"{A}/ridge_rules", ["ell_crit"], ["ell_crit needs beta and r"]),
    "fixed without values": (f"{B}/ridge_rules", ["fixed"], ["fig1b_samples.ridge"]),
    "two levels without a weight": (
        f"{B}/spectrum", {"name": "two_level", "d": 20, "weak_eigenvalue": 0.1},
        ["fig1b_samples.spectrum", "two_level needs both weak_eigenvalue and weak_weight"],
    ),
    "two levels of odd d": (
        f"{D}/spectrum", {"name": "two_level", "d": 5, "weak_eigenvalue": 0.1, "weak_weight": 1},
        ["under_shared.spectrum.d", "even"],
    ),
    "r = 0 of a law": ("scaling/laws/0/r", 0, ["scaling.laws[0].r", "greater than 0"]),
    "beta = 1 of a law": ("scaling/laws/1/beta", 1, ["scaling.laws[1].beta", "greater than 1"]),
    "b = 0": ("scaling/collapsed/pairs/0", [0, 0], ["collapsed.pairs[0][0]", "greater than 0"]),
    "b = 0 in the map": (
        "scaling/crossover/over_b/b/from", 0, ["crossover.over_b.b.from", "positive"],
    ),
    "b = 0 of a simulated cell": (
        "scaling/crossover/over_b/simulated", [[0, 1]], ["over_b.simulated", "b must be positive"],
    ),
    "negative ell of the map": (
        "scaling/crossover/over_a/ell/from", -1, ["over_a.ell.from", "not be negative"],
    ),
    "an empty window": (
        "scaling/clean/windows/1", [10, 10], ["scaling.clean.windows[1]", "10 to 10 is empty"],
    ),
    "two points in a window": (
        "scaling/collapsed/points", 2, ["scaling.collapsed.points", "at least 3"],
    ),
    "two simulated sizes": (
        "scaling/clean/simulated/samples", [10, 20], ["clean.simulated.samples", "3 values"],
    ),
    "one window": ("scaling/clean/windows", [[1, 10]], ["scaling.clean.windows", "2 values"]),
    "an empty window of ranks": (
        "exponent_windows/0", [100, 10], ["exponent_windows[0]", "100 to 10 is empty"],
    ),
    "two ranks in a window": (
        "exponent_windows/0", [10.5, 12.5], ["exponent_windows[0]", "holds 2 ranks", "at least 3"],
    ),
    "a claim that is not there": ("claim", "thm_4_7", ["claim: no claim 'thm_4_7'", "thm_4_6"]),
    "a claim that nothing tests": (
        "claims/thm_9", CONFIG["claims"]["thm_4_1"], ["claims.thm_9: no function tests"],
    ),
    "a claim with a wrong setting": (
        "claims/eq_10/setting/dd", 5, ["claims.eq_10.setting", "dd"],
    ),
    "a claim without a reason": (
        "claims/eq_10/tolerance/reason", DELETE, ["claims.eq_10.tolerance", "'reason' is missing"],
    ),
    "a claim with an empty window": (
        "claims/eq_24/setting/window", [9, 3], ["claims.eq_24.setting.window", "9 to 3 is empty"],
    ),
    "an unknown verdict": ("claims/eq_10/verdict", "true", ["claims.eq_10.verdict", "one of"]),
    "an unknown decomposition": (
        "generation_tables/slopes", ["slope_isotropi"],
        ["generation_tables.slopes", "slope_isotropi", "slope_isotropic"],
    ),
    "one replicate of a decomposition": (f"{D}/replicates", 1, ["under_shared.replicates"]),
    "a shared design that grows": (f"{D}/growth", True, ["under_shared.shared_design"]),
    "OLS at T = d": (
        D, CONFIG["decompositions"]["under_shared"] | {"samples": 200, "ridge": 0},
        ["under_shared.samples", "within 1 of d = 200"],
    ),
    "no images for the spectrum": (
        f"{K}/sizes/digits/spectrum_images", 1290, ["fig4_rbf.sizes.digits", "spectrum_images"],
    ),
    "power law without r": (f"{B}/spectrum/r", DELETE, ["power_law needs both beta and r"]),
    "unknown rule": (f"{B}/ridge_rules", ["bets"], ["ridge_rules[0]", "one of", "bets"]),
    "folder without a name": ("images/source", "folder", ["images.folder"]),
    "unreadable folder": ("images/folder", "no/such/place", ["images.folder", "no/such/place"]),
    "unknown source": ("images/source", "cifar", ["images.source", "one of"]),
    "more images than there are": (
        f"{K}/sizes/digits/samples", [2000], ["fig4_rbf.sizes.digits", "697", "1297"],
    ),
    "one name twice": (
        "kernel_experiments/fig1a_ridge", CONFIG["kernel_experiments"]["fig4_rbf"],
        ["kernel_experiments.fig1a_ridge"],
    ),
    "networks of width zero": (f"{N}/widths", [0], ["fig6_fresh.widths[0]", "at least 1"]),
    "one replicate of a network": (f"{N}/replicates", 1, ["fig6_fresh.replicates", "at least 2"]),
    "one generation of a network": (
        f"{N}/generations", 1, ["fig6_fresh.generations", "at least 2"],
    ),
    "a batch larger than the data": (
        f"{N}/batch_size", 1500, ["fig6_fresh.batch_size", "1500", "1024 samples of", "digits"],
    ),
    "more samples than images": (
        f"{N}/sizes/mnist/samples", 60_001, ["fig6_fresh.sizes.mnist.samples", "60000"],
    ),
    "more tests than images": (
        f"{N}/sizes/digits/test_images", 501, ["fig6_fresh.sizes.digits.test_images", "500"],
    ),
    "no learning": (f"{N}/learning_rate", 0, ["fig6_fresh.learning_rate", "greater than 0"]),
    "an unknown loss": (f"{N}/loss", "median", ["fig6_fresh.loss", "one of", "median"]),
    "a misspelt convention": (
        f"{N}/initialization", "normal", ["fig6_fresh", "unknown key", "initialisation"],
    ),
    "fresh images for fixed features": (
        "random_features/fig5/image_draw", "fresh", ["random_features.fig5.image_draw", "same"],
    ),
    "an unknown library": ("backend/library", "jax", ["backend.library", "one of", "jax"]),
    "NumPy on a GPU": ("backend/device", "cuda", ["backend.device", "numpy", "torch"]),
    "an unknown network": (
        "network_figures/fig6/0/experiments", ["fig6_fres"],
        ["network_figures.fig6[0]", "fig6_fresh"],
    ),
    "one network twice": (
        "random_features/fig6_fresh", CONFIG["random_features"]["fig5"],
        ["networks.fig6_fresh: random_features has one"],
    ),
    "one figure twice": (
        "network_figures/fig4", CONFIG["network_figures"]["fig5"], ["network_figures.fig4"],
    ),
    "name with a blank": ("experiments/my try", CONFIG["experiments"]["fig1a_ridge"], ["my try"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_config_is_one_sentence_that_names_the_key(case):
    path, value, parts = BAD[case]
    with pytest.raises(WorkflowError) as refusal:
        check_config(changed(path, value))
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert sentence.startswith("config: ")
    for part in parts:
        assert part in sentence


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


def test_a_folder_with_too_few_images_is_refused_before_any_work(tmp_path):
    with pytest.raises(WorkflowError, match="spectrum_images leaves of 7"):
        check_config(changed("images/folder", str(write_folder(tmp_path))))


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


def test_kernel_ridges_meet_at_t0():
    block = CONFIG["kernel_experiments"]["fig4_rbf"]
    kernel = KernelExperiment("fig4_rbf", block)
    crit, star = kernel.ridges("mnist", 600)
    assert crit == star
    assert kernel.ridges("mnist", 100) == [100**-kernel.ell_crit, star]
    assert kernel.generators("mnist") == [Fit(600, star, 1.0)] * 10
    assert kernel.points("digits")["samples"].max() == 500


def test_adding_replicates_keeps_the_full_blocks():
    assert replicate_blocks(100, 50) == [(0, 49), (50, 99)]
    assert replicate_blocks(110, 50) == [(0, 49), (50, 99), (100, 109)]
    assert replicate_blocks(4, 50) == [(0, 3)]


def test_standard_error():
    draws = np.random.default_rng(0).standard_normal((50, 3))
    assert_same(standard_error(draws), draws.std(axis=0, ddof=1) / np.sqrt(50))
    assert np.isnan(standard_error(draws[:1])).all()
