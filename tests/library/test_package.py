"""The library by itself: what it depends on, where its names are, and what its modules import."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import mypy.api
import pytest
from conftest import ROOT

LIBRARY = ROOT / "workflow/src/model_collapse"
LOADED_LATE = {"scipy", "sklearn", "pooch", "requests"}
STUBS = {
    ".".join(path.parent.relative_to(LIBRARY.parent).parts): path.read_text(encoding="utf-8")
    for path in sorted(LIBRARY.rglob("__init__.pyi"))
}
# Rooms that a room may import from.
ROOMS_BELOW = {
    "problem": set(),
    "theory": {"problem"},
    "simulation": {"problem", "theory"},
    "mixtures": {"problem", "theory", "simulation"},
    "images": {"problem", "theory", "mixtures"},
    "networks": set(),
}
# Earlier homes of names, and the names that their users import.
KEPT_PATHS = {
    "chain": (
        "downstream_design downstream_errors generator_designs simulate_chain "
        "simulate_chain_in_full test_error train_generators"
    ),
    "equivalents": "Equivalent Shrinkage degrees_of_freedom effective_ridge times_square",
    "limits": (
        "accumulate_kept_limit accumulate_limit accumulate_real_errors best_real_weight "
        "mix_labels_limit mix_limit mix_ols_limit one_design_limit replace_limit subsample_limit"
    ),
    "protocol": "Chain Fit",
    "protocols": (
        "Generation Group Outsider Protocol Verifier accumulate accumulate_kept accumulate_real "
        "chain_of expected_errors growing last_only listed mix mix_labels replace simulate_errors "
        "subsample subsample_kept two_groups verified"
    ),
    "spectra": "Spectrum isotropic on_range power_law quadrature_ranks rank_of two_level",
    "tuning": "RULES best_ridges lowest",
}


# Lines that users may write, with the types that they get. A "type: ignore" marks a wrong call.
SNIPPET = """
from typing import assert_type

import numpy as np
from model_collapse import Fit, Risk, Spectrum, best_ridges, chain_risk, effective_ridge
from model_collapse import expected_errors, listed, power_law, replace

spectrum = power_law(300, beta=2.0, r=0.375)
assert_type(spectrum, Spectrum)
assert_type(Spectrum([1, 0.5], [1, 2]).counts, np.ndarray)
assert_type(chain_risk(spectrum, [Fit(600, noise=0.3)] * 5, Fit([1000, 2000])), Risk)
assert_type(effective_ridge(spectrum.eigenvalues, 600, 0.1), float)
ridges = best_ridges(spectrum, lambda ridge: replace(600, ridge, noise=0.3), 5)
assert_type(expected_errors(spectrum, replace(600, listed(ridges)), 5), np.ndarray)
power_law("300", beta=2.0, r=0.375)  # type: ignore[arg-type]
Fit(600, sigma=0.3)  # type: ignore[call-arg]
chain_risk(spectrum, Fit(600), Fit(600))  # type: ignore[arg-type]
"""


def public_names(package: str) -> list[tuple[str, str]]:
    """Return the names that a stub imports, each after its module, which is named from the stub."""
    return re.findall(r"from \.([\w.]+) import (\w+) as \2\n", STUBS[package])


def names_imported(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the names that a file imports, each after its module; "*" for the module itself."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "*") for alias in node.names)


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


def test_rooms_import_from_rooms_below_them_alone():
    assert set(ROOMS_BELOW) == {path.parent.name for path in LIBRARY.glob("*/__init__.py")}
    for room, below in ROOMS_BELOW.items():
        for path in (LIBRARY / room).glob("*.py"):
            names = [module.split(".") for module, _ in names_imported(path)]
            rooms = {parts[1] for parts in names if parts[0] == "model_collapse"}
            assert rooms <= {room, "seeds", "statistics", *below}, path


def test_no_public_name_is_that_of_a_module_beside_it():
    """Else what an import gives would depend on which modules are loaded already."""
    for package in STUBS:
        folder = LIBRARY.parent / package.replace(".", "/")
        names = {name for _, name in public_names(package)}
        assert not names & {path.stem for path in folder.iterdir()}


@pytest.mark.parametrize("package", STUBS)
def test_every_public_name_is_that_of_the_module_which_its_stub_names(package):
    names = public_names(package)
    assert len(names) == STUBS[package].count(" import ")
    assert sorted(importlib.import_module(package).__all__) == sorted(name for _, name in names)
    for module, name in names:
        public = getattr(importlib.import_module(package), name)
        assert public is getattr(importlib.import_module(f"{package}.{module}"), name), name


@pytest.mark.parametrize("room", ["theory", "mixtures"])
def test_a_room_and_the_top_have_the_same_public_names(room):
    names = [(f"{room}.{module}", name) for module, name in public_names(f"model_collapse.{room}")]
    at_the_top = public_names("model_collapse")
    assert names == [(module, name) for module, name in at_the_top if module.startswith(f"{room}.")]


def test_every_module_beside_the_rooms_is_shared_or_a_kept_path():
    modules = {path.stem for path in LIBRARY.glob("*.py")}
    assert modules == {"__init__", "seeds", "statistics", *KEPT_PATHS}


@pytest.mark.parametrize("path", KEPT_PATHS)
def test_names_at_a_kept_path_are_those_of_the_rooms(path):
    kept = importlib.import_module(f"model_collapse.{path}")
    imported = list(names_imported(LIBRARY / f"{path}.py"))
    names = KEPT_PATHS[path].split()
    assert sorted(kept.__all__) == sorted(name for _, name in imported) == names
    for module, name in imported:
        assert module.split(".")[1] in ROOMS_BELOW
        assert getattr(kept, name) is getattr(importlib.import_module(module), name)


def test_our_own_code_imports_names_from_the_modules_that_define_them():
    """The digest of a step's code holds the files of the modules that its imports name."""
    for path in (ROOT / "workflow").rglob("*.py"):
        for module, name in names_imported(path):
            if module in STUBS:
                folder = LIBRARY.parent / module.replace(".", "/")
                assert (folder / name).is_dir() or (folder / f"{name}.py").is_file(), path
            assert module.removeprefix("model_collapse.") not in KEPT_PATHS, path


def documented_parameters(function: Callable) -> set[str]:
    """Return the names in the section Parameters of a docstring."""
    docstring = inspect.getdoc(function) or ""
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w+\n-+\n|\Z)", docstring, re.M | re.S)
    lines = re.findall(r"^(\S.*?)(?: : .*)?$", section[1], re.M) if section else []
    return {name.lstrip("*") for line in lines for name in line.split(", ")}


def test_public_functions_and_classes_document_their_parameters():
    modules = ["model_collapse", *(f"model_collapse.{path}" for path in KEPT_PATHS)]
    for module in map(importlib.import_module, modules):
        for name in module.__all__:
            if name in ("Protocol", "RULES"):  # a type of functions, and a tuple
                continue
            public = getattr(module, name)
            summary, *_ = inspect.getdoc(public).split("\n\n")
            assert summary.endswith("."), name
            options = inspect.Parameter.VAR_KEYWORD  # options are documented by their names
            parameters = inspect.signature(public).parameters.values()
            names = {parameter.name for parameter in parameters if parameter.kind != options}
            assert names <= documented_parameters(public), name


def test_a_type_checker_knows_public_names_and_finds_wrong_calls(tmp_path):
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    options = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    printed, *_ = mypy.api.run([*options, str(snippet)])
    assert printed == "Success: no issues found in 1 source file\n"
