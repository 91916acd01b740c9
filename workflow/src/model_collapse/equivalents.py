"""A kept path: its names are defined in ``theory.equivalents``."""

from model_collapse.theory.equivalents import (
    Equivalent,
    Shrinkage,
    degrees_of_freedom,
    effective_ridge,
    times_square,
)

__all__ = [
    "Equivalent",
    "Shrinkage",
    "degrees_of_freedom",
    "effective_ridge",
    "times_square",
]
