"""CONTRIBUTING.md names all files that must be touched: added by these alone, things build."""

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest
import yaml
from conftest import RESULTS, ROOT, commit, configure, edit, git, succeeds

from scripts.report.write_captions import Article, page

TABLE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Rules")[0]
FILES = {  # what is added: the files that the table names for it
    row.split("|")[1].strip(): re.findall(r"`([^`]+)`", row.split("|")[2])
    for row in re.findall(r"^\| an? .*", TABLE, flags=re.MULTILINE)
}


EXPERIMENT = {  # of the added spectrum and ridge rule
    "spectrum": {"name": "geometric", "d": 20, "ratio": 0.8},
    "generator_samples": 50,
    "generator_ridge": 0.01,
    "generator_noise": 0.3,
    "noise": 0.1,
    "generations": [0, 2],
    "samples": [5, 50, 500],
    "ridge_rules": ["root", "best"],
    "replicates": 4,
}
CLAIM = {
    "source": "v1",
    "where": "nowhere",
    "statement": "tr Σ of a geometric spectrum is 1/(1 − ratio)",
    "measured_by": "regression.trace_of_covariance",
    "setting": {"spectrum": {"name": "geometric", "d": 60, "ratio": 0.8}},
    "tolerance": {"relative": 0.01, "reason": "the tail of the series"},
    "verdict": "holds",
    "shown_in": [],
    "quick": True,
}
PLOT = '''
"""How much worse each generation is than the first."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from scripts.step.files import read_csv
from scripts.step.files import SIMULATED
from scripts.step.job import job
from scripts.output.style import save_figure, use_style


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
'''
RULE = '''

rule plot_ratios:
    """Draw how much worse each generation is than the first."""
    input:
        simulated="<results>/training/mine.csv",
        style=source("workflow/style.mplstyle"),
    output:
        **drawn("ratios"),
    log:
        "<logs>/plot_ratios.log",
    benchmark:
        "<benchmarks>/plot_ratios.tsv"
    params:
        code=code_of("regression/plot_ratios"),
    localrule: True
    script:
        "../scripts/regression/plot_ratios.py"
'''
TEST = '''

def trace_of_covariance(seed, *, spectrum):
    """The sum of all eigenvalues."""
    values = spectrum.eigenvalues
    yield Check("tr Σ", 1 / (1 - values[1]), float(values.sum()))
'''
GEOMETRIC = '''

def geometric(d: int, ratio: float) -> Spectrum:
    """λ_k = ratio^{k−1}, and w0 the same in all directions."""
    return Spectrum(ratio ** np.arange(d), np.full(d, d**-0.5))
'''
MODEL = '''class Geometric(Shape):
    """Eigenvalues ratio^(k-1)."""

    make, words, formula = geometric, "geometric", r"$\\lambda_k=<ratio>^{k-1}$"
    name: Literal["geometric"] = entry("shape of Sigma")
    d: Dimension
    ratio: Real = entry("ratio of neighbouring eigenvalues", gt=0, lt=1)


'''
TABULATE = '''
"""The largest error of each generation."""

import pandas as pd

from scripts.output.formats import number, significant
from scripts.output.tables import Column, Table
from scripts.step.files import SIMULATED, read_csv
from scripts.step.job import job

LARGEST = Table(
    Column("generation", "$n$", number),
    Column("risk", r"largest $E$", significant),
)


def largest_errors(simulated: pd.DataFrame) -> pd.DataFrame:
    """One row for each generation."""
    return simulated.groupby("generation", as_index=False)["risk"].max()


if __name__ == "__main__":
    with job(snakemake):
        output = snakemake.output
        table = largest_errors(read_csv(snakemake.input[0], SIMULATED))
        LARGEST.write(table, output.largest, output.largest_tex)
'''
TABLE_RULE = '''

rule tabulate_largest:
    """Tabulate the largest error of each generation."""
    input:
        "<results>/training/mine.csv",
    output:
        **tables("largest"),
    log:
        "<logs>/tabulate_largest.log",
    benchmark:
        "<benchmarks>/tabulate_largest.tsv"
    params:
        code=code_of("regression/tabulate_largest"),
    localrule: True
    script:
        "../scripts/regression/tabulate_largest.py"
'''
DOUBLING = '''

def doubling(samples: float, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Twice as many rows in each generation as in the one before."""
    return replace(lambda k: samples * 2 ** (k - 1), ridge, noise)
'''
DOUBLED = """    "doubling": _tuned(
        "doubling batches, tuned", lambda b, n, ridge: doubling(b.samples, ridge, b.noise)
    ),
"""
CAPTIONS = "workflow/report/captions.yaml"
CATALOGUE = "workflow/scripts/remedies/catalogue.py"
ROOT_RULE = '    "root": RidgeRule(r"$\\lambda = T^{-1/2}$", lambda at: [at.samples**-0.5]),\n'
SPECTRA = "workflow/scripts/schema/spectra.py"

# What is added: file, pattern and text in its place; or a file of the config, key and value.
ADDED = {
    "an experiment": [("config/config.yaml", "experiments/mine", EXPERIMENT)],
    "a figure of experiments": [
        ("config/config.yaml", "figures/mine",
         {"panels": [{"experiment": "mine", "sweep": "samples"}]}),
        (CAPTIONS, r"\Z", "mine: \\textbf{Mine.} The error against $T$.\n"),
    ],
    "a figure of a new kind": [
        ("workflow/scripts/regression/plot_ratios.py", r"\A", PLOT),
        ("workflow/rules/regression.smk", r"\Z", RULE),
        (
            "workflow/scripts/output/figures.py",
            '(?=    "remedies":)',
            '    "regression": ("ratios",),\n',
        ),
        (CAPTIONS, r"\Z", "ratios: \\textbf{Ratios.} The error of each generation.\n"),
    ],
    "a table": [
        ("workflow/scripts/regression/tabulate_largest.py", r"\A", TABULATE),
        ("workflow/rules/regression.smk", r"\Z", TABLE_RULE),
        (CAPTIONS, r"\Z", "largest: \\textbf{Largest errors.} One row for each generation.\n"),
    ],
    "a claim": [
        ("config/claims.yaml", "claims/my_claim", CLAIM),
        ("workflow/scripts/claims/measurements/regression.py", r"\Z", TEST),
    ],
    "a ridge rule": [("workflow/scripts/schema/ridge_rules.py", '(?=    "best":)', ROOT_RULE)],
    "a spectrum": [
        ("workflow/src/model_collapse/problem/spectra.py", r"\Z", GEOMETRIC),
        (SPECTRA, "(?=    isotropic,)", "    geometric,\n"),
        (SPECTRA, r"(?=Problem = Annotated\[)", MODEL),
        (SPECTRA, r"(?=\| TwoLevel,)", "| Geometric "),
    ],
    "a remedy": [
        ("workflow/src/model_collapse/mixtures/remedies.py", r"\Z", DOUBLING),
        (CATALOGUE, "(?=    growing,)", "    doubling,\n"),
        (CATALOGUE, '(?=    "big":)', DOUBLED),
        (CATALOGUE, '(?="growing", "big")', '"doubling", '),
        (
            "workflow/scripts/output/style.py",
            '(?=    "stop":)',
            '    "doubling": {"color": COLOURS["sky"], "marker": "h"},\n',
        ),
    ],
}  # fmt: skip


@pytest.fixture
def enlarged(fresh) -> Path:
    """A clone to which all of these have been added, one after the other."""
    for what, changes in ADDED.items():
        for name, where, new in changes:
            if name.startswith("config/"):
                configure(fresh, Path(name).name, where, new)
            else:
                edit(fresh / name, where, new)
        commit(fresh, what)
    return fresh


def test_each_touches_the_files_of_the_table_and_no_others(enlarged):
    for i, what in enumerate(reversed(ADDED)):
        touched = git(enlarged, "show", "--name-only", "--format=", f"HEAD~{i}").split()
        patterns = [re.sub(r"<\w+>", r"\\w+", re.escape(name)) for name in FILES[what]]
        assert len(touched) == len(patterns) <= 4, what
        for pattern in patterns:
            assert any(re.fullmatch(pattern, name) for name in touched), (what, pattern)


def test_what_was_added_builds_and_is_described(enlarged):
    """Described by make schema, for which the folder of the config is enough."""
    figures = [f"{RESULTS}/figures/{name}.svg" for name in ("mine", "ratios", "remedies")]
    table = f"{RESULTS}/tables/largest.tex"
    succeeds(enlarged, *figures, table, "check_claims", "--config", "claim=my_claim")
    assert r"largest $E$" in (enlarged / table).read_text(encoding="utf-8")
    remedies = pd.read_csv(enlarged / RESULTS / "training/remedies_power_law.csv")
    assert "doubling" in set(remedies["remedy"])
    drawn = (enlarged / RESULTS / "figures/remedies.svg").read_text(encoding="utf-8")
    assert "doubling batches, tuned" in drawn
    captions = yaml.safe_load((enlarged / CAPTIONS).read_bytes())
    for name in ("mine", "ratios", "largest"):
        assert "<b>" in page(Article("", ""), name, captions, "results")
    log = (enlarged / "miniature/logs/check_claims.log").read_text(encoding="utf-8")
    assert "1 claims as expected" in log
    assert all((enlarged / figure).stat().st_size > 0 for figure in figures)
    paths = ":".join(str(enlarged / "workflow" / part) for part in ("", "src"))
    command = [sys.executable, "-m", "scripts.describe_config"]
    subprocess.run(command, cwd=enlarged, env={"PYTHONPATH": paths}, check=True)
    guide = (enlarged / "config/README.md").read_text(encoding="utf-8")
    assert "### `geometric`" in guide and "| `root` |" in guide


def test_a_number_is_added_to_the_prose_in_the_files_of_the_table(rebuilt):
    section, article = FILES["a number to the prose"]
    edit(
        rebuilt / section.replace("<section>", "fake_labels"),
        '(?=        "labels.d")',
        '        "labels.half": number(block["d"] // 2),\n',
    )
    edit(rebuilt / article, r"(?<=\\section\{Setup\})", r"\val{labels.half}")
    succeeds(rebuilt, f"{RESULTS}/tables/numbers.tex")
    made = (rebuilt / RESULTS / "tables/numbers.tex").read_text(encoding="utf-8")
    assert r"\defval{labels.half}" in made


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "workflow/README.md"])
def test_files_that_are_named_exist(document):
    """Those with a placeholder <…> too, but for the <name> of what is to be added."""
    text = (ROOT / document).read_text(encoding="utf-8")
    places = r"(?:workflow|config|paper|tests|\.ci)/"
    names = set(re.findall(rf"`({places}[^` ]+)`|\(({places}[^)]+)\)", text))
    assert len(names) >= 3
    for name in filter(None, chain.from_iterable(names)):
        assert "<name>" in name or list(ROOT.glob(re.sub(r"<\w+>", "*", name))), name
