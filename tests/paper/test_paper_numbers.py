"""What is read off the article, the numbers of its prose, and what its words need of a config."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from configs import CONFIG, DELETE, changed
from conftest import ROOT

from scripts.config import Config, read_config
from scripts.paper import write_numbers
from scripts.paper.article import ARTICLE, PATTERNS, check_numbers, names_of
from scripts.paper.assumptions import NEEDS, check_config
from scripts.paper.numbers import agreement, figures_1_and_2, generations, images, ledger, scaling
from scripts.paper.numbers.rows import largest, last_generation, one, rows, with_error
from scripts.paper.numbers.texts import (
    conventions,
    formatted,
    learning_rate,
    listed,
    names,
    plain,
    span,
)
from scripts.schema.settings import keys_of
from scripts.step.files import KNEE

ARTICLE_TEX = "\n".join((ROOT / part).read_text(encoding="utf-8") for part in ARTICLE)
TABLE = pd.DataFrame(
    {"name": ["a", "a", "b"], "generation": [0, 1, 0], "risk": [0.5, 1.25, np.nan], "risk_se": 0.01}
)


TEXT = r"""
\newcommand{\val}[1]{\csname val@#1\endcsname}
\newcommand{\builttable}[2]{\input{#1.tex}}
\builtfigure[1]{fig1}{20\,\% of \val{a.b}} % \val{old} \input{old.tex}
\builtfigure{map}{\val{c} \val{a.b}}
\builttable[path]{one}{} \input{two.tex} \ref{tab:other}
"""


def test_names_are_found_once_in_order_and_not_in_comments():
    found = {kind: names_of(kind, TEXT) for kind in PATTERNS}
    names = {"figures": ["fig1", "map"], "tables": ["one", "two"], "numbers": ["a.b", "c"]}
    assert found == names


def test_rows_are_picked_by_the_values_of_columns():
    assert one(rows(TABLE, name="a", generation=1)["risk"]) == 1.25
    assert one(last_generation(TABLE)["risk"]) == 1.25
    assert one(largest(TABLE, "risk")["name"]) == "a"
    assert with_error(rows(TABLE, name="a", generation=0), "risk") == (0.5, 0.01)
    assert np.isnan(one(rows(TABLE, name="b")["risk"]))


@pytest.mark.parametrize(("name", "count"), [("a", 2), ("c", 0)])
def test_several_values_and_no_values_are_refused_where_one_belongs(name, count):
    with pytest.raises(ValueError, match=f"the column 'risk' has {count} values where one belongs"):
        one(rows(TABLE, name=name)["risk"])


def test_texts_of_numbers():
    assert formatted(1 / 3, ".1%") == r"33.3\,\%"
    assert formatted(-0.5, "+.0%") == r"$-50\,\%$"
    assert formatted(2.5, ".2f") == "2.50"
    assert (span(1000, 1000), span(7, 3, 5)) == ("1{,}000", "3 to 7")
    assert (listed([3, 1000]), names(["a_b", "c"])) == (
        "3, 1{,}000", r"\texttt{a\_b} and \texttt{c}",
    )  # fmt: skip


def test_what_is_missing_reads_none():
    assert {plain(np.nan), formatted(np.nan, ".0%"), listed([]), names([])} == {"none"}
    columns = ["experiment", "generation", "risk", "risk_se", "replicates"]
    no_points = agreement.strays(pd.DataFrame(columns=columns))
    assert no_points.pop("agreement.strays") == "0"
    assert set(no_points.values()) == {"none"}
    assert scaling.reasons(pd.Series([], dtype=str)) == "none"
    no_growth = pd.DataFrame({"quadratic": [-3.0, 0.0], "quadratic_se": 1.0})
    assert images.growth(no_growth) == {
        "growth.rows": "2", "growth.concave": "1", "growth.convex": "none",
    }  # fmt: skip


def test_reasons_are_counted():
    cells = pd.Series(["b > 1", "b > 1", "d too small"])
    assert scaling.reasons(cells) == r"b \ensuremath{>} 1 (2 cells); d too small (1 cell)"


def test_the_collapse_is_that_of_the_last_generation():
    terms = np.arange(24.0).reshape(2, 4, 3)  # the last collapse is 11 and 23
    theory = pd.DataFrame({"generation": [3], "collapse": [16.0], "paper_collapse": [20.0]})
    assert generations.saturation(theory, terms) == {
        "decomposition.n": "3",
        "decomposition.collapse": r"\ensuremath{17.0 \pm 6.0}",
        "decomposition.collapse_theory": "16",
        "decomposition.collapse_paper": "20",
    }


def test_controls_are_no_statements_of_the_paper():
    claims = pd.DataFrame(
        {
            "source": ["v1", "final", "final", "other2024"],
            "where": ["abstract", "sec. 5 (our control)", "thm. 4.1", "thm. 1"],
            "verdict": ["false", "holds", "holds as corrected", "holds"],
            "checks": [2, 1, 0, 4],
        }
    )
    counts = {name.split(".")[1]: text for name, text in ledger.verdicts(claims).items()}
    assert counts == {
        "rows": "2", "holds": "0", "corrected": "1", "false": "1",
        "others": "1", "others_hold": "1", "others_false": "0", "points": "7", "all": "3",
    }  # fmt: skip


def test_the_signal_is_lost_once_on_a_shared_design_and_again_on_independent_ones():
    block = {"spectrum": {"d": 300}, "generator_samples": 150, "shared_design": True}
    assert figures_1_and_2.lost_signal(block, 3) == 0.5
    assert figures_1_and_2.lost_signal(block | {"shared_design": False}, 3) == 1 - 0.5**3


def test_the_excess_is_relative_to_the_best_ridge():
    curves = pd.DataFrame(
        {
            "generation": 1,
            "samples": [10, 10, 20, 20],
            "ridge_rule": ["best", "effective"] * 2,
            "risk": [2.0, 2.5, 1.0, 1.1],
        }
    )
    excess = figures_1_and_2.excess_over_best(curves, "effective")
    assert excess["excess"].tolist() == pytest.approx([0.25, 0.1])


def section(**texts: str) -> SimpleNamespace:
    """A section of the article that has these numbers."""
    return SimpleNamespace(__name__="numbers.mine", numbers=lambda config, tables: texts)


def test_numbers_of_all_sections_are_defined_in_the_order_of_names(monkeypatch):
    monkeypatch.setattr(write_numbers, "SECTIONS", (section(b="2"), section(c="3", a="1")))
    texts = write_numbers.all_numbers({}, {})
    assert write_numbers.macros(texts) == "\\defval{a}{1}\n\\defval{b}{2}\n\\defval{c}{3}\n"


def test_a_section_that_fails_or_repeats_a_number_is_named(monkeypatch):
    monkeypatch.setattr(write_numbers, "SECTIONS", (section(a="1"), section(a="2")))
    with pytest.raises(ValueError, match=r"mine\.py: another section defines the number a, too"):
        write_numbers.all_numbers({}, {})

    def refuse(config, tables):
        return {"a": one(TABLE["risk"])}

    broken = SimpleNamespace(__name__="numbers.mine", numbers=refuse)
    monkeypatch.setattr(write_numbers, "SECTIONS", (broken,))
    with pytest.raises(ValueError, match=r"mine\.py: the column 'risk' has 3 values"):
        write_numbers.all_numbers({}, {})


def test_numbers_are_checked_both_ways():
    check_numbers({"a.b", "c"}, TEXT)
    with pytest.raises(ValueError, match="the number c is used but not defined"):
        check_numbers({"a.b"}, TEXT)
    with pytest.raises(ValueError, match="the number old is used nowhere in the article"):
        check_numbers({"a.b", "c", "old"}, TEXT)


def test_the_project_s_config_is_what_the_text_says():
    check_config(read_config(changed()))


E, D, K, R, N = "experiments", "decompositions", "kernel_experiments", "random_features", "networks"
BELOW = {"from": 9, "to": 99, "per_decade": 1}
FIGURES = {"fig1b": {"panels": [{"experiment": "fig4_polynomial", "sweep": "samples"}]}}


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (f"{E}/fig1a_samples", DELETE, "experiments.fig1a_samples: NEEDS"),
        (f"{E}/fig1a_samples/generator_samples", 900, "generator_samples: NEEDS the value of "),
        (f"{E}/fig1a_ridge/generator_samples", 150, "generator_samples: NEEDS more than"),
        (f"{E}/fig1a_ridge/samples", [9, 10], "fig1a_ridge.samples: NEEDS a single value"),
        (f"{E}/fig1a_samples/generations", [0], "generations: NEEDS at least 1"),
        (f"{E}/fig1a_samples/generations", [2, 5], "generations: NEEDS 0 among them"),
        (f"{E}/fig1a_samples/generator_ridge", 0.1, "fig1a_samples.generator_ridge: NEEDS 0"),
        (f"{E}/fig1a_samples/ridge", [0.1, 1], "fig1a_samples.ridge: NEEDS a single value"),
        (f"{E}/fig1b_samples/ridge_rules", ["ell_crit"], "ridge_rules: NEEDS ell_crit, ell_star"),
        (f"{E}/fig1b_samples/samples", BELOW, "samples: NEEDS at least generator_samples"),
        (f"{E}/fig2b_ridge/noise", 0.3, "fig2b_samples.noise: NEEDS the value of fig2b_rid"),
        (f"{E}/fig1b_repeat", DELETE, "experiments.fig1b_repeat: NEEDS this"),
        (f"{K}/fig4_rbf/noise", 0.5, "fig4_rbf_unit.noise: NEEDS the value of fig4_rbf, 0.5"),
        (f"{K}/fig4_polynomial_unit/beta", 1.3, "polynomial_unit.beta: NEEDS the value of "),
        (
            "generation_tables/decomposition",
            ["over_shared"],
            "generation_tables.decomposition: NEEDS",
        ),
        (
            "figures/fig4/panels/2/statistic",
            "mean",
            "figures.fig4.panels.2.statistic: NEEDS median",
        ),
        ("scaling/crossover/over_a/b", 0.5, "scaling.crossover.over_a.b: NEEDS 1"),
        ("scaling/crossover/over_b/a", 0.5, "scaling.crossover.over_b.a: NEEDS 0"),
        ("fake_labels/over_weak_eigenvalue/weak_weight", 0.5, "weak_weight: NEEDS 1"),
        (f"{D}/growing_half/generator_samples", 300, "generator_samples: NEEDS twice spe"),
        (f"{N}/fig6_fresh", DELETE, "networks.fig6_fresh: NEEDS"),
        (f"{N}/fig6_fresh/loss", "mean", "fig6_fresh.loss: NEEDS sum"),
        (f"{N}/fig6_mean_loss/loss", "sum", "fig6_mean_loss.loss: NEEDS mean"),
        (f"{N}/fig6_mean_loss/epochs", 7, "mean_loss.epochs: NEEDS the value of fig6_fresh"),
        (f"{N}/fig6_fresh_images/image_draw", "same", "fresh_images.image_draw: NEEDS fresh"),
        (f"{N}/fig6_continued/generator_noise", 0.9, "d.generator_noise: NEEDS the value of "),
        (f"{N}/fig6_fresh/generations", 5, f"fig6_fresh.generations: NEEDS at least {KNEE + 2}"),
        (f"{N}/fig6_continued/start", "fresh", "fig6_continued.start: NEEDS continued"),
        (f"{N}/fig6_continued/epochs", 7, "fig6_continued.epochs: NEEDS the value of fig6_fresh"),
        (f"{N}/fig6_control/generator_noise", 0.1, "fig6_control.generator_noise: NEEDS 0"),
        (f"{R}/fig5/widths", [9, 8], "fig5.widths: NEEDS a list of one"),
        (f"{R}/fig5_continued/loss", "sum", "continued.loss: NEEDS the value of fig5, mean"),
        (f"{R}/fig5/start", "continued", "fig5.start: NEEDS fresh"),
    ],
)
def test_the_paper_refuses_a_config_that_its_text_does_not_fit(path, value, sentence):
    config = changed(path, value)
    figures = FIGURES | {"fig4": config["figures"]["fig4"]}
    config |= {"figures": figures, "network_figures": {}}
    sentence = re.escape(sentence.replace("NEEDS", NEEDS))
    with pytest.raises(ValueError, match=sentence):
        check_config(read_config(config))


def test_no_decimal_is_typed_into_the_paper():
    body = ARTICLE_TEX[ARTICLE_TEX.index(r"\maketitle") :]
    without = re.sub(r"\\(theorem|val\{[^}]*\})", "", body)
    typed = re.findall(r"(?<![\w{.])\d+\.\d+(?![\w}])", without)
    # Theorem and corollary numbers of the paper are all that looks like a decimal.
    assert set(typed) <= {"4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "5.1", "5.2"}


def test_only_the_digits_have_their_own_learning_rate_and_sizes():
    """Images of a folder that are not MNIST are as large as MNIST's."""
    block = keys_of(read_config(CONFIG), Config)["random_features"]["fig5"]
    for description in (
        "mnist",
        "MNIST, downloaded; 9 to",
        "images from a folder (not MNIST); 9 to",
    ):
        assert learning_rate(block, description) == "0.1"
        assert conventions(block, description).startswith("2{,}048 training")
    for description in ("digits", "NOT MNIST but scikit-learn's 8×8 digits; 9 to"):
        assert learning_rate(block, description) == "0.05"
        assert conventions(block, description).startswith("768 training")
