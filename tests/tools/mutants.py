"""Would a formula that is off by 1 % be noticed? `make mutants`; ARGS=--all for every mutant.

In a copy of the project each term or factor of the library's formulas is multiplied by 1.01, one at
a time (an exponent too, and of a product one factor, as they are the same mutant). The tests that
do not start Snakemake run against it, then, if they pass, the ledger. Exits 1 if fewer than 95 %
are caught.
"""

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path("workflow/src/model_collapse")
SOURCES = ("workflow", "workflow/src", "tests")
SLOW = ("config", "workflow")  # folders of tests that start Snakemake
CAUGHT = 0.95
# Modules and functions that hold no formula of their own, and why.
NO_FORMULA = {
    "images.mnist": "files and the internet",
    "theory.equivalents.effective_ridge": (
        "how the root is found, not which; the tests check the root"
    ),
    "theory.optimal_ridge.best_ridge": "blocks of sizes",
    "theory.optimal_ridge._lowest": (
        "how the minimum is found, not which; the tests check the minimum"
    ),
    "simulation.designs.svd": "the tolerance of the rank",
    "theory.spectral_filters.complex_ridges": (
        "how the root is found, not which; the tests check the root"
    ),
    "theory.spectral_filters.contour": (
        "where the contour runs, not what is integrated; the tests check that"
    ),
    "theory.spectral_filters._largest": "a bound",
    "networks.sparse_inputs.columns": "where blocks end; the sum over all is the same",
    "networks.sparse_inputs.batches": "an order",
    "mixtures.tuning.lowest": "how the minimum is found, not which; the tests check the minimum",
    "mixtures.equivalents._weighted": (
        "between which bounds the root is; what is solved stands in solution"
    ),
    "mixtures.simulation.whole": "a check, and rounding",
    "mixtures.simulation.train": "indices",
    "mixtures.simulation.require_room": "a check",
    "mixtures.simulation.has_few_digits": "a bound; fits on both sides of it are checked",
    "simulation.designs.memory_bytes": "a check",
}


class Mutant(NamedTuple):
    """A module with one expression multiplied by 1.01."""

    module: str
    function: str
    line: int
    text: str
    source: bytes


def formulas(node: ast.AST, in_product: bool = False) -> Iterator[ast.AST]:
    """The terms, exponents and factors below a node, one factor of each product."""
    is_product = False
    match node:
        case ast.Raise() | ast.JoinedStr() | ast.FunctionDef():
            return
        case ast.Subscript(value):  # an index is no formula
            yield from formulas(value)
            return
        case ast.BinOp(left, ast.Add() | ast.Sub(), right):
            yield from (left, right)
        case ast.BinOp(_, ast.Pow(), right):
            yield right
        case ast.BinOp(left, ast.Mult() | ast.Div() | ast.MatMult() as operator, right):
            is_product = True
            if not in_product:
                yield right if isinstance(operator, ast.Mult) else left
    for child in ast.iter_child_nodes(node):
        yield from formulas(child, is_product)


def mutants(left_out: Collection[str] = NO_FORMULA.keys()) -> list[Mutant]:
    """Return the mutants, but for modules and functions left out, by module and line."""
    found = []
    for path in sorted((ROOT / LIBRARY).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / LIBRARY).with_suffix("").parts)
        source = path.read_bytes()
        starts = np.cumsum([0, *map(len, source.splitlines(keepends=True))])  # of lines
        functions = (node for node in ast.walk(ast.parse(source)) if type(node) is ast.FunctionDef)
        for function in sorted(functions, key=lambda node: node.lineno):
            if {module, f"{module}.{function.name}"} & set(left_out):
                continue
            for node in [node for part in function.body for node in formulas(part)]:
                match node:
                    case ast.Constant(0 | str()) | ast.List() | ast.Tuple() | ast.ListComp():
                        continue
                begin = starts[node.lineno - 1] + node.col_offset
                end = starts[node.end_lineno - 1] + node.end_col_offset
                text = source[begin:end]
                where = (module, function.name, node.lineno)
                changed = source[:begin] + b"(1.01 * (" + text + b"))" + source[end:]
                found.append(Mutant(*where, " ".join(text.decode().split()), changed))
    return found


def check_ledger() -> None:
    """Raise an error at the first claim whose verdict is not the expected one."""
    import pandas as pd
    from configs import CONFIG

    from scripts.claims.checks import measured
    from scripts.claims.ledger import require_no_change, row_of
    from scripts.config import read_config

    config = read_config(CONFIG)
    for name, claim in config.claims.items():
        if claim.is_testable:
            checks = measured(name, claim.measured_by, claim.setting, str(config.seed))
            require_no_change(pd.DataFrame([row_of(name, claim, checks)]))


def first_tests(module: str) -> list[str]:
    """Return the tests that catch most: a module's own, or those that import it or from it."""
    tests = {
        path: path.read_text(encoding="utf-8") for path in ROOT.glob("tests/library/**/test_*.py")
    }
    room, _, name = module.rpartition(".")
    own = [path for path in tests if (path.parent.name, path.stem) == (room, f"test_{name}")]
    imports = re.compile(
        rf"from model_collapse\.{re.escape(module)} import"
        rf"|from model_collapse\.{re.escape(room)} import .*\b{name}\b"
    )
    own = own or [path for path in tests if imports.search(tests[path])]
    return [str(path.relative_to(ROOT)) for path in own] or ["tests/library"]


def outcome(mutant: Mutant) -> str:
    """What catches a mutant: "tests", "ledger", or "" if nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        kept = shutil.ignore_patterns("__pycache__", ".venv", ".git", ".snakemake", "results",
                                      "miniature", "logs", "benchmarks")  # fmt: skip
        shutil.copytree(ROOT, copy, ignore=kept)
        (copy / LIBRARY / mutant.module.replace(".", "/")).with_suffix(".py").write_bytes(
            mutant.source
        )
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment |= {"PYTHONPATH": os.pathsep.join(str(copy / part) for part in SOURCES)}
        pytest = ["-m", "pytest", "-x", "-p", "no:cacheprovider"]
        for name, command in (
            ("tests", [*pytest, *first_tests(mutant.module)]),
            ("tests", [*pytest, "tests", *(f"--ignore=tests/{name}" for name in SLOW)]),
            ("ledger", ["tests/tools/mutants.py", "--ledger"]),
        ):
            words = [sys.executable, *command]
            if subprocess.run(words, cwd=copy, env=environment, capture_output=True).returncode:
                return name
    return ""


def main() -> int:
    """Run the sample, or all; print what caught each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every mutant, not a sample")
    parser.add_argument("--sample", type=int, default=60, help="how many mutants")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--ledger", action="store_true", help="only the ledger of this project")
    arguments = parser.parse_args()
    if arguments.ledger:
        check_ledger()
        return 0
    chosen = found = mutants()
    if not arguments.all:
        picked = np.random.default_rng(2402).permutation(len(found))[: arguments.sample]
        chosen = [found[i] for i in sorted(picked)]
    print(f"{len(chosen)} of {len(found)} mutants", flush=True)
    survivors = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for mutant, caught in zip(chosen, pool.map(outcome, chosen), strict=True):
            survivors += not caught
            where = f"{mutant.module}.{mutant.function}:{mutant.line}"
            print(f"{caught or 'SURVIVES':9} {where:45} 1.01 * ({mutant.text})", flush=True)
    share = 1 - survivors / len(chosen)
    print(f"caught {len(chosen) - survivors} of {len(chosen)}, {100 * share:.1f} %")
    return share < CAUGHT


if __name__ == "__main__":
    sys.exit(main())
