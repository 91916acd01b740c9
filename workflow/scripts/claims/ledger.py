"""The ledger: the verdict of a claim from its checks, and one row for each claim."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from scripts.claims.settings import NOT_TESTABLE, Statement, Tolerance

# A statement is wrong if measured further from it than this many standard errors, and than its
# tolerance.
SETTLED = 5.0
SHOWN = ["point", "predicted", "corrected", "measured", "standard_error", "deviation", "allowed"]


def compared_with_print(checks: pd.DataFrame, tolerance: Tolerance) -> pd.DataFrame:
    """Checks with further columns.

    ``wrong``: the measured number contradicts print; ``settled``: it does so beyond doubt.
    ``fits``: it agrees with the correction, or with print if there is none. ``deviation``: its
    difference from that value; ``allowed``: the largest one allowed. ``distance``: its distance
    from print in units of the largest one allowed there.
    """
    printed, measured, error = (checks[key] for key in ("printed", "measured", "standard_error"))
    corrected = checks["corrected"]
    relation = checks["relation"]
    right = corrected.fillna(printed)
    gap = measured - printed
    sides = [relation == "equal", relation == "at least", relation == "at most"]
    contrary = np.maximum(np.select(sides, [gap.abs(), -gap, gap]), 0.0)
    room, allowed = (tolerance.allowed(value, error) for value in (printed, right))
    wrong = contrary > room
    off = (measured - right).abs() > allowed
    return checks.assign(
        wrong=wrong,
        settled=contrary > np.maximum(SETTLED * error, room),
        fits=~off.where(corrected.notna(), wrong),
        deviation=measured - right,
        allowed=allowed,
        distance=(contrary / room).fillna(0.0),
    )


def verdict(checks: pd.DataFrame, tolerance: Tolerance) -> str:
    """The verdict of the checks of one claim.

    "holds": every check fits print. "holds as corrected": some contradict a printed value, and
    every one fits its correction. "false": some contradict print, and it has no correction or is an
    inequality; the correction, if any, is then the value of the counterexample, which must fit.
    Else "unsettled".
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
    """The ledger's row of a claim, with the numbers of the check furthest from print, or without
    numbers if the claim is not testable.
    """
    keys = ("source", "where", "statement", "answers", "erratum")
    row = {"claim": name} | {key: getattr(statement, key) for key in keys}
    row = {key: "" if value is None else value for key, value in row.items()}
    row |= {"expected": statement.verdict, "shown_in": ", ".join(statement.shown_in)}
    if not statement.is_testable:
        row |= dict.fromkeys(SHOWN) | {"relation": "=", "point": "", "checks": 0}
        return row | {"tolerance": "", "tolerance_reason": statement.why, "verdict": NOT_TESTABLE}
    tolerance = statement.tolerance
    compared = compared_with_print(checks, tolerance).rename(columns={"printed": "predicted"})
    furthest = compared.loc[compared["distance"].idxmax()]
    return row | furthest[SHOWN].to_dict() | {
        "relation": {"at least": "≥", "at most": "≤"}.get(furthest["relation"], "="),
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
