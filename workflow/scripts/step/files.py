"""Files between rules: the columns that name a point; reading and writing, with checks."""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from model_collapse.problem.spectra import Spectrum
from scripts.step.records import REMEDY

POINT = ["experiment", "generation", "samples", "ridge_rule", "ridge"]
SIMULATED = [*POINT, "risk", "risk_se", "replicates"]
PREDICTED = [*POINT, "risk", "bias", "variance", "collapse"]
FEW_SAMPLES = 10  # up to this T the high-dimensional limit is off by a finite-size bias

NETWORK_POINT = ["experiment", "width", "method", "generation"]
NETWORK = [*NETWORK_POINT, "risk", "risk_se", "replicates"]
KNEE = 4  # the generation up to which the paper calls growth linear, and superlinear from then on


def read_csv(path: str, columns: Sequence[str] = ()) -> pd.DataFrame:
    """A csv of results; pandas 3 reads floats to the last bit.

    Raises ValueError, naming the file and what to do, if it is no table or lacks one of
    ``columns``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the head
            table = pd.read_csv(path, index_col=False)
    except (ValueError, pd.errors.ParserWarning):
        raise ValueError(f"{path}: no table, or damaged; {REMEDY}") from None
    _refuse_missing(path, "column", [name for name in columns if name not in table])
    return table


def read_arrays(path: str, *names: str) -> dict[str, np.ndarray]:
    """These arrays of an npz, or all.

    Raises ValueError, naming the file and what to do, if it is cut short or damaged or lacks one.
    """
    try:
        with np.load(path) as file:
            missing = [name for name in names if name not in file]
            # For a member that is no array, NumPy returns bytes, which have no [...].
            arrays = {} if missing else {name: file[name][...] for name in names or file.files}
    except FileNotFoundError:
        raise
    except Exception:  # a damaged zip or header ends in any of a dozen
        raise ValueError(f"{path}: cut short or damaged; {REMEDY}") from None
    _refuse_missing(path, "array", missing)
    return arrays


def _refuse_missing(path: str, kind: str, names: Sequence[str]) -> None:
    for name in names:
        raise ValueError(f"{path}: has no {kind} {name!r} (written by another version?); {REMEDY}")


def write_csv(table: pd.DataFrame, path: str, may_be_empty: Sequence[str] = ()) -> None:
    """A csv of results, floats to the last bit.

    Raises ValueError if a number is not finite outside the columns ``may_be_empty``.
    """
    _check_finite(path, {name: table[name] for name in table if name not in may_be_empty})
    table.to_csv(path, index=False, lineterminator="\n")


def write_arrays(path: str, **arrays: np.ndarray) -> None:
    """An npz of results. Raises ValueError if a number is not finite."""
    _check_finite(path, arrays)
    np.savez(path, **arrays)


def _check_finite(path: str, columns: Mapping[str, ArrayLike]) -> None:
    for name, values in columns.items():
        values = np.asarray(values)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            output = re.sub(r"[.]part-[0-9]+-", "", path)
            raise ValueError(f"{output}: {name} would hold a number that is not finite")


def read_spectrum(path: str, which: str = "") -> Spectrum:
    """The problem of a kernel as it was estimated; "half_" from half of the images."""
    return Spectrum(*read_arrays(path, f"{which}eigenvalues", f"{which}coefficients").values())


def read_json(path: str) -> dict:
    """A small record, such as the image source."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(record: dict, path: str) -> None:
    """A small record, keys in order."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")


def named_after(paths: Sequence[str]) -> dict[str, str]:
    """Files by the experiment that their names begin with."""
    return {Path(path).name.split(".")[0]: path for path in paths}


def tables_of(paths: Sequence[str], columns: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """Tables by the experiment that their files are named after."""
    return {name: read_csv(path, columns) for name, path in named_after(paths).items()}


def arrays_of(paths: Sequence[str], array: str) -> dict[str, np.ndarray]:
    """One array of each npz, by the experiment that the files are named after."""
    return {name: read_arrays(path, array)[array] for name, path in named_after(paths).items()}


def distinct(points: pd.DataFrame) -> np.ndarray:
    """Booleans (points,), False where a point repeats an earlier one.

    Rules that meet in one λ, or generations on one shared noiseless design, give one number.
    """
    same = points[["experiment", "samples"]].assign(risk=points["risk"].map("{:.9g}".format))
    return ~same.duplicated().to_numpy()
