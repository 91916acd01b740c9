"""Ridges of a protocol's generations that are best in theory, by four rules.

``one``: the same ridge in every generation. ``last``: none but in the last. ``greedy``: each
generation's for its own error, given those before. ``joint``: all for the error of the last.
"""

from collections.abc import Callable, Sequence
from math import ceil, inf, log

import numpy as np
from scipy.optimize import OptimizeResult, minimize, minimize_scalar

from model_collapse.mixtures.groups import Protocol
from model_collapse.mixtures.remedies import Schedule, listed
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.arguments import whole_number, with_plain_numbers
from model_collapse.problem.spectra import Spectrum

RULES = ("one", "last", "greedy", "joint")
BOUNDS = (1e-10, 1e4)  # of a ridge
STEPS = 300  # of the joint search from one start, at most
ACCURACY = 1e-6  # of the logarithm of a ridge
GRID = log(10) / 2  # between the logarithms at which a valley is looked for, at most
ROUGH, EXACT = 1e-4, 2e-9  # gains, of the error, at which a joint search from a start ends
EARLY = (1e-3, 1e-2, 1e-1)  # first ridges over the last, where joint searches start
GAIN = 1e-4  # by which a round of single ridges must lower the error for another

Maker = Callable[[Schedule], Protocol]  # such as lambda ridge: replace(300, ridge, 0.5)
Error = Callable[[Sequence[float]], float]  # of the last model, for ridges of all


def best_ridges(
    spectrum: Spectrum,
    protocol: Maker,
    generations: int,
    rule: str = "one",
    bounds: tuple[float, float] = BOUNDS,
) -> np.ndarray:
    """The ridges of models 1 … n + 1, shape (n + 1,), by which a rule makes E_n or all E_k lowest.

    ``protocol`` makes one from a ridge or a schedule of ridges (or of a penalty, or of whatever is
    positive). "joint" searches from several starts, the other rules' ridges among them, and is
    never worse than these. Raises ValueError for an unknown rule and as expected_errors and
    ``lowest`` do, and ArithmeticError if the joint search does not end.

    >>> from model_collapse.mixtures.remedies import replace
    >>> from model_collapse.problem.spectra import isotropic
    >>> best_ridges(isotropic(100), lambda ridge: replace(200, ridge, noise=0.5), 3).round(3)
    array([0.097, 0.097, 0.097, 0.097])
    """

    def error(ridges: Sequence[float]) -> float:
        return expected_errors(spectrum, protocol(listed(ridges)), len(ridges) - 1)[-1]

    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}, not {rule!r}")
    models = whole_number("generations", generations, 0) + 1
    simple = {"one": _one, "last": _last, "greedy": _greedy}
    if rule in simple:
        return simple[rule](error, models, bounds)
    return _joint(error, [find(error, models, bounds) for find in simple.values()], bounds)


def _one(error: Error, models: int, bounds: tuple[float, float]) -> np.ndarray:
    return np.full(models, lowest(lambda ridge: error([ridge] * models), bounds))


def _last(error: Error, models: int, bounds: tuple[float, float]) -> np.ndarray:
    before = [0.0] * (models - 1)
    return np.array([*before, lowest(lambda ridge: error([*before, ridge]), bounds)])


def _greedy(error: Error, models: int, bounds: tuple[float, float]) -> np.ndarray:
    ridges: list[float] = []
    for _ in range(models):
        ridges.append(lowest(lambda ridge: error([*ridges, ridge]), bounds))
    return np.array(ridges)


def _joint(error: Error, simple: list[np.ndarray], bounds: tuple[float, float]) -> np.ndarray:
    """All ridges for the last error, from those by the other rules, shapes (n + 1,).

    The error has plateaus, where a heavy ridge in one generation makes those before it void, so the
    gradient alone does not leave them. From each start ridges are searched one at a time, each over
    all that it may be, before all go down together.
    """
    models = len(simple[0])
    last = max(ridges[-1] for ridges in simple[1:])
    ramps = [last * np.geomspace(share, 1, models) for share in EARLY]
    starts = [np.clip(ridges, *bounds) for ridges in (*simple, *ramps)]
    least = min(starts, key=error)
    searches = [_descent(error, start, bounds, ROUGH) for start in starts]
    best = min(searches, key=lambda search: search.fun)
    settled = _one_at_a_time(error, min((np.exp(best.x), least), key=error), bounds)
    best = _descent(error, settled, bounds, EXACT)
    if best.status == 1:  # too many steps or errors
        raise ArithmeticError(f"the search of {models} ridges does not end: {best.message}")
    return min((np.exp(best.x), settled, *simple), key=error)


def _descent(
    error: Error, start: np.ndarray, bounds: tuple[float, float], accuracy: float
) -> OptimizeResult:
    """All ridges together down the gradient of the logarithms, ``fun`` of ``x``, until a step gains
    less than an accuracy of the error.
    """
    return minimize(
        lambda logs: np.log(error(np.exp(logs))),
        np.log(start),
        method="L-BFGS-B",
        bounds=[tuple(np.log(bounds))] * len(start),
        options={"maxiter": STEPS, "ftol": accuracy},
    )


def _one_at_a_time(error: Error, ridges: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """Ridges (n + 1,), each in turn where the error is lowest, in rounds while that gains."""
    before, ridges = inf, np.array(ridges)
    while (after := error(ridges)) < before * (1 - GAIN):
        before = after
        for k in range(len(ridges)):
            ridges = min(ridges, _with_best(error, ridges, k, bounds), key=error)
    return ridges


def _with_best(error: Error, ridges: np.ndarray, k: int, bounds: tuple[float, float]) -> np.ndarray:
    """Ridges (n + 1,) of which the k-th is the best beside the others."""

    def with_ridge(ridge: float) -> np.ndarray:
        return np.r_[ridges[:k], ridge, ridges[k + 1 :]]

    return with_ridge(lowest(lambda ridge: error(with_ridge(ridge)), bounds))


@with_plain_numbers
def lowest(error: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Where between positive bounds an error is lowest.

    A coarse grid of logarithms finds the valley, as the error may have several: every other point,
    then those beside the lowest. Bounded Brent finds its bottom. If the error keeps falling up to a
    bound, that bound is returned. Raises ValueError unless 0 < first bound ≤ second.
    """
    if not 0 < bounds[0] <= bounds[1] < inf:
        raise ValueError(f"bounds must be two positive numbers, the lower first, not {bounds}")

    def at(logarithm: float) -> float:
        return error(float(np.exp(logarithm)))

    first, last = np.log(bounds)
    grid = np.linspace(first, last, 1 + ceil((last - first) / GRID))
    errors = {i: at(grid[i]) for i in range(0, len(grid), 2)}
    least = min(errors, key=errors.get)
    errors |= {i: at(grid[i]) for i in (least - 1, least + 1) if 0 <= i < len(grid)}
    least = min(errors, key=errors.get)
    valley = grid[max(least - 1, 0)], grid[min(least + 1, len(grid) - 1)]
    found = minimize_scalar(at, bounds=valley, method="bounded", options={"xatol": ACCURACY})
    return float(np.exp(found.x))
