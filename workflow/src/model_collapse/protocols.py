"""A kept path: these names are defined in ``model_collapse.mixtures``."""

from model_collapse.mixtures.groups import Generation, Group, Outsider, Protocol, Verifier
from model_collapse.mixtures.remedies import (
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
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors

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
