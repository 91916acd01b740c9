"""The rules by which the downstream ridge is chosen: one entry says all there is to say of a rule.

What the config may name, its checks, the legends of figures and λ itself follow from RIDGE_RULES.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from model_collapse.exponents import effective_samples, smooth_effective_samples


@dataclass(frozen=True)
class Situation:
    """What a rule may look at: T, T0, nσ0², σ, and what it declares as its needs.

    ``ell_crit`` is that of the power law, or of a kernel's quoted β and r; ``values`` are those of
    the rule's key; ``best`` finds the λ of the smallest test error in theory.
    """

    samples: int
    generator_samples: int
    collapse_noise: float
    noise: float
    ell_crit: float | None = None
    values: Sequence[float] = ()
    best: Callable[[], float] | None = None


@dataclass(frozen=True)
class RidgeRule:
    """``ridges`` is given a Situation and returns λ, one for each of the values, or the only one.

    ``label`` is the rule in a legend, ``values`` the config's key of its values. ``on_images`` is
    for rules of kernels too.
    """

    label: str
    ridges: Callable[[Situation], list[float]]
    values: Literal["ridge", "ell"] | None = None
    needs_power_law: bool = False
    needs_noise: bool = False
    on_images: bool = False


def _critical(size: Callable[[Situation], float]) -> Callable[[Situation], list[float]]:
    """λ = size^{−ℓ_crit}."""
    return lambda at: [float(size(at)) ** -at.ell_crit]


RIDGE_RULES = {
    "fixed": RidgeRule(
        r"fixed $\lambda$", lambda at: [float(ridge) for ridge in at.values], values="ridge"
    ),
    "ell": RidgeRule(
        r"$\lambda = T^{-\ell}$",
        lambda at: [float(at.samples) ** -ell for ell in at.values],
        values="ell",
    ),
    "ell_crit": RidgeRule(
        r"$\lambda = T^{-\ell_{\mathrm{crit}}}$",
        _critical(lambda at: at.samples),
        needs_power_law=True,
        on_images=True,
    ),
    "ell_star": RidgeRule(  # b·ℓ_crit with T0 = T^b: the constant T0^{−ℓ_crit}
        r"$\lambda = T^{-\ell_{\star}}$",
        _critical(lambda at: at.generator_samples),
        needs_power_law=True,
        on_images=True,
    ),
    "effective": RidgeRule(
        r"$\lambda = T_{\mathrm{eff}}^{-\ell_{\mathrm{crit}}}$",
        _critical(
            lambda at: effective_samples(at.samples, at.generator_samples, at.collapse_noise)
        ),
        needs_power_law=True,
    ),
    "smooth": RidgeRule(
        r"smooth $T_{\mathrm{eff}}$",
        _critical(
            lambda at: smooth_effective_samples(
                at.samples, at.generator_samples, at.collapse_noise, at.noise
            )
        ),
        needs_power_law=True,
        needs_noise=True,
    ),
    "best": RidgeRule(r"best $\lambda$", lambda at: [at.best()]),
}
