"""What is read off the article, where its numbers come from, and what it needs of a config."""

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from configs import CONFIG, DELETE, changed
from conftest import ROOT

from scripts.config import Config, read_config
from scripts.core.files import KNEE
from scripts.core.settings import cut
from scripts.paper import forms
from scripts.paper.numbers import ARTICLE, BOOK, NEEDS, PATTERNS, Book, names_of, parse
from scripts.paper.write_numbers import Prose, step

ARTICLE_TEX = "\n".join((ROOT / part).read_text(encoding="utf-8") for part in ARTICLE)
THE_BOOK = Book((ROOT / BOOK).read_text(encoding="utf-8"))
SETTINGS = {"experiments.one": {"noise": 0.25, "sizes": [3, 5]}, "windows.-1.0": 1000}
TABLE = pd.DataFrame(
    {"name": ["a", "a", "b"], "n": [0, 1, 0], "risk": [0.5, 1.25, np.nan], "risk_se": 0.01}
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


def book(entry: str, **given) -> Book:
    """A book of one number, x."""
    return Book(yaml.safe_dump({"given": given, "numbers": {"x": entry}, "needs": {}}))


@pytest.fixture
def tex(tmp_path):
    """The TeX of one entry, read off small files."""
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    TABLE.iloc[:0].to_csv(tmp_path / "none.csv", index=False)
    np.savez(tmp_path / "t.npz", terms=np.arange(24.0).reshape(2, 4, 3))
    (tmp_path / "t.json").write_text(json.dumps({"images": {"name": "a; b"}}))

    def of(entry: str, **given) -> str:
        one = book(entry, **given)
        files = {name: str(tmp_path / name) for name in one.files}
        return re.fullmatch(r"\\defval\{x\}\{(.*)\}\n", Prose(one, files, SETTINGS).macros())[1]

    return of


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("windows.-1.0", "1{,}000"),
        ("t.json images.name | before ;", "a"),
        ('t.csv[name == "a"][n == n.max()] risk', "1.25"),
        ('t.csv[name == "a" and n == 0] risk ± risk_se', r"\ensuremath{0.500 \pm 0.010}"),
        ('t.csv[name == "b"] risk', "none"),
        ("t.csv (risk > 1).mean() | form .1%", r"33.3\,\%"),
        ("t.csv risk.min() - 1 | form +.0%", r"$-50\,\%$"),
        ("t.csv n[risk.idxmax()]", "1"),
        ("t.npz terms | last_collapse", r"\ensuremath{17.0 \pm 6.0}"),
        ("{y}[n == 1] risk", "1.25"),
        ("{y}[n == {n}] risk", "1.25"),
        ("KNEE", str(KNEE)),
        ("none.csv n.count()", "0"),
        ("none.csv risk.median() | form .0%", "none"),
        ("none.csv name.unique() | names", "none"),
        ("windows.-1.0, windows.-1.0 | span", "1{,}000"),
    ],
)
def test_each_kind_of_address_and_step(tex, entry, text):
    assert tex(entry, y="t.csv | stacked", n="{y} n.max()") == text


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("t.csv risk", "x: t.csv: 'risk' is 2 values, not one"),
        ('t.csv[name == "c"] risk', "x: t.csv, rows of name == \"c\": 'risk' is 0 values"),
        ("t.csv wrong", "x: t.csv: 'wrong' cannot be had .*wrong"),
        ("t.json images.wrong", "x: images.wrong: the paper's text needs this"),
        ("t.npz wrong", "t.npz: has no array 'wrong'"),
    ],
)
def test_an_address_that_leads_nowhere_is_named(tex, entry, sentence):
    with pytest.raises(ValueError, match=sentence):
        tex(entry)


def test_the_article_states_all_numbers_of_the_book_and_no_others():
    THE_BOOK.check_names(ARTICLE_TEX)
    with pytest.raises(ValueError, match=r"number fig1a\.nothing is used but not defined"):
        THE_BOOK.check_names(ARTICLE_TEX + r"\val{fig1a.nothing}")
    with pytest.raises(ValueError, match=r"number fig4\.images is used nowhere"):
        THE_BOOK.check_names(ARTICLE_TEX.replace(r"\val{fig4.images}", ""))
    with pytest.raises(ValueError, match="number y is used nowhere"):
        book("KNEE", y="KNEE").check_names(r"\val{x}")
    with pytest.raises(ValueError, match="number y is used but not defined"):
        book("{y}").check_names(r"\val{x}")


def test_every_step_of_the_book_is_a_function():
    for entry in THE_BOOK.entries.values():
        for name, *_ in parse(entry)[1] if isinstance(entry, str) else []:
            assert callable(step(name))


def test_what_the_text_says_of_the_knee_is_the_knee():
    wanted = {words for key, words in THE_BOOK.needs.items() if "fig6_fresh fig6_continued" in key}
    assert f"at least {KNEE + 2}" in wanted


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
        (f"{N}/fig6_fresh/generations", 5, "fig6_fresh.generations: NEEDS at least 6"),
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
        THE_BOOK.check_text(read_config(config))


def test_the_numbers_depend_on_the_keys_that_they_name_and_no_others():
    one, other = (cut(read_config(changed(*new)), Config) for new in (("seed", 1), ("seed", 2)))
    assert THE_BOOK.settings(one) == THE_BOOK.settings(other)


def test_no_decimal_is_typed_into_the_paper():
    body = ARTICLE_TEX[ARTICLE_TEX.index(r"\maketitle") :]
    without = re.sub(r"\\(theorem|val\{[^}]*\})", "", body)
    typed = re.findall(r"(?<![\w{.])\d+\.\d+(?![\w}])", without)
    # Theorem and corollary numbers of the paper are all that looks like a decimal.
    assert set(typed) <= {"4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "5.1", "5.2"}


def test_only_the_digits_have_their_own_learning_rate_and_sizes():
    """Images of a folder that are not MNIST are as large as MNIST's."""
    block = cut(read_config(CONFIG), Config)["random_features"]["fig5"]
    for images in ("mnist", "MNIST, downloaded; 9 to", "images from a folder (not MNIST); 9 to"):
        assert forms.learning_rate(block, images) == "0.1"
        assert forms.conventions(block, images).startswith("2{,}048 training")
    for images in ("digits", "NOT MNIST but scikit-learn's 8×8 digits; 9 to"):
        assert forms.learning_rate(block, images) == "0.05"
        assert forms.conventions(block, images).startswith("768 training")


def test_a_number_of_the_prose_that_stands_twice_is_refused():
    with pytest.raises(
        ValueError, match=r"numbers\.yaml: lines 2 and 3: the key 'x' stands 2 times"
    ):
        Book("numbers:\n  x: a.b\n  x: c.d\ngiven: {}\nneeds: {}\n")
