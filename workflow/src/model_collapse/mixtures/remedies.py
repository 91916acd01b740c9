"""Protocols by name: replace, mix, accumulate, … Each function makes a protocol, a function of k.

``samples``, ``ridge``, ``noise`` and weights may be numbers or functions of the number k of the
model. ``samples`` is the size per generation (the number of synthetic rows if real ones are added);
``noise`` is the standard deviation of the noise on real and synthetic labels. "Redrawn" means that
all covariates and labels are fresh in each generation, "kept" that the rows and labels of a
generation stay the same for ever.

All raise ValueError, when a generation is asked for, for a value that is negative or not a number,
and as Group and Generation do.
"""

from collections.abc import Callable, Sequence
from math import inf, isnan

import numpy as np
from numpy.typing import ArrayLike

from model_collapse.mixtures.groups import Generation, Group, Outsider, Protocol, Verifier
from model_collapse.problem.arguments import as_number, number_of_at_least_0, share, whole_number
from model_collapse.problem.fits import Fit

Schedule = float | Callable[[int], float]


def at(name: str, schedule: Schedule, k: int) -> float:
    """The value for model k as an int or float; infinite if it overflows.

    Raises ValueError, with the schedule's name, for a value that is negative or not a number.
    """
    value = value_for(schedule, k)
    number = as_number(value)
    if not number >= 0:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")
    return number


def value_for(schedule: Schedule, k: int) -> float:
    """The value for model k, unchecked; infinite if it overflows."""
    try:
        return schedule(k) if callable(schedule) else schedule
    except OverflowError:
        return inf


def listed(values: Sequence[float] | np.ndarray) -> Callable[[int], float]:
    """The schedule in which model k has the k-th of several values.

    Parameters
    ----------
    values : sequence of float, or array, shape (models,)
        The values of models 1, 2, …

    Returns
    -------
    function of k
        The schedule. It raises ValueError for a k without a value, or with one that is not a
        number.
    """

    def value(k: int) -> float:
        if not 1 <= k <= len(values):
            raise ValueError(f"model {k} has no value in a list of {len(values)}")
        number = as_number(values[k - 1])
        if isnan(number):
            raise ValueError(f"model {k} has no number in a list, but {values[k - 1]!r}")
        return number

    return value


def last_only(value: float, generations: int) -> Callable[[int], float]:
    """The schedule of one value for model n + 1, whose error is E_n, and 0 for all others.

    Parameters
    ----------
    value : float
        The value of model n + 1.
    generations : int
        n, at least 0.

    Returns
    -------
    function of k
        The schedule.

    Raises
    ------
    ValueError
        For an n that is negative or not whole.
    """
    last = whole_number("generations", generations, 0) + 1
    return lambda k: value if k == last else 0.0


def replace(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """The paper's chain: fresh rows with labels of the model before alone.

    Parameters
    ----------
    samples, ridge, noise : float or function of k
        T and λ of model k; the standard deviation of the noise on its labels.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.
    """

    def generation(k: int) -> Generation:
        rows = Group(at("samples", samples, k), k - 1, at("noise", noise, k))
        return Generation([rows], at("ridge", ridge, k))

    return generation


def chain_of(fits: Sequence[Fit]) -> Protocol:
    """``replace`` with the Fits of ``chain_risk``.

    Parameters
    ----------
    fits : sequence of Fit
        The fits of models 1, 2, …, of single numbers: generators first, then the downstream one.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.
    """
    names = ("samples", "ridge", "noise")
    return replace(*(listed([getattr(fit, name) for fit in fits]) for name in names))


def growing(
    samples: float, rule: Callable[[int], float], ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """``replace`` with T_k = T0·rule(k) rows, rounded.

    Parameters
    ----------
    samples : float
        T0 ≥ 0.
    rule : function of k
        T_k/T0, at least 0.
    ridge, noise : float or function of k
        λ of model k; the standard deviation of the noise on its labels.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        For a negative T0.
    """
    first = number_of_at_least_0("samples", samples)

    def size(k: int) -> float:
        needed = first * at("samples", rule, k)
        return round(needed) if needed < inf else needed

    return replace(size, ridge, noise)


def mix(
    samples: Schedule,
    real_samples: Schedule,
    ridge: Schedule = 0.0,
    noise: Schedule = 0.0,
    real_weight: Schedule | None = None,
    *,
    real_kept: bool = False,
) -> Protocol:
    """Real rows and rows labelled by the model before, fresh in each generation.

    Model 1 sees the real rows alone.

    Parameters
    ----------
    samples, real_samples : float or function of k
        Synthetic and real rows of model k.
    ridge, noise : float or function of k
        λ of model k; the standard deviation of the noise on its labels.
    real_weight : float or function of k, optional
        The share of the real rows in the loss, from 0 to 1. By default all rows have one weight.
    real_kept : bool
        Whether the real rows and their labels are the same for ever. Then those of model 1 count.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        For a weight outside [0, 1].
    """
    if real_weight is not None and not callable(real_weight):
        share("real_weight", real_weight)

    def generation(k: int) -> Generation:
        real = at("real_samples", real_samples, k)
        synthetic = at("samples", samples, k)
        weight, synthetic_weight = (1.0, 1.0)
        if real_weight is not None and k > 1:
            weight, synthetic_weight = weights_of(value_for(real_weight, k), real, synthetic)
        real_noise = at("noise", noise, 1 if real_kept else k)
        groups = [Group(real, 0, real_noise, weight, "real" if real_kept else None)]
        if k > 1:
            groups.append(Group(synthetic, k - 1, at("noise", noise, k), synthetic_weight))
        return Generation(groups, at("ridge", ridge, k))

    return generation


def weights_of(real_weight: float, real: float, synthetic: float) -> tuple[float, float]:
    """Weights of a real and of a synthetic row that give the real rows a share of the loss."""
    weight = share("real_weight", real_weight)
    return (weight / real if real else 0.0, (1 - weight) / synthetic if synthetic else 0.0)


def mix_labels(
    samples: Schedule, real_share: float, ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """Rows that have a real and a synthetic label each, averaged, all redrawn.

    A row with two labels is two rows of one x.

    Parameters
    ----------
    samples : float or function of k
        T of model k.
    real_share : float
        The share of the real label in the average, from 0 to 1.
    ridge, noise : float or function of k
        λ of model k; the standard deviation of the noise on each of its labels.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        For a share outside [0, 1].

    References
    ----------
    Garg et al. 2025.
    """
    real = share("real_share", real_share)

    def generation(k: int) -> Generation:
        size = at("samples", samples, k)
        sigma = at("noise", noise, k)
        labels = {0: real, k - 1: 1 - real} if k > 1 else {0: 1.0}
        groups = [Group(size, model, sigma, weight, rows=k) for model, weight in labels.items()]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def accumulate(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Rows labelled by each model so far, the truth included, all redrawn.

    Parameters
    ----------
    samples, noise : float or function of k
        The number of rows labelled by model k − 1, and the standard deviation of their noise.
    ridge : float or function of k
        λ of model k.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.
    """

    def generation(k: int) -> Generation:
        groups = [
            Group(at("samples", samples, i), i - 1, at("noise", noise, i)) for i in range(1, k + 1)
        ]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def accumulate_kept(
    samples: Schedule, penalty: Schedule = 0.0, noise: Schedule = 0.0, *, one_design: bool = False
) -> Protocol:
    """All rows and labels so far, kept, with λ_k = αT_1/T_{1:k}, which is α/k for equal T.

    With a constant α the penalty of the summed loss is constant, and theory is exact.

    Parameters
    ----------
    samples, noise : float or function of k
        The number of rows labelled by model k − 1, and the standard deviation of their noise.
    penalty : float or function of k
        α.
    one_design : bool
        Whether every generation labels the same x, as in the code of the reference.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    References
    ----------
    Gerstgrasser et al. 2024.
    """

    def generation(k: int) -> Generation:
        groups = kept_groups(samples, noise, k, one_design)
        return Generation(groups, kept_ridge(groups, at("penalty", penalty, k)))

    return generation


def kept_groups(samples: Schedule, noise: Schedule, k: int, one_design: bool) -> list[Group]:
    """The groups of rows that models 0 … k − 1 have labelled; with ``one_design`` on the same x."""
    return [
        Group(
            at("samples", samples, i),
            i - 1,
            at("noise", noise, i),
            rows="x" if one_design else i,
        )
        for i in range(1, k + 1)
    ]


def accumulate_real(
    samples: Schedule, real_samples: Schedule, penalty: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """``accumulate_kept`` with fresh real rows in each generation beside the synthetic ones.

    Model 1 sees real rows alone, as in ``mix``. There is no theory for it: it is only simulated.

    Parameters
    ----------
    samples, real_samples : float or function of k
        New synthetic and real rows of model k.
    penalty : float or function of k
        α.
    noise : float or function of k
        The standard deviation of the noise on the labels of new rows.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.
    """

    def generation(k: int) -> Generation:
        groups: list[Group] = []
        for i in range(1, k + 1):
            real = at("real_samples", real_samples, i)
            sigma = at("noise", noise, i)
            groups.append(Group(real, 0, sigma, rows=("real", i)))
            if i > 1:
                groups.append(Group(at("samples", samples, i), i - 1, sigma, rows=i))
        return Generation(groups, kept_ridge(groups, at("penalty", penalty, k)))

    return generation


def kept_ridge(groups: list[Group], penalty: float) -> float:
    """αT_1/T_{1:k}, the ridge of the mean loss on all groups; α is that on the first alone."""
    total = sum(group.samples for group in groups)
    return penalty * groups[0].samples / total if total else penalty


def subsample(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """T rows in all, T/k labelled by each of models 0 … k − 1, all redrawn.

    Parameters
    ----------
    samples, ridge, noise : float or function of k
        T and λ of model k; the standard deviation of the noise on its labels.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.
    """

    def generation(k: int) -> Generation:
        size = at("samples", samples, k) / k
        sigma = at("noise", noise, k)
        groups = [Group(size, i, sigma) for i in range(k)]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def subsample_kept(
    samples: float, ridge: Schedule = 0.0, noise: Schedule = 0.0, *, one_design: bool = False
) -> Protocol:
    """T rows drawn without replacement from all rows kept so far, T new ones in each generation.

    There is no theory for it: it is only simulated.

    Parameters
    ----------
    samples : float
        T, a whole number of at least 1.
    ridge, noise : float or function of k
        λ of model k; the standard deviation of the noise on the labels of its new rows.
    one_design : bool
        Whether every generation labels the same T x. An x can then be drawn several times, each
        time with another generation's label.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        If T is below 1 or not a whole number.

    References
    ----------
    Kazdan et al. 2024.
    """
    size = whole_number("samples", samples, 1)

    def generation(k: int) -> Generation:
        pool = kept_groups(size, noise, k, one_design)
        return Generation(pool, at("ridge", ridge, k), drawn=size)

    return generation


def two_groups(
    samples: float,
    real_samples: float,
    spread: ArrayLike,
    ridge: Schedule = 0.0,
    noise: Schedule = 0.0,
    real_weight: float | None = None,
) -> Protocol:
    """Real rows, and rows labelled by one outside model w0 + Δ: every generation has the error E_0.

    Parameters
    ----------
    samples, real_samples : float
        Rows of the outside model, and real rows.
    spread : float, or d floats
        E Δ² per coordinate.
    ridge, noise : float or function of k
        λ of model k; the standard deviation of the noise on its labels.
    real_weight : float, optional
        The share of the real rows in the loss, from 0 to 1. By default all rows have one weight.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        For a weight outside [0, 1], and negative sizes or spreads.

    References
    ----------
    The setting is that of *Strong Model Collapse*.
    """
    real_rows = number_of_at_least_0("real_samples", real_samples)
    outside_rows = number_of_at_least_0("samples", samples)
    weight, outside_weight = (1.0, 1.0)
    if real_weight is not None:
        weight, outside_weight = weights_of(real_weight, real_rows, outside_rows)
    outsider = Outsider(spread)

    def generation(k: int) -> Generation:
        sigma = at("noise", noise, k)
        real = Group(real_rows, 0, sigma, weight)
        outside = Group(outside_rows, outsider, sigma, outside_weight)
        return Generation([real, outside], at("ridge", ridge, k))

    return generation


def verified(
    samples: Schedule,
    spread: ArrayLike,
    cut: float,
    ridge: Schedule = 0.0,
    noise: Schedule = 0.0,
) -> Protocol:
    """``replace`` with synthetic rows that a verifier w_v = w0 + Δ accepts: |y − x'w_v| ≤ zρ.

    Parameters
    ----------
    samples, ridge, noise : float or function of k
        Rows of model k before verification, its λ, and the standard deviation of the noise on its
        labels.
    spread : float, or d floats
        E Δ² per coordinate.
    cut : float
        z > 0, in units of the root mean square gap ρ.

    Returns
    -------
    Protocol
        The function from k to the Generation of model k.

    Raises
    ------
    ValueError
        For a cut that is not positive and finite, or a negative spread.

    References
    ----------
    The setting is that of Yi et al. 2025.
    """
    verifier = Verifier(Outsider(spread), cut)

    def generation(k: int) -> Generation:
        size = at("samples", samples, k)
        sigma = at("noise", noise, k)
        rows = Group(size, k - 1, sigma, verifier=verifier if k > 1 else None)
        return Generation([rows], at("ridge", ridge, k))

    return generation
