"""How replicates are split into jobs."""


def replicate_blocks(replicates: int, per_job: int) -> list[tuple[int, int]]:
    """(first, last) replicate of each job: adding replicates leaves the full blocks as they are."""
    return [
        (first, min(first + per_job, replicates) - 1) for first in range(0, replicates, per_job)
    ]
