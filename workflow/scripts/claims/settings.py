"""Settings of the ledger: one block for each numbered statement of the paper."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from scripts.claims.registry import tests_of
from scripts.core.settings import Count, Distinct, Real, Settings, nearest, sentence
from scripts.core.spectra import Problem

NOT_TESTABLE = "not testable"

Text = Annotated[str, Field(min_length=1)]
Allowance = Annotated[Real, Field(ge=0)]
Version = Literal["v1", "final"]
Verdict = Literal["holds", "holds as corrected", "false", "not testable"]


def _whole(value: Any) -> Any:
    """A copy in which whole floats are counts, as 1.0e+6 is."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    is_count = isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    return int(value) if is_count else value


class Tolerance(Settings):
    """Allowed deviation, the parts added."""

    reason: Annotated[Text, Field(description="why this much")]
    relative: Annotated[Allowance, Field(description="share of the prediction")] = 0.0
    absolute: Annotated[Allowance, Field(description="amount")] = 0.0
    standard_errors: Annotated[Allowance, Field(description="multiple of the standard error")] = 0.0

    def __str__(self) -> str:
        share = f"{100 * self.relative:g} %" if self.relative else ""
        amount = f"{self.absolute:g}" if self.absolute else ""
        errors = f"{self.standard_errors:g} s.e." if self.standard_errors else ""
        return " + ".join(filter(None, (share, amount, errors))) or "exact"


class Statement(Settings):
    """What the paper says, and what the build must find of it."""

    version: Annotated[Version, Field(description="version of the paper")]
    where: Annotated[str, Field(description="number or place of the statement")]
    statement: Annotated[str, Field(description="what it says in one line")]
    answers: Annotated[
        Annotated[Count, Field(ge=1, le=4)] | None,
        Field(description="which claim of v1's abstract it is"),
    ] = None
    erratum: Annotated[
        Annotated[Count, Field(ge=1)] | None,
        Field(description="number in the list of misprints and false statements"),
    ] = None
    tolerance: Annotated[Tolerance | None, Field(description="allowed deviation")] = None
    why: Annotated[str | None, Field(description="why it cannot be tested")] = None
    verdict: Annotated[Verdict, Field(description="verdict that the build must find")]
    shown_in: Annotated[
        list[str], Distinct, Field(description="figures and tables of the build that show it")
    ]
    by_point: Annotated[bool, Field(description="the paper prints every point")] = False

    @property
    def is_testable(self) -> bool:
        """Whether a function tests it."""
        return self.verdict != NOT_TESTABLE


class Claim(Statement):
    """One statement of the paper, and how it is tested."""

    setting: Annotated[
        dict[str, Any] | None,
        BeforeValidator(_whole),
        Field(description="arguments of the function that tests it"),
    ] = None
    quick: Annotated[bool, Field(description="the miniature tests it too")] = False

    @model_validator(mode="after")
    def _can_be_tested(self):
        """Raise ValueError if there is nothing to test it by, or no reason why it is not tested."""
        if self.is_testable != (self.setting is not None and self.tolerance is not None):
            raise ValueError("needs setting and tolerance, unless its verdict is not testable")
        if not self.is_testable and self.why is None:
            raise ValueError("why: a claim that is not testable must say why")
        if self.by_point and not self.is_testable:
            raise ValueError("by_point: a claim that is not testable has no points")
        if self.setting is not None:
            _check_window(self.setting)
            _check_laws(self.setting)
            for key, value in self.setting.items():
                _check_spectra(f"setting.{key}", value)
        return self


def _check_window(setting: Mapping[str, Any]) -> None:
    window = setting.get("window", [1, 2])
    if not (_are_numbers(window, 2) and 0 < window[0] < window[1]):
        raise ValueError(f"setting.window: must be two rising numbers above 0, not {window}")


def _check_laws(setting: Mapping[str, Any]) -> None:
    for key, laws in (("laws", setting.get("laws", [])), ("law", [setting.get("law", [2, 1])])):
        is_list = isinstance(laws, list)
        if not (is_list and all(_are_numbers(x, 2) and x[0] > 1 and x[1] > 0 for x in laws)):
            found = setting[key]
            raise ValueError(f"setting.{key}: a law is [beta, r], beta > 1 and r > 0, not {found}")


def _check_spectra(where: str, value: Any) -> None:
    """Raise ValueError for a block ``spectrum`` that is none, wherever it stands in a setting."""
    if where.endswith(".spectrum"):
        try:
            _Spectrum.model_validate({"spectrum": value})
        except ValidationError as error:
            raise ValueError(where.removesuffix("spectrum") + sentence(error, _Spectrum)) from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_spectra(f"{where}.{key}", item)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _check_spectra(f"{where}[{i}]", item)


class _Spectrum(Settings):
    spectrum: Problem


def _are_numbers(value: Any, count: int) -> bool:
    """Whether it is a list of so many numbers."""
    if not isinstance(value, list) or len(value) != count:
        return False
    return all(isinstance(x, int | float) and not isinstance(x, bool) for x in value)


def check_claims(claims: Mapping[str, Claim], picked: str | None = None) -> None:
    """Raise ValueError, naming the claim, for a setting that its test does not take, or for a
    picked claim that is not there.
    """
    if picked is not None and picked not in claims:
        raise ValueError(f"claim: no claim {picked!r}{nearest(picked, claims)}")
    tests = tests_of()
    for name, claim in claims.items():
        if not claim.is_testable:
            continue
        if name not in tests:
            hint = nearest(name, tests)
            raise ValueError(f"claims.{name}: no function tests a claim of this name{hint}")
        where, test = f"claims.{name}.setting", tests[name]
        for key in claim.setting.keys() - test.taken:
            known = ", ".join(sorted(test.taken))
            raise ValueError(f"{where}: unknown key {key!r}; it takes {known}")
        for key in sorted(test.needed - claim.setting.keys()):
            raise ValueError(f"{where}: the key {key!r} is missing")


def check_shown(claims: Mapping[str, Claim], known: Iterable[str]) -> None:
    """Raise ValueError for a claim that names a figure or table which the paper has not."""
    known = list(known)
    for name, claim in claims.items():
        for shown in claim.shown_in:
            if shown not in known:
                raise ValueError(
                    f"claims.{name}.shown_in: the paper has no figure or table {shown!r}; "
                    f"it has {', '.join(known)}"
                )
