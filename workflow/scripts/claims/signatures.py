"""The functions that measure claims, by their signatures, compared with the config: a claim names
its function, and its setting holds the arguments.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from inspect import Parameter, getmembers, isfunction, signature
from pathlib import Path

from scripts.claims.settings import Claim
from scripts.schema.remembered import remembered
from scripts.schema.sentences import nearest

MEASUREMENTS = Path(__file__).parent / "measurements"
MODULES = sorted(path.stem for path in MEASUREMENTS.glob("*.py"))


@cache
def functions_in(module: str) -> dict[str, dict[str, bool]]:
    """The functions in one of MODULES that measure claims: keys of their settings, True if needed.

    They are public, their one positional parameter is ``seed``, and their keywords are the keys.
    The module is imported, with all of SciPy that it uses, only after an edit.
    """
    source = (MEASUREMENTS / f"{module}.py").read_text(encoding="utf-8")
    [functions] = remembered(_keys_by_function, [module.encode()], source)
    return functions


def _keys_by_function(module: bytes) -> dict[str, dict[str, bool]]:
    imported = import_module(f"scripts.claims.measurements.{module.decode()}")
    keys_by_function = {}
    for name, function in getmembers(imported, isfunction):
        if name.startswith("_") or function.__module__ != imported.__name__:
            continue
        parameters = signature(function).parameters.values()
        keywords = [p for p in parameters if p.kind is Parameter.KEYWORD_ONLY]
        if [p.name for p in parameters if p not in keywords] == ["seed"]:
            keys_by_function[name] = {p.name: p.default is Parameter.empty for p in keywords}
    return keys_by_function


def check_claims(claims: Mapping[str, Claim], picked: str | None = None) -> None:
    """Raise ValueError, naming the key, for a function that is not there, for a setting that it
    does not take, or for a picked claim that is not there.
    """
    if picked is not None and picked not in claims:
        raise ValueError(f"claim: no claim {picked!r}{nearest(picked, claims)}")
    for name, claim in claims.items():
        if not claim.is_testable:
            continue
        try:
            keys = _keys_of_function(claim.measured_by)
        except ValueError as error:
            raise ValueError(f"claims.{name}.measured_by: {error}") from None
        where = f"claims.{name}.setting"
        for key in claim.setting.keys() - keys:
            raise ValueError(f"{where}: unknown key {key!r}; it takes {', '.join(sorted(keys))}")
        for key in sorted(keys):
            if keys[key] and key not in claim.setting:
                raise ValueError(f"{where}: the key {key!r} is missing")


def _keys_of_function(measured_by: str) -> dict[str, bool]:
    """The keys of a function's setting. Raises ValueError if there is no such function."""
    module, _, function = measured_by.partition(".")
    if module not in MODULES:
        hint = nearest(module, MODULES)
        raise ValueError(f"no module {module!r} in workflow/scripts/claims/measurements{hint}")
    functions = functions_in(module)
    if function not in functions:
        hint = nearest(function, functions)
        raise ValueError(f"no function {function!r} of {module}.py measures a claim{hint}")
    return functions[function]
