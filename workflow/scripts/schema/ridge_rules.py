"""The rules by which the downstream ridge is chosen: one entry says all about a rule.

What the config may name, its checks, the legends of figures and λ itself follow from RIDGE_RULES.
The explorer has words and formulas of its own, in ``controls.js`` and ``exponents.js``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from model_collapse.theory.exponents import effective_samples, smooth_effective_samples


@dataclass(frozen=True)
class Situation:
    """The arguments of a rule: T, T0, nσ0², σ, and those that the rule declares as its needs.

    ``ell_crit`` is that of the power law, or of a kernel's quoted β and r; ``values`` are those of
    the rule's key; ``best`` is the λ with the smallest test error in theory.
    """

    samples: int
    generator_samples: int
    collapse_noise: float
    noise: float
    ell_crit: float | None = None
    values: Sequence[float] = ()
    best: float | None = None


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


def _critical(label: str, size: Callable[[Situation], float], **needs: bool) -> RidgeRule:
    """A rule λ = size^{−ℓ_crit}, for labels in units with σ = σ0 = 1 and ‖w0‖_Σ of order 1."""
    return RidgeRule(
        label, lambda at: [float(size(at)) ** -at.ell_crit], needs_power_law=True, **needs
    )


def _effective(at: Situation) -> float:
    return effective_samples(at.samples, at.generator_samples, at.collapse_noise)


def _smooth(at: Situation) -> float:
    return smooth_effective_samples(at.samples, at.generator_samples, at.collapse_noise, at.noise)


RIDGE_RULES = {
    "fixed": RidgeRule(r"fixed $\lambda$", lambda at: list(map(float, at.values)), values="ridge"),
    "ell": RidgeRule(
        r"$\lambda = T^{-\ell}$",
        lambda at: [float(at.samples) ** -ell for ell in at.values],
        values="ell",
    ),
    "ell_crit": _critical(
        r"$\lambda = T^{-\ell_{\mathrm{crit}}}$", lambda at: at.samples, on_images=True
    ),
    "ell_star": _critical(  # b·ℓ_crit with T0 = T^b: the constant T0^{−ℓ_crit}
        r"$\lambda = T^{-\ell_{\star}}$", lambda at: at.generator_samples, on_images=True
    ),
    "effective": _critical(r"$\lambda = T_{\mathrm{eff}}^{-\ell_{\mathrm{crit}}}$", _effective),
    "smooth": _critical(r"smooth $T_{\mathrm{eff}}$", _smooth, needs_noise=True),
    "best": RidgeRule(r"best $\lambda$", lambda at: [at.best]),
}

RuleName = Literal[tuple(RIDGE_RULES)]
