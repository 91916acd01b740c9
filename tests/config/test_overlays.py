"""How files of the config and the command line are laid over one another."""

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT
from types import SimpleNamespace

import pytest
from configs import CONFIG, FOLDER, at, load
from conftest import ROOT
from snakemake.exceptions import WorkflowError
from snakemake.settings.types import ConfigSettings
from snakemake.utils import update_config

from scripts.config import Config, read_config
from scripts.overlays import check_arguments, check_entries, laid_over, stated_config

BASE = load("config", "claims")
MINIATURE = load("miniature")
DOWNLOAD = {"images": {"source": "download"}}


def block(path: str, *overlays: dict) -> dict:
    """What stands at a path of the default config under overlays, once the whole is accepted."""
    stated = laid_over([BASE, *overlays], Config)
    read_config(stated)
    return at(stated, path)


def nested(path: str, value) -> dict:
    """An overlay of one value."""
    for key in reversed(path.split("/")):
        value = {key: value}
    return value


# An overlay that makes a block one of another kind: path, overlay of it, what stands there then.
KINDS = [
    (
        "experiments/fig1b_repeat",
        {"spectrum": {"name": "isotropic", "d": 200}},
        {"spectrum": {"name": "isotropic", "d": 200}},
    ),
    (
        "experiments/fig1b_repeat",
        {"spectrum": {"name": "two_level", "weak_eigenvalue": 0.1, "weak_weight": 0.5}},
        {"spectrum": {"name": "two_level", "d": 300, "weak_eigenvalue": 0.1, "weak_weight": 0.5}},
    ),
    (
        "remedies/map",
        {"spectrum": {"name": "power_law", "beta": 1.5, "r": 0.5}},
        {"spectrum": {"name": "power_law", "d": 60, "beta": 1.5, "r": 0.5}},
    ),
    (
        "experiments/fig1a_samples",
        {"samples": {"from": 100, "to": 1000, "step": 100}},
        {"samples": {"from": 100, "to": 1000, "step": 100}},
    ),
    (
        "experiments/fig1b_ell",
        {"ell": {"from": 0.1, "per_decade": 4}},
        {"ell": {"from": 0.1, "to": 2, "per_decade": 4}},
    ),
    (
        "experiments/fig1a_ridge",
        {"ridge": {"from": 0.1, "to": 1, "step": 0.1}},
        {"ridge": {"from": 0.1, "to": 1, "step": 0.1}},
    ),
    (
        "kernel_experiments/fig4_rbf/sizes/mnist",
        {"samples": {"from": 100, "to": 1000, "step": 300}},
        {"samples": {"from": 100, "to": 1000, "step": 300}},
    ),
    (
        "experiments/fig1b_repeat",
        {"ridge_rules": ["fixed"], "ridge": 0.1},
        {"ridge_rules": ["fixed"], "ridge": 0.1, "ell": None},
    ),
    (
        "kernel_experiments/fig4_polynomial",
        {"kernel": {"name": "rbf"}},
        {"kernel": {"name": "rbf", "gamma": 1.0e-3}},
    ),
    (
        "experiments/fig1b_samples",
        {"samples": [10, 100]},
        {"samples": [10, 100], "theory_samples_to": None},
    ),
    (
        "experiments/fig1b_samples",
        {"samples": {"to": 1.0e12}},
        {"samples": {"from": 1, "to": 1.0e12, "per_decade": 4}, "theory_samples_to": None},
    ),
    (
        "claims/thm_4_1/setting",
        {"spectrum": {"name": "isotropic"}},
        {"spectrum": {"name": "isotropic", "d": 20}},
    ),
    (
        "claims/eq_10",
        {"verdict": "not testable", "why": "no reason"},
        {
            **{"verdict": "not testable", "why": "no reason"},
            **{"measured_by": None, "setting": None, "tolerance": None},
        },
    ),
    (
        "claims/eq_10",
        {"measured_by": "misprints.err_16", "setting": {"beta": 2, "r": 1, "dimensions": [9, 99]}},
        {"measured_by": "misprints.err_16", "setting": {"beta": 2, "r": 1, "dimensions": [9, 99]}},
    ),
]


@pytest.mark.parametrize(("path", "overlay", "then"), KINDS, ids=lambda part: str(part)[:50])
def test_an_overlay_can_make_a_block_one_of_another_kind(path, overlay, then):
    found = block(path, nested(path, overlay))
    assert {key: found.get(key) for key in then} == then
    before = at(BASE, path)
    assert {k: v for k, v in found.items() if k not in then} == {
        k: v for k, v in before.items() if k not in then
    }


def test_a_protocol_of_another_name_keeps_what_both_have():
    mine = {"verdict": "holds", "setting": {"protocol": {"name": "mix", "real_samples": 30}}}
    settings = {"spectrum": {}, "protocol": {"name": "accumulate_kept", "samples": 60, "noise": 1.0,
                "one_design": True}}  # fmt: skip
    stated = laid_over(
        [{"claims": {"one": {"setting": settings}}}, {"claims": {"one": mine}}], Config
    )
    protocol = stated["claims"]["one"]["setting"]["protocol"]
    assert protocol == {"name": "mix", "samples": 60, "noise": 1.0, "real_samples": 30}


def test_what_an_overlay_gets_wrong_itself_is_refused_by_name():
    wrong = nested("experiments/fig1b_repeat/spectrum", {"name": "isotropic", "beta": 2.0})
    with pytest.raises(WorkflowError, match=r"fig1b_repeat\.spectrum: unknown key 'beta'"):
        block("", wrong)
    other = nested("experiments/fig1b_samples/spectrum", {"name": "isotropic", "d": 300})
    with pytest.raises(WorkflowError, match="ridge_rules: ell_crit needs beta and r, so a power_l"):
        block("", other)


@pytest.mark.parametrize(
    ("overlays", "source", "folder", "cache"),
    [
        ([MINIATURE, {"images": {"folder": "/mine"}}], None, "/mine", None),
        ([{"images": {"folder": "/mine"}}, MINIATURE], "digits", None, None),
        ([{"images": {"cache": "/c"}}, MINIATURE], "digits", None, None),
        ([{"images": {"cache": "/c"}}, {"images": {"folder": "/mine"}}], None, "/mine", None),
        ([{"images": {"folder": "/mine"}}, DOWNLOAD], "download", None, None),
        ([{"images": {"cache": "/c"}}, DOWNLOAD], "download", None, "/c"),
    ],
)  # fmt: skip
def test_the_last_overlay_says_which_images_are_read(overlays, source, folder, cache):
    images = laid_over([BASE, *overlays], Config)["images"]
    found = {key: images.get(key) for key in ("source", "folder", "cache")}
    assert found == {"source": source, "folder": folder, "cache": cache}


def test_another_library_has_a_device_of_its_own():
    gpu = {"backend": {"library": "torch", "device": "cuda"}}
    back = laid_over([BASE, gpu, {"backend": {"library": "numpy"}}], Config)
    assert back["backend"] == {"library": "numpy"}


SECTIONS = {
    "experiments": "fig1b_repeat",
    "kernel_experiments": "mine",
    "random_features": "fig5_continued",
    "networks": "fig6_fresh_images",
    "network_figures": "fig5",
    "figures": "fig1a",
    "decompositions": "mine",
    "claims": "eq_10",
    "remedies/regimes": "isotropic",
    "remedies/images/learners": "features",
}


@pytest.mark.parametrize("section", SECTIONS)
def test_null_leaves_out_a_named_block_of_any_section(section):
    name = SECTIONS[section]
    twin = next(iter(at(BASE, section)))
    added = nested(section, {"mine": at(BASE, f"{section}/{twin}")} if name == "mine" else {})
    assert name not in block(section, added, nested(section, {name: None}))


def test_null_for_what_is_not_there_is_refused():
    with pytest.raises(
        ValueError, match=r"experiments\.fig1: null leaves out what is not there; d"
    ):
        block("", {"experiments": {"fig1": None}})


def test_a_block_can_be_left_out_and_stated_anew():
    anew = {**at(BASE, "experiments/fig1b_repeat"), "replicates": 7}
    gone = {"experiments": {"fig1b_repeat": None}}
    del anew["ell"]
    anew |= {"ridge_rules": ["best"]}
    assert block("experiments/fig1b_repeat", gone, {"experiments": {"fig1b_repeat": anew}}) == anew


def test_overlays_of_one_kind_are_laid_as_snakemake_does():
    for name in ("miniature", "large", "reference"):
        expected: dict = {}
        for layer in (BASE, load(name)):
            update_config(expected, layer)
        assert laid_over([BASE, load(name)], Config) == expected


def fake_workflow(tmp_path: Path, config: dict, *texts: str) -> tuple[SimpleNamespace, dict]:
    """What Snakemake says of itself with overlays and a command line, and the config it merged."""
    files = [tmp_path / f"{i}.yaml" for i in range(len(texts))]
    for path, text in zip(files, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    settings = ConfigSettings(config=config, configfiles=files)
    own = [FOLDER / f"{name}.yaml" for name in ("config", "claims")]
    merged = load("config", "claims")
    update_config(merged, settings.overwrite_config)
    return SimpleNamespace(
        config_settings=settings, configfiles=[*settings.configfiles, *own], is_main_process=False
    ), merged


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed: 1\nseed: 2\n", "lines 1 and 2: the key 'seed' stands 2 times in one block"),
        ("seed: 010\n", "line 1: seed: YAML reads 010 as 8"),
        ("seed: 10:00\n", "line 1: seed: YAML reads 10:00 as 600"),
        ("seed: 0x10\n", "line 1: seed: YAML reads 0x10 as 16"),
        ("seed: 1_000\n", "line 1: seed: YAML reads 1_000 as 1000"),
        ("seed: 1e3\n", "line 1: seed: YAML reads 1e3 as text"),
        ("claim: 2024-01-01\n", "line 1: claim: YAML reads 2024-01-01 as a date"),
        ('{"seed": 1, "images": {"source": "auto",\n\t"source": "digits"}}',
         "lines 1 and 2: the key 'source' stands 2 times in one block"),
    ],
)  # fmt: skip
def test_an_overlay_that_reads_otherwise_than_it_seems_is_refused(tmp_path, text, says):
    with pytest.raises(WorkflowError) as refused:
        stated_config(*fake_workflow(tmp_path, {}, text), FOLDER, Config)
    assert str(refused.value).startswith("config: ")
    assert f"0.yaml: {says}" in str(refused.value)


def test_files_and_command_line_are_laid_in_their_order(tmp_path):
    isotropic = "experiments: {fig1b_repeat: {spectrum: {name: isotropic, d: 200}}}"
    line = {"images": {"folder": "null"}, "figures": {"fig1a": "null"}}
    workflow, merged = fake_workflow(tmp_path, line, isotropic, "seed: 5")
    stated = stated_config(workflow, merged, FOLDER, Config)
    assert at(stated, "experiments/fig1b_repeat/spectrum") == {"name": "isotropic", "d": 200}
    assert stated["seed"] == 5
    assert stated["images"]["folder"] is None
    assert "fig1a" not in stated["figures"]


def test_a_config_handed_over_by_another_snakefile_is_laid_over_that_of_the_project(tmp_path):
    workflow, _ = fake_workflow(tmp_path, {})
    theirs = {"experiments": {"fig1b_repeat": {"spectrum": {"name": "isotropic", "d": 200}}}}
    stated = stated_config(workflow, theirs, FOLDER, Config)
    assert at(stated, "experiments/fig1b_repeat/spectrum") == {"name": "isotropic", "d": 200}
    assert stated["claims"] == CONFIG["claims"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("-n --configfile a.yaml --configfile b.yaml", "--configfile stands twice"),
        ("--configfiles a.yaml --cores 1 --configfile=b.yaml", "--configfile stands twice"),
        ("--config seed=1 --config claim=thm_4_1", "--config stands twice"),
        ("-C seed=1 -n --config claim=thm_4_1", "--config stands twice"),
        ("-nC seed=1 -Cclaim=thm_4_1", "--config stands twice"),
    ],
)
def test_an_option_that_stands_twice_is_refused(words, says):
    with pytest.raises(ValueError, match=says):
        check_arguments(words.split())


def test_one_of_each_option_with_many_words_passes():
    check_arguments(
        "-c2 -n --configfile a.yaml b.yaml --config seed=1 claim=x --conda-prefix".split()
    )


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (["seed=1", "seed=2"], "--config: the key 'seed' stands twice"),
        (["seed=010"], "--config: seed: write the number 010 in decimal"),
        (["seed=1_000"], "--config: seed: write the number 1_000 in decimal"),
        (
            ["images={source: digits, source: folder}"],
            "--config: images: the key 'source' stands 2",
        ),
    ],
)
def test_keys_of_the_command_line_that_would_be_lost_are_refused(entries, says):
    with pytest.raises(ValueError, match=says):
        check_entries(entries)
    check_entries(["seed=10", "images={folder: 'it''s \"a\" $(touch x)'}", "images2={: ["])


def test_snakemake_refuses_two_overlays_by_two_options():
    overlay = ("--configfile", "config/miniature.yaml")
    command = [sys.executable, "-m", "snakemake", "-n", "--cores", "1", *overlay, *overlay]
    run = subprocess.run(command, cwd=ROOT, stdout=PIPE, stderr=STDOUT, text=True, check=False)
    assert run.returncode != 0
    assert "config: --configfile stands twice" in run.stdout
    assert "--configfile a.yaml b.yaml" in run.stdout
