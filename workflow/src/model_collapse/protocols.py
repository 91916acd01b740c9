"""Remedies against collapse: protocols of generations, their theory and their simulation.

    protocol = mix(300, real_samples=200, ridge=0.01, noise=0.5)
    expected_errors(spectrum, protocol, 10)                          # E_0, …, E_10, the limit
    simulate_errors(spectrum, protocol, 10, replicates=50, seed=1)   # (50, 11)

A protocol is a function from k to the Generation of model k (``unions``). Everything here is from
the modules that it is listed under; what needs theory or simulation alone imports those.
"""

from model_collapse.remedies import (
    accumulate,
    accumulate_kept,
    accumulate_real,
    chain_of,
    growing,
    last_only,
    listed,
    mix,
    mix_labels,
    replace,
    subsample,
    subsample_kept,
    two_groups,
    verified,
)
from model_collapse.union_draws import simulate_errors
from model_collapse.union_moments import expected_errors
from model_collapse.unions import Generation, Group, Outsider, Protocol, Verifier

__all__ = [
    "Generation",
    "Group",
    "Outsider",
    "Protocol",
    "Verifier",
    "accumulate",
    "accumulate_kept",
    "accumulate_real",
    "chain_of",
    "expected_errors",
    "growing",
    "last_only",
    "listed",
    "mix",
    "mix_labels",
    "replace",
    "simulate_errors",
    "subsample",
    "subsample_kept",
    "two_groups",
    "verified",
]
