"""What a build on a cluster asks of Slurm, checked before any job is submitted."""

import subprocess


def check_partition(name: str) -> None:
    """Raise ValueError naming Slurm's partitions if this is none of them."""
    try:
        known = subprocess.run(
            ["sinfo", "--noheader", "--format=%R"], capture_output=True, text=True, check=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(
            f"slurm_partition: {name} was asked for, and no Slurm answers: `sinfo` fails"
        ) from None
    if name not in known:
        raise ValueError(
            f"slurm_partition: this cluster has no {name!r}; it has {', '.join(sorted(known))}"
        )
