"""Would a formula that is off by 1 % be noticed? `make mutants`; ARGS=--all for every mutant.

In a copy of the project each term or factor of the library's formulas is multiplied by 1.01, one at
a time (an exponent too, and of a product one factor, as they are the same mutant). The tests that
do not start Snakemake run against it, then, if they pass, the ledger. Exits 1 if fewer than 95 %
are caught.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Path("workflow/src/model_collapse")
SOURCES = ("workflow", "workflow/src", "tests")
CAUGHT = 0.95
# Modules and functions that hold no formula of their own, and why.
NO_FORMULA = {
    "images": "files and the internet",
    "equivalents.effective_ridge": "how the root is found, not which; the tests check the root",
    "scaling.best_ridge": "how the minimum is found, not which; the tests check the minimum",
    "designs.draw": "the tolerance of the rank",
    "filters.complex_ridges": "how the root is found, not which; the tests check the root",
    "filters.contour": "where the contour runs, not what is integrated; the tests check that",
    "filters._largest": "a bound",
    "networks.predict": "indices",
    "pixels.draw": "indices",
    "pixels.split": "indices",
    "chain.whole_samples": "a check",
}
ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)
PRODUCT = (ast.Mult, ast.Div, ast.MatMult)


@dataclass(frozen=True)
class Mutant:
    """One expression of a module, at [begin, end) of its source, to be multiplied by 1.01."""

    module: str
    function: str
    line: int
    begin: int
    end: int
    text: str


class Finder(ast.NodeVisitor):
    """Terms and factors of the formulas of one module."""

    def __init__(self, module: str, source: str):
        self.module, self.lines = module, source.encode().splitlines(keepends=True)
        self.starts = np.concatenate([[0], np.cumsum([len(line) for line in self.lines])])
        self.source, self.function, self.found = source.encode(), "", []

    def visit_FunctionDef(self, node):
        outer, self.function = self.function, node.name
        if f"{self.module}.{node.name}" not in NO_FORMULA:
            for statement in node.body:
                self.visit(statement)
        self.function = outer

    def visit_BinOp(self, node):
        if not isinstance(node.op, ARITHMETIC) or not self.function:
            return self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Sub):
            self.add(node.left)
            self.add(node.right)
        elif isinstance(node.op, ast.Pow):
            self.add(node.right)
        else:
            self.add(node.right if isinstance(node.op, ast.Mult) else node.left)
            return self.inside_product(node)
        return self.generic_visit(node)

    def inside_product(self, node):
        """Factors of a product are one mutant; what stands inside them are others."""
        for side in (node.left, node.right):
            if isinstance(side, ast.BinOp) and isinstance(side.op, PRODUCT):
                self.inside_product(side)
            else:
                self.visit(side)

    def visit_Subscript(self, node):
        self.visit(node.value)  # an index is no formula

    def visit_Raise(self, node):
        pass

    def visit_JoinedStr(self, node):
        pass

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def add(self, node):
        whole = isinstance(node, ast.Constant) and node.value == 0
        listed = isinstance(node, ast.List | ast.Tuple | ast.ListComp)
        if whole or listed or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            return
        begin = int(self.starts[node.lineno - 1]) + node.col_offset
        end = int(self.starts[node.end_lineno - 1]) + node.end_col_offset
        text = self.source[begin:end].decode()
        self.found.append(Mutant(self.module, self.function, node.lineno, begin, end, text))


def mutants() -> list[Mutant]:
    """Every mutant, in order of modules and lines, each place once."""
    found = []
    for path in sorted((ROOT / LIBRARY).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        finder = Finder(path.stem, source)
        if path.stem not in NO_FORMULA:
            finder.visit(ast.parse(source))
        found += dict.fromkeys(finder.found)
    return found


def tests_of(module: str) -> list[str]:
    """Paths of the tests that do not start Snakemake, those of the module first."""
    slow = {"config", "workflow", "tools", "__pycache__"}
    folders = [path for path in (ROOT / "tests").iterdir() if path.is_dir()]
    fast = sorted(path for path in folders if path.name not in slow)
    own = ROOT / "tests" / "science" / f"test_{module}.py"
    found = [own, ROOT / "tests" / "science", *fast] if own.is_file() else fast
    return [str(path.relative_to(ROOT)) for path in found]


def changed_verdict() -> str:
    """The first claim of the ledger whose verdict is not the expected one; "" if all are."""
    from configs import CONFIG

    from scripts.claims.checks import measured
    from scripts.claims.ledger import verdict
    from scripts.claims.settings import known_tests
    from scripts.config import read_config

    config = read_config(CONFIG)
    for name, claim in config.claims.items():
        if claim.is_testable:
            try:
                checks = measured(name, known_tests()[name][0], claim.setting, str(config.seed))
                found = verdict(checks, claim.tolerance)
            except (ValueError, ArithmeticError) as error:
                found = f"error: {error}"
            if found != claim.verdict:
                return f"{name}: {found}, expected {claim.verdict}"
    return ""


def outcome(mutant: Mutant) -> str:
    """What catches a mutant: "tests", "ledger", or "" if nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        kept = shutil.ignore_patterns("__pycache__", ".venv", ".git", ".snakemake", "results",
                                      "miniature", "logs", "benchmarks")  # fmt: skip
        shutil.copytree(ROOT, copy, ignore=kept)
        path = copy / LIBRARY / f"{mutant.module}.py"
        source = path.read_bytes()
        changed = b"(1.01 * (" + source[mutant.begin : mutant.end] + b"))"
        path.write_bytes(source[: mutant.begin] + changed + source[mutant.end :])
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "OPENBLAS_NUM_THREADS": "1"}
        environment |= {"PYTHONPATH": os.pathsep.join(str(copy / part) for part in SOURCES)}
        pytest = ["-m", "pytest", "-x", "-p", "no:cacheprovider"]
        for name, command in (
            ("tests", [*pytest, *tests_of(mutant.module)]),
            ("ledger", ["tests/tools/mutants.py", "--ledger"]),
        ):
            run = subprocess.run(
                [sys.executable, *command],
                cwd=copy,
                env=environment,
                capture_output=True,
                check=False,
            )
            if run.returncode:
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
        print(wrong := changed_verdict())
        return bool(wrong)
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
            text = " ".join(mutant.text.split())
            print(f"{caught or 'SURVIVES':9} {where:45} 1.01 * ({text})", flush=True)
    share = 1 - survivors / len(chosen)
    print(f"caught {len(chosen) - survivors} of {len(chosen)}, {100 * share:.1f} %")
    return share < CAUGHT


if __name__ == "__main__":
    sys.exit(main())
