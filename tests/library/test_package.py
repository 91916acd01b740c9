"""The library by itself: what it depends on, and what its modules import."""

import re
import subprocess
import sys
import tomllib

import pytest
from conftest import ROOT

LOADED_LATE = {"scipy", "sklearn", "pooch", "requests"}


def test_the_workflow_installs_what_the_library_depends_on():
    project, there = ((ROOT / name).read_text() for name in ("pyproject.toml", "requirements.in"))
    names = re.findall(r"^[\w-]+", there, flags=re.MULTILINE)
    for wanted in tomllib.loads(project)["project"]["dependencies"]:
        assert wanted.split(">=")[0] in names


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        (
            "problem.spectra statistics theory.exponents theory.recursion theory.paper images.pool",
            LOADED_LATE,
        ),
        (
            "networks.sgd theory.spectral_filters mixtures.remedies mixtures.theory images.mnist",
            LOADED_LATE,
        ),
        (
            "simulation.terms images.kernels mixtures.simulation",
            {"model_collapse.theory.equivalents"},
        ),
        ("theory.scaling_laws theory.optimal_ridge", {"model_collapse.simulation.designs"}),
    ],
)
def test_modules_import_no_more_than_they_need(modules, absent):
    """Theory needs numpy alone; simulation and theory stay apart; images load when asked for."""
    names = ", ".join(f"model_collapse.{name}" for name in modules.split())
    code = f"import sys, {names}; print(*sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / "workflow/src")}
    loaded = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert not absent & set(loaded.split())


def test_no_public_name_is_that_of_a_module_beside_it():
    """Else what an import gives would depend on which modules are loaded already."""
    for stub in (ROOT / "workflow/src/model_collapse").rglob("__init__.pyi"):
        names = set(re.findall(r"import (\w+) as", stub.read_text(encoding="utf-8")))
        assert not names & {path.stem for path in stub.parent.iterdir()}
