"""Claims by id: the function that tests each, and checks of what the config asks of it."""

import ast
import difflib
import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from scripts.claims import misprints, networks, regression, scaling_laws
from scripts.claims.ledger import Test


@dataclass(frozen=True)
class Parameters:
    """Where the test of a claim is, and which keys its setting needs and takes."""

    module: str
    needed: frozenset[str]
    taken: frozenset[str]


@cache
def tests_of() -> dict[str, Parameters]:
    """The test of each claim, read off the source: an import would load all that tests use.

    A test is a public function of this folder whose first parameter is ``seed``.
    """
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given, keys = node.args, [arg.arg for arg in node.args.kwonlyargs]
                if [arg.arg for arg in given.posonlyargs + given.args] == ["seed"]:
                    needed = {
                        key
                        for key, default in zip(keys, given.kw_defaults, strict=True)
                        if default is None
                    }
                    found[node.name] = Parameters(path.stem, frozenset(needed), frozenset(keys))
    return found


def tests() -> dict[str, Test]:
    """Every public function of the four modules of claims, by its name."""
    found = {}
    for module in (regression, scaling_laws, networks, misprints):
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__
            if (
                own
                and not name.startswith("_")
                and next(iter(inspect.signature(function).parameters), "") == "seed"
            ):
                found[name] = function
    return found


def check_claims(claims: dict[str, dict], picked: str | None) -> None:
    """Raise ValueError, naming the claim, for a block that its test cannot take, for a window
    that cannot be fitted, or for a picked claim that is not there.
    """
    known = tests()
    if picked is not None and picked not in claims:
        raise ValueError(f"claim: no claim {picked!r}{nearest(picked, claims)}")
    for name, block in claims.items():
        where = f"claims.{name}"
        testable = block["verdict"] != "not testable"
        if testable != ("setting" in block and "tolerance" in block):
            raise ValueError(
                f"{where}: needs setting and tolerance, unless its verdict is not testable"
            )
        if not testable:
            if "why" not in block:
                raise ValueError(f"{where}.why: a claim that is not testable must say why")
            continue
        if name not in known:
            raise ValueError(
                f"{where}: no function tests a claim of this name{nearest(name, known)}"
            )
        _check_setting(f"{where}.setting", block["setting"], known[name])


def _check_setting(where: str, setting: dict, test: Test) -> None:
    """Raise ValueError for keys that a test does not take, or values it cannot use."""
    parameters = list(inspect.signature(test).parameters.values())[1:]
    taken = {parameter.name for parameter in parameters}
    needed = {p.name for p in parameters if p.default is inspect.Parameter.empty}
    for name in setting.keys() - taken:
        raise ValueError(f"{where}: unknown key {name!r}; it takes {', '.join(sorted(taken))}")
    for name in sorted(needed - setting.keys()):
        raise ValueError(f"{where}: the key {name!r} is missing")
    if "window" in setting and not (
        _are_numbers(window := setting["window"], 2) and 0 < window[0] < window[1]
    ):
        raise ValueError(f"{where}.window: must be two rising numbers above 0, not {window}")
    for key, laws in (("laws", setting.get("laws", [])), ("law", [setting.get("law", [2, 1])])):
        good = isinstance(laws, list) and all(
            _are_numbers(law, 2) and law[0] > 1 and law[1] > 0 for law in laws
        )
        if not good:
            found = setting[key]
            raise ValueError(f"{where}.{key}: a law is [beta, r], beta > 1 and r > 0, not {found}")


def _are_numbers(value: object, count: int) -> bool:
    return (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)
    )


def nearest(name: str, known) -> str:
    """A hint at the name that was meant."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
