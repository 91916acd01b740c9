"""The modules that rules declare are the modules that their scripts really import."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from scripts.core.imports import project_files, tracked_sources

SOURCE = ROOT / "workflow" / "src"
SCRIPTS = sorted(path.stem for path in (ROOT / "workflow" / "scripts").glob("*.py"))
PROBE = """
import json, sys
sys.path.insert(0, sys.argv[1])
exec(sys.argv[2])
files = [m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)]
print(json.dumps([f for f in files if f.startswith(sys.argv[1])]))
"""


LATE = {
    *("backends.py", "images.py", "kernels.py", "methods.py", "network_chain.py", "networks.py"),
    "random_features.py",
}
"""What claims on images and networks import inside their functions."""


@pytest.mark.parametrize("script", SCRIPTS)
def test_tracked_sources_are_those_that_python_loads(script):
    """A fresh interpreter runs the script's import lines; what it loads is what is tracked."""
    tree = ast.parse((ROOT / "workflow" / "scripts" / f"{script}.py").read_text(encoding="utf-8"))
    lines = [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    command = [sys.executable, "-c", PROBE, str(SOURCE), "\n".join(lines)]
    loaded = json.loads(subprocess.check_output(command, text=True))
    tracked = {str(ROOT / path) for path in tracked_sources(script)}
    # An import inside a function is tracked too, though not loaded before the function is called.
    late = {"requirements.lock"} | (LATE if script == "measure_claim" else set())
    assert set(loaded) <= tracked
    assert {Path(path).name for path in tracked - set(loaded)} == late


def test_simulation_does_not_depend_on_theory_nor_regression_on_kernels():
    """What a module's edit costs: the boundaries that the house keeps."""
    for script in ("train_generators", "fit_downstream"):
        tracked = " ".join(tracked_sources(script))
        for module in ("theory", "scaling", "kernels", "plots", "tables"):
            assert f"/{module}.py" not in tracked
    for script in ("predict_risk", "measure_exponents", "predict_terms", "predict_fake_labels"):
        assert "designs.py" not in " ".join(tracked_sources(script))
    for script in ("train_network", "train_random_features"):
        tracked = " ".join(tracked_sources(script))
        for module in ("theory", "kernels", "images", "filters", "network_tables", "plots"):
            assert f"/{module}.py" not in tracked
    for script in SCRIPTS:
        if script not in ("measure_claim", "check_claims", "write_ledger", "write_numbers"):
            assert "/claims/" not in " ".join(tracked_sources(script))


def test_every_script_has_a_rule_of_its_name_and_every_rule_a_log():
    rules = {}
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        for block in path.read_text(encoding="utf-8").split("\nrule ")[1:]:
            name, body = block.split(":", 1)
            rules[name] = body
    assert set(SCRIPTS) <= set(rules)
    for name in SCRIPTS:
        assert f"../scripts/{name}.py" in rules[name]
        # record_provenance hashes every source file, so it declares them all.
        sources = "project_files()" if name == "record_provenance" else f'tracked_sources("{name}")'
        assert sources in rules[name]
    for name, body in rules.items():
        assert f"<logs>/{name}" in body or name == "figures"
        assert f"<benchmarks>/{name}" in body or name in (
            "figures",
            "summarise_compute",
            "check_claims",
            "verify",
        )


def test_scripts_know_nothing_but_inputs_params_and_outputs():
    """What they use is what Snakemake compares, and what its cache between workflows hashes."""
    for name in SCRIPTS:
        text = (ROOT / "workflow" / "scripts" / f"{name}.py").read_text(encoding="utf-8")
        for source in ("snakemake.wildcards", "snakemake.config", "os.environ", "getenv"):
            assert source not in text, name


def test_project_files_are_all_python_sources():
    files = project_files()
    assert "workflow/scripts/plot_figure.py" in files
    assert "workflow/src/model_collapse/theory.py" in files
    assert all((ROOT / path).is_file() for path in files)
