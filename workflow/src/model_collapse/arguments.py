"""Numbers that users give, of any numeric type, as the floats and ints that formulas need.

The squares of int32 wrap around, sums of uint8 do too, and float16 loses digits. So what is public
turns its arguments into floats of Python first.
"""

from math import inf, nan
from numbers import Real
from typing import Any

import numpy as np


def as_number(value: Any) -> float:
    """A real number of any type as a float; nan for what is none, as truth values and text."""
    if isinstance(value, np.ndarray) and value.ndim == 0 and not np.ma.isMaskedArray(value):
        value = value[()]
    if not isinstance(value, Real) or isinstance(value, bool | np.bool_):
        return nan
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def number_of_at_least_0(name: str, value: float) -> float:
    """A number as a float. Raises ValueError, with its name, unless it is finite and at least 0."""
    number = as_number(value)
    if not 0 <= number < inf:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")
    return number


def share(name: str, value: float) -> float:
    """A number as a float. Raises ValueError, with its name, unless it is between 0 and 1."""
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
