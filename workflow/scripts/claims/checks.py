"""Checks: each number of a claim, as printed, as it should read, and as measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import pandas as pd


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

    @property
    def deviation(self) -> float:
        """How far the measured number is from print, towards contradiction: 0 if it is not."""
        gap = self.measured - self.printed
        towards = {"equal": abs(gap), "at least": -gap, "at most": gap}
        return max(towards[self.relation], 0.0)

    @property
    def right(self) -> float:
        """The corrected value, or what is printed where that is right."""
        return self.printed if self.corrected is None else self.corrected


def points_of(checks: Sequence[Check]) -> pd.DataFrame:
    """Checks as a table, one row for each."""
    return pd.DataFrame([vars(check) for check in checks]).astype({"corrected": float})


def checks_of(points: pd.DataFrame) -> list[Check]:
    """The checks that points_of made a table of."""
    rows = points.astype(object).where(points.notna(), None)
    return [Check(**row) for row in rows.to_dict("records")]


def measured(claim: str, module: str, setting: Mapping, root: str) -> list[Check]:
    """The checks of a claim by the test in a module of this folder, its seed below ``root``.

    Raises ValueError, naming the claim, if the test does.
    """
    test = getattr(import_module(f"scripts.claims.{module}"), claim)
    try:
        return list(test(f"{root}/{claim}", **setting))
    except ValueError as error:
        raise ValueError(f"claims.{claim}: {error}") from error
