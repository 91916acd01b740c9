"""Would a formula that is off by 1 % be noticed? `make mutants`; ARGS=--all for every mutant.

In a copy of the project each term or factor of the library's formulas is multiplied by 1.01, one at
a time (an exponent too, and of a product one factor, as they are the same mutant). The tests run
against it, then, if they pass, the ledger. Exits 1 if fewer than 95 % are caught.
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
LIBRARY = "workflow/src/model_collapse"
MODULES = (
    *("chain", "decomposition", "designs", "equivalents", "exponents", "filters", "kernels"),
    *("network_chain", "networks", "random_features"),
    *("scaling", "simulated_laws", "slopes", "spectra", "theory"),
)
TESTS = [
    f"tests/test_{name}.py"
    for name in (
        *("theory", "equivalents", "exponents", "spectra", "slopes"),
        *("decomposition", "chain", "kernels", "scaling_tables"),
        *("filters", "networks", "random_features"),
    )
]
CAUGHT = 0.95
SAMPLE = 60
NO_FORMULA = {
    "equivalents.effective_ridge": "how the root is found, not which; the tests check the root",
    "scaling.best_ridge": "how the minimum is found, not which; the tests check the minimum",
    "designs.draw": "the tolerance of the rank",
    "filters.complex_ridges": "how the root is found, not which; the tests check the root",
    "filters.contour": "where the contour runs, not what is integrated; the tests check that",
    "filters._largest": "a bound",
    "random_features._parts": "indices",
    "networks.predict": "indices",
    "kernels.draw": "indices",
    "kernels.split": "indices",
    "chain.whole_samples": "a check",
}
"""Functions that hold no formula of their own, and why."""
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
    for module in MODULES:
        source = (ROOT / LIBRARY / f"{module}.py").read_text(encoding="utf-8")
        finder = Finder(module, source)
        finder.visit(ast.parse(source))
        found += dict.fromkeys(finder.found)
    return found


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
        environment |= {"PYTHONPATH": str(copy / "workflow/src")}
        for name, command in (
            ("tests", ["-m", "pytest", "-x", "-p", "no:cacheprovider", *TESTS]),
            ("ledger", ["tests/tools/run_ledger.py"]),
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
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    chosen = found = mutants()
    if not arguments.all:
        picked = np.random.default_rng(2402).permutation(len(found))[:SAMPLE]
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
