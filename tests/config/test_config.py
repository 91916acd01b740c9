"""A config has defaults, sweeps and keys for jobs, and a rule makes it small."""

import pytest
from configs import CONFIG, DELETE, changed, load, merge
from conftest import assert_same
from snakemake.exceptions import WorkflowError

from scripts.chains.settings import risk_files
from scripts.config import Config, read_config
from scripts.paper import prerequisites
from scripts.paper.article import article
from scripts.paper.prerequisites import checked_paper
from scripts.regression.settings import Experiment, Sweep
from scripts.schema.grids import LinearGrid, LogGrid, sample_sizes, values_of
from scripts.schema.settings import keys_of
from scripts.schema.spectra import Generators
from scripts.schema.yaml_files import read_yaml

A, B = "experiments/fig1a_samples", "experiments/fig1b_samples"
MINIATURE = load("config", "claims", "miniature")


@pytest.mark.parametrize("overlay", ["config", "miniature", "reference"])
def test_the_configs_of_the_project_pass(overlay):
    config = read_config(load("config", "claims", overlay))
    assert config.experiments["fig1a_ridge"].generator_ridge == 0
    assert not config.experiments["fig1a_ridge"].shared_design


def test_a_file_of_the_project_that_is_no_yaml_is_named(tmp_path):
    path = tmp_path / "claims.yaml"
    path.write_text("claims: {a: [1}\nb: 2", encoding="utf-8")
    with pytest.raises(ValueError, match=r"claims\.yaml: .* line 1, column"):
        read_yaml(path)


def test_a_claim_of_null_is_left_out():
    claims = read_config(changed("claims/thm_4_1", None)).claims
    assert "thm_4_1" not in claims
    assert "eq_10" in claims


def test_whole_floats_are_counts():
    config = read_config(changed(f"{A}/replicates", 1.0e2, "experiments/fig1a_ridge/samples", 1e3))
    assert config.experiments["fig1a_samples"].replicates == 100
    assert isinstance(config.experiments["fig1a_samples"].replicates, int)
    assert isinstance(config.experiments["fig1a_ridge"].samples, int)


def test_a_backend_that_is_not_installed_is_refused_before_any_work(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(WorkflowError, match=r"backend\.library: torch is not installed"):
        read_config(changed("backend", {"library": "torch", "device": "cpu"}))


@pytest.mark.parametrize(
    "grid",
    [
        LogGrid(**{"from": 1e-4, "to": 1e2, "per_decade": 4}),
        LogGrid(**{"from": 0.3, "to": 1e7, "per_decade": 7}),
        LinearGrid(**{"from": 0, "to": 2, "step": 0.1}),
    ],
)
def test_refined_grids_contain_the_coarse_ones_to_the_last_bit(grid):
    coarse = values_of(grid)
    fine = values_of(grid, 6)
    assert set(coarse) <= set(fine)
    assert len(fine) == 6 * (len(coarse) - 1) + 1
    assert coarse[0] == grid.start
    assert_same(coarse[-1], grid.to, rtol=0.5)


def test_sweeps_have_the_values_that_they_say():
    decades = LogGrid(**{"from": 1, "to": 1000, "per_decade": 1})
    assert sample_sizes(decades) == [1, 10, 100, 1000]
    assert values_of([3, 1]) == [1, 3]
    assert values_of(7, 5) == [7]


def test_a_cut_holds_what_a_job_depends_on_and_no_more():
    block = read_config(CONFIG).experiments["fig1b_samples"]
    generators = keys_of(block, Generators)
    assert set(generators) == set(Generators.model_fields)
    assert Generators(**generators).generators(2) == block.generators(2)
    assert "replicates" not in keys_of(block, Sweep)
    assert Experiment(**keys_of(block, Experiment)) == block
    kernel = read_config(CONFIG).kernel_experiments["fig4_rbf"]
    bases = type(kernel).__mro__
    sizes = [keys_of(kernel, base)["sizes"]["mnist"] for base in bases[1:4]]
    assert [len(size) for size in sizes] == [3, 2, 1]
    assert "spectrum_images" in sizes[-1]


def test_the_order_of_keys_in_the_file_changes_nothing_for_a_job():
    def turned(block):
        if not isinstance(block, dict):
            return block
        return {key: turned(block[key]) for key in reversed(block)}

    one, other = read_config(CONFIG), read_config(turned(CONFIG))
    assert str(keys_of(one, Config)) == str(keys_of(other, Config))


def test_more_replicates_leave_the_full_blocks():
    def files(replicates):
        config = changed(f"{A}/replicates", replicates, "replicates_per_job", 50)
        return risk_files(read_config(config), "fig1a_samples")

    assert files(110)[:2] == files(100)
    assert files(110)[2].endswith("risks-100-109.npz")
    assert len(files(4)) == 1


def test_a_config_without_what_the_article_shows_or_speaks_of_is_refused(monkeypatch):
    monkeypatch.setattr(prerequisites, "has_tex", lambda: True)
    panels = [{"experiment": "fig4_rbf", "sweep": "samples"}]
    without = changed("kernel_experiments/fig4_rbf_unit", DELETE, "figures/fig4/panels", panels)
    said = r"config: kernel_experiments\.fig4_rbf_unit: the paper's text needs this"
    with pytest.raises(WorkflowError, match=said):
        checked_paper(read_config(without), article())
    config = read_config(CONFIG)
    assert checked_paper(config, article()) == "<results>/paper.pdf"
    with pytest.raises(WorkflowError, match=r"config: figures\.fig9: the paper includes this"):
        checked_paper(config, article().replace("{fig1a}{", "{fig9}{"))


def test_a_small_config_keeps_all_experiments_and_the_sides_of_d_and_t0():
    whole = read_config(CONFIG)
    small = read_config(MINIATURE)
    limits = small.at_most
    for section in ("experiments", "decompositions"):
        assert list(getattr(whole, section)) == list(getattr(small, section))
        for name, block in getattr(whole, section).items():
            less = getattr(small, section)[name]
            assert less.spectrum.d <= limits.d
            assert less.replicates <= limits.replicates
            one, other = block.generator_samples, less.generator_samples
            assert (one > block.spectrum.d) == (other > less.spectrum.d)
    for name, block in small.networks.items():
        assert max(block.widths) <= limits.width
        assert len(block.widths) == len(whole.networks[name].widths)
    for name, block in small.kernel_experiments.items():
        one, other = (c.kernel_experiments[name] for c in (whole, small))
        beyond = [max(x.samples("mnist")) > x.on("mnist").generator_samples for x in (one, other)]
        assert beyond[0] == beyond[1]
        assert block.largest("digits") <= 3 * limits.images
    assert all(claim.quick or not claim.is_testable for claim in small.claims.values())


def test_a_limit_is_checked_like_any_key():
    with pytest.raises(WorkflowError, match=r"config: at_most\.points: must be at least 3, not 1"):
        read_config(merge(load("config", "claims", "miniature"), {"at_most": {"points": 1}}))
    with pytest.raises(WorkflowError, match=r"config: at_most: unknown key 'replicate'; did you"):
        read_config(merge(load("config", "claims", "miniature"), {"at_most": {"replicate": 1}}))


@pytest.mark.parametrize("section", ["experiments", "scaling", "networks", "claims"])
def test_what_is_wrong_is_refused_in_a_small_config_too(section):
    for value in (None, [], 5, "x", {"x": 5}, {"x": {"spectrum": 5, "sizes": 5, "windows": 5}}):
        with pytest.raises(WorkflowError, match=f"config: {section}"):
            read_config(MINIATURE | {section: value})
