"""The explorer's JavaScript against the library: one number by two languages."""

from itertools import product

import numpy as np
import pytest
from conftest import ROOT, assert_same

from model_collapse import mixtures
from model_collapse.mixtures.limits import best_real_weight
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.theory.equivalents import effective_ridge
from model_collapse.theory.exponents import Law, ell_crit, ell_star, term_exponents
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import chain_risk, equivalents_of, risk_of
from scripts.claims.settings import PROTOCOLS
from scripts.schema.ridge_rules import RIDGE_RULES, Situation

pytestmark = pytest.mark.browser

SCRIPTS = ROOT / "workflow/scripts/explorer/page"
AGREE = 1e-9  # relative, of two languages that add in another order
SHAPES = {"isotropic": isotropic, "power_law": power_law, "two_level": two_level}
SIMULATED_ALONE = {"accumulate_real", "subsample_kept"}


@pytest.fixture(scope="module")
def evaluate(chromium, tmp_path_factory):
    """What an expression of the explorer's functions is, for each of a list of ``x``."""
    page = tmp_path_factory.mktemp("explorer") / "theory.html"
    scripts = [
        (SCRIPTS / f"{name}.js").read_text() for name in ("theory", "exponents", "protocols")
    ]
    page.write_text("<meta charset='utf-8'>" + "".join(f"<script>{js}</script>" for js in scripts))
    chromium.get(page.as_uri())
    return lambda text, xs: chromium.execute_script(f"return arguments[0].map(x => {text})", xs)


def log_uniform(rng, low: float, high: float) -> float:
    return float(10 ** rng.uniform(np.log10(low), np.log10(high)))


def drawn_spectrum(rng, *names: str) -> dict:
    """A block of the config."""
    d = 2 * int(rng.integers(5, 100))
    return {
        "isotropic": {"name": "isotropic", "d": d, "norm": float(rng.uniform(0.5, 2))},
        "power_law": {
            "name": "power_law", "d": d, "beta": float(rng.uniform(1.1, 3)),
            "r": float(rng.uniform(0.2, 1.5)),
        },
        "two_level": {
            "name": "two_level", "d": d, "weak_eigenvalue": log_uniform(rng, 1e-3, 1),
            "weak_weight": float(rng.uniform()),
        },
    }[str(rng.choice(names or list(SHAPES)))]  # fmt: skip


def built(block: dict) -> Spectrum:
    return SHAPES[block["name"]](**{key: value for key, value in block.items() if key != "name"})


def drawn_fit(rng, d: int, ridge: float | None = None, samples: int | None = None) -> dict:
    """Few or many rows, not within 1 of d; half of the ridges and a quarter of the noises are 0."""
    while samples is None or abs(samples - d) <= 1:
        samples = round(d * log_uniform(rng, 0.1, 1000 if rng.random() < 0.3 else 4)) or 1
    if ridge is None:
        ridge = log_uniform(rng, 1e-8, 10) if rng.random() < 0.5 else 0.0
    return {
        "samples": samples,
        "ridge": ridge,
        "noise": float(rng.uniform(0.1, 2)) if rng.random() < 0.75 else 0.0,
    }


def drawn_chain(rng) -> dict:
    """A chain of any regime."""
    spectrum = drawn_spectrum(rng)
    shared = bool(rng.random() < 0.3)
    d = spectrum["d"]
    generations = int(rng.integers(0, 11))
    if shared or rng.random() < 0.5:  # of one size
        one = drawn_fit(rng, d, 0.0 if shared else None)
        generators = [one] * generations
    else:
        generators = [drawn_fit(rng, d) for _ in range(generations)]
    chain = {"generators": generators, "downstream": drawn_fit(rng, d), "shared": shared}
    return {"spectrum": spectrum} | chain


def test_errors_of_chains(evaluate):
    """250 settings: every spectrum, design, T and T0 on either side of d, noisy or not."""
    rng = np.random.default_rng(14)
    chains = [drawn_chain(rng) for _ in range(250)]
    found = evaluate(
        "chainRisk(spectra[x.spectrum.name](x.spectrum), x.generators, x.downstream, x.shared)",
        chains,
    )
    for chain, risk in zip(chains, found, strict=True):
        generators = [Fit(**fit) for fit in chain["generators"]]
        expected = chain_risk(
            built(chain["spectrum"]), generators, Fit(**chain["downstream"]),
            shared_design=chain["shared"],
        )  # fmt: skip
        terms = [expected.bias, expected.variance, expected.collapse]
        found_terms = [risk[name] for name in ("bias", "variance", "collapse")]
        np.testing.assert_allclose(risk["total"], expected.total, rtol=AGREE, err_msg=str(chain))
        np.testing.assert_allclose(found_terms, terms, rtol=AGREE, atol=AGREE * expected.total)


def drawn_protocol(rng) -> dict:
    """A protocol by name and its arguments in order."""
    name = str(rng.choice(sorted(ARGUMENTS)))
    spectrum = drawn_spectrum(rng, *(["isotropic"] if name == "verified" else []))
    generations = int(rng.integers(0, 9))
    while True:
        fit = drawn_fit(rng, spectrum["d"])
        T = fit["samples"] + 2
        ridge = fit["ridge"]
        noise = fit["noise"]
        real = max(round(T * rng.uniform(0.1, 0.9)), 1)
        arguments = ARGUMENTS[name](rng, T, real, ridge, noise)
        case = {"name": name, "arguments": arguments, "spectrum": spectrum, "n": generations}
        try:
            expected = mixtures.expected_errors(built(spectrum), made(case), generations)
        except ValueError as error:  # least squares within 1 of d
            assert "its mean error is not finite" in str(error), error
            continue
        if np.all(np.isfinite(expected)):
            return case | {"expected": expected.tolist()}


def made(case: dict) -> mixtures.Protocol:
    name = case["name"]
    arguments = list(case["arguments"])
    if name == "growing":
        arguments[1] = float  # T_k = T0·k
    if name == "accumulate_kept":
        return mixtures.accumulate_kept(*arguments[:3], one_design=arguments[3])
    return getattr(mixtures, name)(*arguments)


def weight(rng) -> float | None:
    return float(rng.uniform(0.05, 0.95)) if rng.random() < 0.6 else None


ARGUMENTS = {
    "replace": lambda rng, T, real, ridge, noise: [T, ridge, noise],
    "growing": lambda rng, T, real, ridge, noise: [T, None, ridge, noise],
    "mix": lambda rng, T, real, ridge, noise: [T, real, ridge, noise, weight(rng)],
    "mix_labels": lambda rng, T, real, ridge, noise: [T, rng.uniform(), ridge, noise],
    "accumulate": lambda rng, T, real, ridge, noise: [T, ridge, noise],
    "accumulate_kept": lambda rng, T, real, ridge, noise: [T, ridge, noise, rng.random() < 0.3],
    "subsample": lambda rng, T, real, ridge, noise: [T, ridge, noise],
    "two_groups": lambda rng, T, real, ridge, noise: [
        *(T, real, rng.uniform(0, 0.1), ridge, noise, weight(rng))
    ],
    "verified": lambda rng, T, real, ridge, noise: [
        *(4 * T, rng.uniform(0, 0.01), rng.uniform(0.5, 3), ridge, noise)
    ],
}


def test_errors_of_protocols(evaluate):
    """250 settings: every protocol of the library that has theory."""
    rng = np.random.default_rng(15)
    cases = [drawn_protocol(rng) for _ in range(250)]
    assert {case["name"] for case in cases} == set(ARGUMENTS)
    found = evaluate(
        "expectedErrors(spectra[x.spectrum.name](x.spectrum), protocols[x.name](...x.arguments"
        ".map((a, i) => x.name === 'growing' && i === 1 ? k => k : a ?? undefined)), x.n)",
        cases,
    )
    for case, errors in zip(cases, found, strict=True):
        rounding = (
            1e-14 * built(case["spectrum"]).null_risk
        )  # where a noiseless chain loses nothing
        close = {"rtol": AGREE, "atol": rounding, "err_msg": str(case)}
        np.testing.assert_allclose(errors, case["expected"], **close)


def test_every_protocol_with_theory_is_ported(evaluate):
    with_theory = PROTOCOLS.keys() - {"chain_of"} - SIMULATED_ALONE  # chain_of takes a list of fits
    assert set(evaluate("Object.keys(protocols)", [0])[0]) == with_theory == set(ARGUMENTS)


def test_the_best_weight_of_real_rows(evaluate):
    ratios = np.geomspace(1e-3, 1e3, 20)
    assert_same(evaluate("bestRealWeight(x)", ratios.tolist()), best_real_weight(ratios))


def test_effective_ridge_to_rounding(evaluate):
    rng = np.random.default_rng(16)
    cases = [(drawn_spectrum(rng), log_uniform(rng, 1, 1e6), log_uniform(rng, 1e-12, 1e4))
             for _ in range(200)]  # fmt: skip
    found = evaluate("effectiveRidge(spectra[x[0].name](x[0]), x[1], x[2])", cases)
    expected = [effective_ridge(built(a).eigenvalues, T, ridge) for a, T, ridge in cases]
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_the_best_ridge_has_the_lowest_error(evaluate):
    rng = np.random.default_rng(17)
    chains = [chain for chain in (drawn_chain(rng) for _ in range(60)) if not chain["shared"]]
    found = evaluate(
        "(spectrum => bestRidgeFor(spectrum, lastOf(spectrum, x.generators, false))"
        "(x.downstream.samples, x.downstream.noise))(spectra[x.spectrum.name](x.spectrum))",
        chains,
    )
    for chain, ridge in zip(chains, found, strict=True):
        spectrum = built(chain["spectrum"])
        fit = chain["downstream"]
        T = fit["samples"]
        noise = fit["noise"]
        stages = equivalents_of(spectrum, [Fit(**fit) for fit in chain["generators"]])
        best = best_ridge(spectrum, stages, T, noise)
        errors = [risk_of(spectrum, stages, Fit(T, x, noise)).total for x in (ridge, best)]
        assert_same(*errors, rtol=1e-6, atol=1e-14 * spectrum.null_risk)


def test_exponents_and_ridge_rules(evaluate):
    rng = np.random.default_rng(18)
    low, high = [1.1, 0.1, 0, 0.2, -1], [3, 1.5, 3, 2, 1]
    drawn = rng.uniform(low, high, (50, 5)).tolist()
    laws = [dict(zip(("beta", "r", "ell", "b", "a"), law, strict=True)) for law in drawn]
    text = "[ellCrit(x.beta, x.r), ellStar(x.beta, x.r, x.b, x.a), termExponents(x)]"
    found = evaluate(text, laws)
    for law, (crit, star, terms) in zip(laws, found, strict=True):
        beta, r, _, b, a = law.values()
        assert_same((crit, star), (ell_crit(beta, r), ell_star(beta, r, b, a)))
        expected = term_exponents(Law(**law), noisy=True)
        assert_same([terms[name] for name in expected], list(expected.values()))
    for T, T0, collapse in product((10, 1000), (50, 600), (0.0, 0.4, 10.0)):
        at = Situation(T, T0, collapse, 0.5, ell_crit(2, 0.375), [0.7], 0.1)
        given = {"samples": T, "generatorSamples": T0, "collapseNoise": collapse, "noise": 0.5}
        given |= {"ellCrit": at.ell_crit, "ridge": 0.7, "ell": 0.7}
        text = "Object.entries(RIDGE_RULES).map(([n, rule]) => [n, rule({...x, best: () => 0.1})])"
        ridges = dict(evaluate(text, [given])[0])
        assert ridges.keys() == RIDGE_RULES.keys()
        for name, rule in RIDGE_RULES.items():
            assert_same(ridges[name], rule.ridges(at)[0])
