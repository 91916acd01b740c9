"""The environment of every job: one BLAS kernel, one thread, fixed dates, memory that is kept.

NumPy reads these variables once, when it is loaded, so a job has them from its start. This module
is imported before packages are checked, so it imports only modules of Python itself.
"""

import os
import re
import subprocess
import time
from collections.abc import Iterable, MutableMapping
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
    "PYTHONIOENCODING": "utf-8:backslashreplace",
    "MPLBACKEND": "Agg",
}
"""One thread; no clock, time zone, locale or chance in outputs; and a terminal prints any text."""

MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
}
"""The C library keeps the pages of freed arrays for the next ones, in bytes: by default it returns
them to the system, which clears each page before it gives it back. Older versions take no mmap
threshold above 32 MB; larger arrays are returned.
"""

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
    *("pooch", "array-api-compat", "lazy-loader", "requests", "threadpoolctl"),
)
"""Packages that a build uses directly, as in requirements.in; a test compares them."""

CLOCKS_DIFFER = 60
"""Seconds by which the clock of a file server may be ahead."""


def check_packages() -> None:
    """Raise ValueError naming the PACKAGES that are not installed."""
    missing = [name for name in PACKAGES if not any(Distribution.discover(name=name))]
    if missing:
        raise ValueError(
            f"Python lacks {', '.join(missing)}: run `make setup`, or install requirements.lock "
            f"into the environment that snakemake runs in"
        )


def check_interpreter(path: str) -> None:
    """Raise ValueError for a Python whose path a shell takes apart: Snakemake does not quote it.

    Parameters
    ----------
    path : str
        The path of the Python that runs Snakemake, and so its jobs, as in ``sys.executable``.
    """
    if not re.fullmatch(r"[\w@%+=:,./~-]+", path):
        raise ValueError(
            f"Snakemake cannot run jobs with the Python {path!r}: that path may hold letters, "
            f"digits and _ . , : + - = @ % ~ alone; install requirements.lock into another folder, "
            f"for example with make setup VENV=/a/plain/folder"
        )


def check_dates(paths: Iterable[Path]) -> None:
    """Raise ValueError for a file dated in the future: its outputs would look out of date.

    Parameters
    ----------
    paths : iterable of Path
        Files that jobs read; folders among them are skipped.
    """
    latest = time.time() + CLOCKS_DIFFER
    for path in paths:
        if path.is_file() and path.stat().st_mtime > latest:
            date = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
            raise ValueError(
                f"{path} is dated in the future, {date}, so that all that is made from it would "
                f"look out of date: set the clock, or `touch` the file or a copy of it"
            )


def check_partition(name: str) -> None:
    """Raise ValueError naming Slurm's partitions if this is none of them."""
    try:
        partitions = subprocess.run(
            ["sinfo", "--noheader", "--format=%R"], capture_output=True, text=True, check=True
        ).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(
            f"slurm_partition: {name} was asked for, and no Slurm answers: `sinfo` fails"
        ) from None
    if name not in partitions:
        raise ValueError(
            f"slurm_partition: this cluster has no {name!r}; it has {', '.join(sorted(partitions))}"
        )


OF_TEX = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", *FIXED)
"""Variables that TeX is run with; all others may change what it reads or how it writes."""


def tex_environment(home: str) -> dict[str, str]:
    """The variables OF_TEX, and a home folder in which nothing is the user's.

    TeX keeps a tree of files of the user's, TEXMFHOME, and of what it makes, TEXMFVAR, below HOME
    unless variables name other places; BSTINPUTS, TEXINPUTS_latex and dozens more do likewise.

    Parameters
    ----------
    home : str
        A folder that TeX may write to, empty at first.

    Returns
    -------
    dict of str to str
        All the variables to run TeX with.
    """
    variables = {name: os.environ[name] for name in OF_TEX if name in os.environ}
    return variables | {"HOME": home}


def fix_environment(environment: MutableMapping[str, str], cpu: str | None = None) -> None:
    """Set FIXED, MEMORY, and KERNEL where the CPU has it, in place; clear what changes numbers.

    ``cpu`` is the text of /proc/cpuinfo; a machine without one keeps the kernel of its own type.
    """
    if cpu is None:
        path = Path("/proc/cpuinfo")
        cpu = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    for name in filter(lambda name: name.startswith(CLEARED), list(environment)):
        del environment[name]
    environment.update(FIXED | MEMORY)
    if {"avx2", "fma"} <= set(cpu.split()):
        environment.update(KERNEL)
