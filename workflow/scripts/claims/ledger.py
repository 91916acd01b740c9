"""The ledger: what the checks of a claim say together, and one row for each claim."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from scripts.claims.checks import Check
from scripts.claims.settings import NOT_TESTABLE, Statement, Tolerance

# A statement is wrong if measured further from it than this many standard errors, and than its
# tolerance.
SETTLED = 5.0
NUMBERS = ("predicted", "corrected", "measured", "standard_error", "deviation", "allowed")


def allowed(tolerance: Tolerance, check: Check, value: float) -> float:
    """What the measured number may deviate by from a value."""
    share, errors = tolerance.relative * abs(value), tolerance.standard_errors
    return share + tolerance.absolute + errors * check.standard_error + 1e-12 * abs(value)


def fits(tolerance: Tolerance, check: Check) -> bool:
    """Whether the measured number is as good as the corrected value, or as print without one."""
    gap = check.deviation if check.corrected is None else abs(check.measured - check.corrected)
    return gap <= allowed(tolerance, check, check.right)


def contradicts(tolerance: Tolerance, check: Check) -> bool:
    """Whether the measured number settles that the printed statement is wrong."""
    room = max(SETTLED * check.standard_error, allowed(tolerance, check, check.printed))
    return check.deviation > room


def verdict(checks: Sequence[Check], tolerance: Tolerance) -> str:
    """What the checks say together.

    holds: every check fits what is printed. holds as corrected: some contradict a printed value,
    and every one fits its correction. false: some contradict it and there is nothing to fit, or
    what they contradict is an inequality; the correction, if any, is then the value of the
    counterexample, which must fit. Else "unsettled".
    """
    wrong = [check for check in checks if not fits(tolerance, replace(check, corrected=None))]
    if not wrong:
        return "holds"
    if not any(contradicts(tolerance, check) for check in checks):
        return "unsettled"
    if all(check.corrected is None for check in wrong):
        return "false"
    if not all(fits(tolerance, check) for check in checks):
        return "unsettled"
    is_inequality = any(check.relation != "equal" for check in wrong)
    return "false" if is_inequality else "holds as corrected"


def telling(checks: Sequence[Check], tolerance: Tolerance) -> Check:
    """The check that a row shows: the furthest from print, in units of its allowance."""

    def distance(check: Check) -> float:
        room = allowed(tolerance, check, check.printed)
        return check.deviation / room if room > 0 else math.inf if check.deviation > 0 else 0.0

    return max(checks, key=distance)


def row_of(name: str, statement: Statement, checks: Sequence[Check]) -> dict:
    """The ledger's row of a claim; of one that is not testable, without numbers."""
    said = ("version", "where", "statement", "answers", "erratum")
    row = {"claim": name} | {key: getattr(statement, key) for key in said}
    row = {key: "" if value is None else value for key, value in row.items()}
    row |= {"expected": statement.verdict, "shown_in": ", ".join(statement.shown_in)}
    if not statement.is_testable:
        row |= dict.fromkeys(NUMBERS) | {"relation": "=", "point": "", "checks": 0}
        return row | {"tolerance": "", "tolerance_reason": statement.why, "verdict": NOT_TESTABLE}
    tolerance = statement.tolerance
    shown = telling(checks, tolerance)
    return row | {
        "relation": {"at least": "≥", "at most": "≤"}.get(shown.relation, "="),
        "point": shown.point,
        "predicted": shown.printed,
        "corrected": shown.corrected,
        "measured": shown.measured,
        "standard_error": shown.standard_error,
        "deviation": shown.measured - shown.right,
        "allowed": allowed(tolerance, shown, shown.right),
        "tolerance": str(tolerance),
        "tolerance_reason": tolerance.reason,
        "checks": len(checks),
        "verdict": verdict(checks, tolerance),
    }


def ledger_of(claims: Mapping[str, dict], checks: Mapping[str, Sequence[Check]]) -> pd.DataFrame:
    """One row for each claim, in the config's order."""
    return pd.DataFrame(
        [row_of(name, Statement(**block), checks.get(name, [])) for name, block in claims.items()]
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
