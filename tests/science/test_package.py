"""The library by itself: what it depends on, and what its modules import."""

import re
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT

LOADED_LATE = {"scipy", "sklearn", "pooch", "requests"}


def test_the_workflow_installs_what_the_library_depends_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted, there = (
        {re.match(r"[\w-]+", line)[0] for line in part if not line.startswith("#")}
        for part in (project["dependencies"], lines)
    )
    assert wanted <= there


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("spectra equivalents exponents slopes theory images pixels", LOADED_LATE),
        ("networks filters", LOADED_LATE),
        ("decomposition kernels", {"model_collapse.equivalents"}),
        ("scaling", {"model_collapse.designs"}),
    ],
)
def test_modules_import_no_more_than_they_need(modules, absent):
    """Theory needs numpy alone; simulation and theory stay apart; images load when asked for."""
    names = ", ".join(f"model_collapse.{name}" for name in modules.split())
    code = f"import sys, {names}; print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "workflow" / "src")}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert not absent & set(run.stdout.split())
