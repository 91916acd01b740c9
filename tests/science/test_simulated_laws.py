"""Simulated errors along scaling laws: against the recursion, and from their fits."""

import numpy as np
from conftest import assert_mean, assert_same

from model_collapse.decomposition import simulate_terms
from model_collapse.exponents import Law
from model_collapse.protocol import Fit
from model_collapse.scaling import Size, law_risk, size_at
from model_collapse.simulated_laws import simulate_laws
from model_collapse.spectra import power_law


def test_simulated_laws_agree_with_the_recursion():
    """Both a, on one design: the collapse scales with T^a of the rounded T."""
    laws = [Law(2.0, 0.375, 0.6, 0.8, 0.0), Law(2.0, 0.375, 0.6, 0.8, 0.3)]
    size = size_at(laws[0], 100)
    terms = np.array([simulate_laws(laws, size, seed=8, replicate=i) for i in range(100)])
    for p, law in enumerate(laws):
        limit, draws = law_risk(law, size), terms[:, p]
        error = draws.std(axis=0, ddof=1) / 10
        expected = np.array([limit.bias, limit.variance, limit.collapse])
        assert np.all(np.abs(draws.mean(axis=0) - expected) < 4 * error + 0.02 * expected)
    assert_same(terms[:, 1, 2] / terms[:, 0, 2], float(round(size.samples)) ** 0.3)


def test_simulated_laws_are_the_terms_of_their_fits():
    """Noise 1 downstream; the generator's variance, T^a, multiplies the collapse of noise 1."""
    law = Law(2.0, 0.375, 0.6, 0.8, 0.3)
    size, draw = size_at(law, 40), {"seed": 10, "replicate": 2}
    T = round(size.samples)
    generators, fits = [Fit(80, 0.0, float(T) ** 0.15)], [Fit(T, float(T) ** -0.6, 1.0)]
    expected = simulate_terms(power_law(40, 2.0, 0.375), generators, fits, **draw)
    assert_same(simulate_laws([law], size, **draw)[0], expected[-1, 0, :3], rtol=1e-10)


def test_clean_laws_have_no_collapse():
    law, size = Law(2.0, 0.375, 0.6), Size(80, 40.0)
    terms = np.array([simulate_laws([law], size, seed=9, replicate=i) for i in range(50)])
    assert np.all(terms[:, 0, 2] == 0)
    assert_mean(terms[:, 0, 1], law_risk(law, size).variance, sigmas=5)
