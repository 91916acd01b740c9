"""Protocols by name: replace, mix, accumulate, … Each is a constructor and no other code.

``samples``, ``ridge``, ``noise`` and weights may be numbers or functions of the number k of the
model. ``samples`` is the size per generation (of synthetic rows where real ones are added), noise
is that of real and synthetic labels. "Redrawn" means that all covariates and labels are fresh in
each generation, "kept" that the rows and labels of a generation stay the same for ever.
"""

from collections.abc import Callable, Sequence

from model_collapse.protocol import Fit
from model_collapse.unions import (
    Generation,
    Group,
    Outsider,
    Protocol,
    Verifier,
    require_share,
)

Schedule = float | Callable[[int], float]


def at(schedule: Schedule, k: int) -> float:
    """The value for model k; infinite if it overflows."""
    try:
        return schedule(k) if callable(schedule) else schedule
    except OverflowError:
        return float("inf")


def listed(values: Sequence[float]) -> Callable[[int], float]:
    """The schedule in which model k has the k-th value; ValueError for a k without one."""

    def value(k: int) -> float:
        if k > len(values):
            raise ValueError(f"model {k} has no value in a list of {len(values)}")
        return float(values[k - 1])

    return value


def last_only(value: float, generations: int) -> Callable[[int], float]:
    """The schedule of 0 for all models but the one whose error is E_n."""
    return lambda k: value if k == generations + 1 else 0.0


def replace(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Labels of the model before, and nothing else: the paper's chain."""

    def generation(k: int) -> Generation:
        return Generation([Group(at(samples, k), k - 1, at(noise, k))], at(ridge, k))

    return generation


def chain_of(fits: list[Fit]) -> Protocol:
    """Replace with given fits, generators first, then the downstream one: that of chain_risk."""
    names = ("samples", "ridge", "noise")
    return replace(*(listed([getattr(fit, name) for fit in fits]) for name in names))


def growing(
    samples: float, rule: Callable[[int], float], ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """Replace with T_k = T0·rule(k) rows, rounded."""

    def size(k: int) -> float:
        needed = samples * at(rule, k)
        return round(needed) if abs(needed) < float("inf") else needed

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
        require_share("real_weight", real_weight)

    def generation(k: int) -> Generation:
        real, synthetic = at(real_samples, k), at(samples, k)
        weights = (1.0, 1.0)
        if real_weight is not None and k > 1:
            weights = weights_of(at(real_weight, k), real, synthetic)
        drawn, name = (1, "real") if real_kept else (k, None)
        groups = [Group(real, 0, at(noise, drawn), weights[0], name)]
        if k > 1:
            groups.append(Group(synthetic, k - 1, at(noise, k), weights[1]))
        return Generation(groups, at(ridge, k))

    return generation


def weights_of(share: float, real: float, synthetic: float) -> tuple[float, float]:
    """Weights of a real and a synthetic row, if real ones have a share of the loss."""
    require_share("real_weight", share)
    return (share / real if real else 0.0, (1 - share) / synthetic if synthetic else 0.0)


def mix_labels(
    samples: Schedule, real_share: float, ridge: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """Rows that have a real and a synthetic label each, averaged with the share of the real one.

    Garg et al. 2025. A row with two labels is two rows of one x. Raises ValueError for a share
    outside [0, 1].
    """
    require_share("real_share", real_share)

    def generation(k: int) -> Generation:
        size, sigma = at(samples, k), at(noise, k)
        labels = {0: real_share, k - 1: 1 - real_share} if k > 1 else {0: 1.0}
        groups = [Group(size, model, sigma, weight, rows=k) for model, weight in labels.items()]
        return Generation(groups, at(ridge, k))

    return generation


def accumulate(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """Rows labelled by each model so far, the truth included, all redrawn."""

    def generation(k: int) -> Generation:
        groups = [Group(at(samples, i), i - 1, at(noise, i)) for i in range(1, k + 1)]
        return Generation(groups, at(ridge, k))

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
        groups = [
            Group(at(samples, i), i - 1, at(noise, i), rows="x" if one_design else i)
            for i in range(1, k + 1)
        ]
        return Generation(groups, kept_ridge(groups, at(penalty, k)))

    return generation


def accumulate_real(
    samples: Schedule, real_samples: Schedule, penalty: Schedule = 0.0, noise: Schedule = 0.0
) -> Protocol:
    """As accumulate_kept, with fresh real rows in each generation beside the synthetic ones.

    Model 1 sees real rows alone, as in ``mix``. Only simulated.
    """

    def generation(k: int) -> Generation:
        groups = [Group(at(real_samples, 1), 0, at(noise, 1), rows=("real", 1))]
        for i in range(2, k + 1):
            groups.append(Group(at(real_samples, i), 0, at(noise, i), rows=("real", i)))
            groups.append(Group(at(samples, i), i - 1, at(noise, i), rows=i))
        return Generation(groups, kept_ridge(groups, at(penalty, k)))

    return generation


def kept_ridge(groups: list[Group], penalty: float) -> float:
    """αT_1/T_{1:k}, the ridge of a mean loss on all groups at the penalty α of the first one's."""
    total = sum(group.samples for group in groups)
    return penalty * groups[0].samples / total if total else penalty


def subsample(samples: Schedule, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """T rows in all, as many labelled by each model so far, the truth included; redrawn."""

    def generation(k: int) -> Generation:
        groups = [Group(at(samples, k) / k, i, at(noise, k)) for i in range(k)]
        return Generation(groups, at(ridge, k))

    return generation


def subsample_kept(samples: int, ridge: Schedule = 0.0, noise: Schedule = 0.0) -> Protocol:
    """T rows drawn without replacement from all rows kept so far, T new ones in each generation.

    Kazdan et al. 2024. Only simulated.
    """

    def generation(k: int) -> Generation:
        pool = [Group(samples, i - 1, at(noise, i), rows=i) for i in range(1, k + 1)]
        return Generation(pool, at(ridge, k), drawn=samples)

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
    weights = (1.0, 1.0)
    if real_weight is not None:
        weights = weights_of(real_weight, real_samples, samples)
    outsider = Outsider(spread)

    def generation(k: int) -> Generation:
        sigma = at(noise, k)
        real = Group(real_samples, 0, sigma, weights[0])
        return Generation([real, Group(samples, outsider, sigma, weights[1])], at(ridge, k))

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
        rows = Group(at(samples, k), k - 1, at(noise, k), verifier=verifier if k > 1 else None)
        return Generation([rows], at(ridge, k))

    return generation
