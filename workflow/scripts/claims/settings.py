"""Settings of the ledger: one block for each statement that is tested."""

import re
from collections.abc import Mapping, Sequence
from inspect import isfunction, signature
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from model_collapse.mixtures import remedies
from model_collapse.mixtures.groups import Protocol
from scripts.schema import settings as schema
from scripts.schema.sentences import nearest, sentence
from scripts.schema.settings import Settings, entry
from scripts.schema.spectra import Problem

NOT_TESTABLE = "not testable"
KEYS_OF_TESTABLE = ("measured_by", "setting", "tolerance")  # a claim has all of these or none
VERSIONS = ("v1", "final")  # of the paper that is rerun
PROTOCOLS = {  # the library's constructors of protocols by name
    name: maker
    for name, maker in vars(remedies).items()
    if isfunction(maker) and signature(maker).return_annotation == Protocol
}

Allowance = Annotated[schema.Real, Field(ge=0)]
Place = Literal["crit", "star", "best", "between"]
Verdict = Literal["holds", "holds as corrected", "false", "not testable"]


class Tolerance(Settings):
    """Allowed deviation, the parts added."""

    reason: str = entry("why this much", min_length=1)
    relative: Allowance = entry("share of the prediction", 0.0)
    absolute: Allowance = entry("amount", 0.0)
    standard_errors: Allowance = entry("multiple of the standard error", 0.0)

    def allowed(self, value: Any, error: Any) -> Any:
        """The largest deviation from a value that is allowed to a mean of this standard error."""
        share = self.relative * abs(value)
        errors = self.standard_errors * error
        return share + self.absolute + errors + 1e-12 * abs(value)

    def __str__(self) -> str:
        values = 100 * self.relative, self.absolute, self.standard_errors
        pairs = zip(values, (" %", "", " s.e."), strict=True)
        return " + ".join(f"{value:g}{unit}" for value, unit in pairs if value) or "exact"


class Statement(Settings):
    """A statement of a paper, and the verdict that the build must find."""

    source: str = entry("whose it is: v1 or final, of the paper, or a key of paper/references.bib")
    where: str = entry("number or place of the statement")
    statement: str = entry("what it says in one line")
    answers: schema.Count | None = entry("which claim of v1's abstract it is", None, ge=1, le=4)
    erratum: schema.Count | None = entry(
        "number in the list of misprints and false statements", None, ge=1
    )
    tolerance: Tolerance | None = entry("allowed deviation", None)
    why: str | None = entry("why it cannot be tested", None)
    verdict: Verdict = entry("verdict that the build must find")
    shown_in: Annotated[list[str], schema.Distinct] = entry(
        "figures and tables of the build that show it"
    )
    by_point: bool = entry("the paper prints every point", False)

    @property
    def is_testable(self) -> bool:
        return self.verdict != NOT_TESTABLE


class Claim(Statement):
    """One statement, and how it is tested."""

    measured_by: str | None = entry(
        "function that measures it, after its module in workflow/scripts/claims/measurements, such "
        "as regression.thm_4_1",
        None,
    )
    setting: dict[str, Any] | None = entry("arguments of this function", None)
    quick: bool = entry("the miniature tests it too", False)

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the block without the keys of a testable claim where the claim is not testable,
        or the reverse; without its setting if another function measures the claim, as a block of
        another name; and without the keys of a protocol that a protocol of another name lacks.
        """
        verdict = overlay.get("verdict", block.get("verdict"))
        unused = (*KEYS_OF_TESTABLE, "by_point") if verdict == NOT_TESTABLE else ("why",)
        if overlay.get("measured_by", block.get("measured_by")) != block.get("measured_by"):
            unused += ("setting",)
        used = {key: value for key, value in block.items() if key not in unused}
        settings = used.get("setting"), overlay.get("setting")
        if all(isinstance(setting, Mapping) for setting in settings):
            used["setting"] = _without_keys_of_other_protocols(*settings)
        return used

    @classmethod
    def kinds_by_key(cls) -> dict[str, Any]:
        """The kinds of all keys; a setting is overlaid key by key, as _KnownKeys."""
        return super().kinds_by_key() | {"setting": _KnownKeys}

    @model_validator(mode="before")
    @classmethod
    def _setting_of_counts(cls, block: Any) -> Any:
        if isinstance(block, dict) and isinstance(block.get("setting"), dict):
            return block | {"setting": _usable("setting", block["setting"])}
        return block

    @model_validator(mode="after")
    def _can_be_tested(self):
        stated = [key for key in KEYS_OF_TESTABLE if getattr(self, key) is not None]
        if self.is_testable != (len(stated) == len(KEYS_OF_TESTABLE)):
            raise ValueError(
                "needs measured_by, setting and tolerance, unless its verdict is not testable"
            )
        if self.is_testable and self.why is not None:
            raise ValueError("why: is for claims that are not testable; leave it out")
        if self.is_testable:
            return self
        if self.why is None:
            raise ValueError("why: a claim that is not testable must say why")
        if self.by_point:
            raise ValueError("by_point: a claim that is not testable has no points")
        for key in stated:
            raise ValueError(f"{key}: a claim that is not testable has none")
        return self


def _without_keys_of_other_protocols(setting: Mapping, overlay: Mapping) -> dict:
    """Return a setting whose protocols have the names in an overlay, and keys of these alone."""
    used = dict(setting)
    for key in ("protocol", "over"):
        block = setting.get(key)
        upper = overlay.get(key)
        if not (isinstance(block, Mapping) and isinstance(upper, Mapping) and "name" in upper):
            continue
        constructor = PROTOCOLS.get(upper["name"])
        if constructor is not None:
            parameters = signature(constructor).parameters
            used[key] = {k: value for k, value in block.items() if k in parameters}
            used[key]["name"] = upper["name"]
    return used


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
        constructed = PROTOCOLS[name](**keys)
        constructed(2)
    except (AttributeError, TypeError) as error:
        raise ValueError(str(error)) from None
    return constructed


def _protocol(block: Any) -> Any:
    protocol(**block if isinstance(block, dict) and "name" in block else {"name": str(block)})
    return block


class _Fit(Settings):
    samples: schema.Samples
    ridge: schema.Ridge = 0
    noise: schema.Noise = 0


class _KnownKeys(Settings, validate_default=False):
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
    replicates: schema.Replicates = None


def _usable(where: str, value: Any) -> Any:
    """A setting, or a value in it: keys in order, and floats such as 1.0e+6 as counts.

    Raises ValueError, saying where, for numbers and _KnownKeys that no test can use.
    """
    key = where.split(".")[-1]
    if isinstance(value, dict):
        value = {name: _usable(f"{where}.{name}", value[name]) for name in sorted(value, key=str)}
    elif isinstance(value, list):
        value = [_usable(f"{where}[{i}]", item) for i, item in enumerate(value)]
    try:
        value = schema.as_count(schema.in_range(value))
        if key in _KnownKeys.model_fields:
            _KnownKeys.model_validate({key: value})
    except ValidationError as error:
        raise ValueError(where.removesuffix(key) + sentence(error, _KnownKeys)) from None
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    return value


def check_sources(claims: Mapping[str, Claim], bibliography: str) -> None:
    """Raise ValueError for a claim of a paper that the bibliography, text of BibTeX, lacks."""
    keys = {*VERSIONS, *re.findall(r"^@\w+\{([^,\s]+),", bibliography, flags=re.MULTILINE)}
    for name, claim in claims.items():
        if claim.source not in keys:
            hint = nearest(claim.source, keys)
            raise ValueError(f"claims.{name}.source: no paper {claim.source!r}{hint}")


def check_shown(claims: Mapping[str, Claim], in_paper: Sequence[str]) -> None:
    """Raise ValueError for a claim that names a figure or table which the paper has not."""
    for name, claim in claims.items():
        for shown in claim.shown_in:
            if shown not in in_paper:
                raise ValueError(
                    f"claims.{name}.shown_in: the paper has no figure or table {shown!r}; it has "
                    f"{', '.join(in_paper)}"
                )
