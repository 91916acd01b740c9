"""The environment of every job: one BLAS kernel, one thread, fixed dates, nothing of the user's.

Numpy reads these variables once, when it is loaded, so a job has them from its start. Imported
before it is known that packages are there, so it imports nothing that is not Python's own.
"""

import subprocess
from collections.abc import MutableMapping
from importlib.metadata import Distribution
from pathlib import Path

FIXED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "SOURCE_DATE_EPOCH": "1733788800",
    "FORCE_SOURCE_DATE": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "Agg",
}
"""Threads, and what would put the clock, the place or chance into an output."""

KERNEL = {
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
"""On x86-64 with AVX2 and FMA: the same instructions, and so the same last digits, on every such
CPU, whatever it could do besides.
"""

CLEARED = ("OPENBLAS_", "GOTO_", "NPY_", "OMP_", "GOMP_", "KMP_", "MKL_")
"""Beginnings of variables that change how numbers are computed."""

PACKAGES = (
    *("numpy", "scipy", "pandas", "matplotlib", "scikit-learn", "snakemake", "pydantic"),
    *("pooch", "array-api-compat", "requests", "threadpoolctl"),
)
"""What a build uses directly, as in requirements.in; a test compares them."""


def check_packages() -> None:
    """Raise ValueError naming the PACKAGES that are not installed."""
    missing = [name for name in PACKAGES if not any(Distribution.discover(name=name))]
    if missing:
        raise ValueError(
            f"Python lacks {', '.join(missing)}: run `make setup`, or install requirements.lock "
            f"into the environment that snakemake runs in"
        )


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


def fix_environment(environment: MutableMapping[str, str], cpu: str | None = None) -> None:
    """Set FIXED, and KERNEL where the CPU has it, in place, and clear what else changes numbers.

    ``cpu`` is the text of /proc/cpuinfo; a machine without one keeps the kernel of its own type.
    """
    if cpu is None:
        found = Path("/proc/cpuinfo")
        cpu = found.read_text(encoding="utf-8", errors="replace") if found.is_file() else ""
    for name in filter(lambda name: name.startswith(CLEARED), list(environment)):
        del environment[name]
    environment.update(FIXED)
    if {"avx2", "fma"} <= set(cpu.split()):
        environment.update(KERNEL)
