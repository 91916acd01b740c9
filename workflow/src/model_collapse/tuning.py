"""A kept path: its names are defined in ``mixtures.tuning``."""

from model_collapse.mixtures.tuning import RULES, best_ridges, lowest

__all__ = [
    "RULES",
    "best_ridges",
    "lowest",
]
