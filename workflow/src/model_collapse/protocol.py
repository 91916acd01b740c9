"""A kept path: its names are defined in ``problem.fits``."""

from model_collapse.problem.fits import Chain, Fit

__all__ = [
    "Chain",
    "Fit",
]
