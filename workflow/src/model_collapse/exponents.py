"""How the ridge scales with the sample sizes: the paper's exponents and our effective sizes."""


def ell_crit(beta: float, r: float) -> float:
    """ℓ_crit = β/(2βr̲+1), r̲ = min(r, 1), eq (26): λ = T^{−ℓ_crit} is best for n = 0, σ > 0."""
    return beta / (2 * beta * min(r, 1.0) + 1)


def ell_star(beta: float, r: float, b: float, a: float = 0.0) -> float:
    """ℓ⋆ = min((b−a)ℓ_crit, β), Cor 5.2, for T0 = T^b and nσ0² = T^a.

    Below the cap and for fixed n (a = 0) the ridge T^{−ℓ⋆} is the constant T0^{−ℓ_crit}; the
    ridge rule ell_star of the experiments is that constant at every T, cap or not.
    """
    return min((b - a) * ell_crit(beta, r), beta)


def effective_samples(samples: float, generator_samples: float, collapse_noise: float) -> float:
    """T_eff = min(T, T0/max(nσ0², 1)), from Cor 5.2 and App. G with a = log(nσ0²)/log T.

    T itself when nσ0² = 0: then no noise comes from the generators.
    """
    if collapse_noise == 0:
        return samples
    return min(samples, generator_samples / max(collapse_noise, 1.0))


def smooth_effective_samples(
    samples: float, generator_samples: float, collapse_noise: float, noise: float
) -> float:
    """1/T_eff = 1/T + nσ0²/(σ²T0): the variances σ²df_2/T and nσ0²df_2/T0 add. Needs σ > 0."""
    return 1 / (1 / samples + collapse_noise / (noise**2 * generator_samples))
