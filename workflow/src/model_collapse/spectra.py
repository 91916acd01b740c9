"""A kept path: its names are defined in ``problem.quadrature`` and ``problem.spectra``."""

from model_collapse.problem.quadrature import quadrature_ranks
from model_collapse.problem.spectra import (
    Spectrum,
    isotropic,
    on_range,
    power_law,
    rank_of,
    two_level,
)

__all__ = [
    "Spectrum",
    "isotropic",
    "on_range",
    "power_law",
    "quadrature_ranks",
    "rank_of",
    "two_level",
]
