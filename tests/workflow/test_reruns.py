"""What reruns when one thing changes: rule by rule, and of which experiments."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import NOTHING, RESULTS, edited_yaml, git, snakemake

END = {"summarise_compute", "write_manifest"}
PAPER = {"write_paper"} | END
"""The paper, then what it cost and the manifest."""
WORDS = {"record_provenance", "write_numbers"} | PAPER
"""The paper states the config, so these follow any change of it."""
PLOTS = {"plot_figure", "plot_networks", "plot_crossover", "plot_decomposition", "plot_fake_labels"}


def appended(name: str, text: str = "\n# edited\n") -> Callable[[Path], None]:
    """A change: text at the end of a file, which is made if it is not there."""

    def change(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        with open(folder / name, "a", encoding="utf-8") as file:
            file.write(text)

    return change


def configured(*keys: str | int, to, name: str = "miniature.yaml") -> Callable[[Path], None]:
    """A change: one key of a config file."""

    def change(folder: Path) -> None:
        def set_key(config) -> None:
            *parents, last = keys
            for key in parents:
                config = config[key] if isinstance(config, list) else config.setdefault(key, {})
            config[last] = to

        edited_yaml(folder, name, set_key)

    return change


def removed(name: str) -> Callable[[Path], None]:
    """A change: a file is gone."""
    return lambda folder: (folder / name).unlink()


def committed(folder: Path) -> None:
    """A change: a commit that touches no source."""
    (folder / "README.md").write_text("words\n", encoding="utf-8")
    git(folder, "add", "README.md")
    git(folder, "commit", "--quiet", "--message", "words")


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A change: words of a file."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def reordered(folder: Path) -> None:
    """A change: the same config, its keys in another order and without comments."""

    def turn_round(config) -> None:
        for block in [config, *config["experiments"].values()]:
            for key in reversed(list(block)):
                block[key] = block.pop(key)

    edited_yaml(folder, "miniature.yaml", turn_round)


def rules_and_outputs(folder: Path, *arguments: str) -> tuple[set[str], str]:
    """The rules that a run would run, and all their outputs."""
    run = snakemake(folder, "--dry-run", *arguments)
    assert run.returncode == 0, run.stdout[-3000:]
    rules = set(re.findall(r"\n(?:local)?rule (\w+):", run.stdout)) - {"all"}
    assert bool(rules) == (NOTHING not in run.stdout)
    return rules, "\n".join(re.findall(r"\n    output: (.*)", run.stdout))


SRC = "workflow/src/model_collapse"
ONE = ("experiments", "fig2a_samples")
UNTRACKED = {"write_manifest"}
"""A source has changed, so the tree is not clean, which is all that the manifest notes."""
SIMULATED = {"train_generators", "fit_downstream", "summarise_risks"}
JOINED = {"compare_with_theory", "plot_figure"} | WORDS
TABLES = {"tabulate_exponents", "tabulate_generations", "tabulate_kernels", "tabulate_networks"}
ON_IMAGES = {
    *("load_images", "draw_network_images", "lay_kernel_grid", "estimate_kernel_spectrum"),
    *("train_kernel_generators", "fit_kernel_downstream"),
    *("train_network", "train_random_features", "summarise_networks", "measure_stability"),
    *("predict_random_features", "tabulate_networks", "plot_networks"),
}
EVERY: set[str] = set()
"""Stands for all rules of a build."""

# A change of one thing, the rules that run after it, and what simulations are of, if any.
CASES: dict[str, tuple[Callable[[Path], None], set[str], set[str]]] = {
    "words in the README": (appended("README.md"), set(), set()),
    "a test": (appended("tests/test_mine.py"), set(), set()),
    "a commit that touches no source": (committed, UNTRACKED, set()),
    "a description in the schema": (
        replaced("config/schema.json", "root of every", "root of each"),
        UNTRACKED, set(),
    ),
    "a comment in a rule": (appended("workflow/rules/regression.smk"), UNTRACKED, set()),
    "a comment in the config": (appended("config/miniature.yaml"), UNTRACKED, set()),
    "the order of config keys": (reordered, UNTRACKED, set()),
    "an intermediate that nothing waits for": (
        removed(f"{RESULTS}/theory/fig2a_ridge.csv"), set(), set(),
    ),
    "the style": (
        appended("workflow/style.mplstyle", "lines.markersize: 5\n"), PLOTS | PAPER, set(),
    ),
    "the look of figures": (
        appended("workflow/src/pipeline/plots.py"),
        PLOTS | PAPER | {"record_provenance"}, set(),
    ),
    "the article's text": (appended("paper/main.tex", "% edited\n"), PAPER, set()),
    "the bibliography": (appended("paper/references.bib"), PAPER, set()),
    "the diagram": (
        appended("paper/framework.tex", "% edited\n"), {"draw_framework"} | PAPER, set(),
    ),
    "the reference run": (
        appended("paper/reference/networks.csv", "\n"), {"plot_networks"} | PAPER, set(),
    ),
    "the lock file": (appended("requirements.lock"), EVERY, EVERY),
    "a script": (
        appended("workflow/scripts/predict_terms.py"),
        {"predict_terms", "tabulate_generations", "plot_decomposition"} | WORDS, set(),
    ),
    "training of networks": (
        appended(f"{SRC}/network_chain.py"),
        {
            *("train_network", "train_random_features", "summarise_networks", "measure_stability"),
            *("predict_random_features", "tabulate_networks", "plot_networks"),
            *("measure_claim", "write_ledger"),
        } | WORDS,
        {"fig5", "fig5_continued", "fig6_fresh", "fig6_continued", "fig6_control"}
        | {"fig6_mean_loss", "fig6_fresh_images"},
    ),
    "the seed": (
        configured("seed", to=1),
        ON_IMAGES | SIMULATED | JOINED | TABLES
        | {"simulate_exponents", "simulate_terms", "simulate_fake_labels", "predict_kernel_risk"}
        | {"plot_crossover", "plot_decomposition", "plot_fake_labels"}
        | {"measure_claim", "write_ledger"},
        EVERY,
    ),
    "the ridges of one experiment": (
        configured("experiments", "fig2a_ridge", "ridge", "to", to=100),
        {"lay_grid", "fit_downstream", "summarise_risks", "predict_risk", "tabulate_experiments"}
        | JOINED,
        {"fig2a_ridge"},
    ),
    "ten more replicates": (
        configured(*ONE, "replicates", to=30),
        SIMULATED | JOINED | {"tabulate_experiments"}, {"fig2a_samples"},
    ),
    "the refinement of theory": (
        configured("theory_refinement", to=3), {"predict_risk"} | JOINED, set(),
    ),
    "one more generation of a network": (
        configured("networks", "fig6_control", "generations", to=4),
        {"train_network", "summarise_networks", "tabulate_networks", "plot_networks"} | WORDS,
        {"fig6_control"},
    ),
    "a panel's range": (
        configured("figures", "fig1a", "panels", 0, "risk_range", to=[0.1, 9], name="config.yaml"),
        {"plot_figure"} | WORDS, set(),
    ),
    "a claim's setting": (
        configured("claims", "eq_10", "setting", "replicates", to=11, name="claims.yaml"),
        {"measure_claim", "write_ledger"} | WORDS, set(),
    ),
    "a claim's wording": (
        configured("claims", "eq_26", "statement", to="in other words", name="claims.yaml"),
        {"write_ledger"} | WORDS, set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_change_reruns_these_rules_and_no_others(rebuilt, every, case):
    change, expected, of = CASES[case]
    change(rebuilt)
    rules, outputs = rules_and_outputs(rebuilt)
    all_of, all_outputs = every
    simulated = experiments_in(outputs)
    assert rules == (all_of if expected is EVERY else expected)
    assert simulated == (experiments_in(all_outputs) if of is EVERY else of)


def experiments_in(outputs: str) -> set[str]:
    """Experiments of which a file of risks is made."""
    found = re.findall(rf"{RESULTS}/training/(\w+)\.csv, \S*replicates", outputs)
    return set(found)


@pytest.fixture(scope="session")
def every(built) -> tuple[set[str], str]:
    """All rules of a build, and all outputs."""
    return rules_and_outputs(built, "--forceall")


def test_there_are_enough_cases_and_they_cover_every_rule(every):
    assert len(CASES) >= 15
    covered = set().union(*(rules for _, rules, _ in CASES.values()))
    assert every[0] - covered == {"measure_exponents", "predict_fake_labels"}
