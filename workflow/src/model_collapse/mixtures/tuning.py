"""Ridges of a protocol's generations that are best in theory, by four rules.

``one``: the same ridge in every generation. ``last``: a ridge in the last generation alone.
``greedy``: each ridge makes the error of its own generation lowest, given those before. ``joint``:
all ridges together make the error of the last generation lowest.
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
BOUNDS = (1e-10, 1e4)  # least and largest ridge
MOST_STEPS = 300  # steps of one descent, at most
LOG_RIDGE_ACCURACY = 1e-6  # error of the logarithm of a single ridge
LARGEST_GRID_STEP = log(10) / 2  # in the logarithm of a ridge, of the grid that finds the valley
FIRST_TOLERANCE = 1e-4  # relative gain of a step at which descents from all starts end
LAST_TOLERANCE = 2e-9  # relative gain of a step at which the last descent ends
FIRST_OVER_LAST = (1e-3, 1e-2, 1e-1)  # ratio of first and last ridge in starts with rising ridges
LEAST_ROUND_GAIN = 1e-4  # relative gain of a round of single ridges that is worth another round

Maker = Callable[[Schedule], Protocol]  # such as lambda ridge: replace(300, ridge, 0.5)
Ridges = Sequence[float] | np.ndarray
Error = Callable[[Ridges], float]  # from ridges of all models to the error of the last


def best_ridges(
    spectrum: Spectrum,
    protocol: Maker,
    generations: int,
    rule: str = "one",
    bounds: tuple[float, float] = BOUNDS,
) -> np.ndarray:
    """The ridges of all models for which a rule makes E_n, or each E_k in turn, lowest in theory.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model.
    protocol : callable
        A function that makes a Protocol from a schedule of ridges, or of another positive quantity
        such as a penalty.
    generations : int
        n, at least 0.
    rule : {"one", "last", "greedy", "joint"}
        "one": the same ridge in every generation. "last": a ridge in the last generation alone.
        "greedy": each ridge for the error of its own generation, given those before. "joint": all
        ridges for E_n; the search starts from the other rules' ridges and from rising ones, and is
        never worse than the other rules.
    bounds : (float, float)
        The least and the largest ridge, both positive.

    Returns
    -------
    ndarray, shape (n + 1,)
        The ridges of models 1 … n + 1.

    Raises
    ------
    ValueError
        For an unknown rule, unless 0 < first bound ≤ second, and as expected_errors does.
    ArithmeticError
        If the joint search does not end.

    Examples
    --------
    >>> from model_collapse.mixtures.remedies import replace
    >>> from model_collapse.problem.spectra import isotropic
    >>> best_ridges(isotropic(100), lambda ridge: replace(200, ridge, noise=0.5), 3).round(3)
    array([0.097, 0.097, 0.097, 0.097])
    """

    def error(ridges: Ridges) -> float:
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
    """Ridges (n + 1,) that make the last error lowest; ``simple`` are those by the other rules.

    The error has plateaus: a heavy ridge in one generation erases the models before it, so their
    ridges change nothing, and no gradient leads away. So after rough descents from all starts each
    ridge is searched alone between its bounds, and then all descend together.
    """
    models = len(simple[0])
    last = max(ridges[-1] for ridges in simple[1:])  # by the rules "last" and "greedy"
    ramps = [last * np.geomspace(ratio, 1, models) for ratio in FIRST_OVER_LAST]
    starts = [np.clip(ridges, *bounds) for ridges in (*simple, *ramps)]
    best_start = min(starts, key=error)
    descents = [_descent(error, start, bounds, FIRST_TOLERANCE) for start in starts]
    best = min(descents, key=lambda descent: descent.fun)
    settled = _one_at_a_time(error, min((np.exp(best.x), best_start), key=error), bounds)
    best = _descent(error, settled, bounds, LAST_TOLERANCE)
    if best.status == 1:  # too many steps or errors
        raise ArithmeticError(f"the search of {models} ridges does not end: {best.message}")
    return min((np.exp(best.x), settled, *simple), key=error)


def _descent(
    error: Error, start: np.ndarray, bounds: tuple[float, float], tolerance: float
) -> OptimizeResult:
    """Descend in all ridges (n + 1,) together until a step gains less than ``tolerance``.

    In the result ``x`` are logarithms of ridges, and ``fun`` is the logarithm of the error.
    """
    return minimize(
        lambda logs: np.log(error(np.exp(logs))),
        np.log(start),
        method="L-BFGS-B",
        bounds=[tuple(np.log(bounds))] * len(start),
        options={"maxiter": MOST_STEPS, "ftol": tolerance},
    )


def _one_at_a_time(error: Error, ridges: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """Move each of the ridges (n + 1,) in turn to where the error is lowest, in rounds that end
    when one gains little.
    """
    before = inf
    ridges = np.array(ridges)
    while (after := error(ridges)) < before * (1 - LEAST_ROUND_GAIN):
        before = after
        for k in range(len(ridges)):
            ridges = min(ridges, _with_best(error, ridges, k, bounds), key=error)
    return ridges


def _with_best(error: Error, ridges: np.ndarray, k: int, bounds: tuple[float, float]) -> np.ndarray:
    """The ridges (n + 1,) with the k-th replaced by the best one beside the others."""

    def with_ridge(ridge: float) -> np.ndarray:
        return np.r_[ridges[:k], ridge, ridges[k + 1 :]]

    return with_ridge(lowest(lambda ridge: error(with_ridge(ridge)), bounds))


@with_plain_numbers
def lowest(error: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """The argument between positive bounds at which an error is lowest.

    A coarse grid of logarithms finds the valley, as the error may have several: first every other
    point, then those beside the lowest. Brent's bounded method finds its bottom. If the error keeps
    falling up to a bound, that bound is returned.

    Parameters
    ----------
    error : callable
        A function of a positive number.
    bounds : (float, float)
        The least and the largest argument, both positive.

    Returns
    -------
    float
        The argument.

    Raises
    ------
    ValueError
        Unless 0 < first bound ≤ second.
    """
    if not 0 < bounds[0] <= bounds[1] < inf:
        raise ValueError(f"bounds must be two positive numbers, the lower first, not {bounds}")

    def at(logarithm: float) -> float:
        return error(float(np.exp(logarithm)))

    first, last = np.log(bounds)
    grid = np.linspace(first, last, 1 + ceil((last - first) / LARGEST_GRID_STEP))
    errors = {i: at(grid[i]) for i in range(0, len(grid), 2)}
    least = min(errors, key=lambda i: errors[i])
    errors |= {i: at(grid[i]) for i in (least - 1, least + 1) if 0 <= i < len(grid)}
    least = min(errors, key=lambda i: errors[i])
    valley = grid[max(least - 1, 0)], grid[min(least + 1, len(grid) - 1)]
    options = {"xatol": LOG_RIDGE_ACCURACY}
    bottom = minimize_scalar(at, bounds=valley, method="bounded", options=options)
    return float(np.exp(bottom.x))
