"""CONTRIBUTING.md names all files that must be touched: added by these alone, things build."""

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from conftest import RESULTS, ROOT, clone, edited_yaml, git, snakemake

TABLE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Rules")[0]
FILES = {  # what is added: the files that the table names for it
    row.split("|")[1].strip(): re.findall(r"`([^`]+)`", row.split("|")[2])
    for row in re.findall(r"^\| an? .*", TABLE, flags=re.MULTILINE)
}


def insert(folder: Path, name: str, before: str, text: str) -> None:
    """Put text before the first place of other text in a file, or, before "", at its end."""
    path = folder / name
    old = path.read_text(encoding="utf-8")
    assert before in old
    at = old.index(before) if before else len(old)
    path.write_text(old[:at] + text + old[at:], encoding="utf-8")


def add_experiment(folder: Path) -> None:
    """Of the added spectrum and ridge rule."""

    def change(config) -> None:
        config["experiments"]["mine"] = {
            "spectrum": {"name": "geometric", "d": 20, "ratio": 0.8},
            "generator_samples": 50,
            "generator_noise": 0.3,
            "noise": 0.1,
            "generations": [0, 2],
            "samples": [50, 500],
            "ridge_rules": ["root", "best"],
            "replicates": 4,
        }

    edited_yaml(folder, "config.yaml", change)


def add_figure(folder: Path) -> None:
    panel = {"experiment": "mine", "sweep": "samples"}
    edited_yaml(
        folder, "config.yaml", lambda config: config["figures"].update(mine={"panels": [panel]})
    )


def add_kind_of_figure(folder: Path) -> None:
    (folder / "workflow/scripts/regression/plot_ratios.py").write_text('''
"""How much worse each generation is than the first."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from scripts.core.files import read_csv
from scripts.core.files import SIMULATED
from scripts.core.job import job
from scripts.core.style import save_figure, use_style


def draw_ratios(simulated: pd.DataFrame) -> Figure:
    """One line for each ridge rule and generation."""
    figure, ax = plt.subplots()
    risks = simulated.pivot(index="samples", columns=["ridge_rule", "generation"], values="risk")
    ax.loglog(risks.index, risks)
    return figure


if __name__ == "__main__":
    with job(snakemake):
        use_style(snakemake.input.style)
        save_figure(draw_ratios(read_csv(snakemake.input.simulated, SIMULATED)), snakemake.output)
''')
    insert(
        folder,
        "workflow/rules/regression.smk",
        "",
        '''

rule plot_ratios:
    """Draw how much worse each generation is than the first."""
    input:
        simulated="<results>/training/mine.csv",
        style="workflow/style.mplstyle",
    output:
        **drawn("ratios"),
    log:
        "<logs>/plot_ratios.log",
    benchmark:
        "<benchmarks>/plot_ratios.tsv"
    params:
        code=code_of("regression/plot_ratios"),
    script:
        "../scripts/regression/plot_ratios.py"
''',
    )


def add_claim(folder: Path) -> None:
    block = {
        "version": "v1",
        "where": "nowhere",
        "statement": "tr Σ of a geometric spectrum is 1/(1 − ratio)",
        "setting": {"spectrum": {"name": "geometric", "d": 60, "ratio": 0.8}},
        "tolerance": {"relative": 0.01, "reason": "the tail of the series"},
        "verdict": "holds",
        "shown_in": [],
        "quick": True,
    }
    edited_yaml(folder, "claims.yaml", lambda config: config["claims"].update(my_claim=block))
    insert(
        folder,
        "workflow/scripts/claims/regression.py",
        "",
        '''

def my_claim(seed, *, spectrum):
    """The sum of all eigenvalues."""
    values = spectrum.eigenvalues
    yield Check("tr Σ", 1 / (1 - values[1]), float(values.sum()))
''',
    )


def add_ridge_rule(folder: Path) -> None:
    entry = '    "root": RidgeRule(r"$\\lambda = T^{-1/2}$", lambda at: [at.samples**-0.5]),\n'
    insert(folder, "workflow/scripts/core/ridge_rules.py", '    "best":', entry)


def add_spectrum(folder: Path) -> None:
    insert(
        folder,
        "workflow/src/model_collapse/spectra.py",
        "",
        '''

def geometric(d: int, ratio: float) -> Spectrum:
    """λ_k = ratio^{k−1}, and w0 the same in all directions."""
    return Spectrum(ratio ** np.arange(d), np.full(d, d**-0.5))
''',
    )
    models = "workflow/scripts/core/spectra.py"
    insert(folder, models, "    isotropic,", "    geometric,\n")
    insert(
        folder,
        models,
        "Problem = Annotated[",
        '''class Geometric(Shape):
    """Eigenvalues ratio^(k-1)."""

    make, words, formula = geometric, "geometric", r"$\\lambda_k=<ratio>^{k-1}$"
    name: Literal["geometric"] = entry("shape of Sigma")
    d: Dimension
    ratio: Real = entry("ratio of neighbouring eigenvalues", gt=0, lt=1)


''',
    )
    insert(folder, models, "| TwoLevel,", "| Geometric ")


ADDED = {
    "an experiment": add_experiment,
    "a figure of experiments": add_figure,
    "a figure of a new kind": add_kind_of_figure,
    "a claim": add_claim,
    "a ridge rule": add_ridge_rule,
    "a spectrum": add_spectrum,
}


@pytest.fixture(scope="module")
def enlarged(origin, tmp_path_factory) -> Path:
    """A clone to which all of these have been added, one after the other."""
    folder = clone(origin, tmp_path_factory.mktemp("enlarged") / "project")
    for what, add in ADDED.items():
        add(folder)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", what)
    return folder


def test_each_touches_the_files_of_the_table_and_no_others(enlarged):
    for i, what in enumerate(reversed(ADDED)):
        commit = f"HEAD~{i}"
        touched = git(enlarged, "show", "--name-only", "--format=", commit).split()
        patterns = [re.sub(r"<\w+>", r"\\w+", re.escape(name)) for name in FILES[what]]
        assert len(touched) == len(patterns) <= 3, what
        for pattern in patterns:
            assert any(re.fullmatch(pattern, name) for name in touched), (what, pattern)


def test_what_was_added_builds(enlarged):
    figures = [f"{RESULTS}/figures/{name}.svg" for name in ("mine", "ratios")]
    run = snakemake(enlarged, *figures, "check_claims", "--config", "claim=my_claim")
    assert run.returncode == 0, run.stdout[-3000:]
    log = (enlarged / "miniature/logs/check_claims.log").read_text(encoding="utf-8")
    assert "1 claims as expected" in log
    assert all((enlarged / figure).stat().st_size > 0 for figure in figures)


def test_it_is_described(enlarged):
    """By make schema, which no folder is needed for but that of the config."""
    paths = ":".join(str(enlarged / "workflow" / part) for part in ("", "src"))
    command = [sys.executable, "-m", "scripts.describe_config"]
    subprocess.run(command, cwd=enlarged, env={"PYTHONPATH": paths}, check=True)
    guide = (enlarged / "config/README.md").read_text(encoding="utf-8")
    assert "### `geometric`" in guide and "| `root` |" in guide


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "workflow/README.md"])
def test_files_that_are_named_exist(document):
    """Those with a placeholder <…> too, but for the <name> of what is to be added."""
    text = (ROOT / document).read_text(encoding="utf-8")
    places = r"(?:workflow|config|paper|tests|\.ci)/"
    names = set(re.findall(rf"`({places}[^` ]+)`|\(({places}[^)]+)\)", text))
    assert len(names) >= 3
    for name in filter(None, chain.from_iterable(names)):
        assert "<name>" in name or list(ROOT.glob(re.sub(r"<\w+>", "*", name))), name
