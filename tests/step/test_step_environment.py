"""Jobs compute the same bytes whatever the user's environment says, on any CPU with AVX2."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

from scripts.step.environment import (
    FIXED,
    KERNEL,
    MEMORY,
    PACKAGES,
    check_packages,
    fix_environment,
    tex_environment,
)

AVX2 = "flags : fpu sse2 avx avx2 fma"
PROBE = """
import hashlib, numpy as np, scipy.linalg as linalg
draws = np.random.default_rng(0).standard_normal((200, 200))
gram = draws @ draws.T
digest = hashlib.sha256()
for array in (gram, np.linalg.solve(gram, draws), np.linalg.eigvalsh(gram), linalg.svdvals(draws),
              np.exp(draws), np.log(abs(draws)), abs(draws) ** 0.37, np.tanh(draws), draws.sum(0),
              draws.astype("f4") @ draws.astype("f4")):
    digest.update(array.tobytes())
print(digest.hexdigest())
"""


FAULTS = """
import resource
import numpy as np
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        arrays = [np.ones(200_000) for _ in range(5)]
        del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def digest(environment: dict[str, str]) -> str:
    """Hash of a few computations in a fresh interpreter, in which a warning is an error."""
    command = [sys.executable, "-W", "error", "-c", PROBE]
    return subprocess.check_output(command, env=environment, text=True)


FOREIGN = [
    {"OPENBLAS_CORETYPE": "Prescott", "OPENBLAS_L2_SIZE": "512"},
    {"NPY_DISABLE_CPU_FEATURES": "X86_V4 X86_V3"},
    {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"},
]


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: next(iter(foreign)))
def test_the_users_settings_do_not_reach_a_number(foreign):
    base = {"PATH": os.environ["PATH"]}
    plain = dict(base)
    mixed = base | foreign
    fix_environment(plain)
    fix_environment(mixed)
    assert mixed == plain
    assert digest(mixed) == digest(plain)


def test_without_it_the_kernel_changes_last_digits():
    """What the fixing is for: if this fails, it is no longer needed."""
    base = {"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"}
    one, other = base | {"OPENBLAS_CORETYPE": "Prescott"}, base | {"OPENBLAS_CORETYPE": "Nehalem"}
    fixed = dict(base)
    fix_environment(fixed)
    assert len({digest(one), digest(other), digest(fixed)}) > 1


def test_pages_of_freed_arrays_are_used_again():
    """The second of two rounds of arrays asks the system for hardly a page."""
    base = {"PATH": os.environ["PATH"]}
    fixed = dict(base)
    fix_environment(fixed)
    command = [sys.executable, "-c", FAULTS]
    bare, kept = (
        int(subprocess.check_output(command, env=environment)) for environment in (base, fixed)
    )
    assert 20 * kept < bare


def test_kernel_only_where_the_cpu_has_it():
    always = FIXED | MEMORY
    for cpu, expected in ((AVX2, always | KERNEL), ("flags : sse2", always), ("", always)):
        environment = {"GOTO_NUM_THREADS": "3", "HOME": "/home/me"}
        fix_environment(environment, cpu)
        assert environment == expected | {"HOME": "/home/me"}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict", "nonsense"])
def test_a_job_can_print_anything_whatever_the_users_encoding(encoding):
    environment = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    fix_environment(environment)
    command = [sys.executable, "-c", "print('σ₀² ≥ 8×8 \\udcff')"]
    assert subprocess.check_output(command, env=environment).decode() == "σ₀² ≥ 8×8 \\udcff\n"


def test_tex_sees_no_variable_of_the_users_but_where_programs_are(monkeypatch):
    for name in ("TEXMFHOME", "BSTINPUTS", "TEXINPUTS_pdflatex", "LATEXMKRCSYS", "shell_escape"):
        monkeypatch.setenv(name, "/mine")
    environment = tex_environment("/empty")
    assert environment["HOME"] == "/empty"
    assert environment["PATH"] == os.environ["PATH"]
    assert environment.keys() <= {"HOME", "PATH", "TMPDIR", "LD_LIBRARY_PATH", *FIXED}
    assert "/mine" not in environment.values()


def test_packages_are_those_of_requirements_in():
    text = (ROOT / "requirements.in").read_text(encoding="utf-8").partition("# tests")[0]
    assert set(PACKAGES) == set(re.findall(r"^([a-z-]+)", text, flags=re.MULTILINE))


def test_a_missing_package_is_named(monkeypatch):
    check_packages()
    monkeypatch.setattr("scripts.step.environment.PACKAGES", ("numpy", "no-such-thing", "nor-this"))
    with pytest.raises(ValueError, match=r"Python lacks no-such-thing, nor-this: run `make setup`"):
        check_packages()
