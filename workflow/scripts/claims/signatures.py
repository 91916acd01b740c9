"""The functions that test claims, by their signatures: read off the sources, and compared with the
settings of the config. An import would load all that they use.
"""

import ast
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from scripts.claims.settings import Claim
from scripts.schema.remembered import remembered
from scripts.schema.sentences import nearest


@cache
def known_tests() -> dict[str, tuple[str, dict[str, bool]]]:
    """The test of each claim: its module, and the keys of its setting, True if needed.

    A test is a public function in the folder ``measurements`` whose first parameter is ``seed``,
    and its keywords are the keys. With ``claim = other`` a claim has the test of another one.
    """
    tests = {}
    paths = sorted((Path(__file__).parent / "measurements").glob("*.py"))
    names_in_files = remembered(_tests_defined, (path.read_bytes() for path in paths))
    for path, names in zip(paths, names_in_files, strict=True):
        for name, keys in names:
            if isinstance(keys, dict):
                tests[name] = path.stem, keys
            elif keys in tests:
                tests[name] = tests[keys]
    return tests


def _tests_defined(source: bytes) -> list[tuple[str, dict[str, bool] | str]]:
    """Names that a source defines, each with the keys of its setting or the name it is equal to."""
    names: list[tuple[str, dict[str, bool] | str]] = []
    for node in ast.parse(source).body:
        match node:
            case ast.FunctionDef(name, ast.arguments(args=[ast.arg("seed")]) as parameters) if (
                not name.startswith("_")
            ):
                keys = zip(parameters.kwonlyargs, parameters.kw_defaults, strict=True)
                names.append((name, {key.arg: value is None for key, value in keys}))
            case ast.Assign(targets, ast.Name(other)):
                names += [(name.id, other) for name in targets if isinstance(name, ast.Name)]
    return names


def check_claims(claims: Mapping[str, Claim], picked: str | None = None) -> None:
    """Raise ValueError, naming the claim, for a setting that its test does not take, or for a
    picked claim that is not there.
    """
    if picked is not None and picked not in claims:
        raise ValueError(f"claim: no claim {picked!r}{nearest(picked, claims)}")
    tests = known_tests()
    for name, claim in claims.items():
        if not claim.is_testable:
            continue
        if name not in tests:
            hint = nearest(name, tests)
            raise ValueError(f"claims.{name}: no function tests a claim of this name{hint}")
        where = f"claims.{name}.setting"
        _, keys = tests[name]
        for key in claim.setting.keys() - keys:
            raise ValueError(f"{where}: unknown key {key!r}; it takes {', '.join(sorted(keys))}")
        for key in sorted(keys):
            if keys[key] and key not in claim.setting:
                raise ValueError(f"{where}: the key {key!r} is missing")
