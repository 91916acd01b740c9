"""The ledger: verdicts, settings, and that each claim would notice a wrong formula."""

import inspect
import sys
from functools import cache
from importlib import import_module
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from configs import CONFIG
from conftest import ROOT
from pydantic import ValidationError

from scripts.claims import ledger, signatures
from scripts.claims.checks import Check, measured
from scripts.claims.ledger import compared_with_print, ledger_of, require_no_change, verdict
from scripts.claims.measurements.remedies import ratio
from scripts.claims.settings import (
    PROTOCOLS,
    VERSIONS,
    Claim,
    Tolerance,
    check_shown,
    check_sources,
)
from scripts.claims.signatures import MODULES, check_claims, functions_in
from scripts.claims.write_ledger import COUNTEREXAMPLES, long_table, references
from scripts.output.formats import to_math
from scripts.schema.sentences import sentence
from scripts.schema.settings import Settings
from scripts.step.files import read_csv, write_csv

BLOCKS = CONFIG["claims"]
CLAIMS = {name: Claim(**block) for name, block in BLOCKS.items()}
BIBLIOGRAPHY = (ROOT / "paper/references.bib").read_text(encoding="utf-8")
TIGHT = Tolerance(reason="for the test", absolute=0.1, standard_errors=3)
ONE = {
    "source": "final", "where": "Thm 0", "statement": "a statement", "shown_in": ["fig1a"],
    "tolerance": {"reason": "exact", "absolute": 0.1}, "verdict": "holds",
}  # fmt: skip


def table(*checks: Check) -> pd.DataFrame:
    return pd.DataFrame(checks).astype({"corrected": float})


def run(name: str, **changes) -> pd.DataFrame:
    claim = CLAIMS[name]
    return measured(name, claim.measured_by, claim.setting | changes, "seed")


run_once = cache(run)  # for tests that change nothing in the table


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([Check("fits", 1.0, 1.05)], "holds"),
        ([Check("noisy", 1.0, 1.3, 0.1)], "holds"),
        ([Check("off", 1.0, 2.0, 0.1)], "false"),
        ([Check("off, amended", 1.0, 2.0, 0.1, corrected=2.05)], "holds as corrected"),
        ([Check("off, amended wrongly", 1.0, 2.0, 0.1, corrected=3.0)], "unsettled"),
        ([Check("neither: off, but not by 5 s.e.", 1.0, 1.45, 0.1)], "unsettled"),
        ([Check("one", 1.0, 1.0), Check("two", 1.0, 9.0, 0.1)], "false"),
        ([Check("one", 1.0, 1.0), Check("two", 1.0, 9.0, 0.1, 9.0)], "holds as corrected"),
        ([Check("one", 1.0, 2.0, 0.1, 2.0), Check("two", 1.0, 1.0, 0.1, 2.0)], "unsettled"),
        ([Check("bound kept", 0.0, 5.0, relation="at least")], "holds"),
        ([Check("bound broken", 0.0, -5.0, 0.1, relation="at least")], "false"),
        ([Check("bound broken", 0.0, -5.0, 0.1, -5.0, "at least")], "false"),
        ([Check("bound broken, not so", 0.0, -5.0, 0.1, -9.0, "at least")], "unsettled"),
        ([Check("bound kept", 0.0, -5.0, relation="at most")], "holds"),
        ([Check("bound broken", 0.0, 5.0, relation="at most")], "false"),
    ],
    ids=lambda value: value[-1].point if isinstance(value, list) else value,
)
def test_verdicts(checks, expected, tmp_path):
    """Also of what the csv keeps."""
    assert verdict(table(*checks), TIGHT) == expected
    write_csv(table(*checks), str(tmp_path / "claim.csv"), ["corrected"])
    kept = read_csv(str(tmp_path / "claim.csv"))
    assert kept.equals(table(*checks)) and verdict(kept, TIGHT) == expected


def test_settled_means_five_standard_errors():
    assert ledger.SETTLED == 5
    found = compared_with_print(
        table(*(Check("", 0.0, z, 1.0) for z in (6.0, 4.0))), Tolerance(reason="none")
    )
    assert list(found["settled"]) == [True, False]
    some = Tolerance(reason="x", relative=0.1, absolute=0.2, standard_errors=3)
    assert some.allowed(2.0, 0.5) == pytest.approx(1.9)
    assert str(some) == "10 % + 0.2 + 3 s.e."


def test_a_row_shows_the_most_telling_point_and_a_changed_verdict_is_named():
    both = table(Check("mild", 1.0, 1.05), Check("worst", 1.0, 3.0, 0.1))
    found = ledger_of({"thm_0": ONE, "ok": ONE}, {"thm_0": both, "ok": both[:1]})
    assert list(found["point"]) == ["worst", "mild"]
    assert list(found["verdict"]) == ["false", "holds"]
    with pytest.raises(ValueError, match="thm_0: expected “holds”, found “false”") as error:
        require_no_change(found)
    assert "measured 3 ± 0.1, printed 1, worst" in str(error.value)
    assert "ok:" not in str(error.value)
    require_no_change(found[1:])


def test_a_claim_that_is_not_testable_has_no_numbers():
    given = ONE | {"verdict": "not testable", "why": "no text", "tolerance": None}
    found = ledger_of({"err_0": given}, {})
    assert found["measured"].isna().all()
    require_no_change(found)
    tex = long_table("errata", found.assign(references=""))
    assert "& -- & -- & -- & ? not testable &" in tex
    assert r"\caption{\erratacaption}\label{tab:errata}\\" in tex


def test_the_ledger_is_long_enough_and_covers_every_erratum():
    assert len(CLAIMS) >= 25
    assert {claim.erratum for claim in CLAIMS.values()} >= set(range(1, 17))
    assert {claim.answers for claim in CLAIMS.values()} >= {1, 2, 3, 4}
    check_claims(CLAIMS)


def test_other_papers_are_in_the_bibliography():
    assert sum(claim.source not in VERSIONS for claim in CLAIMS.values()) >= 25
    check_sources(CLAIMS, BIBLIOGRAPHY)
    unknown = {"one": Claim(**BLOCKS["eq_10"] | {"source": "he2024"})}
    said = r"claims\.one\.source: no paper 'he2024'; did you mean 'he2025'\?"
    with pytest.raises(ValueError, match=said):
        check_sources(unknown, BIBLIOGRAPHY)


def test_every_function_that_measures_is_documented_and_measures_a_claim_of_the_ledger():
    functions = [(module, name) for module in MODULES for name in functions_in(module)]
    named = {claim.measured_by for claim in CLAIMS.values() if claim.is_testable}
    assert named == {".".join(address) for address in functions}
    for module, name in functions:
        function = getattr(import_module(f"scripts.claims.measurements.{module}"), name)
        assert function.__name__ == name
        assert inspect.getdoc(function), name


SOURCE = """
from scripts.claims.measurements.regression import eq_10
def measures(seed, *, d, noise=0): ...
def _private(seed, *, d): ...
def helper(value): ...
def helper_that_draws(seed, d): ...
"""


def test_only_public_functions_of_a_module_that_take_a_seed_and_keywords_measure(monkeypatch):
    module = ModuleType("scripts.claims.measurements.mine")
    exec(SOURCE, vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert signatures._keys_by_function(b"mine") == {"measures": {"d": True, "noise": False}}


def test_a_module_is_imported_for_its_signatures_only_after_an_edit(tmp_path, monkeypatch):
    imported = []
    monkeypatch.setattr(
        signatures, "import_module", lambda name: imported.append(name) or import_module(name)
    )
    source = (signatures.MEASUREMENTS / "regression.py").read_text(encoding="utf-8")
    monkeypatch.setattr(signatures, "MEASUREMENTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    for text in (source, source, f"{source}\n", source):
        (tmp_path / "regression.py").write_text(text, encoding="utf-8")
        assert functions_in.__wrapped__("regression") == functions_in("regression")
    assert imported == 2 * ["scripts.claims.measurements.regression"]


POWER_LAW = {"name": "power_law", "d": 3}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"spectrum": POWER_LAW}, "spectrum: the key 'beta' is missing"),
        ({"settings": [{"spectrum": {"name": "isotropic", "d": 0}}]},
         "settings[0].spectrum.d: must be at least 1, not 0 (dimension of the inputs)"),
        ({"fit": {"sample": 1}}, "fit: unknown key 'sample'; did you mean 'samples'?"),
        ({"generator": {"samples": 0}}, "generator.samples: must be at least 1, not 0"),
        ({"laws": [[2, 1], [1, 1]]}, "laws[1]: a law is [beta, r], beta > 1 and r > 0, not [1, 1]"),
        ({"places": ["here"]}, "places[0]: must be one of crit, star, best, between, not 'here'"),
        ({"replicates": 1}, "replicates: must be at least 2, not 1"),
        ({"protocol": {"name": "accumulated", "samples": 9}},
         "protocol: no protocol 'accumulated'; did you mean 'accumulate'?"),
        ({"settings": [{"over": {"name": "mix", "samples": 9}}]},
         "settings[0].over: mix() missing 1 required positional argument: 'real_samples'"),
        ({"protocol": {"name": "replace", "samples": 9, "ridge": -1}},
         "protocol: ridge must be a number of at least 0, not -1"),
        ({"protocol": 5}, "protocol: no protocol '5'; known are "
         + ", ".join(sorted(PROTOCOLS))),
    ],
)  # fmt: skip
def test_a_setting_that_no_test_can_use_is_refused(setting, said):
    class Claims(Settings):
        one: Claim

    with pytest.raises(ValidationError) as error:
        Claims(one=BLOCKS["eq_10"] | {"setting": setting})
    assert sentence(error.value, Claims) == f"one.setting.{said}"
    with pytest.raises(ValidationError, match="by_point: a claim that is not testable"):
        Claims(one=BLOCKS["err_1"] | {"by_point": True})


def test_a_setting_is_of_counts_and_the_order_of_its_keys_is_none_of_the_files():
    given = BLOCKS["eq_10"] | {"setting": {"ridges": [1.0, 0.5], "d": 1.0e2}}
    assert repr(Claim(**given).setting) == "{'d': 100, 'ridges': [1, 0.5]}"


def test_a_figure_that_is_not_there_is_refused():
    said = r"claims\.thm_f_1\.shown_in: .* no figure or table 'decomposition'; it has fig1a"
    with pytest.raises(ValueError, match=said):
        check_shown({name: CLAIMS[name] for name in ("eq_10", "thm_f_1")}, ["fig1a"])


@pytest.mark.parametrize(
    "name",
    [
        *("eq_18_is_19", "lem_i_2", "err_16", "err_3d", "prop_4_2"),
        *("garg_half", "garg_dynamic", "kazdan_above", "gerstgrasser_few_rows", "he_prevents"),
    ],
)
def test_a_claim_gives_the_same_numbers_again_and_its_verdict(name):
    assert run(name).equals(run_once(name))
    assert verdict(run_once(name), CLAIMS[name].tolerance) == CLAIMS[name].verdict


@pytest.mark.parametrize(
    "name",
    [
        *("prop_4_2", "eq_10", "thm_4_6", "thm_f_1", "v1_regularization", "err_3a", "err_9"),
        *("gerstgrasser_one_design", "he_ratios", "garg_interpolation", "wang_rate", "yi_center"),
        *("dey_universal", "barzilai_vanishing_share", "strong_plateau", "strong_theorem_1"),
    ],
)
def test_a_prediction_off_by_a_tenth_changes_the_verdict(name):
    found = run_once(name)
    for factor in (0.9, 1.1):
        shifted = found.assign(**factor * found[["printed", "corrected"]])
        assert verdict(shifted, CLAIMS[name].tolerance) != CLAIMS[name].verdict


@pytest.mark.parametrize("name", ["err_3d", "err_3e", "thm_4_6"])
def test_each_point_misses_a_prediction_off_by_a_sixth(name):
    """A tolerance for one point of a claim may leave another, much smaller, without a test."""
    found = run_once(name)
    shifted = found.assign(**7 / 6 * found[["printed", "corrected"]])
    assert not compared_with_print(shifted, CLAIMS[name].tolerance)["fits"].any()


def test_an_error_names_the_claim():
    with pytest.raises(ValueError, match=r"claims\.eq_24: .*beta"):
        run("eq_24", laws=[[0.5, 1]])
    with pytest.raises(ValueError, match=r"claims\.eq_24: its setting leaves no point to test"):
        run("eq_24", laws=[])


def test_statements_and_places_become_tex():
    assert to_math("σ0²") == r"\ensuremath{\sigma}\ensuremath{_{0}}\ensuremath{^2}"
    assert to_math("T^{−ℓ_crit}") == r"T\ensuremath{^{-\ell_{\mathrm{crit}}}}"
    assert to_math("100 %_") == r"100 \%\_"
    everything = "".join(claim.where + claim.statement for claim in CLAIMS.values())
    assert not set(to_math(everything)) - set(map(chr, range(128))) - set("–")
    found = references("fig1a, crossover, slopes", ["fig1a", "crossover"])
    assert found == r"fig.~\ref{fig:fig1a}, fig.~\ref{fig:crossover}, tab.~\ref{tab:slopes}"


def test_points_of_counterexamples_as_a_table():
    both = table(Check("n = 1", 0.5, 0.25, 0.05, 0.26), Check("n = 2", 0.0, -1.0, 0.0))
    tex = COUNTEREXAMPLES.tex(both.assign(claim="err_9"))
    assert r"\texttt{err\_9} & n \ensuremath{=} 1 & $0.5$ & $0.26$ & $0.250(50)$ & 5 \\" in tex
    assert r" & n \ensuremath{=} 2 & $0$ &  & $-1$ & exact \\" in tex


def test_the_ratio_of_paired_means_has_the_error_of_what_is_left_of_the_pairs():
    rng = np.random.default_rng(1)
    under = rng.uniform(1, 3, 400)
    assert ratio(3 * under, under) == pytest.approx((3, 0), abs=1e-12)
    over = 3 * under + rng.normal(0, 0.4, 400)
    value, error = ratio(over, under)
    assert error == pytest.approx(0.4 / 20 / 2, rel=0.1)
    assert abs(value - 3) < 4 * error


@pytest.mark.parametrize(
    "name", ["app_g_best", "jain_far_off", "kazdan_above", "yi_gain", "xu_linear"]
)
def test_an_inequality_turned_round_is_false(name):
    found = run_once(name)
    sides = {"at least": "at most", "at most": "at least"}
    turned = found.assign(relation=found["relation"].map(sides))
    assert verdict(turned, CLAIMS[name].tolerance) == "false"


def test_another_paper_is_cited_in_its_row():
    found = ledger_of({"one": ONE | {"source": "he2025"}}, {"one": table(Check("a", 1.0, 1.0))})
    assert r"\texttt{one}\newline \cite{he2025}, Thm 0" in long_table(
        "literature", found.assign(references="")
    )
