"""Settings of the ledger: one block for each statement that is tested."""

import ast
import re
from collections.abc import Mapping, Sequence
from functools import cache
from inspect import isfunction, signature
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from model_collapse.mixtures import remedies
from model_collapse.mixtures.groups import Protocol
from scripts.core import settings as core
from scripts.core.remembered import remembered
from scripts.core.settings import Settings, entry, nearest, sentence
from scripts.core.spectra import Problem

NOT_TESTABLE = "not testable"
VERSIONS = ("v1", "final")  # of the paper that is rerun
PROTOCOLS = {  # the library's constructors of protocols by name
    name: maker
    for name, maker in vars(remedies).items()
    if isfunction(maker) and signature(maker).return_annotation == Protocol
}

Allowance = Annotated[core.Real, Field(ge=0)]
Place = Literal["crit", "star", "best", "between"]
Verdict = Literal["holds", "holds as corrected", "false", "not testable"]


class Tolerance(Settings):
    """Allowed deviation, the parts added."""

    reason: str = entry("why this much", min_length=1)
    relative: Allowance = entry("share of the prediction", 0.0)
    absolute: Allowance = entry("amount", 0.0)
    standard_errors: Allowance = entry("multiple of the standard error", 0.0)

    def allowed(self, value: Any, error: Any) -> Any:
        """What a measured number of this standard error may deviate by from a value."""
        share, errors = self.relative * abs(value), self.standard_errors * error
        return share + self.absolute + errors + 1e-12 * abs(value)

    def __str__(self) -> str:
        values = 100 * self.relative, self.absolute, self.standard_errors
        parts = zip(values, (" %", "", " s.e."), strict=True)
        return " + ".join(f"{value:g}{unit}" for value, unit in parts if value) or "exact"


class Statement(Settings):
    """What a paper says, and what the build must find of it."""

    source: str = entry("whose it is: v1 or final, of the paper, or a key of paper/references.bib")
    where: str = entry("number or place of the statement")
    statement: str = entry("what it says in one line")
    answers: core.Count | None = entry("which claim of v1's abstract it is", None, ge=1, le=4)
    erratum: core.Count | None = entry(
        "number in the list of misprints and false statements", None, ge=1
    )
    tolerance: Tolerance | None = entry("allowed deviation", None)
    why: str | None = entry("why it cannot be tested", None)
    verdict: Verdict = entry("verdict that the build must find")
    shown_in: Annotated[list[str], core.Distinct] = entry(
        "figures and tables of the build that show it"
    )
    by_point: bool = entry("the paper prints every point", False)

    @property
    def is_testable(self) -> bool:
        return self.verdict != NOT_TESTABLE


class Claim(Statement):
    """One statement, and how it is tested."""

    setting: dict[str, Any] | None = entry("arguments of the function that tests it", None)
    quick: bool = entry("the miniature tests it too", False)

    @classmethod
    def kept_under(cls, block: dict, overlay: Mapping) -> dict:
        """What a claim says that is testable, or is not, and of protocols what others have too."""
        verdict = overlay.get("verdict", block.get("verdict"))
        unused = ("setting", "tolerance", "by_point") if verdict == NOT_TESTABLE else ("why",)
        kept = {key: value for key, value in block.items() if key not in unused}
        settings = kept.get("setting"), overlay.get("setting")
        if all(isinstance(setting, Mapping) for setting in settings):
            kept["setting"] = _of_protocols(*settings)
        return kept

    @classmethod
    def laid_kinds(cls) -> dict[str, Any]:
        """A setting is laid key by key, as _Parts."""
        return super().laid_kinds() | {"setting": _Parts}

    @model_validator(mode="before")
    @classmethod
    def _setting_of_counts(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("setting"), dict):
            return given | {"setting": _usable("setting", given["setting"])}
        return given

    @model_validator(mode="after")
    def _can_be_tested(self):
        if self.is_testable != (self.setting is not None and self.tolerance is not None):
            raise ValueError("needs setting and tolerance, unless its verdict is not testable")
        if self.is_testable and self.why is not None:
            raise ValueError("why: is for claims that are not testable; leave it out")
        if self.is_testable:
            return self
        if self.why is None:
            raise ValueError("why: a claim that is not testable must say why")
        if self.by_point:
            raise ValueError("by_point: a claim that is not testable has no points")
        for key in ("setting", "tolerance"):
            if getattr(self, key) is not None:
                raise ValueError(f"{key}: a claim that is not testable has none")
        return self


def _of_protocols(setting: Mapping, overlay: Mapping) -> dict:
    """A setting whose protocols have no key but those of the protocols in an overlay."""
    kept = dict(setting)
    for key in ("protocol", "over"):
        block, other = setting.get(key), overlay.get(key)
        is_other = isinstance(block, Mapping) and isinstance(other, Mapping) and "name" in other
        if is_other and (made := PROTOCOLS.get(other["name"])):
            known = {"name", *signature(made).parameters}
            kept[key] = {k: value for k, value in block.items() if k in known}
            kept[key]["name"] = other["name"]
    return kept


def _window(value: Any) -> list:
    if not (_is_pair(value) and 0 < value[0] < value[1]):
        raise ValueError(f"must be two rising numbers above 0, not {value}")
    return value


def _law(value: Any) -> list:
    if not (_is_pair(value) and value[0] > 1 and value[1] > 0):
        raise ValueError(f"a law is [beta, r], beta > 1 and r > 0, not {value}")
    return value


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and [type(x) in (int, float) for x in value] == [True, True]


def protocol(name: str, **keys: Any) -> Protocol:
    """A protocol by the name and the keys of its constructor.

    Raises ValueError for an unknown name or key, one that is missing, and what no model can fit.
    """
    if name not in PROTOCOLS:
        raise ValueError(f"no protocol {name!r}{nearest(name, PROTOCOLS)}")
    try:
        made = PROTOCOLS[name](**keys)
        made(2)
    except (AttributeError, TypeError) as error:
        raise ValueError(str(error)) from None
    return made


def _protocol(block: Any) -> Any:
    protocol(**block if isinstance(block, dict) and "name" in block else {"name": str(block)})
    return block


class _Fit(Settings):
    samples: core.Samples
    ridge: core.Ridge = 0
    noise: core.Noise = 0


class _Parts(Settings, validate_default=False):
    """Keys that have one meaning wherever they stand in a setting."""

    spectrum: Problem = None
    fit: _Fit = None
    generator: _Fit = None
    protocol: Annotated[dict, BeforeValidator(_protocol)] = None
    over: Annotated[dict, BeforeValidator(_protocol)] = None
    window: Annotated[list, BeforeValidator(_window)] = None
    law: Annotated[list, BeforeValidator(_law)] = None
    laws: list[Annotated[list, BeforeValidator(_law)]] = None
    place: Place = None
    places: list[Place] = None
    relation: Literal["equal", "at least", "at most"] = None
    replicates: core.Replicates = None


def _usable(where: str, value: Any) -> Any:
    """A setting, or a part of it: its keys in order, its whole floats counts, as 1.0e+6 is one.

    Raises ValueError, saying where, for numbers and _Parts that no test can use.
    """
    key = where.split(".")[-1]
    if isinstance(value, dict):
        value = {name: _usable(f"{where}.{name}", value[name]) for name in sorted(value, key=str)}
    elif isinstance(value, list):
        value = [_usable(f"{where}[{i}]", item) for i, item in enumerate(value)]
    try:
        value = core.whole(core.in_range(value))
        if key in _Parts.model_fields:
            _Parts.model_validate({key: value})
    except ValidationError as error:
        raise ValueError(where.removesuffix(key) + sentence(error, _Parts)) from None
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return value


@cache
def known_tests() -> dict[str, tuple[str, dict[str, bool]]]:
    """The test of each claim: its module, and the keys of its setting, True if needed. It is a
    public function of this folder whose first parameter is ``seed``, read off the source, as an
    import would load all that they use. An assignment ``claim = other`` gives a claim another's.
    """
    tests = {}
    paths = sorted(Path(__file__).parent.glob("*.py"))
    defined = remembered(_tests_defined, (path.read_bytes() for path in paths))
    for path, functions in zip(paths, defined, strict=True):
        for name, keys in functions:
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
    for name, setting in ((n, claim.setting) for n, claim in claims.items() if claim.is_testable):
        if name not in tests:
            hint = nearest(name, tests)
            raise ValueError(f"claims.{name}: no function tests a claim of this name{hint}")
        where, keys = f"claims.{name}.setting", tests[name][1]
        for key in setting.keys() - keys:
            raise ValueError(f"{where}: unknown key {key!r}; it takes {', '.join(sorted(keys))}")
        for key in sorted(key for key, needed in keys.items() if needed and key not in setting):
            raise ValueError(f"{where}: the key {key!r} is missing")


def check_sources(claims: Mapping[str, Claim], bibliography: str) -> None:
    """Raise ValueError for a claim of a paper that the bibliography, text of BibTeX, lacks."""
    keys = {*VERSIONS, *re.findall(r"^@\w+\{([^,\s]+),", bibliography, flags=re.MULTILINE)}
    for name, claim in claims.items():
        if claim.source not in keys:
            hint = nearest(claim.source, keys)
            raise ValueError(f"claims.{name}.source: no paper {claim.source!r}{hint}")


def check_shown(claims: Mapping[str, Claim], known: Sequence[str]) -> None:
    """Raise ValueError for a claim that names a figure or table which the paper has not."""
    for name, claim in claims.items():
        for shown in filter(lambda shown: shown not in known, claim.shown_in):
            said = f"the paper has no figure or table {shown!r}; it has {', '.join(known)}"
            raise ValueError(f"claims.{name}.shown_in: {said}")
