"""Ridges of a protocol's generations that are best in theory, by four rules.

``one``: the same ridge in every generation. ``last``: none but in the last. ``greedy``: each
generation's for its own error, given those before. ``joint``: all for the error of the last.
"""

from collections.abc import Callable, Sequence
from math import ceil, inf, log

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from model_collapse.remedies import Schedule, listed
from model_collapse.spectra import Spectrum
from model_collapse.union_moments import expected_errors
from model_collapse.unions import Protocol, require_generations

RULES = ("one", "last", "greedy", "joint")
BOUNDS = (1e-10, 1e4)  # of a ridge
STEPS = 300  # of the joint search, at most
ACCURACY = 1e-6  # of the logarithm of a ridge
GRID = log(10) / 2  # between the logarithms at which a valley is looked for, at most

Maker = Callable[[Schedule], Protocol]  # such as lambda ridge: replace(300, ridge, 0.5)


def best_ridges(
    spectrum: Spectrum,
    protocol: Maker,
    generations: int,
    rule: str = "one",
    bounds: tuple[float, float] = BOUNDS,
) -> np.ndarray:
    """The ridges of models 1 … n + 1, shape (n + 1,), by which a rule makes E_n or all E_k lowest.

    ``protocol`` makes one from a ridge or a schedule of ridges (or of a penalty, or of whatever is
    positive). Raises ValueError for an unknown rule and as expected_errors and ``lowest`` do, and
    ArithmeticError if the joint search does not end.

    >>> from model_collapse.protocols import replace
    >>> from model_collapse.spectra import isotropic
    >>> best_ridges(isotropic(100), lambda ridge: replace(200, ridge, noise=0.5), 3).round(3)
    array([0.097, 0.097, 0.097, 0.097])
    """

    def error(ridges: Sequence[float]) -> float:
        return expected_errors(spectrum, protocol(listed(ridges)), len(ridges) - 1)[-1]

    def tuned_after(before: Sequence[float]) -> list[float]:
        return [*before, lowest(lambda ridge: error([*before, ridge]), bounds)]

    require_generations(generations)
    models = generations + 1
    match rule:
        case "one":
            return np.full(models, lowest(lambda ridge: error([ridge] * models), bounds))
        case "last":
            return np.array(tuned_after([0.0] * generations))
        case "greedy":
            ridges: list[float] = []
            for _ in range(models):
                ridges = tuned_after(ridges)
            return np.array(ridges)
        case "joint":
            start = np.log(best_ridges(spectrum, protocol, generations, "one", bounds))
            found = minimize(
                lambda logs: np.log(error(np.exp(logs))),
                start,
                method="L-BFGS-B",
                bounds=[tuple(np.log(bounds))] * models,
                options={"maxiter": STEPS},
            )
            if found.status == 1:  # too many steps or errors
                raise ArithmeticError(
                    f"the search of {models} ridges does not end: {found.message}"
                )
            return np.exp(found.x)
    raise ValueError(f"rule must be one of {', '.join(RULES)}, not {rule!r}")


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
