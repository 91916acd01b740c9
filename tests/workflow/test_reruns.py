"""What reruns when one thing changes: rule by rule, and of which experiments."""

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from configs import CONFIG
from conftest import NOTHING, RESULTS, clone, commit, configure, edit, jobs, outputs, succeeds

from scripts.step.records import sha256_of


def committed(folder: Path) -> None:
    """A commit that touches no source."""
    edit(folder / "README.md", "", "words")
    commit(folder, "words")


def reordered(folder: Path) -> None:
    """The same config, its keys in another order and without comments."""
    path = folder / "config/config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, block in config["experiments"].items():
        config["experiments"][name] = dict(reversed(block.items()))
    path.write_text(yaml.safe_dump(dict(reversed(config.items())), sort_keys=False))


def configured(key: str, to, name: str = "config.yaml") -> Callable[[Path], None]:
    """A key of a config file has another value."""
    return lambda folder: configure(folder, name, key, to)


SRC, SCRIPTS = "workflow/src/model_collapse", "workflow/scripts"

# Rules by what they have in common, each a word of a string.
UNTRACKED = "write_manifest"  # a source has changed, so the tree is not clean
PAPER = "write_paper write_manifest"
STATED = f"record_provenance {PAPER}"  # the paper states a hash of the sources, and of the config
WORDS = f"write_numbers {STATED}"
SIMULATED = "train_generators fit_downstream summarise_risks write_explorer"
JOINED = f"compare_with_theory plot_figure {WORDS}"
CLAIMS = (
    "measure_claims_of_misprints measure_claims_of_regression measure_claims_of_scaling_laws "
    "write_ledger"
)
KERNELS = (
    "estimate_kernel_spectrum train_kernel_generators fit_kernel_downstream "
    "summarise_risks predict_kernel_risk tabulate_kernels"
)
LEARNERS = (
    "estimate_kernel_spectrum predict_remedies_on_images simulate_remedies_on_images "
    "plot_remedies_on_images"
)
FEATURES = "train_random_features predict_random_features measure_stability"
NETWORKS = f"train_network {FEATURES} summarise_networks tabulate_networks plot_networks"
ON_IMAGES = f"load_images draw_network_images lay_kernel_grid {KERNELS} {LEARNERS} {NETWORKS}"
BY_CHANCE = "simulate_exponents simulate_terms simulate_fake_labels"
BY_THEORY = "measure_exponents predict_terms predict_fake_labels"
COMPARED = (
    "tabulate_exponents plot_crossover tabulate_generations plot_decomposition plot_fake_labels"
)
REMEDIES = (
    "simulate_remedies plot_remedies tabulate_limits tabulate_price map_remedies plot_remedies_map "
    "plot_summary measure_claims_of_mixtures measure_claims_of_remedies "
    "simulate_remedies_on_images plot_remedies_on_images"
)
PLOTS = (
    "plot_figure plot_networks plot_crossover plot_decomposition plot_fake_labels "
    "plot_remedies plot_remedies_map plot_remedies_on_images plot_summary"
)
EVERY = "every rule"
GAUSSIAN, IMAGES = (" ".join(CONFIG[key]) for key in ("experiments", "kernel_experiments"))
NETS = " ".join(CONFIG["random_features"] | CONFIG["networks"])

# A change of one thing, or the file that gets a comment; the rules that run after it; and what
# simulations are of, if any.
CASES: dict[str, tuple[str | Callable[[Path], None], str, str]] = {
    "words in the README": ("README.md", "", ""),
    "a test": ("tests/test_mine.py", "", ""),
    "a commit that touches no source": (committed, UNTRACKED, ""),
    "a comment in a rule": ("workflow/rules/regression.smk", UNTRACKED, ""),
    "a comment in the config": ("config/miniature.yaml", UNTRACKED, ""),
    "the description of the config": ("config/schema.json", UNTRACKED, ""),
    "the order of config keys": (reordered, UNTRACKED, ""),
    "a module that is touched": (
        lambda folder: (folder / SRC / "theory/recursion.py").touch(), "", "",
    ),
    "an intermediate that nothing waits for": (
        lambda folder: (folder / RESULTS / "theory/fig2a_ridge.csv").unlink(), "", "",
    ),
    "the style": ("workflow/style.mplstyle", f"{PLOTS} {PAPER}", ""),
    "the look of figures": (f"{SCRIPTS}/output/style.py", f"{PLOTS} write_explorer {STATED}", ""),
    "the explorer's page": (f"{SCRIPTS}/explorer/page/page.js", f"write_explorer {UNTRACKED}", ""),
    "the article's text": ("paper/main.tex", f"write_numbers {PAPER}", ""),
    "the bibliography": ("paper/references.bib", PAPER, ""),
    "the diagram": ("paper/framework.tex", f"draw_framework {PAPER}", ""),
    "the reference run": ("paper/reference/networks.csv", f"plot_networks {PAPER}", ""),
    "the lock file": ("requirements.lock", EVERY, EVERY),
    "a step": (
        f"{SCRIPTS}/decomposition/predict_terms.py",
        f"predict_terms tabulate_generations plot_decomposition {WORDS}", "",
    ),
    "kernels": (f"{SRC}/images/kernels.py", f"{KERNELS} {LEARNERS} plot_figure {WORDS}", IMAGES),
    "training of networks": (f"{SRC}/networks/generations.py", f"{NETWORKS} {WORDS}", NETS),
    "filters of random features": (
        f"{SRC}/theory/spectral_filters.py",
        f"predict_random_features tabulate_networks plot_networks {WORDS}", "",
    ),
    "how images are read": (
        f"{SRC}/images/mnist.py", f"{ON_IMAGES} plot_figure {WORDS}",
        f"{IMAGES} {NETS}",
    ),
    "random designs": (
        f"{SRC}/simulation/designs.py",
        f"{SIMULATED} {JOINED} {BY_CHANCE} {COMPARED} {REMEDIES} {CLAIMS}", GAUSSIAN,
    ),
    "theory": (
        f"{SRC}/theory/recursion.py",
        f"lay_grid predict_risk fit_downstream summarise_risks {JOINED} {BY_CHANCE} {BY_THEORY} "
        f"{COMPARED} {CLAIMS} predict_kernel_risk tabulate_kernels write_explorer "
        "plot_summary",
        GAUSSIAN,
    ),
    "the seed": (
        configured("seed", 1),
        f"{ON_IMAGES} {SIMULATED} {JOINED} {BY_CHANCE} {COMPARED} {REMEDIES} {CLAIMS}", EVERY,
    ),
    "the ridges of one experiment": (
        configured("experiments/fig2a_ridge/ridge/to", 10),
        f"lay_grid fit_downstream summarise_risks predict_risk tabulate_experiments write_explorer "
        f"{JOINED}",
        "fig2a_ridge",
    ),
    "other replicates of one experiment": (
        configured("experiments/fig2a_samples/replicates", 8),
        f"{SIMULATED} tabulate_experiments {JOINED}", "fig2a_samples",
    ),
    "the refinement of theory": (
        configured("theory_refinement", 3, name="miniature.yaml"),
        f"predict_risk {JOINED} plot_summary", "",
    ),
    "the pixels of one experiment": (
        configured("kernel_experiments/fig4_rbf/pixels", "centred"),
        f"lay_kernel_grid {KERNELS} plot_figure {WORDS}", "fig4_rbf",
    ),
    "one more generation of a network": (
        configured("networks/fig6_control/generations", 4),
        f"train_network summarise_networks tabulate_networks plot_networks {WORDS}",
        "fig6_control",
    ),
    "a panel's scale": (
        configured("figures/fig2a/panels/0/risk_scale", "log"),
        f"plot_figure {WORDS}", "",
    ),
    "the noise of a remedy": (
        configured("remedies/regimes/isotropic/noise", 0.3),
        f"predict_remedies simulate_remedies plot_remedies tabulate_price write_explorer {WORDS}",
        "",
    ),
    "the ridge of the table of limits": (
        configured("remedies/limits/ridge", 0.1), f"tabulate_limits {WORDS}", "",
    ),
    "the rows of the map of remedies": (
        configured("remedies/map/rows", 100), f"map_remedies plot_remedies_map {WORDS}", "",
    ),
    "the replicates on images": (
        configured("remedies/images/replicates", 4),
        f"simulate_remedies_on_images plot_remedies_on_images {WORDS}", "",
    ),
    "the title of remedies": (
        configured("remedies/regimes/isotropic/title", "flat"), f"plot_remedies {WORDS}", "",
    ),
    "a claim's setting": (
        configured("claims/eq_10/setting/replicates", 11, name="claims.yaml"),
        f"measure_claims_of_regression write_ledger {WORDS}", "",
    ),
    "a file of claims": (
        f"{SCRIPTS}/claims/measurements/scaling_laws.py",
        f"measure_claims_of_scaling_laws write_ledger {WORDS}", "",
    ),
    "a claim's wording": (
        configured("claims/eq_26/statement", "in other words", name="claims.yaml"),
        f"write_ledger {WORDS}", "",
    ),
}  # fmt: skip


def rerun(folder: Path, *arguments: str) -> tuple[set[str], set[str]]:
    """The rules that a run would run, and the experiments that it would simulate."""
    output = succeeds(folder, "--dry-run", *arguments)
    found = jobs(output)
    assert bool(found) == (NOTHING not in output)
    risks = re.findall(rf"{RESULTS}/training/(\w+)\.csv, \S*replicates", str(found))
    return set(found), set(risks)


@pytest.fixture(scope="session")
def every(built) -> tuple[set[str], set[str]]:
    """All rules of a build, and all experiments."""
    return rerun(built, "--forceall")


@pytest.mark.parametrize("case", CASES)
def test_a_change_reruns_these_rules_and_no_others(rebuilt, every, case):
    change, *expected = CASES[case]
    if isinstance(change, str):
        edit(rebuilt / change, r"\Z", "\n# edited\n")
    else:
        change(rebuilt)
    wanted = [
        all_ if text == EVERY else set(text.split())
        for text, all_ in zip(expected, every, strict=True)
    ]
    assert list(rerun(rebuilt)) == wanted


def test_other_replicates_leave_full_blocks_as_they_are(rebuilt):
    configure(rebuilt, "config.yaml", "experiments/fig2a_samples/replicates", 8)
    trained = jobs(succeeds(rebuilt, "--dry-run"))["train_generators"]
    assert trained == [f"{RESULTS}/training/fig2a_samples/generators-5-7.npz"]


def test_there_are_enough_cases_and_they_cover_every_rule(every):
    assert len(CASES) >= 30
    covered = set().union(*(rules.split() for _, rules, _ in CASES.values()))
    assert every[0] <= covered


GOAL = "training/fig2a_ridge.csv"
BY_TIME = ("--rerun-triggers", "mtime")


@pytest.fixture(scope="module")
def one_table(origin, tmp_path_factory) -> Path:
    """A clone in which one table of risks has been built."""
    folder = clone(origin, tmp_path_factory.mktemp("one") / "project")
    succeeds(folder, f"{RESULTS}/{GOAL}")
    return folder


def without_notes(folder: Path, place: Path) -> Path:
    """A copy of a build without what Snakemake noted of it, times kept."""
    leave = shutil.ignore_patterns(".snakemake")
    return shutil.copytree(folder, place, symlinks=True, ignore=leave)


@pytest.mark.parametrize("options", [(), BY_TIME], ids=["all triggers", "times alone"])
def test_records_tell_results_of_another_config_or_code(one_table, tmp_path, options):
    """Snakemake's own notes are gone, and a profile may ask for times alone."""
    folder = without_notes(one_table, tmp_path / "project")
    asked = ("--dry-run", f"{RESULTS}/{GOAL}", *options)
    assert not jobs(succeeds(folder, *asked))
    made = set(jobs(succeeds(folder, *asked, "--config", "seed=3")))
    assert made == {"train_generators", "fit_downstream", "summarise_risks"}
    made = set(jobs(succeeds(folder, *asked, "--config", "replicates_per_job=3")))
    assert "summarise_risks" in made
    step = folder / "workflow/scripts/regression/fit_downstream.py"
    times = step.stat()
    edit(step, r"\Z", "\n# edited\n")
    os.utime(step, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert set(jobs(succeeds(folder, *asked))) == {"fit_downstream", "summarise_risks"}


def test_a_table_of_another_input_is_made_anew(one_table, tmp_path):
    """The input is that of another build, and older than what was made from the one before."""
    folder = without_notes(one_table, tmp_path / "project")
    grid = folder / RESULTS / "data/fig2a_ridge.points.csv"
    times = grid.stat()
    grid.unlink()
    configure(folder, "config.yaml", "experiments/fig2a_ridge/ridge/to", 10)
    succeeds(folder, str(grid.relative_to(folder)))
    os.utime(grid, ns=(times.st_atime_ns, times.st_mtime_ns))
    asked = ("--dry-run", f"{RESULTS}/{GOAL}", *BY_TIME)
    assert set(jobs(succeeds(folder, *asked))) == {"fit_downstream", "summarise_risks"}


def test_verify_says_which_files_are_of_another_config(one_table, tmp_path):
    folder = without_notes(one_table, tmp_path / "project")
    entry = {"sha256": sha256_of(folder / RESULTS / GOAL)}
    manifest = {"artefacts": {f"<results>/{GOAL}": entry}, "sources": {}, "packages": {}}
    (folder / RESULTS / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    words = "not what this config and code would make"
    assert words not in succeeds(folder, "verify")
    other = succeeds(folder, "verify", "--config", "replicates_per_job=3")
    assert f"1 of them are {words}: {RESULTS}/{GOAL} (other inputs)" in other


def test_deleting_all_output_leaves_no_record(one_table, tmp_path):
    folder = without_notes(one_table, tmp_path / "project")
    succeeds(folder, f"{RESULTS}/{GOAL}", "--dry-run", "--delete-all-output")
    assert outputs(folder) == outputs(one_table)
    succeeds(folder, f"{RESULTS}/{GOAL}", "--delete-all-output")
    assert outputs(folder) == {}
