"""Replicates: how they are split into jobs, and what they say together."""

import numpy as np


def replicate_blocks(replicates: int, per_job: int) -> list[tuple[int, int]]:
    """(first, last) replicate of each job: adding replicates leaves the full blocks as they are."""
    return [
        (first, min(first + per_job, replicates) - 1) for first in range(0, replicates, per_job)
    ]


def standard_error(risks: np.ndarray) -> np.ndarray:
    """Standard error of the mean over replicates, the first axis; nan for a single one."""
    if len(risks) < 2:
        return np.full(risks.shape[1:], np.nan)
    return risks.std(axis=0, ddof=1) / np.sqrt(len(risks))
