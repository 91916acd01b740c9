"""Claims of section 5 and appendices G and H, and of v1's abstract: exponents of the recursion."""

from dataclasses import replace
from itertools import product

import numpy as np

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import power_law
from model_collapse.statistics import Slope, fit_exponent, mean_exponent
from model_collapse.theory import exponents
from model_collapse.theory.exponents import Law, clean_rate, corrected_exponent, ell_crit, ell_star
from model_collapse.theory.scaling_laws import PHI_0, Size, law_risk, size_at, sizes_across
from scripts.claims.checks import Check, term, terms

POINTS = 4  # of the line whose slope is an exponent
PLACES = {  # ridge exponents ℓ by β, r, b and a
    "crit": lambda beta, r, b, a: ell_crit(beta, r),
    "star": ell_star,
    "best": lambda *law: min(ell_star(*law), ell_crit(*law[:2])),  # of noisy labels
    "between": lambda beta, r, b, a: (ell_crit(beta, r) + b * beta) / 2,  # ℓ_crit and the ceiling
}


def law_at(place: str, beta, r, b=None, a=0.0) -> Law:
    """A law whose ℓ is one of PLACES."""
    return Law(beta, r, PLACES[place](beta, r, b, a), b, a)


def exponent(law: Law, window, noisy: bool, dimension: int = 0) -> Slope:
    """d log E/d log T of the recursion: over d with generators, over the learned modes without."""
    sizes = sizes_across(law, window, POINTS, dimension)
    totals = [_total(law, size, noisy) for size in sizes]
    return fit_exponent([size.samples for size in sizes], np.array(totals))


def _total(law: Law, size: Size, noisy: bool) -> float:
    risk = law_risk(law, size)
    return risk.bias + risk.collapse + noisy * risk.variance


def simulated(law: Law, dimensions, noisy: bool, replicates: int, seed) -> tuple[Slope, Slope]:
    """The exponent over small dimensions by simulation, and the recursion's at these sizes."""
    samples = []
    values = []
    limits = []
    for size in (size_at(law, d) for d in dimensions):
        T = float(round(size.samples))
        generator = Fit(round(size.dimension / PHI_0), noise=float(T ** (law.a / 2)))
        problem = power_law(size.dimension, law.beta, law.r)
        fit = Fit(T, T**-law.ell, float(noisy))
        samples.append(T)
        values.append(term(terms((problem, [generator], fit), replicates, f"{seed}/{size}")))
        limits.append(_total(law, Size(size.dimension, T), noisy))
    return mean_exponent(samples, np.column_stack(values)), fit_exponent(samples, np.array(limits))


def _less(slope: Slope, other: Slope) -> Slope:
    """The difference of two slopes."""
    error = np.hypot(slope.standard_error, other.standard_error)
    return Slope(slope.value - other.value, float(error))


def _name(law: Law) -> str:
    generators = "" if law.b is None else f", b = {law.b:g}, a = {law.a:g}"
    return f"β = {law.beta:g}, r = {law.r:g}, ℓ = {law.ell:.3g}{generators}"


def _corrected(law: Law, printed, window, noisy, relation="equal", point="{}"):
    """The recursion's exponent against print and correction."""
    measured = exponent(law, window, noisy)
    corrected = corrected_exponent(law, noisy)
    return Check(point.format(_name(law)), printed, *measured, corrected, relation)


def _others(law: Law, other, point: str, *arguments):
    """Exponents at ``other`` multiples of ℓ less that at ℓ: there E falls more slowly."""
    best = exponent(law, *arguments)
    for factor in other:
        gap = _less(exponent(replace(law, ell=factor * law.ell), *arguments), best)
        yield Check(point.format(factor), 0.0, *gap, relation="at least")


def eq_24(seed, *, laws, window, dimension):
    """Clean noisy data at ℓ_crit: E ≍ T^{−c}."""
    for law in laws:
        law_with_ell = law_at("crit", *law)
        yield Check(
            _name(law_with_ell), -clean_rate(*law), *exponent(law_with_ell, window, True, dimension)
        )


def eq_26(seed, *, laws, window, dimension, other):
    """ℓ_crit is best: at ``other`` multiples of it E falls more slowly."""
    for beta, r in laws:
        point = f"β = {beta:g}, r = {r:g}, {{:g}} ℓ_crit against ℓ_crit"
        yield from _others(law_at("crit", beta, r), other, point, window, True, dimension)


def clean_exponent(seed, *, laws, window, dimension, shares, noisy):
    """Clean data at ℓ by its share: 0 to 1 runs from 0 to ℓ_crit, then on to β, then to 2β."""
    for (beta, r), share in product(laws, shares):
        ell = np.interp(share, [0, 1, 2, 3], [0, ell_crit(beta, r), beta, 2 * beta])
        law = Law(beta, r, float(ell))
        printed = exponents.printed_clean_exponent(law, noisy)
        yield Check(_name(law), printed, *exponent(law, window, noisy, dimension))


def _printed_27(law: Law) -> float:
    """The largest exponent of eq (27) as printed, σ > 0; max(T/T0, φ0) is T^{1−b} or constant."""
    collapse = law.a + max(1 - law.b, 0) - (1 - law.ell / law.beta)
    return max(-2 * law.source * law.ell, law.ell / law.beta - 1, collapse)


def thm_5_1(seed, *, laws, pairs, ells, window):
    """Eq (27) for ℓ < β·min(b, 1): bias, variance or collapse is the largest."""
    for (beta, r), (b, a), share in product(laws, pairs, ells):
        law = Law(beta, r, share * min(b, 1) * beta, b, a)
        yield Check(_name(law), _printed_27(law), *exponent(law, window, True))


def thm_5_1_range(seed, *, law, b, a, ell, window):
    """Eq (27) is stated for ℓ < β; for b < 1 it ends at ℓ = bβ, where every mode is used."""
    law_with_ell = Law(*law, ell, b, a)
    yield _corrected(law_with_ell, _printed_27(law_with_ell), window, True)


def collapsed_exponent(seed, *, laws, pairs, window, places, noisy, relation="equal"):
    """Exponents with generators, b ≤ 1, against those printed. Noisy: App. G, at ℓ_crit, at ℓ⋆, and
    between ℓ_crit and the ceiling. Noiseless: Cor 5.2, −(b−a)c at ℓ⋆; −(c+b−a−1) at
    ℓ_crit < bβ, "at least" that where b − a > 1 and the bias ends the fall at −c.
    """
    for place, law, pair in product(places, laws, pairs):
        law_with_ell = law_at(place, *law, *pair)
        printed = exponents.printed_collapsed_exponent(law_with_ell, noisy)
        yield Check(
            _name(law_with_ell), printed, *exponent(law_with_ell, window, noisy), relation=relation
        )


def best_collapsed_exponent(seed, *, laws, pairs, other, window, place="star"):
    """ℓ⋆ is best, b ≤ 1: at ``other`` multiples of it E falls more slowly. Noisy, App. G, at place
    "best": min(ℓ⋆, ℓ_crit) is.
    """
    best, noisy = ("ℓ⋆", False) if place == "star" else ("min(ℓ⋆, ℓ_crit)", True)
    for (beta, r), (b, a) in product(laws, pairs):
        point = f"{{:g}} {best} against {best}, β = {beta:g}, b = {b:g}, a = {a:g}"
        yield from _others(law_at(place, beta, r, b, a), other, point, window, noisy)


def v1_crossover(seed, *, law, cope, collapse, window):
    """The model copes (clean exponent) for b − a ≥ 1, and E rises for ℓ > β(b−a)."""
    for law_with_ell in (law_at("crit", *law, b, a) for b, a in cope):
        yield Check(
            f"copes: {_name(law_with_ell)}",
            -clean_rate(*law),
            *exponent(law_with_ell, window, True),
        )
    for law_with_ell in (Law(*law, ell, b, a) for b, a, ell in collapse):
        measured = exponent(law_with_ell, window, True)
        yield Check(f"collapses: {_name(law_with_ell)}", 0.0, *measured, relation="at least")


def v1_rates(seed, *, law, b, little, much, window):
    """At ℓ_crit with T0 = T^b: −c while generator noise is little, −(c+b−1) when it is much."""
    law_with_ell = law_at("crit", *law, b)
    rate = clean_rate(*law)
    sizes = sizes_across(law_with_ell, window, POINTS)
    risks = [law_risk(law_with_ell, size) for size in sizes]
    for name, noise, printed in (("fast", little, -rate), ("slow", much, -(rate + b - 1))):
        totals = np.array([x.bias + x.variance + noise * x.collapse for x in risks])
        measured = fit_exponent([size.samples for size in sizes], totals)
        yield Check(f"{name}: nσ0² = {noise:g}", printed, *measured)


def v1_regularization(seed, *, laws, pairs, window):
    """Adaptive ridge: E at ℓ⋆ over E at ℓ_crit falls with T, as T^{−(1−b+a)(1−c)}."""
    for (beta, r), (b, a) in product(laws, pairs):
        both = (law_at(place, beta, r, b, a) for place in ("star", "crit"))
        gap = _less(*(exponent(law, window, False) for law in both))
        point = f"β = {beta:g}, r = {r:g}, b = {b:g}, a = {a:g}"
        yield Check(point, -(1 - b + a) * (1 - clean_rate(beta, r)), *gap)


def err_3h(seed, *, law, b, a, window):
    """Cor 5.2 with n ≍ T^b as printed for T^a: E no longer has the exponent −(b−a)c."""
    beta, r = law
    printed = -(b - a) * clean_rate(*law)
    for symbol, value in (("nσ0² = T^b", b), ("nσ0² = T^a", a)):
        law_with_ell = replace(law_at("star", beta, r, b, a), a=value)
        point = f"{symbol}: β = {beta:g}, r = {r:g}, b = {b:g}, a = {a:g}"
        yield _corrected(law_with_ell, printed, window, False, point=point)


def err_4(seed, *, law, a, bs, window):
    """At ℓ_crit E diverges for b < a+1−c, not for b ≥ a+1−c: the sign of the exponent."""
    edge = a + 1 - clean_rate(*law)
    for b in bs:
        sign = float(np.sign(exponent(law_at("crit", *law, b, a), window, False).value))
        printed = 1.0 if b >= edge else -1.0
        point = f"sign of the exponent, b = {b:g}, a + 1 − c = {edge:g}"
        yield Check(point, printed, sign, 0.0, -printed)


def _also_simulated(seed, law, printed, window, noisy, dimensions, replicates, relation="equal"):
    """The recursion's exponent against print and correction, then simulation at small sizes."""
    yield _corrected(law, printed, window, noisy, relation)
    measured, limit = simulated(law, dimensions, noisy, replicates, seed)
    where = f"simulated, d = {dimensions[0]} to {dimensions[-1]}"
    yield Check(where, printed, *measured, limit.value, relation)


def collapsed_exponent_also_simulated(seed, *, law, place, b, window, dimensions, replicates):
    """Cor 5.2 beyond its range. At ℓ⋆ for b > 1: b must read min(b, 1). At ℓ_crit, at the ceiling:
    nothing diverges with n fixed, the exponent is 0.
    """
    law_with_ell = law_at(place, *law, b)
    printed = exponents.printed_collapsed_exponent(law_with_ell, False)
    return _also_simulated(seed, law_with_ell, printed, window, False, dimensions, replicates)


def err_11b(seed, *, laws, pairs, window):
    """Cor 5.2 where ℓ⋆ is capped at β: E ends at the bias, −2βr̲ for b = 1, not −(b−a)c."""
    for law, pair in product(laws, pairs):
        law_with_ell = law_at("star", *law, *pair)
        yield _corrected(
            law_with_ell, exponents.printed_collapsed_exponent(law_with_ell, False), window, False
        )


def err_12(seed, *, law, b, ell, small_b, window, dimensions, replicates):
    """App. G: consistency is not lost beyond ℓ⋆, E falls for ℓ < β·min(1, b−a, 1−a); and at ℓ⋆ any
    b > a, b ≤ 1, is consistent, also below a + 1/(2βr̲+1).
    """
    arguments = 0.0, window, True
    yield from _also_simulated(
        seed, Law(*law, ell, b), *arguments, dimensions, replicates, "at least"
    )
    yield _corrected(law_at("star", *law, small_b), *arguments, "at least", "at ℓ⋆: {}")
