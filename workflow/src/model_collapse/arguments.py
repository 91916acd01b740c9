"""Numbers that users give, of any numeric type, as the floats and ints of Python.

The squares of int32 wrap around, sums of uint8 do too, and float16 loses digits. So what is public
turns its arguments into numbers of Python first. Whole ones stay ints, whose squares are exact:
random streams depend on the text of a number, and 1 and 1.0 have had streams of their own.
"""

from math import inf, nan
from numbers import Integral, Real
from typing import Any

import numpy as np

LARGEST_EXACT = 2**53  # above it, floats are not all whole numbers


def as_number(value: Any) -> float:
    """A real number as an int, up to 2^53, or a float; nan for truth values, text and the like."""
    if isinstance(value, np.ndarray) and value.ndim == 0 and not np.ma.isMaskedArray(value):
        value = value[()]
    if not isinstance(value, Real) or isinstance(value, bool | np.bool_):
        return nan
    if isinstance(value, Integral) and abs(int(value)) <= LARGEST_EXACT:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def number_of_at_least_0(name: str, value: float) -> float:
    """A number of Python. Raises ValueError, with its name, unless it is finite and at least 0."""
    number = as_number(value)
    if not 0 <= number < inf:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")
    return number


def share(name: str, value: float) -> float:
    """A number of Python. Raises ValueError, with its name, unless it is between 0 and 1."""
    number = as_number(value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be between 0 and 1, not {value}")
    return number


def whole_number(name: str, value: float, least: int = 0) -> int:
    """A count as an int: 2, 2.0 or an integer of NumPy.

    Raises ValueError, with its name, for a fraction, what is below ``least``, or no number.
    """
    number = as_number(value)
    if not (least <= number < inf and number % 1 == 0):
        raise ValueError(f"{name} must be at least {least}, and whole, not {value}")
    return int(value)
