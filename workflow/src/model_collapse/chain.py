"""A kept path: its names are defined in ``simulation.chain`` and ``simulation.full_matrices``."""

from model_collapse.simulation.chain import (
    downstream_design,
    downstream_errors,
    generator_designs,
    simulate_chain,
    test_error,
    train_generators,
)
from model_collapse.simulation.full_matrices import simulate_chain_in_full

__all__ = [
    "downstream_design",
    "downstream_errors",
    "generator_designs",
    "simulate_chain",
    "simulate_chain_in_full",
    "test_error",
    "train_generators",
]
