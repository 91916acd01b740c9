"""Claims of section 5 and appendices G and H, and of v1's abstract: exponents of the recursion."""

import numpy as np

from model_collapse.equivalents import Fit
from model_collapse.exponents import (
    Law,
    clean_rate,
    corrected_exponent,
    ell_crit,
    ell_star,
    printed_clean_exponent,
    printed_collapsed_exponent,
)
from model_collapse.scaling import PHI_0, Size, law_risk, size_at
from model_collapse.slopes import Slope, fit_exponent, mean_exponent
from model_collapse.spectra import power_law
from scripts.claims.ledger import Check
from scripts.claims.monte_carlo import estimate, term, terms

POINTS = 4


def exponent(law: Law, window, noisy: bool, dimension: int = 0) -> Slope:
    """d log E/d log T of the recursion: over d with generators, over the learned modes without."""
    steps = np.geomspace(*window, POINTS)
    if law.b is None:
        growth = min(law.ell / law.beta, 1.0)
        sizes = [Size(dimension, step ** (1 / growth)) for step in steps]
    else:
        sizes = [size_at(law, round(step)) for step in steps]
    risks = [law_risk(law, size) for size in sizes]
    totals = [risk.bias + risk.collapse + noisy * risk.variance for risk in risks]
    return fit_exponent([size.samples for size in sizes], np.array(totals))


def in_full(law: Law, dimensions, noisy: bool, replicates: int, seed) -> tuple[Slope, Slope]:
    """The exponent over small dimensions by full matrices, and the recursion's at these sizes."""
    sizes = [size_at(law, d) for d in dimensions]
    samples = [float(round(size.samples)) for size in sizes]
    values, limits = [], []
    for size, T in zip(sizes, samples, strict=True):
        generator = Fit(round(size.dimension / PHI_0), 0.0, float(T ** (law.a / 2)))
        fit = Fit(T, T**-law.ell, float(noisy))
        problem = power_law(size.dimension, law.beta, law.r)
        values.append(term(terms(problem, [generator], fit, replicates, f"{seed}/{size}")))
        risk = law_risk(law, Size(size.dimension, T))
        limits.append(risk.bias + risk.collapse + noisy * risk.variance)
    return mean_exponent(samples, np.column_stack(values)), fit_exponent(samples, np.array(limits))


def _check(point: str, printed: float, found: Slope, corrected: float | None = None) -> Check:
    return Check(point, printed, found.value, found.standard_error, corrected)


def _name(law: Law) -> str:
    generators = "" if law.b is None else f", b = {law.b:g}, a = {law.a:g}"
    return f"β = {law.beta:g}, r = {law.r:g}, ℓ = {law.ell:.3g}{generators}"


def _clean(laws, window, dimension, regimes):
    checks = []
    for beta, r in laws:
        for share, noisy in regimes:
            crit = ell_crit(beta, r)
            # share 0..1 runs from 0 to ℓ_crit, 1..2 from there to β, 2..3 from there to 2β
            ell = np.interp(share, [0, 1, 2, 3], [0, crit, beta, 2 * beta])
            law = Law(beta, r, float(ell))
            found = exponent(law, window, noisy, dimension)
            checks.append(_check(_name(law), printed_clean_exponent(law, noisy), found))
    return checks


def eq_24(seed, *, laws, window, dimension):
    """Clean noisy data at ℓ_crit: E ≍ T^{−c}."""
    checks = []
    for beta, r in laws:
        law = Law(beta, r, ell_crit(beta, r))
        found = exponent(law, window, True, dimension)
        checks.append(_check(_name(law), -clean_rate(beta, r), found))
    return checks


def eq_26(seed, *, laws, window, dimension, other):
    """ℓ_crit is best: at ``other`` multiples of it E falls more slowly."""
    checks = []
    for beta, r in laws:
        crit = ell_crit(beta, r)
        best = exponent(Law(beta, r, crit), window, True, dimension)
        for factor in other:
            found = exponent(Law(beta, r, factor * crit), window, True, dimension)
            checks.append(
                Check(
                    f"β = {beta:g}, r = {r:g}, {factor:g} ℓ_crit against ℓ_crit",
                    0.0,
                    found.value - best.value,
                    float(np.hypot(found.standard_error, best.standard_error)),
                    relation="at least",
                )
            )
    return checks


def app_h_2_noiseless(seed, *, laws, window, dimension):
    """Noiseless: exponent 2r̲·min(ℓ, β)."""
    return _clean(laws, window, dimension, [(1, False), (2.5, False)])


def app_h_2_noisy(seed, *, laws, window, dimension):
    """Noisy: 1 − ℓ/β right of ℓ_crit, a plateau from β on."""
    return _clean(laws, window, dimension, [(1.5, True), (2.5, True)])


def _printed_27(law: Law) -> float:
    """The largest exponent of eq (27) as printed, σ > 0; max(T/T0, φ0) is T^{1−b} or constant."""
    collapse = law.a + max(1 - law.b, 0) - (1 - law.ell / law.beta)
    return max(-2 * law.source * law.ell, law.ell / law.beta - 1, collapse)


def thm_5_1(seed, *, laws, pairs, ells, window):
    """Eq (27) for ℓ < β·min(b, 1): bias, variance or collapse is the largest."""
    checks = []
    for beta, r in laws:
        for b, a in pairs:
            for share in ells:
                law = Law(beta, r, share * min(b, 1) * beta, b, a)
                checks.append(_check(_name(law), _printed_27(law), exponent(law, window, True)))
    return checks


def thm_5_1_range(seed, *, law, b, a, ell, window):
    """Eq (27) is stated for ℓ < β; for b < 1 it ends at ℓ = bβ, where every mode is used."""
    here = Law(*law, ell, b, a)
    found = exponent(here, window, True)
    return [_check(_name(here), _printed_27(here), found, corrected_exponent(here, True))]


def _corollary(laws, pairs, window, rule, noisy=False):
    checks = []
    for beta, r in laws:
        for b, a in pairs:
            ell = ell_star(beta, r, b, a) if rule == "star" else ell_crit(beta, r)
            law = Law(beta, r, ell, b, a)
            printed = printed_collapsed_exponent(law, noisy)
            checks.append(_check(_name(law), printed, exponent(law, window, noisy)))
    return checks


def cor_5_2_star(seed, *, laws, pairs, window):
    """At ℓ⋆ E ≍ T^{−(b−a)c}, b ≤ 1."""
    return _corollary(laws, pairs, window, "star")


def cor_5_2_crit(seed, *, laws, pairs, window):
    """At ℓ_crit E ≍ T^{−(c+b−a−1)}, b ≤ 1 and ℓ_crit < bβ."""
    return _corollary(laws, pairs, window, "crit")


def cor_5_2_best(seed, *, laws, pairs, other, window):
    """ℓ⋆ is best, b ≤ 1: at ``other`` multiples of it E falls more slowly."""
    checks = []
    for beta, r in laws:
        for b, a in pairs:
            star = ell_star(beta, r, b, a)
            best = exponent(Law(beta, r, star, b, a), window, False)
            for factor in other:
                found = exponent(Law(beta, r, factor * star, b, a), window, False)
                error = float(np.hypot(found.standard_error, best.standard_error))
                point = f"{factor:g} ℓ⋆ against ℓ⋆, β = {beta:g}, b = {b:g}, a = {a:g}"
                gap = found.value - best.value
                checks.append(Check(point, 0.0, gap, error, relation="at least"))
    return checks


def app_g(seed, *, laws, pairs, window):
    """σ > 0, b ≤ 1: at ℓ_crit, at ℓ⋆, and between ℓ_crit and the ceiling."""
    checks = _corollary(laws, pairs, window, "crit", True)
    checks += _corollary(laws, pairs, window, "star", True)
    for beta, r in laws:
        for b, a in pairs:
            law = Law(beta, r, (ell_crit(beta, r) + b * beta) / 2, b, a)
            printed = printed_collapsed_exponent(law, True)
            checks.append(_check(_name(law), printed, exponent(law, window, True)))
    return checks


def v1_crossover(seed, *, law, cope, collapse, window):
    """The model copes (clean exponent) for b − a ≥ 1, and E rises for ℓ > β(b−a)."""
    beta, r = law
    rate, checks = clean_rate(beta, r), []
    for b, a in cope:
        here = Law(beta, r, ell_crit(beta, r), b, a)
        checks.append(_check(f"copes: {_name(here)}", -rate, exponent(here, window, True)))
    for b, a, ell in collapse:
        here = Law(beta, r, ell, b, a)
        found = exponent(here, window, True)
        checks.append(
            Check(
                f"collapses: {_name(here)}",
                0.0,
                found.value,
                found.standard_error,
                relation="at least",
            )
        )
    return checks


def v1_rates(seed, *, law, b, little, much, window):
    """At ℓ_crit with T0 = T^b: −c while generator noise is little, −(c+b−1) when it is much."""
    beta, r = law
    here, rate, checks = Law(beta, r, ell_crit(beta, r), b, 0.0), clean_rate(beta, r), []
    sizes = [size_at(here, round(d)) for d in np.geomspace(*window, POINTS)]
    risks = [law_risk(here, size) for size in sizes]
    for name, collapse_noise, printed in (
        ("fast", little, -rate),
        ("slow", much, -(rate + b - 1)),
    ):
        totals = np.array([x.bias + x.variance + collapse_noise * x.collapse for x in risks])
        found = fit_exponent([size.samples for size in sizes], totals)
        checks.append(_check(f"{name}: nσ0² = {collapse_noise:g}", printed, found))
    return checks


def v1_regularization(seed, *, laws, pairs, window):
    """Adaptive ridge: E at ℓ⋆ over E at ℓ_crit falls with T, as T^{−(1−b+a)(1−c)}."""
    checks = []
    for beta, r in laws:
        for b, a in pairs:
            at = [
                exponent(Law(beta, r, ell, b, a), window, False)
                for ell in (ell_star(beta, r, b, a), ell_crit(beta, r))
            ]
            error = float(np.hypot(at[0].standard_error, at[1].standard_error))
            printed = -(1 - b + a) * (1 - clean_rate(beta, r))
            point = f"β = {beta:g}, r = {r:g}, b = {b:g}, a = {a:g}"
            checks.append(Check(point, printed, at[0].value - at[1].value, error))
    return checks


def v1_experiments(
    seed, *, kernel, samples, generator_samples, ridge, noise, generations, replicates
):
    """Collapse on real images, scikit-learn's digits: error after n generations less on truth."""
    # Imported here: no other claim needs scikit-learn, which takes a second to load.
    from model_collapse.images import embedded_digits
    from model_collapse.kernels import (
        Kernel,
        Pool,
        kernel_downstream_errors,
        train_kernel_generators,
    )

    images = embedded_digits()
    pool = Pool.prepare(images.train_images, images.train_labels % 2, "unit", images.white)
    features = pool.features(images.test_images)
    differences = []
    for i in range(replicates):
        chain = train_kernel_generators(
            Kernel(**kernel),
            pool,
            [Fit(generator_samples, ridge, noise)] * generations,
            seed=seed,
            replicate=i,
        )
        errors = kernel_downstream_errors(
            Kernel(**kernel),
            pool,
            chain,
            features,
            images.test_labels % 2.0,
            samples,
            [0, generations],
            [ridge],
            noise,
            seed=seed,
            replicate=i,
        )[:, 0]
        differences.append(errors[1] - errors[0])
    found = estimate(np.array(differences))
    return [Check(f"E(n = {generations}) − E(0)", 0.0, *found, relation="at least")]


def err_3h(seed, *, law, b, a, window):
    """Cor 5.2 with n ≍ T^b as printed for T^a: E no longer has the exponent −(b−a)c."""
    beta, r = law
    star = ell_star(beta, r, b, a)
    printed = -(b - a) * clean_rate(beta, r)
    return [
        _check(
            f"{symbol}: β = {beta:g}, r = {r:g}, b = {b:g}, a = {a:g}",
            printed,
            exponent(Law(beta, r, star, b, value), window, False),
            corrected_exponent(Law(beta, r, star, b, value), False),
        )
        for symbol, value in (("nσ0² = T^b", b), ("nσ0² = T^a", a))
    ]


def err_4(seed, *, law, a, bs, window):
    """At ℓ_crit E diverges for b < a+1−c, not for b ≥ a+1−c: the sign of the exponent."""
    beta, r = law
    edge, checks = a + 1 - clean_rate(beta, r), []
    for b in bs:
        here = Law(beta, r, ell_crit(beta, r), b, a)
        sign = float(np.sign(exponent(here, window, False).value))
        printed, corrected = (1.0, -1.0) if b >= edge else (-1.0, 1.0)
        point = f"sign of the exponent, b = {b:g}, a + 1 − c = {edge:g}"
        checks.append(Check(point, printed, sign, 0.0, corrected))
    return checks


def _corrected(law: Law, noisy, window, dimensions, replicates, seed, printed, relation="equal"):
    """The recursion's exponent against print and correction, then full matrices at small sizes."""
    found = exponent(law, window, noisy)
    full, limit = in_full(law, dimensions, noisy, replicates, seed)
    return [
        Check(
            _name(law),
            printed,
            found.value,
            found.standard_error,
            corrected_exponent(law, noisy),
            relation,
        ),
        Check(
            f"full matrices, d = {dimensions[0]} to {dimensions[-1]}",
            printed,
            full.value,
            full.standard_error,
            limit.value,
            relation,
        ),
    ]


def err_11(seed, *, law, b, window, dimensions, replicates):
    """Cor 5.2 for b > 1: b must read min(b, 1)."""
    beta, r = law
    here = Law(beta, r, ell_star(beta, r, b), b)
    printed = printed_collapsed_exponent(here, False)
    return _corrected(here, False, window, dimensions, replicates, seed, printed)


def err_12(seed, *, law, b, ell, small_b, window, dimensions, replicates):
    """App. G: consistency is not lost beyond ℓ⋆, only from β·min(1, b−a) on; and at ℓ⋆ any b > a
    is consistent, also below a + 1/(2βr̲+1).
    """
    here, beta, r = Law(*law, ell, b), *law
    star = Law(beta, r, ell_star(beta, r, small_b), small_b)
    found = exponent(star, window, True)
    corrected = corrected_exponent(star, True)
    at_star = Check(
        f"at ℓ⋆: {_name(star)}", 0.0, found.value, found.standard_error, corrected, "at least"
    )
    beyond = _corrected(here, True, window, dimensions, replicates, seed, 0.0, "at least")
    return [*beyond, at_star]


def err_14(seed, *, law, b, window, dimensions, replicates):
    """At the ceiling nothing diverges with n fixed: the exponent is 0."""
    beta, r = law
    here = Law(beta, r, ell_crit(beta, r), b)
    printed = printed_collapsed_exponent(here, False)
    return _corrected(here, False, window, dimensions, replicates, seed, printed)


def cor_5_2_bound(seed, *, laws, pairs, window):
    """At ℓ_crit E ≳ T^{−(c+b−a−1)}, also where b − a > 1 and the bias ends the fall at −c."""
    checks = []
    for beta, r in laws:
        for b, a in pairs:
            law = Law(beta, r, ell_crit(beta, r), b, a)
            printed = printed_collapsed_exponent(law, False)
            found = exponent(law, window, False)
            error = found.standard_error
            checks.append(Check(_name(law), printed, found.value, error, relation="at least"))
    return checks
