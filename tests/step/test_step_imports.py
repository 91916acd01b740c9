"""The modules whose digest a rule's params hold are those that its step imports."""

import ast
import hashlib
import json
import re
import runpy
import sys
from pathlib import Path

import pytest
from conftest import PACKAGES, ROOT, forked

from scripts.claims.signatures import MODULES
from scripts.step import imports
from scripts.step.imports import _imports, digest_of, modules_of, project_files

SCRIPTS = ROOT / "workflow/scripts"
# Rooms that families share, and the rooms that each may import.
SHARED = {
    "schema": {"schema"},
    "step": {"schema", "step"},
    "output": {"schema", "step", "output"},
}
# Families that show what others made, and may import their settings.
SHOWING = {"explorer", "paper"}
FAMILIES = {path.name for path in SCRIPTS.iterdir() if path.is_dir()} - {"__pycache__", *SHARED}
TEXT = "\n".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
RULES = dict(re.findall(r"\nrule (\w+):\n(.*?)(?=\n\n\n|\Z)", TEXT, flags=re.DOTALL))
STEPS = sorted(set(re.findall(r"\.\./scripts/(\w+/\w+)\.py", TEXT)))
# measure_claims takes its claims from the files that it is told of.
CLAIMS = [f"claims/measurements/{module}" for module in MODULES]

OURS = (f"{ROOT}/workflow/scripts/", f"{ROOT}/workflow/src/")  # the plugin is Snakemake's


def import_all(step: str) -> None:
    """Import a step and all that its modules import within functions; print the files of ours."""
    sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "workflow/src")]
    runpy.run_path(step, run_name="step")
    waiting = {step}
    done = set()
    while waiting:
        for file in waiting:
            for node in ast.walk(ast.parse(Path(file).read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in PACKAGES:
                    exec(ast.unparse(node), {})
        done |= waiting
        files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        waiting = {f for f in files if f and f.startswith(OURS)} - done
    print(json.dumps([str(Path(file).relative_to(ROOT)) for file in done - {step}]))


@pytest.mark.parametrize("step", STEPS + CLAIMS)
def test_modules_of_a_step_are_those_that_python_loads(step):
    run = forked(ROOT, lambda: import_all(str(SCRIPTS / f"{step}.py")))
    assert run.returncode == 0, run.stdout
    assert set(json.loads(run.stdout.splitlines()[-1])) == set(modules_of(step))


SOURCE = """
import one, one.more as other
class A:
    async def f(self):
        async with x, y:
            for i in j:
                from two import a, b
        while c:
            pass
        else:
            import three
try:
    import four
except ImportError:
    from five.six import d
finally:
    match d:
        case 1:
            import seven
from . import eight
"from nine import e"
"""


def test_imports_are_read_wherever_they_stand():
    assert set(_imports(SOURCE)) == {
        *("one", "one.more", "two", "two.a", "two.b", "three", "four", "five.six", "five.six.d"),
        *("seven", ".", "..eight"),
    }


def test_families_do_not_import_each_other_nor_what_is_above_them():
    for path in map(Path, project_files()):
        place = path.parts[2] if path.parts[1] == "scripts" else path.parts[1]
        imported = re.findall(r"(?:from|import) scripts\.(\w+)(\.\w+)?", (ROOT / path).read_text())
        for name, module in imported:
            if place in SHOWING and module == ".settings":
                assert name in FAMILIES | SHARED.keys(), path
            elif place in FAMILIES:
                assert name in {place, *SHARED}, path
            elif place in SHARED:
                assert name in SHARED[place], path
            else:
                assert path.parts[1] == "scripts", path  # the whole config


FIGURES = "output/style output/tables"
NO_THEORY = f"theory/recursion theory/paper theory/optimal_ridge images/kernels {FIGURES}"
NO_REGRESSION = f"theory/recursion theory/spectral_filters images/kernels images/mnist {FIGURES}"
TARGETS = {"figures", "benchmark", "report_files"}  # rules of inputs alone
# What a module's edit costs: the boundaries that the house keeps.
APART = {
    "regression/train_generators": NO_THEORY,
    "regression/fit_downstream": NO_THEORY,
    "regression/predict_risk": "simulation/designs",
    "scaling/measure_exponents": "simulation/designs",
    "decomposition/predict_terms": "simulation/designs",
    "fake_labels/predict_fake_labels": "simulation/designs",
    "remedies/predict_remedies": f"simulation/designs theory/recursion {FIGURES}",
    "remedies/simulate_remedies": f"mixtures/tuning mixtures/theory {FIGURES}",
    "networks/train_network": NO_REGRESSION,
    "networks/train_random_features": NO_REGRESSION,
}


@pytest.mark.parametrize("step", APART)
def test_simulation_does_not_depend_on_theory_nor_theory_on_random_designs(step):
    for module in APART[step].split():
        place = "scripts" if module.split("/")[0] in SHARED else "src/model_collapse"
        path = f"workflow/{place}/{module}.py"
        assert (ROOT / path).is_file()
        assert path not in modules_of(step)


def test_every_rule_has_its_words_and_a_step_of_its_name():
    for name, body in RULES.items():
        assert body.startswith('    """'), name
        assert re.findall(r"\.\./scripts/\w+/(\w+)\.py", body) == [name] or name in TARGETS


def test_every_rule_with_a_step_states_its_log_its_benchmark_and_the_digest_of_its_code():
    """Without the digest an edit of what the step imports would rerun nothing."""
    for name, body in RULES.items():
        if name in TARGETS:
            continue
        [step] = re.findall(r"\.\./scripts/(\w+/\w+)\.py", body)
        assert f'"<logs>/{name}' in body, name
        if "    output:" in body:  # what prints alone is not kept
            assert f'"<benchmarks>/{name}' in body, name
            assert f'code=code_of("{step}"' in body, name


@pytest.mark.parametrize("step", STEPS)
def test_steps_know_nothing_but_inputs_params_and_outputs(step):
    """What they use is what Snakemake compares; wildcards stand in an output's name."""
    text = (SCRIPTS / f"{step}.py").read_text(encoding="utf-8")
    for source in ("snakemake.config", "os.environ", "getenv"):
        assert source not in text


def test_project_files_are_all_python_sources():
    files = project_files()
    assert {f"workflow/scripts/{step}.py" for step in STEPS} <= set(files)
    assert "workflow/src/model_collapse/theory/recursion.py" in files
    assert all((ROOT / path).is_file() for path in files)


def test_the_digest_of_code_is_that_of_its_lines_however_they_end(tmp_path, monkeypatch):
    """The hash that the paper prints, by another route: of the text with LF."""
    monkeypatch.setattr(imports, "ROOT", tmp_path)
    for name, ending in (("lf.py", b"\n"), ("crlf.py", b"\r\n")):
        (tmp_path / name).write_bytes(b"a = 1" + ending + b"b = 2" + ending)
        known = hashlib.sha256(name.encode() + b"\0" + b"a = 1\nb = 2\n" + b"\0")
        assert digest_of([name]) == known.hexdigest()
