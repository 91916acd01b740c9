"""How ridge and test error scale with the sample sizes: exponents, and effective sizes.

Everywhere T0 = T^b, nσ0² = T^a, λ = T^{−ℓ}, and r̲ = min(r, 1).
"""

from dataclasses import dataclass
from math import inf, isclose

from model_collapse.problem.arguments import is_number, plain, with_plain_numbers


@with_plain_numbers
def ell_crit(beta: float, r: float) -> float:
    """ℓ_crit = β/(2βr̲+1): λ = T^{−ℓ_crit} is best for n = 0, σ > 0.

    Parameters
    ----------
    beta, r : float
        The capacity exponent β > 1 and the source exponent r > 0.

    Returns
    -------
    float
        ℓ_crit.

    References
    ----------
    Equation (26) of the paper (NeurIPS 2024).
    """
    return beta / (2 * beta * min(r, 1.0) + 1)


@with_plain_numbers
def clean_rate(beta: float, r: float) -> float:
    """c = 2βr̲/(2βr̲+1): E ≍ T^{−c} at ℓ_crit on clean noisy data.

    Parameters
    ----------
    beta, r : float
        The capacity exponent β > 1 and the source exponent r > 0.

    Returns
    -------
    float
        c.

    References
    ----------
    Equation (24) of the paper (NeurIPS 2024).
    """
    return 2 * beta * min(r, 1.0) / (2 * beta * min(r, 1.0) + 1)


@with_plain_numbers
def ell_star(beta: float, r: float, b: float, a: float = 0.0) -> float:
    """ℓ⋆ = min((b−a)ℓ_crit, β) for T0 = T^b and nσ0² = T^a.

    Below the cap and for fixed n (a = 0) the ridge T^{−ℓ⋆} is the constant T0^{−ℓ_crit}. The
    ridge rule ell_star of the experiments is that constant for every T, also above the cap.

    Parameters
    ----------
    beta, r : float
        The capacity exponent β > 1 and the source exponent r > 0.
    b, a : float
        The exponents of T0, b > 0, and of nσ0².

    Returns
    -------
    float
        ℓ⋆.

    References
    ----------
    Corollary 5.2 of the paper (NeurIPS 2024).
    """
    return min((b - a) * ell_crit(beta, r), beta)


@dataclass(frozen=True)
class Law:
    """One scaling experiment, in exponents: T0 = T^b, nσ0² = T^a and λ = T^{−ℓ}.

    Parameters
    ----------
    beta, r : float
        The capacity exponent β > 1 and the source exponent r > 0.
    ell : float
        ℓ ≥ 0.
    b : float or None
        b > 0; None for clean data, without generators.
    a : float
        Any finite number.

    Raises
    ------
    ValueError
        For numbers outside these ranges, infinite ones, and values that are not numbers.
    """

    beta: float
    r: float
    ell: float
    b: float | None = None
    a: float = 0.0

    def __post_init__(self) -> None:
        for name in ("beta", "r", "ell", "b", "a"):
            value = getattr(self, name)
            if not (is_number(value) or (name == "b" and value is None)):
                raise ValueError(f"{name} must be a number, not {value!r}")
            object.__setattr__(self, name, plain(value))
        if not 1 < self.beta < inf:
            raise ValueError(f"the capacity exponent beta must be greater than 1, not {self.beta}")
        if not 0 < self.r < inf:
            raise ValueError(f"the source exponent r must be positive, not {self.r}")
        if self.b is not None and not 0 < self.b < inf:
            raise ValueError(f"b, the exponent of T0 = T^b, must be positive, not {self.b}")
        if not 0 <= self.ell < inf:
            raise ValueError(f"ell, the exponent of the ridge T^-ell, must be >= 0, not {self.ell}")
        if not -inf < self.a < inf:
            raise ValueError(f"a, the exponent of nσ0² = T^a, must be finite, not {self.a}")

    @property
    def source(self) -> float:
        """r̲ = min(r, 1)."""
        return min(self.r, 1.0)

    @property
    def modes(self) -> float:
        """Exponent of min(d, T) in T: 1 unless d = T^b is smaller."""
        return 1.0 if self.b is None else min(self.b, 1.0)

    @property
    def degrees(self) -> float:
        """Exponent of df_2 in T: ℓ/β until every mode, or every sample, is used."""
        return min(self.ell / self.beta, self.modes)


def bias_exponent(law: Law) -> float:
    """x with bias ≍ T^x: −2r̲ℓ while T^{ℓ/β} < min(d, T).

    Beyond, κ stays at T^{−β} if d > T; if d = φ0·T^b < T, so b ≤ 1, it falls on below the last
    eigenvalue, where the bias is κ²·Σ_j j^{2β(1−r)−1} (our extension, r ≠ 1).

    Parameters
    ----------
    law : Law
        The scaling experiment.

    Returns
    -------
    float
        x.

    References
    ----------
    Appendix H.2 of the paper (NeurIPS 2024).
    """
    if law.ell / law.beta <= law.modes or law.b is None or law.b > 1:
        return -2 * law.source * min(law.ell, law.beta)
    return -2 * law.ell + 2 * law.modes * law.beta * (1 - law.source)


def variance_exponent(law: Law) -> float:
    """x with σ²df_2/T ≍ T^x: −(1 − ℓ/β) while T^{ℓ/β} < min(d, T).

    Beyond, the degrees of freedom are min(d, T).

    Parameters
    ----------
    law : Law
        The scaling experiment.

    Returns
    -------
    float
        x.

    References
    ----------
    Appendix H.2 of the paper (NeurIPS 2024).
    """
    return law.degrees - 1


def collapse_exponent(law: Law) -> float:
    """x with nσ0²ρ ≍ T^x for d = φ0·T0, φ0 fixed: a − min(b, 1) + degrees.

    Parameters
    ----------
    law : Law
        The scaling experiment.

    Returns
    -------
    float
        x.

    References
    ----------
    Equation (27) of the paper (NeurIPS 2024) with max(T/T0, φ0) = φ0 for b > 1, and
    df_2 ≤ min(d, T): corrected, not as printed.
    """
    return law.a - law.modes + law.degrees


def term_exponents(law: Law, noisy: bool) -> dict[str, float]:
    """Exponents in T of the terms of E, by name.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    noisy : bool
        Whether the downstream labels have noise.

    Returns
    -------
    dict of float
        "bias", "variance" if ``noisy``, and "collapse" if the law has generators.
    """
    terms = {"bias": bias_exponent(law)}
    if noisy:
        terms["variance"] = variance_exponent(law)
    if law.b is not None:
        terms["collapse"] = collapse_exponent(law)
    return terms


def corrected_exponent(law: Law, noisy: bool) -> float:
    """x with E ≍ T^x: the largest of ``term_exponents``.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    noisy : bool
        Whether the downstream labels have noise.

    Returns
    -------
    float
        x.
    """
    return max(term_exponents(law, noisy).values())


def printed_clean_exponent(law: Law, noisy: bool) -> float:
    """x with E ≍ T^x on clean data, n = 0, as the paper prints it.

    Noiseless −2r̲·min(ℓ, β); noisy −2r̲ℓ up to ℓ_crit, then −(1 − ℓ/β), and a plateau for ℓ ≥ β.

    Parameters
    ----------
    law : Law
        The scaling experiment.
    noisy : bool
        Whether the downstream labels have noise.

    Returns
    -------
    float
        x.

    References
    ----------
    Appendix H.2 of the paper (NeurIPS 2024).
    """
    bias = -2 * law.source * min(law.ell, law.beta)
    if not noisy:
        return bias
    return bias if law.ell <= ell_crit(law.beta, law.r) else min(law.ell / law.beta, 1) - 1


def printed_collapsed_exponent(law: Law, noisy: bool) -> float:
    """x with E ≍ T^x after generators, as the paper prints it.

    Noiseless −(b−a)c at ℓ⋆ and −(c+b−a−1) at ℓ_crit. Noisy max(−2ℓr̲, −(b−a−ℓ/β)) for
    ℓ ≤ ℓ_crit, else −(γ − ℓ/β) with γ = min(1, b−a).

    Parameters
    ----------
    law : Law
        The scaling experiment, with generators.
    noisy : bool
        Whether the downstream labels have noise.

    Returns
    -------
    float
        x.

    Raises
    ------
    ValueError
        Without noise for any other ℓ, and for a law without generators.

    References
    ----------
    Corollary 5.2 (noiseless) and appendix G (noisy) of the paper (NeurIPS 2024).
    """
    if law.b is None:
        raise ValueError("corollary 5.2 and appendix G speak of laws with generators: b is None")
    gap = law.b - law.a
    rate = clean_rate(law.beta, law.r)
    critical = ell_crit(law.beta, law.r)
    if noisy:
        if law.ell <= critical:
            return max(-2 * law.ell * law.source, -(gap - law.ell / law.beta))
        return -(min(1.0, gap) - law.ell / law.beta)
    if isclose(law.ell, ell_star(law.beta, law.r, law.b, law.a)):
        return -gap * rate
    if isclose(law.ell, critical):
        return -(rate + gap - 1)
    raise ValueError(f"corollary 5.2 speaks of ell_star and ell_crit, not of ell = {law.ell}")


@with_plain_numbers
def effective_samples(samples: float, generator_samples: float, collapse_noise: float) -> float:
    """T_eff = min(T, T0/max(nσ0², 1)), from Cor 5.2 and App. G with a = log(nσ0²)/log T.

    T itself when nσ0² = 0, as the generators then add no noise. As a rule for the ridge,
    λ = T_eff^{−ℓ_crit} depends on the units of labels and features: it is for σ = σ0 = 1, a largest
    eigenvalue of 1 and ‖w0‖_Σ of order 1. In other units its error can be several times that of the
    best ridge.

    Parameters
    ----------
    samples, generator_samples : float
        T and T0, positive.
    collapse_noise : float
        nσ0² ≥ 0.

    Returns
    -------
    float
        T_eff.

    References
    ----------
    Corollary 5.2 and appendix G of the paper (NeurIPS 2024).
    """
    if collapse_noise == 0:
        return samples
    return min(samples, generator_samples / max(collapse_noise, 1.0))


@with_plain_numbers
def smooth_effective_samples(
    samples: float, generator_samples: float, collapse_noise: float, noise: float
) -> float:
    """T_eff of 1/T_eff = 1/T + nσ0²/(σ²T0): the variances σ²df_2/T and nσ0²df_2/T0 add.

    As a rule for the ridge it depends on units as that of ``effective_samples`` does.

    Parameters
    ----------
    samples, generator_samples : float
        T and T0, positive.
    collapse_noise : float
        nσ0² ≥ 0.
    noise : float
        σ > 0.

    Returns
    -------
    float
        T_eff.
    """
    return 1 / (1 / samples + collapse_noise / (noise**2 * generator_samples))
