"""Which function tests which claim, read off the source: an import would load all that they use."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from scripts.claims.checks import Check


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
        for node in ast.parse(path.read_bytes()).body:
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


def measured(claim: str, module: str, setting: Mapping, root: str) -> list[Check]:
    """The checks of a claim by the test in a module of this folder, its seed below ``root``.

    Raises ValueError, naming the claim, if the test does.
    """
    test = getattr(import_module(f"scripts.claims.{module}"), claim)
    try:
        return test(f"{root}/{claim}", **setting)
    except ValueError as error:
        raise ValueError(f"claims.{claim}: {error}") from error
