"""Tables that users bring, from lists, NumPy or pandas, as float64; text, dates and categories are
refused with a sentence, not turned into numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse

from model_collapse.problem.arguments import as_number, is_number

KINDS = {
    "c": "complex numbers",
    "M": "dates",
    "m": "time spans",
    "S": "text",
    "U": "text",
    "T": "text",
    "V": "records",
}


def numbers_of(name: str, values: ArrayLike) -> np.ndarray:
    """Return finite real numbers as float64.

    Parameters
    ----------
    name : str
        The name of the values in error messages.
    values : array_like, any shape
        Whole numbers, floats or truth values, in lists, arrays, or a pandas Series or DataFrame.

    Returns
    -------
    ndarray
        The same numbers, a copy, of the same shape.

    Raises
    ------
    ValueError
        For text, categories, dates, complex numbers, rows of unequal lengths, sparse matrices, and
        missing, masked or infinite values.
    """
    if issparse(values):
        raise ValueError(f"{name} must be a dense array, not a sparse one: pass {name}.toarray()")
    _require_no_categories(name, values)
    if np.ma.isMaskedArray(values):
        _require_rows(name, ~np.ma.getmaskarray(values), "masked values")
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of unequal lengths
        raise ValueError(f"{name} must be an array of numbers in rows of one length") from error
    if array.dtype.kind in KINDS:
        raise ValueError(f"{name} must hold real numbers, not {KINDS[array.dtype.kind]}")
    if array.dtype.kind == "O":
        array = _from_objects(name, array)
    with np.errstate(over="ignore"):
        array = np.array(array, dtype=float)
    _require_rows(name, np.isfinite(array), "missing or infinite values")
    return array


def _require_no_categories(name: str, values: ArrayLike) -> None:
    """Raise ValueError for columns of categories, whose codes pandas would give as numbers."""
    types: Any = getattr(values, "dtypes", getattr(values, "dtype", None))
    columns = types.items() if hasattr(types, "items") else [(None, types)]
    for column, kind in columns:
        if str(kind) == "category":
            where = name if column is None else f"column {column!r} of {name}"
            raise ValueError(
                f"{where} holds categories: give each of them a column of 0 and 1, or leave it out"
            )


def _require_rows(name: str, usable: np.ndarray, fault: str) -> None:
    """Raise ValueError that names the first row with a value that is not usable."""
    if not np.all(usable):
        where = _place_in_words(tuple(np.argwhere(~usable)[0]))
        raise ValueError(
            f"{name} must hold finite numbers, without {fault}, which {where} has: leave such rows "
            f"out, or fill them"
        )


def _from_objects(name: str, array: np.ndarray) -> np.ndarray:
    """Return objects as float64, missing values as nan. Raises ValueError for other objects."""
    numbers = np.empty(array.shape)
    for place, value in np.ndenumerate(array):
        if value is None or type(value).__name__ in ("NAType", "NaTType"):
            numbers[place] = np.nan
        elif is_number(value):
            numbers[place] = as_number(value)  # infinite beyond float64
        elif isinstance(value, bool | np.bool_):
            numbers[place] = value
        else:
            where = _place_in_words(place)
            raise ValueError(
                f"{name} must hold real numbers, and {where} holds {value!r}, "
                f"of type {type(value).__name__}"
            )
    return numbers


def _place_in_words(place: tuple[int, ...]) -> str:
    """Row and column of a value in an array of any number of axes."""
    row = f"row {place[0]}" if place else "its only value"
    return f"{row}, column {place[1]}" if len(place) > 1 else row
