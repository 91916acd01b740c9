"""Joining simulation with theory, and how numbers are written."""

import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, assert_same

from scripts.core.formats import (
    at_most,
    measured,
    number,
    setting,
)
from scripts.core.grids import POINT, distinct
from scripts.paper.provenance import (
    STATED,
    hash_of_config,
    hash_of_files,
    locked_versions,
    provenance,
)
from scripts.dag import TEX_FILES, TEX_PACKAGES
from scripts.regression.compare_with_theory import agreement, join, strays
from scripts.regression.tabulate_experiments import EXPERIMENTS, experiments_table


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame(
        {"experiment": "x", "generation": 1, "samples": [5, 50, 500], "ridge_rule": "fixed",
         "ridge": 0.1} | columns
    )  # fmt: skip


def test_z_is_in_standard_errors_of_the_right_sign():
    simulated = table(risk=[1.0, 1.0, 1.0], risk_se=[0.1, 0.1, 0.2], replicates=9)
    both = join(simulated, table(risk=[1.0, 0.9, 1.4]).sample(frac=1, random_state=0))
    assert list(both[POINT].itertuples()) == list(simulated[POINT].itertuples())
    assert_same(both["z"], [0, 1, -2])
    assert_same(both["deviation"], [0, 1 / 9, -0.4 / 1.4])


def test_a_point_without_theory_is_an_error():
    simulated = table(risk=[1.0, 1.0, 1.0], risk_se=0.1, replicates=9)
    with pytest.raises(ValueError, match="no value at the simulated point"):
        join(simulated, table(risk=1.0).iloc[:2])


def test_agreement_sets_few_samples_apart_and_tests_a_group_as_a_whole():
    rng = np.random.default_rng(1)
    # Replicates that move all points together: each z is the panel's.
    shift = rng.standard_normal((400, 1))
    risks = 1 + 0.1 * shift + np.zeros((400, 3))
    mean, error = risks.mean(axis=0), risks.std(axis=0, ddof=1) / 20
    points = join(table(risk=mean, risk_se=error, replicates=400), table(risk=1.0))
    result = agreement(points, {"x": risks}).set_index("sizes")
    assert result["points"].to_dict() == {"T ≤ 10": 1, "T > 10": 2}
    assert_same(result["group_z"], np.full(2, points["z"].iloc[0]), rtol=1e-9)
    # Independent points of one offset add up: two of them make √2 times the z.
    risks = 1.02 + 0.1 * rng.standard_normal((40_000, 3))
    mean, error = risks.mean(axis=0), risks.std(axis=0, ddof=1) / 200
    points = join(table(risk=mean, risk_se=error, replicates=40_000), table(risk=1.0))
    result = agreement(points, {"x": risks}).set_index("sizes")
    assert_same(result["group_z"]["T > 10"] / points["z"][1:].mean(), np.sqrt(2), rtol=0.02)


@pytest.mark.parametrize(
    ("spectrum", "words"),
    [
        ({"name": "isotropic"}, r"$\Sigma=I$"),
        ({"name": "power_law", "beta": 2.0, "r": 0.375}, r"$\beta=2,\ r=0.375$"),
        ({"name": "two_level", "weak_eigenvalue": 0.02, "weak_weight": 0.5}, r"$1,\ 0.02$"),
    ],
)
def test_the_table_of_experiments_calls_each_spectrum_what_it_is(spectrum, words):
    block = {
        "spectrum": spectrum | {"d": 20}, "generator_samples": 40, "generator_noise": 0.2,
        "noise": 0.1, "shared_design": False, "samples": {"from": 1, "to": 100, "per_decade": 4},
        "ridge_rules": ["best"], "replicates": 1000,
    }  # fmt: skip
    row = EXPERIMENTS.tex(experiments_table({"x_y": block})).splitlines()[4]
    assert row == (
        rf"\texttt{{x\_y}} & {words} & 20 & 40 & 0.2 & 0.1 & independent & 1--100 & best & "
        r"1{,}000 \\"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.4, "0.400"),
        (0.16938, "0.169"),
        (1.0, "1"),
        (12345, "12{,}345"),
        (1e6, "1{,}000{,}000"),
        (1e10, r"\ensuremath{1.00\times 10^{10}}"),
        (12.345, "12.3"),
        (0.0009996, "0.00100"),
        (0.000012345, r"\ensuremath{1.23\times 10^{-5}}"),
        (9.9999, "10.0"),
        (-2.2058, r"\ensuremath{-2.21}"),
    ],
)
def test_measured_numbers_keep_their_significant_digits(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (0.375, "0.375"),
        (2.0, "2"),
        (600, "600"),
        (1e-4, r"\ensuremath{10^{-4}}"),
        (2.5e-3, r"\ensuremath{2.5\times 10^{-3}}"),
        (1e10, r"\ensuremath{10^{10}}"),
        (0.0, "0"),
    ],
)
def test_settings_keep_all_their_digits(value, text):
    assert setting(value) == text


def test_a_mean_is_written_to_two_digits_of_its_error():
    assert measured(0.40319, 0.00341) == r"\ensuremath{0.4032 \pm 0.0034}"
    assert measured(1.684, 1.424) == r"\ensuremath{1.7 \pm 1.4}"
    assert measured(0.5, float("nan")) == "0.500"


def test_versions_come_from_the_lock_and_the_conda_file_agrees():
    versions = locked_versions((ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert set(versions) == set(STATED)
    conda = (ROOT / "workflow" / "envs" / "python.yaml").read_text(encoding="utf-8")
    for name in set(STATED) - {"snakemake"}:
        assert f"- {name} ={versions[name]}\n" in conda
    with pytest.raises(ValueError, match="pins no numpy"):
        locked_versions("scipy==1.0 \\\n", ["numpy"])


def test_the_makefile_and_the_workflow_ask_for_the_same_tex():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    assert " ".join(TEX_FILES) in makefile
    assert TEX_PACKAGES == " ".join(makefile.split("TEX := ")[1].split("\n")[0].split())


def test_what_is_installed_must_be_what_the_lock_pins(tmp_path):
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    other = tmp_path / "other.lock"
    other.write_text(re.sub(r"^numpy==\S+", "numpy==1.0", lock, flags=re.MULTILINE))
    with pytest.raises(ValueError, match=r"numpy .* is installed but .* pins 1\.0"):
        provenance({"seed": 1}, [], str(other), {})


def test_points_that_coincide_count_once():
    points = join(
        table(risk=[1.0, 1.0, 2.0], risk_se=[0.1, 0.1, 0.2], replicates=9), table(risk=1.0)
    )
    twice = pd.concat([points, points.assign(generation=2, risk=points["risk"] * (1 + 1e-13))])
    assert distinct(twice).tolist() == [True] * 3 + [False] * 3
    other = points.assign(experiment="y")
    assert distinct(pd.concat([points, other])).all()


def test_strays_are_far_in_both_measures():
    simulated = table(risk=[2.0, 1.5, 1.01], risk_se=[0.1, 0.1, 0.001], replicates=9)
    points = join(simulated, table(risk=1.0))
    # T = 5 is below 30; T = 500 is 10 standard errors but only 1 % off.
    assert strays(points)["samples"].tolist() == [50]


def test_at_most_rounds_up():
    assert at_most(0.1843) == r"19\,\%"
    assert at_most(0.18) == r"18\,\%"


def test_no_host_in_the_lock():
    assert "://" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")


def test_hashes_see_content_and_not_order(tmp_path):
    assert hash_of_config({"a": 1, "b": 2}) == hash_of_config({"b": 2, "a": 1})
    assert hash_of_config({"a": 1}) != hash_of_config({"a": 2})
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_text("x")
    other.write_text("y")
    files = [str(one), str(other)]
    before = hash_of_files(files)
    assert before == hash_of_files(files[::-1])
    one.write_text("z")
    assert hash_of_files(files) != before
