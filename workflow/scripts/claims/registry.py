"""Which function tests which claim, read off the source: an import would load all that they use."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.core.imports import syntax_of


@dataclass(frozen=True)
class Test:
    """The function of a claim: its module, and which keys its setting needs and may have."""

    module: str
    needed: frozenset[str]
    taken: frozenset[str]


@cache
def tests_of() -> dict[str, Test]:
    """The test of each claim: a public function of this folder whose first parameter is ``seed``.

    An assignment ``claim = other`` gives a claim the function of another.
    """
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in syntax_of(path).body:
            match node:
                case ast.FunctionDef(name, ast.arguments(args=[ast.arg("seed")]) as given) if (
                    not name.startswith("_")
                ):
                    keys = dict(zip(given.kwonlyargs, given.kw_defaults, strict=True))
                    needed = frozenset(key.arg for key, default in keys.items() if default is None)
                    found[name] = Test(path.stem, needed, frozenset(key.arg for key in keys))
                case ast.Assign([ast.Name(name)], ast.Name(other)) if other in found:
                    found[name] = found[other]
    return found
