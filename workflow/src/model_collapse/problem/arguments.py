"""Checks and conversions of arguments: callers may use any numeric type, formulas use float64.

NumPy's integers wrap around, so np.int32(50000)**2 and np.uint8(3) − np.uint8(5) are wrong without
a warning, and logarithms of the small ones are float16; np.float32 turns the numbers that it is
combined with into float32. Python's integers, floats and np.float64 do none of this and are not
converted: whole numbers stay ints, as random streams depend on the text of a number.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from math import inf, nan
from numbers import Integral, Real
from typing import Any, ParamSpec, TypeVar

import numpy as np

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

LARGEST_WHOLE = 2**53  # above it, whole numbers are not exact in float64
LARGEST_SQUARED = 1e154  # above it, squares overflow


def is_number(value: object) -> bool:
    """Return whether a value is a single real number.

    Truth values, text, vectors and masked values are not.
    """
    if isinstance(value, np.ndarray):
        if value.ndim or value.dtype.kind not in "iufO" or np.ma.is_masked(value):
            return False
        return is_number(value[()])
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def _is_plain(value: Any) -> bool:
    """Return whether nothing has to be converted; most numbers, in the inner loops, are such."""
    kind = type(value)
    if kind is int:
        return -LARGEST_WHOLE <= value <= LARGEST_WHOLE
    return kind is float or kind is np.float64


def plain(value: Any) -> Any:
    """Return a number as int or float, an array of numbers as float64, lists and tuples item by
    item, and anything else unchanged.

    Whole numbers beyond 2^53 become floats. Fractions and decimals are numbers, truth values are
    not. Raises OverflowError for a number beyond float64, about 1.8·10^308.
    """
    if _is_plain(value):
        return value
    if isinstance(value, np.ndarray) and value.ndim:
        return value.astype(float, copy=False) if value.dtype.kind in "iuf" else value
    if type(value) in (list, tuple):
        return type(value)(plain(item) for item in value)
    if not is_number(value):
        return value
    if isinstance(value, np.ndarray):
        return plain(value[()])
    if isinstance(value, Integral) and abs(int(value)) <= LARGEST_WHOLE:
        return int(value)
    return float(value)


def float_array(values: object) -> np.ndarray:
    """Return a copy of numbers, of any shape and type, as float64.

    Raises ValueError for complex numbers, text, truth values, masked entries, or rows of unequal
    lengths, and OverflowError for a number beyond float64.
    """
    if np.ma.is_masked(values):
        raise ValueError("masked entries are no numbers")
    array = np.array(values)
    if array.dtype.kind == "O" and all(is_number(value) for value in array.flat):
        return array.astype(float)
    if array.dtype.kind not in "iuf":
        raise ValueError("these are no real numbers")
    return array.astype(float)


def with_plain_numbers(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Decorate a function so that all its arguments are converted by ``plain``.

    The wrapped function raises ValueError if a number, or the square of one, is beyond float64.
    """

    @wraps(function)
    def wrapped(*arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
        try:
            plain_arguments = [plain(value) for value in arguments]
            plain_keywords = {name: plain(value) for name, value in keywords.items()}
            return function(*plain_arguments, **plain_keywords)
        except OverflowError:
            raise ValueError(
                f"{function.__name__} is given a number that is too large: it or its square is "
                f"beyond 10^308"
            ) from None

    return wrapped


def as_number(value: Any) -> float:
    """Return a real number as an int, up to 2^53, or a float; nan for truth values and text."""
    if _is_plain(value):
        return value
    if not is_number(value):
        return nan
    try:
        return plain(value)
    except OverflowError:
        return inf if value > 0 else -inf


def number_of_at_least_0(name: str, value: object) -> float:
    """Return an int or float. Raises ValueError, with its name, unless finite and at least 0."""
    number = as_number(value)
    if not 0 <= number < inf:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")
    return number


def share(name: str, value: object) -> float:
    """Return an int or float. Raises ValueError, with its name, unless it is between 0 and 1."""
    number = as_number(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be between 0 and 1, not {value}")
    return number


def whole_number(name: str, value: object, least: int) -> int:
    """Return a count, such as 2, 2.0 or an integer of NumPy, as an int.

    Raises ValueError, with its name, unless it is a whole number from ``least`` to 2^53.
    """
    number = as_number(value)
    if not (least <= number <= LARGEST_WHOLE and number % 1 == 0):
        raise ValueError(f"{name} must be at least {least}, and whole, not {value}")
    return int(number)
