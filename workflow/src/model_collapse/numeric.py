"""Numbers at the door: whatever type a caller's numbers have, the arithmetic is that of float64.

NumPy's integers wrap around, so np.int32(50000)**2 and np.uint8(3) − np.uint8(5) are wrong without
a word, and logarithms of the small ones are of float16; np.float32 makes float32 of what it meets.
Python's own integers, float and np.float64 do none of this and stay what they are.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps
from numbers import Integral, Real

import numpy as np

LARGEST_WHOLE = 2**53  # above it, whole numbers are not exact in float64
LARGEST_SQUARED = 1e154  # above it, squares overflow


def is_number(value: object) -> bool:
    """Whether a value is one real number: no truth value, no text, no array of more."""
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iufO" and is_number(value[()])
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def plain(value: object) -> object:
    """A number as int or float, an array of numbers as one of float64, lists and tuples item by
    item, and anything else as it is.

    Whole numbers beyond 2^53 become floats. Fractions and decimals are numbers, truth values are
    not. Raises OverflowError for what is beyond float64, about 1.8·10^308.
    """
    if type(value) in (float, np.float64):
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
    """A copy of numbers, of any shape and type, as float64.

    Raises ValueError for complex numbers, text, truth values, masked entries, or rows of unequal
    lengths, and OverflowError for what is beyond float64.
    """
    if np.ma.is_masked(values):
        raise ValueError("masked entries are no numbers")
    array = np.array(values)
    if array.dtype.kind == "O" and all(is_number(value) for value in array.flat):
        return array.astype(float)
    if array.dtype.kind not in "iuf":
        raise ValueError("these are no real numbers")
    return array.astype(float)


def with_plain_numbers(function: Callable) -> Callable:
    """A function whose arguments are ``plain`` before it sees them.

    The wrapped function raises ValueError if a number, or the square of one, is beyond float64.
    """

    @wraps(function)
    def called(*arguments, **options):
        try:
            numbers = [plain(value) for value in arguments]
            named = {name: plain(value) for name, value in options.items()}
            return function(*numbers, **named)
        except OverflowError:
            raise ValueError(
                f"{function.__name__} is given a number that is too large: it or its square is "
                f"beyond 10^308"
            ) from None

    return called


def whole_number(name: str, value: object, least: int = 1) -> int:
    """A whole number, of any type, as int. Raises ValueError for others, and those below least."""
    if not (is_number(value) and least <= plain(value) <= LARGEST_WHOLE and plain(value) % 1 == 0):
        raise ValueError(f"{name} must be at least {least}, and whole, not {value}")
    return int(plain(value))
