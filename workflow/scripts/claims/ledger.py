"""The ledger: what the checks of a claim say together, and one row for each claim."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scripts.claims.settings import NOT_TESTABLE, Statement, Tolerance

# A statement is wrong if measured further from it than this many standard errors, and than its
# tolerance.
SETTLED = 5.0
SHOWN = ["point", "predicted", "corrected", "measured", "standard_error", "deviation", "allowed"]


def compared_with_print(checks: pd.DataFrame, tolerance: Tolerance) -> pd.DataFrame:
    """Checks, and of each: whether print is ``wrong``, and is so beyond doubt, ``settled``; whether
    the measured number ``fits`` the correction, or print without one; its ``deviation`` from that
    value, the one ``allowed``, and its ``distance`` from print in units of what is allowed there.
    """
    printed, found, error = (checks[key] for key in ("printed", "measured", "standard_error"))
    corrected, relation = checks["corrected"], checks["relation"]
    right, gap = corrected.fillna(printed), found - printed
    sides = [relation == "equal", relation == "at least", relation == "at most"]
    contrary = np.maximum(np.select(sides, [gap.abs(), -gap, gap]), 0.0)
    room, allowed = (tolerance.allowed(value, error) for value in (printed, right))
    wrong, off = contrary > room, (found - right).abs() > allowed
    return checks.assign(
        wrong=wrong,
        settled=contrary > np.maximum(SETTLED * error, room),
        fits=~off.where(corrected.notna(), wrong),
        deviation=found - right,
        allowed=allowed,
        distance=(contrary / room).fillna(0.0),
    )


def verdict(checks: pd.DataFrame, tolerance: Tolerance) -> str:
    """What the checks say together.

    holds: every check fits what is printed. holds as corrected: some contradict a printed value,
    and every one fits its correction. false: some contradict it and there is nothing to fit, or
    what they contradict is an inequality; the correction, if any, is then the value of the
    counterexample, which must fit. Else "unsettled".
    """
    checks = compared_with_print(checks, tolerance)
    wrong = checks[checks["wrong"]]
    if wrong.empty:
        return "holds"
    if not checks["settled"].any():
        return "unsettled"
    if wrong["corrected"].isna().all():
        return "false"
    if not checks["fits"].all():
        return "unsettled"
    return "holds as corrected" if (wrong["relation"] == "equal").all() else "false"


def row_of(name: str, statement: Statement, checks: pd.DataFrame | None) -> dict:
    """The ledger's row of a claim, with the numbers of the check furthest from print; of one that
    is not testable, without numbers.
    """
    said = ("source", "where", "statement", "answers", "erratum")
    row = {"claim": name} | {key: getattr(statement, key) for key in said}
    row = {key: "" if value is None else value for key, value in row.items()}
    row |= {"expected": statement.verdict, "shown_in": ", ".join(statement.shown_in)}
    if not statement.is_testable:
        row |= dict.fromkeys(SHOWN) | {"relation": "=", "point": "", "checks": 0}
        return row | {"tolerance": "", "tolerance_reason": statement.why, "verdict": NOT_TESTABLE}
    tolerance = statement.tolerance
    found = compared_with_print(checks, tolerance).rename(columns={"printed": "predicted"})
    shown = found.loc[found["distance"].idxmax()]
    return row | shown[SHOWN].to_dict() | {
        "relation": {"at least": "≥", "at most": "≤"}.get(shown["relation"], "="),
        "tolerance": str(tolerance),
        "tolerance_reason": tolerance.reason,
        "checks": len(checks),
        "verdict": verdict(checks, tolerance),
    }  # fmt: skip


def ledger_of(claims: Mapping[str, dict], checks: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row for each claim, in the config's order."""
    return pd.DataFrame(
        [row_of(name, Statement(**block), checks.get(name)) for name, block in claims.items()]
    )


def require_no_change(ledger: pd.DataFrame) -> None:
    """Raise ValueError with a sentence for each claim whose verdict is not the expected one."""
    changed = [
        f"{row.claim}: expected “{row.expected}”, found “{row.verdict}” (measured "
        f"{row.measured:.6g} ± {row.standard_error:.2g}, printed {row.predicted:.6g}, {row.point})"
        for row in ledger[ledger["verdict"] != ledger["expected"]].itertuples()
    ]
    if changed:
        raise ValueError("claims with another verdict: " + "; ".join(changed))
