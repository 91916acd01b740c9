"""Claims on remedies against collapse: those of other papers on other protocols, and the paper's.

Formulas are theirs, as they are printed or remembered; what is measured is a simulation, or the
recursion for unions of groups where it goes further in n. Best shares of real data: ``mixtures``.
"""

import numpy as np
from scipy.special import zeta

from model_collapse.mixtures import remedies
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import best_ridges
from model_collapse.problem.spectra import power_law
from model_collapse.statistics import standard_error
from model_collapse.theory.exponents import effective_samples, ell_crit
from scripts.claims.checks import Check, estimate


def ratio(over: np.ndarray, under: np.ndarray) -> tuple[float, float]:
    """The ratio of two means over replicates, which may be paired, and its standard error."""
    value = np.mean(over) / np.mean(under)
    return float(value), float(standard_error(over - value * under) / np.mean(under))


def ratio_of_errors(seed, *, settings, replicates, relation="equal"):
    """Two errors compared: E_n of a protocol over E_m of the same, or of the one in ``over``. Rows
    that both have are the same in both.
    """
    for i, setting in enumerate(settings):
        draws = {"replicates": replicates, "seed": f"{seed}/{i}"}
        errors = [
            simulate_errors(setting["spectrum"], protocol, n, **draws)[:, n]
            for protocol, n in (
                (setting["protocol"], setting["n"]),
                (setting.get("over", setting["protocol"]), setting.get("m", 0)),
            )
        ]
        yield Check(setting["point"], setting["printed"], *ratio(*errors), relation=relation)


def gerstgrasser_fixed_ridge(
    seed, *, spectrum, samples, ridge, noise, generations, replicates, printed
):
    """Kept rows and one λ of the mean loss: its penalty αT_1/T_{1:k} is λ for α = kλ."""
    protocol = remedies.accumulate_kept(samples, lambda k: k * ridge, noise)
    draws = {"replicates": replicates, "seed": seed}
    errors = simulate_errors(spectrum, protocol, max(generations), **draws)
    for n in generations:
        measured = ratio(errors[:, n], errors[:, 0])
        yield Check(f"E_{{{n}}}/E_0 at λ = {ridge:g}", printed, *measured, relation="at most")


def xu_linear(seed, *, spectrum, samples, noise, simulated, exact, replicates):
    """E_{2n} − E_n of T_k = kT_1 rows, in units of σ²d/T_1: at least 1/2 however large n is."""
    protocol = remedies.growing(samples, float, 0, noise)
    unit = noise**2 * spectrum.dimension / samples
    draws = {"replicates": replicates, "seed": seed}
    errors = simulate_errors(spectrum, protocol, 2 * simulated, **draws) / unit
    measured = estimate(errors[:, 2 * simulated] - errors[:, simulated])
    yield Check(f"n = {simulated}, simulated", 1 / 2, *measured, relation="at least")
    errors = expected_errors(spectrum.condensed(), protocol, 2 * exact, finite_size=True) / unit
    measured = float(errors[2 * exact] - errors[exact])
    yield Check(f"n = {exact}, exact", 1 / 2, measured, relation="at least")


def xu_superlinear(seed, *, spectrum, samples, noise, powers, generations, replicates):
    """E_n/E_0 of T_k = T_1k^a rows, least squares: at most ζ(a), a > 1."""
    for a in powers:
        protocol = remedies.growing(samples, lambda k, a=a: k**a, 0, noise)
        draws = {"replicates": replicates, "seed": f"{seed}/{a}"}
        errors = simulate_errors(spectrum, protocol, generations, **draws)
        measured = ratio(errors[:, -1], errors[:, 0])
        yield Check(
            f"T_k = T_1k^{{{a:g}}}, n = {generations}",
            float(zeta(a)),
            *measured,
            relation="at most",
        )


def xu_bias(seed, *, spectrum, samples, noise, ell, slow, fast, generations):
    """E_n/E_0 of T_k = T_1k^a rows with λ_k = T_k^{−ℓ}, whose bias adds up unless aℓ > 1: what is
    slow exceeds the ζ(a) that holds without bias; from n to 2n what is fast stays as it is.
    """

    def errors(a):
        size = lambda k: samples * k**a  # noqa: E731
        protocol = remedies.replace(size, lambda k: size(k) ** -ell, noise)
        return expected_errors(spectrum.condensed(), protocol, 2 * generations)

    values = errors(slow)
    yield Check(f"T_k = T_1k^{{{slow:g}}}, E_n/E_0, n = {2 * generations}", float(zeta(slow)),
                float(values[-1] / values[0]), relation="at least")  # fmt: skip
    values = errors(fast)
    yield Check(f"T_k = T_1k^{{{fast:g}}}, E_{{{2 * generations}}}/E_{{{generations}}}", 1.0,
                float(values[-1] / values[generations]))  # fmt: skip


def adaptive_ridge(seed, *, law, d, samples, noise, generations, replicates, alone=False):
    """E_n at the ridge T_eff^{−ℓ_crit} of the last fit, T_eff = T_0/max(nσ², 1), over that at
    T^{−ℓ_crit}; or ``alone``, over that of kept rows at their best penalty. T = T_0.
    """
    spectrum = power_law(d, *law)
    n = generations
    draws = {"replicates": replicates, "seed": seed}

    def error(protocol):
        return simulate_errors(spectrum, protocol, n, **draws)[:, n]

    def adapted(size):
        ridges = remedies.last_only(size ** -ell_crit(*law), n)
        return error(remedies.replace(samples, ridges, noise))

    adaptive = adapted(effective_samples(samples, samples, n * noise**2))
    point = f"E_{{{n}}} at T_eff^{{−ℓ_crit}} over "
    if not alone:
        measured = ratio(adaptive, adapted(samples))
        yield Check(f"{point}that at T^{{−ℓ_crit}}", 1.0, *measured, relation="at most")
        return

    def kept(penalty):
        return remedies.accumulate_kept(samples, penalty, noise)

    best = best_ridges(spectrum, kept, n)[0]
    measured = ratio(adaptive, error(kept(best)))
    yield Check(f"{point}that of kept rows", 1.0, *measured, relation="at least")


def ratio_of_ridge_rules(
    seed, *, spectrum, samples, noise, generations, replicates, rule, other, relation
):
    """E_n of *replace* with ridges by one rule of the library's over that by another, both the best
    in theory.
    """

    def protocol(ridges):
        return remedies.replace(samples, ridges, noise)

    n = generations
    errors = []
    for name in (rule, other):
        ridges = best_ridges(spectrum.condensed(), protocol, n, name)
        draws = {"replicates": replicates, "seed": seed}
        tuned = protocol(remedies.listed(ridges))
        errors.append(simulate_errors(spectrum, tuned, n, **draws)[:, n])
    yield Check(f"E_{{{n}}}, {rule} over {other}", 1.0, *ratio(*errors), relation=relation)
