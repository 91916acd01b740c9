"""The best ridge, where it is known and where it is not."""

import numpy as np
from conftest import assert_same

from model_collapse.exponents import effective_samples
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import isotropic, power_law
from model_collapse.theory import chain_risk, equivalents_of

POWER = power_law(80, 2.0, 0.375)


def test_best_ridge_of_isotropic_clean_data():
    """Σ = I, n = 0: the best ridge is known, λ = σ²φ/‖w0‖²."""
    spectrum = isotropic(80, norm=1.5)
    assert_same(best_ridge(spectrum, [], 200, 0.4), 0.4**2 * 0.4 / 1.5**2, rtol=1e-4)


def test_best_ridge_is_nowhere_beaten():
    chain = [Fit(150, 0, 1.0)] * 4
    best = best_ridge(POWER, equivalents_of(POWER, chain), 1000, 1.0)
    lowest = chain_risk(POWER, chain, Fit(1000, best, 1.0)).total
    for factor in (0.1, 0.5, 0.9, 1.1, 2, 10):
        assert chain_risk(POWER, chain, Fit(1000, best * factor, 1.0)).total > lowest


def test_the_effective_rule_at_the_paper_s_scale():
    """Figure 1b at T = 10,000, n = 10: corrected rule and best ridge against a = 0."""
    spectrum, chain = power_law(300, 2.0, 0.375), [Fit(600, 0, 1.0)] * 10
    best = best_ridge(spectrum, equivalents_of(spectrum, chain), 10_000, 1.0)
    ridges = (effective_samples(10_000, 600, 10) ** -0.8, best, 600**-0.8)
    got = [chain_risk(spectrum, chain, Fit(10_000, ridge, 1.0)).total for ridge in ridges]
    assert np.round(got, 3).tolist() == [0.169, 0.160, 0.343]
