"""Checks: each number of a claim, as printed, as it should read, and as measured."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import pandas as pd

from model_collapse import spectra
from model_collapse.protocol import Fit

BUILT = {  # blocks of a setting that are values of the library
    "spectrum": lambda name, **keys: getattr(spectra, name)(**keys),
    "fit": Fit,
    "generator": Fit,
}


class Check(NamedTuple):
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


def built(setting: Any) -> Any:
    """A setting with its blocks BUILT."""
    if isinstance(setting, list):
        return list(map(built, setting))
    if not isinstance(setting, Mapping):
        return setting
    made = setting.items()
    return {key: BUILT[key](**value) if key in BUILT else built(value) for key, value in made}


def measured(claim: str, module: str, setting: Mapping, root: str) -> pd.DataFrame:
    """The checks of a claim, one a row, by the test in a module of this folder, its seed below
    ``root``. Raises ValueError, naming the claim, if the test does.
    """
    test = getattr(import_module(f"scripts.claims.{module}"), claim)
    try:
        checks = test(f"{root}/{claim}", **built(setting))
        return pd.DataFrame(checks).astype({"corrected": float})
    except ValueError as error:
        raise ValueError(f"claims.{claim}: {error}") from error
