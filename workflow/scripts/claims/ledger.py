"""Checks of a claim, and the verdict on them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

SETTLED = 5.0
"""A statement is wrong if measured further from it than this many standard errors, and than its
tolerance.
"""


@dataclass(frozen=True)
class Check:
    """One number of a claim.

    ``relation`` says what the paper claims of the measured number: to "equal" what is printed, or
    to be "at least" or "at most" that. ``corrected`` is the right value, where print is wrong.
    """

    point: str
    printed: float
    measured: float
    standard_error: float = 0.0
    corrected: float | None = None
    relation: str = "equal"

    def deviation(self, value: float) -> float:
        """How far the measured number is from a value, towards contradiction: 0 if it is not."""
        gap = self.measured - value
        if value is self.printed and self.relation == "at least":
            return max(-gap, 0.0)
        if value is self.printed and self.relation == "at most":
            return max(gap, 0.0)
        return abs(gap)


@dataclass(frozen=True)
class Tolerance:
    """What a measured number may deviate by: a share of the prediction, an amount, and a multiple
    of the standard error, added; and why.
    """

    reason: str
    relative: float = 0.0
    absolute: float = 0.0
    standard_errors: float = 0.0

    def allowed(self, check: Check, value: float) -> float:
        """The allowance about a value."""
        return (
            self.relative * abs(value)
            + self.absolute
            + self.standard_errors * check.standard_error
            + 1e-12 * abs(value)
        )

    def fits(self, check: Check, value: float) -> bool:
        """Whether the measured number is as good as the value."""
        return check.deviation(value) <= self.allowed(check, value)

    def contradicts(self, check: Check) -> bool:
        """Whether the measured number settles that the printed statement is wrong."""
        gap = check.deviation(check.printed)
        return gap > max(SETTLED * check.standard_error, self.allowed(check, check.printed))


def verdict(checks: Sequence[Check], tolerance: Tolerance) -> str:
    """What the checks say together.

    holds: every check fits what is printed. holds as corrected: some contradict a printed value,
    and every one fits its correction. false: some contradict it and there is nothing to fit, or
    what they contradict is an inequality; the correction, if any, is then the value of the
    counterexample, which must fit. Else "unsettled".
    """
    if all(tolerance.fits(check, check.printed) for check in checks):
        return "holds"
    if not any(tolerance.contradicts(check) for check in checks):
        return "unsettled"
    wrong = [check for check in checks if not tolerance.fits(check, check.printed)]
    if all(check.corrected is None for check in wrong):
        return "false"
    amended = [check for check in checks if check.corrected is not None]
    others = [check for check in checks if check.corrected is None]
    if all(tolerance.fits(check, check.corrected) for check in amended) and all(
        tolerance.fits(check, check.printed) for check in others
    ):
        inequality = any(check.relation != "equal" for check in wrong)
        return "false" if inequality else "holds as corrected"
    return "unsettled"


def telling(checks: Sequence[Check], tolerance: Tolerance) -> Check:
    """The check that a row shows: the furthest from print, in units of its allowance."""

    def distance(check: Check) -> float:
        allowed = tolerance.allowed(check, check.printed)
        gap = check.deviation(check.printed)
        return gap / allowed if allowed > 0 else math.inf if gap > 0 else 0.0

    return max(checks, key=distance)


def row_of(name: str, block: dict, points: pd.DataFrame) -> dict:
    """The ledger's row of a claim: its block of the config, and the points that its test wrote."""
    row = {key: block.get(key, "") for key in ("version", "where", "statement", "answers")}
    row = {"claim": name} | row | {"erratum": block.get("erratum", "")}
    blank = dict.fromkeys(
        ("point", "predicted", "corrected", "measured", "standard_error", "deviation", "allowed")
    )
    if block["verdict"] == "not testable":
        numbers = blank | {
            "point": "",
            "tolerance": "",
            "tolerance_reason": block["why"],
            "checks": 0,
        }
        found = "not testable"
    else:
        tolerance, checks = Tolerance(**block["tolerance"]), checks_of(points)
        shown, found = telling(checks, tolerance), verdict(checks, tolerance)
        right = shown.printed if shown.corrected is None else shown.corrected
        numbers = {
            "point": shown.point,
            "predicted": shown.printed,
            "corrected": shown.corrected,
            "measured": shown.measured,
            "standard_error": shown.standard_error,
            "deviation": shown.measured - right,
            "allowed": tolerance.allowed(shown, right),
            "tolerance": describe(tolerance),
            "tolerance_reason": tolerance.reason,
            "checks": len(checks),
        }
        relation = {"at least": "≥", "at most": "≤"}.get(shown.relation, "=")
        numbers["relation"] = relation
    return (
        row
        | {"relation": "="}
        | numbers
        | {"verdict": found, "expected": block["verdict"], "shown_in": ", ".join(block["shown_in"])}
    )


def describe(tolerance: Tolerance) -> str:
    """A tolerance in words."""
    parts = []
    if tolerance.relative:
        parts.append(f"{100 * tolerance.relative:g} %")
    if tolerance.absolute:
        parts.append(f"{tolerance.absolute:g}")
    if tolerance.standard_errors:
        parts.append(f"{tolerance.standard_errors:g} s.e.")
    return " + ".join(parts) or "exact"


def points_of(checks: Sequence[Check]) -> pd.DataFrame:
    """Checks as a table, one row each."""
    return pd.DataFrame([vars(check) for check in checks]).astype({"corrected": float})


def checks_of(points: pd.DataFrame) -> list[Check]:
    """The checks that points_of wrote."""
    rows = points.astype(object).where(points.notna(), None)
    return [Check(**row) for row in rows.to_dict("records")]


def changed(ledger: pd.DataFrame) -> list[str]:
    """A sentence for each row whose verdict is not the expected one."""
    rows = ledger[ledger["verdict"] != ledger["expected"]]
    return [
        f"{row.claim}: expected “{row.expected}”, found “{row.verdict}” (measured "
        f"{row.measured:.6g} ± {row.standard_error:.2g}, printed {row.predicted:.6g}, {row.point})"
        for row in rows.itertuples()
    ]


def in_terminal(ledger: pd.DataFrame) -> str:
    """The ledger for a terminal, a line a claim."""

    def number(value) -> str:
        return "" if value is None or pd.isna(value) else f"{value:.5g}"

    rows = [("claim", "where", "printed", "corrected", "measured", "s.e.", "verdict", "")]
    for row in ledger.itertuples():
        numbers = (row.predicted, row.corrected, row.measured, row.standard_error)
        mark = "" if row.verdict == row.expected else f"<-- expected: {row.expected}"
        rows.append((row.claim, row.where, *map(number, numbers), row.verdict, mark))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


Test = Callable[..., list[Check]]
"""A claim's test: (seed, **setting) to checks."""
