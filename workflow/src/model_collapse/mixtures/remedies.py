"""Protocols by name: replace, mix, accumulate, … Each is a constructor and no other code.

``samples``, ``ridge``, ``noise`` and weights may be numbers or functions of the number k of the
model. ``samples`` is the size per generation (of synthetic rows where real ones are added), noise
is that of real and synthetic labels. "Redrawn" means that all covariates and labels are fresh in
each generation, "kept" that the rows and labels of a generation stay the same for ever.
"""

from collections.abc import Callable, Sequence
from math import inf, isnan

from model_collapse.mixtures.groups import Generation, Group, Outsider, Protocol, Verifier
from model_collapse.problem.arguments import as_number, number_of_at_least_0, share, whole_number
from model_collapse.problem.fits import Fit

Schedule = float | Callable[[int], float]


def at(name: str, schedule: Schedule, k: int) -> float:
    """The value for model k as a number of Python; infinite if it overflows.

    Raises ValueError, with the schedule's name, for what is no number of at least 0.
    """
    value = value_for(schedule, k)
    number = as_number(value)
    if not number >= 0:
        raise ValueError(f"{name} must be a number of at least 0, not {value}")
    return number


def value_for(schedule: Schedule, k: int) -> float:
    """The value for model k as it is; infinite if it overflows."""
    try:
        return schedule(k) if callable(schedule) else schedule
    except OverflowError:
        return inf


def listed(values: Sequence[float]) -> Callable[[int], float]:
    """The schedule in which model k has the k-th value; ValueError for a k without one."""

    def value(k: int) -> float:
        if not 1 <= k <= len(values):
            raise ValueError(f"model {k} has no value in a list of {len(values)}")
        number = as_number(values[k - 1])
        if isnan(number):
            raise ValueError(f"model {k} has no number in a list, but {values[k - 1]!r}")
        return number

    return value


def last_only(value: float, generations: int) -> Callable[[int], float]:
    """The schedule of 0 for all models but the one whose error is E_n."""
    last = whole_number("generations", generations, 0) + 1
    return lambda k: value if k == last else 0.0


def replace(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Labels of the model before, and nothing else: the paper's chain."""

    def generation(k: int) -> Generation:
        rows = Group(at("samples", samples, k), k - 1, at("noise", noise, k))
        return Generation([rows], at("ridge", ridge, k))

    return generation


def chain_of(fits: list[Fit]) -> Protocol:
    """Replace with given fits, generators first, then the downstream one: that of chain_risk."""
    names = ("samples", "ridge", "noise")
    return replace(*(listed([getattr(fit, name) for fit in fits]) for name in names))


def growing(
    samples: float, rule: Callable[[int], float], ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """Replace with T_k = T0·rule(k) rows, rounded."""
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

    ``real_weight`` is the share of the real rows in the loss; None gives each row the same weight.
    With ``real_kept`` the real rows and their labels are the same for ever. Model 1 sees the real
    rows alone. Raises ValueError for a weight outside [0, 1].
    """
    if real_weight is not None and not callable(real_weight):
        share("real_weight", real_weight)

    def generation(k: int) -> Generation:
        real, synthetic = at("real_samples", real_samples, k), at("samples", samples, k)
        weights = (1.0, 1.0)
        if real_weight is not None and k > 1:
            weights = weights_of(value_for(real_weight, k), real, synthetic)
        drawn, name = (1, "real") if real_kept else (k, None)
        groups = [Group(real, 0, at("noise", noise, drawn), weights[0], name)]
        if k > 1:
            groups.append(Group(synthetic, k - 1, at("noise", noise, k), weights[1]))
        return Generation(groups, at("ridge", ridge, k))

    return generation


def weights_of(real_weight: float, real: float, synthetic: float) -> tuple[float, float]:
    """Weights of a real and a synthetic row, if real ones have a share of the loss."""
    weight = share("real_weight", real_weight)
    return (weight / real if real else 0.0, (1 - weight) / synthetic if synthetic else 0.0)


def mix_labels(
    samples: Schedule, real_share: float, ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """Rows that have a real and a synthetic label each, averaged with the share of the real one.

    Garg et al. 2025. A row with two labels is two rows of one x. Raises ValueError for a share
    outside [0, 1].
    """
    real = share("real_share", real_share)

    def generation(k: int) -> Generation:
        size, sigma = at("samples", samples, k), at("noise", noise, k)
        labels = {0: real, k - 1: 1 - real} if k > 1 else {0: 1.0}
        groups = [Group(size, model, sigma, weight, rows=k) for model, weight in labels.items()]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def accumulate(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Rows labelled by each model so far, the truth included, all redrawn."""

    def generation(k: int) -> Generation:
        groups = [
            Group(at("samples", samples, i), i - 1, at("noise", noise, i)) for i in range(1, k + 1)
        ]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def accumulate_kept(
    samples: Schedule, penalty: Schedule = 0.0, noise: Schedule = 0.0, *, one_design: bool = False
) -> Protocol:
    """All rows and labels so far, kept, with λ_k = αT_1/T_{1:k}, which is α/k if all T are one.

    Gerstgrasser et al. 2024; with ``one_design`` every generation labels the same x, as in their
    code. ``penalty`` is α: if it is constant, so is the penalty of the summed loss, and theory is
    exact.
    """

    def generation(k: int) -> Generation:
        groups = kept_groups(samples, noise, k, one_design)
        return Generation(groups, kept_ridge(groups, at("penalty", penalty, k)))

    return generation


def kept_groups(samples: Schedule, noise: Schedule, k: int, one_design: bool) -> list[Group]:
    """The rows that models 0 … k − 1 have labelled, kept; with ``one_design`` on the same x."""
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
    """As accumulate_kept, with fresh real rows in each generation beside the synthetic ones.

    Model 1 sees real rows alone, as in ``mix``. Only simulated.
    """

    def generation(k: int) -> Generation:
        groups: list[Group] = []
        for i in range(1, k + 1):
            real, sigma = at("real_samples", real_samples, i), at("noise", noise, i)
            groups.append(Group(real, 0, sigma, rows=("real", i)))
            if i > 1:
                groups.append(Group(at("samples", samples, i), i - 1, sigma, rows=i))
        return Generation(groups, kept_ridge(groups, at("penalty", penalty, k)))

    return generation


def kept_ridge(groups: list[Group], penalty: float) -> float:
    """αT_1/T_{1:k}, the ridge of a mean loss on all groups at the penalty α of the first one's."""
    total = sum(group.samples for group in groups)
    return penalty * groups[0].samples / total if total else penalty


def subsample(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """T rows in all, as many labelled by each model so far, the truth included; redrawn."""

    def generation(k: int) -> Generation:
        size, sigma = at("samples", samples, k) / k, at("noise", noise, k)
        groups = [Group(size, i, sigma) for i in range(k)]
        return Generation(groups, at("ridge", ridge, k))

    return generation


def subsample_kept(
    samples: float, ridge: Schedule = 0.0, noise: Schedule = 0.0, *, one_design: bool = False
) -> Protocol:
    """T rows drawn without replacement from all rows kept so far, T new ones in each generation.

    Kazdan et al. 2024. Only simulated.

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
        If T is below 1 or no whole number.
    """
    size = whole_number("samples", samples, 1)

    def generation(k: int) -> Generation:
        pool = kept_groups(size, noise, k, one_design)
        return Generation(pool, at("ridge", ridge, k), drawn=size)

    return generation


def two_groups(
    samples: float,
    real_samples: float,
    spread: float | tuple[float, ...],
    ridge: Schedule = 0.0,
    noise: Schedule = 0.0,
    real_weight: float | None = None,
) -> Protocol:
    """Real rows, and rows of one outside model w0 + Δ: every generation has the error E_0.

    The setting of *Strong Model Collapse*; ``spread`` is E Δ² per coordinate. Raises ValueError for
    a weight outside [0, 1].
    """
    real_rows = number_of_at_least_0("real_samples", real_samples)
    outside_rows = number_of_at_least_0("samples", samples)
    weights = (1.0, 1.0)
    if real_weight is not None:
        weights = weights_of(real_weight, real_rows, outside_rows)
    outsider = Outsider(spread)

    def generation(k: int) -> Generation:
        sigma = at("noise", noise, k)
        real = Group(real_rows, 0, sigma, weights[0])
        outside = Group(outside_rows, outsider, sigma, weights[1])
        return Generation([real, outside], at("ridge", ridge, k))

    return generation


def verified(
    samples: Schedule,
    spread: float | tuple[float, ...],
    cut: float,
    ridge: Schedule = 0.0,
    noise: Schedule = 0.0,
) -> Protocol:
    """Replace, of which only synthetic rows are kept whose label a verifier w0 + Δ believes.

    The setting of Yi et al. 2025: |y − x'w_v| ≤ zρ with z = ``cut``; ``spread`` is E Δ² per
    coordinate.
    """
    verifier = Verifier(Outsider(spread), cut)

    def generation(k: int) -> Generation:
        size, sigma = at("samples", samples, k), at("noise", noise, k)
        rows = Group(size, k - 1, sigma, verifier=verifier if k > 1 else None)
        return Generation([rows], at("ridge", ridge, k))

    return generation
