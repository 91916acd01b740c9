"""The ledger: verdicts, the registry, and that each claim would notice a wrong formula."""

import inspect

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT

from scripts.claims import ledger, registry
from scripts.claims.ledger import Check, Tolerance, changed, checks_of, points_of, row_of, verdict
from scripts.claims.tables import check_shown, ledger_tex, points_tex
from scripts.core.symbols import to_math

CLAIMS = yaml.safe_load((ROOT / "config/claims.yaml").read_text(encoding="utf-8"))["claims"]
TIGHT = Tolerance("for the test", absolute=0.1, standard_errors=3)


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
        ([Check("bound kept", 0.0, 5.0, relation="at least")], "holds"),
        ([Check("bound broken", 0.0, -5.0, 0.1, relation="at least")], "false"),
        ([Check("bound broken", 0.0, -5.0, 0.1, -5.0, "at least")], "false"),
        ([Check("bound broken, not so", 0.0, -5.0, 0.1, -9.0, "at least")], "unsettled"),
        ([Check("bound kept", 0.0, -5.0, relation="at most")], "holds"),
        ([Check("bound broken", 0.0, 5.0, relation="at most")], "false"),
    ],
    ids=lambda value: value[0].point if isinstance(value, list) else value,
)
def test_verdicts(checks, expected):
    assert verdict(checks, TIGHT) == expected
    assert verdict(checks_of(points_of(checks)), TIGHT) == expected


def test_a_correction_must_fit_everywhere():
    checks = [Check("one", 1.0, 2.0, 0.1, 2.0), Check("two", 1.0, 1.0, 0.1, 2.0)]
    assert verdict(checks, TIGHT) == "unsettled"


def test_points_survive_the_csv(tmp_path):
    checks = [Check("n = 1", 1 / 3, 0.1, 0.2), Check("n = 2", 0.5, 0.25, 0.0, 0.7, "at least")]
    points_of(checks).to_csv(tmp_path / "claim.csv", index=False)
    assert checks_of(pd.read_csv(tmp_path / "claim.csv")) == checks


def block(**changes) -> dict:
    given = {
        "version": "final", "where": "Thm 0", "statement": "a statement", "shown_in": ["fig1a"],
        "tolerance": {"reason": "exact", "absolute": 0.1}, "verdict": "holds",
    }  # fmt: skip
    return given | changes


def test_a_row_shows_the_most_telling_point_and_a_changed_verdict_is_named():
    checks = [Check("mild", 1.0, 1.05), Check("worst", 1.0, 3.0, 0.1)]
    row = row_of("thm_0", block(), points_of(checks))
    assert (row["point"], row["verdict"], row["expected"]) == ("worst", "false", "holds")
    sentences = changed(pd.DataFrame([row]))
    assert len(sentences) == 1
    for part in ("thm_0", "expected “holds”", "found “false”", "3 ± 0.1", "worst"):
        assert part in sentences[0]
    assert changed(pd.DataFrame([row_of("ok", block(), points_of(checks[:1]))])) == []


def test_a_claim_that_is_not_testable_has_no_numbers():
    row = row_of("err_0", block(verdict="not testable", why="no text"), pd.DataFrame())
    assert row["measured"] is None
    assert row["verdict"] == row["expected"] == "not testable"
    assert changed(pd.DataFrame([row])) == []
    assert "not testable" in ledger_tex(pd.DataFrame([row]), "errata")


def test_the_ledger_is_long_enough_and_covers_every_erratum():
    assert len(CLAIMS) >= 25
    assert {b.get("erratum") for b in CLAIMS.values()} >= set(range(1, 17))
    assert {b.get("answers") for b in CLAIMS.values()} >= {1, 2, 3, 4}
    assert registry.tests().keys() == {n for n, b in CLAIMS.items() if "setting" in b}
    registry.check_claims(CLAIMS, None)


def test_every_test_of_a_claim_says_what_it_does():
    for name, function in registry.tests().items():
        assert inspect.getdoc(function), name


@pytest.mark.parametrize(
    ("claims", "picked", "sentence"),
    [
        (CLAIMS, "thm_4_9", "claim: no claim 'thm_4_9'; did you mean 'thm_4_"),
        ({"thm_9": block(setting={})}, None, "claims.thm_9: no function tests"),
        ({"eq_10": block(setting={"d": 5})}, None, "claims.eq_10.setting: the key"),
        ({"eq_10": block()}, None, "claims.eq_10: needs setting and tolerance"),
        ({"err_1": {"verdict": "not testable", "shown_in": []}}, None, "claims.err_1.why"),
        (
            {"err_4": block(setting={"law": [2, 0.3], "a": 0, "bs": [1], "window": [5, 5]})},
            None,
            "claims.err_4.setting.window: must be two rising numbers",
        ),
        (
            {"err_4": block(setting={"law": [1.0, 0.3], "a": 0, "bs": [1], "window": [1, 5]})},
            None,
            "claims.err_4.setting.laws?: a law is",
        ),
    ],
)
def test_a_ledger_that_cannot_be_run_is_refused(claims, picked, sentence):
    with pytest.raises(ValueError, match=sentence.replace("(", "\\(")):
        registry.check_claims(claims, picked)


def test_a_figure_that_is_not_there_is_refused():
    with pytest.raises(
        ValueError, match=r"claims\.x\.shown_in: the paper has no figure or table 'f'"
    ):
        check_shown({"x": block(shown_in=["f"])}, ["fig1a"])


@pytest.mark.parametrize("name", ["eq_18_is_19", "lem_i_2", "err_16", "err_3d", "prop_4_2"])
def test_a_claim_gives_the_same_numbers_again_and_its_verdict(name):
    test, given = registry.tests()[name], CLAIMS[name]
    one, other = (
        (test("seed", **given["setting"]) for _ in range(2))
        if name != "err_3d"
        else (test("seed", **(given["setting"] | {"d": 1_000_000})) for _ in range(2))
    )
    assert one == other
    assert verdict(one, Tolerance(**given["tolerance"])) == given["verdict"]


@pytest.mark.parametrize("name", ["prop_4_2", "eq_10", "thm_4_6", "err_9"])
def test_a_wrong_formula_changes_the_verdict(name):
    """Each prediction off by a tenth: the claim must not come out as expected."""
    checks = registry.tests()[name]("seed", **CLAIMS[name]["setting"])
    off = [
        Check(c.point, 1.1 * c.printed, c.measured, c.standard_error,
              None if c.corrected is None else 1.1 * c.corrected, c.relation)
        for c in checks
    ]  # fmt: skip
    assert verdict(off, Tolerance(**CLAIMS[name]["tolerance"])) != CLAIMS[name]["verdict"]


def test_symbols_become_tex():
    assert to_math("σ0²") == r"\ensuremath{\sigma}\ensuremath{_{0}}\ensuremath{^2}"
    assert to_math("T^{−ℓ_crit}") == r"T\ensuremath{^{-\ell_{\mathrm{crit}}}}"
    assert to_math("100 %_") == r"100 \%\_"
    everything = "".join(b.get(key, "") for b in CLAIMS.values() for key in ("where", "statement"))
    assert not set(to_math(everything)) - set(map(chr, range(128))) - set("–")


def test_points_of_counterexamples_as_a_table():
    table = points_of([Check("n = 1", 0.5, 0.25, 0.05, 0.26), Check("n = 2", 0.0, -1.0, 0.0)])
    tex = points_tex({"err_9": table})
    assert "err\\_9" in tex
    assert "& 5 \\\\" in tex
    assert "exact" in tex


def test_settled_means_five_standard_errors():
    assert ledger.SETTLED == 5
    wide = Tolerance("none")
    assert wide.contradicts(Check("6 s.e.", 0.0, 6.0, 1.0))
    assert not wide.contradicts(Check("4 s.e.", 0.0, 4.0, 1.0))
    assert np.isclose(Tolerance("x", 0.1, 0.2, 3).allowed(Check("p", 1, 1, 0.5), 2.0), 1.9)
