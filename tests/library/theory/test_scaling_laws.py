"""The best ridge where it is known and where it is not; simulated errors along scaling laws."""

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic, power_law
from model_collapse.simulation.scaling_laws import simulate_laws
from model_collapse.simulation.terms import simulate_terms
from model_collapse.statistics import standard_error
from model_collapse.theory.exponents import Law, effective_samples
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import chain_risk, equivalents_of
from model_collapse.theory.scaling_laws import Size, law_risk, size_at, sizes_across

POWER = power_law(80, 2.0, 0.375)


def test_best_ridge_of_isotropic_clean_data():
    """Σ = I, n = 0: the best ridge is known, λ = σ²φ/‖w0‖²."""
    spectrum = isotropic(80, norm=1.5)
    assert_same(best_ridge(spectrum, [], 200, 0.4), 0.4**2 * 0.4 / 1.5**2, rtol=1e-4)


def test_best_ridge_is_nowhere_beaten():
    chain = [Fit(150, 0, 1.0)] * 4
    best = best_ridge(POWER, equivalents_of(POWER, chain), 1000, 1.0)
    ridges = best * np.array([1, 0.1, 0.5, 0.9, 1.1, 2, 10])
    lowest, *others = (chain_risk(POWER, chain, Fit(1000, x, 1.0)).total for x in ridges)
    assert lowest < min(others)


def test_best_ridges_of_many_sizes_are_those_of_each():
    """Across blocks of sizes; without noise, and T > d, the error falls up to the lower bound."""
    chain = equivalents_of(POWER, [Fit(150, 0, 1.0)] * 4)
    sizes = np.geomspace(5, 1e6, 90)
    found = best_ridge(POWER, chain, sizes, 1.0)
    assert_same(found[::30], [best_ridge(POWER, chain, size, 1.0) for size in sizes[::30]])
    assert_same(best_ridge(POWER, [], 200, 0.0, bounds=(1e-6, 1e3)), 1e-6)
    for bounds in ((0, 1), (-1, 1), (1, 0.1), (np.nan, 1)):
        with pytest.raises(ValueError, match="bounds must be two positive numbers, the lower"):
            best_ridge(POWER, [], 200, 1.0, bounds=bounds)


def test_sizes_without_generators_need_a_dimension():
    law = Law(2.0, 0.375, 0.8)
    assert [size.dimension for size in sizes_across(law, (2, 8), 3, 300)] == [300] * 3
    with pytest.raises(ValueError, match="without generators need a dimension"):
        sizes_across(law, (2, 8), 3)
    with pytest.raises(ValueError, match="without generators has no T0"):
        size_at(law, 300)


def test_the_effective_rule_at_the_paper_s_scale():
    """Figure 1b at T = 10,000, n = 10: corrected rule and best ridge against a = 0."""
    spectrum = power_law(300, 2.0, 0.375)
    chain = [Fit(600, 0, 1.0)] * 10
    best = best_ridge(spectrum, equivalents_of(spectrum, chain), 10_000, 1.0)
    ridges = (effective_samples(10_000, 600, 10) ** -0.8, best, 600**-0.8)
    got = [chain_risk(spectrum, chain, Fit(10_000, ridge, 1.0)).total for ridge in ridges]
    assert np.round(got, 3).tolist() == [0.169, 0.160, 0.343]


def test_simulated_laws_agree_with_the_recursion():
    """With generators and without; two a on one design: the collapse scales with T^a."""
    laws = [Law(2.0, 0.375, 0.6, 0.8, 0.0), Law(2.0, 0.375, 0.6, 0.8, 0.3)]
    size = size_at(laws[0], 100)
    clean = [Law(2.0, 0.375, 0.6)]
    draws = range(100)
    for group, at in ((clean, Size(80, 40.0)), (laws, size)):
        terms = np.array([simulate_laws(group, at, seed=8, replicate=i) for i in draws])
        expected = [
            [risk.bias, risk.variance, risk.collapse] for risk in (law_risk(x, at) for x in group)
        ]
        gap = np.abs(terms.mean(axis=0) - expected)
        assert np.all(gap <= 4 * standard_error(terms) + 0.02 * np.array(expected))
    assert_same(terms[:, 1, 2] / terms[:, 0, 2], float(round(size.samples)) ** 0.3)


def test_simulated_laws_are_the_terms_of_their_fits():
    """Noise 1 downstream; the generator's variance, T^a, multiplies the collapse of noise 1."""
    law = Law(2.0, 0.375, 0.6, 0.8, 0.3)
    size = size_at(law, 40)
    draw = {"seed": 10, "replicate": 2}
    T = round(size.samples)
    generators = [Fit(80, 0.0, float(T) ** 0.15)]
    fits = [Fit(T, float(T) ** -0.6, 1.0)]
    expected = simulate_terms(power_law(40, 2.0, 0.375), generators, fits, **draw)
    assert_same(simulate_laws([law], size, **draw)[0], expected[-1, 0, :3], rtol=1e-10)
