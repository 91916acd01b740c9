"""Claims by id: the function that tests each, and checks of what the config asks of it."""

import difflib
import inspect

from claims import misprints, networks, regression, scaling_laws
from claims.ledger import Test


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
        try:
            inspect.signature(known[name]).bind("seed", **block["setting"])
        except TypeError as error:
            raise ValueError(f"{where}.setting: {error}") from None
        window = block["setting"].get("window")
        if window is not None and not 0 < window[0] < window[1]:
            raise ValueError(
                f"{where}.setting.window: the fit window {window[0]:g} to {window[1]:g} is empty; "
                f"it must rise from above 0"
            )
        for beta, r in _laws(block["setting"]):
            if not (beta > 1 and r > 0):
                raise ValueError(
                    f"{where}.setting: a law needs beta > 1 and r > 0, not beta = {beta}, r = {r}"
                )


def _laws(setting: dict) -> list:
    return [*setting.get("laws", []), *([setting["law"]] if "law" in setting else [])]


def nearest(name: str, known) -> str:
    """A hint at the name that was meant."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
