"""Chains in simulation: against the slow sampler, against theory, and their seeds."""

import numpy as np
import pytest
from conftest import assert_mean, assert_means_agree, assert_same

from model_collapse.chain import (
    downstream_errors,
    simulate_chain,
    simulate_chain_in_full,
    test_error,
    train_generators,
)
from model_collapse.protocol import Chain, Fit
from model_collapse.spectra import Spectrum, isotropic, power_law
from model_collapse.theory import chain_risk, ols_chain_risk

POWER = power_law(40, 1.5, 0.3)
DEFICIENT = Spectrum(np.r_[np.ones(20), np.zeros(10)], np.ones(30))
LAST = Fit(200, 1e-2, 0.2)
REGIMES = {
    "enough samples": (POWER, Chain([Fit(100, 0, 0.3)] * 3), LAST),
    "over-parametrised": (POWER, Chain([Fit(25, 0, 0.1)] * 3), LAST),
    "ridge generators": (
        POWER,
        Chain([Fit(25, 0.05, 0.1), Fit(90, 0.01, 0.2)]),
        Fit(20, 1e-2, 0.2),
    ),
    "shared design": (POWER, Chain([Fit(25, 0, 0.1)] * 4, "shared"), LAST),
    "shared design, enough samples": (
        POWER,
        Chain([Fit(90, 0, 0.1)] * 4, "shared"),
        Fit(60, 1e-2, 0.2),
    ),
    "least-norm downstream": (POWER, Chain([Fit(100, 0, 0.1)]), Fit(20, 0, 0.1)),
    "OLS downstream": (POWER, Chain([Fit(100, 0, 0.1)]), Fit(90, 0, 0.1)),
    "deficient Σ": (DEFICIENT, Chain([Fit(60, 0, 0.2)] * 2), Fit(50, 1e-2, 0.1)),
    "clean data": (POWER, Chain([]), Fit(60, 1e-2, 0.5)),
}


@pytest.mark.parametrize("regime", REGIMES.values(), ids=REGIMES)
def test_fast_and_full_simulation_have_one_distribution(regime):
    """Mean and second moment over 600 replicates of each, within 4 standard errors."""
    fast, full = (
        f(*regime, replicates=600, seed=3) for f in (simulate_chain, simulate_chain_in_full)
    )
    for power in (1, 2):
        assert_means_agree(fast**power, full**power)


@pytest.mark.parametrize("spectrum", [isotropic(200), power_law(200, 2.0, 0.375)])
@pytest.mark.parametrize(
    ("fit", "design", "downstream"),
    [
        (Fit(400, 0, 0.5), "independent", Fit(1000, 1e-2, 0.5)),
        (Fit(400, 0, 0.5), "independent", Fit(80, 1e-2, 0.5)),
        (Fit(100, 0, 0.1), "independent", Fit(1000, 1e-2, 0.1)),
        (Fit(100, 0.02, 0.1), "independent", Fit(1000, 1e-2, 0.1)),
        (Fit(100, 0, 0.1), "shared", Fit(1000, 1e-2, 0.1)),
    ],
)
def test_simulation_agrees_with_theory_in_every_regime(spectrum, fit, design, downstream):
    chain = Chain([fit] * 3, design)
    errors = simulate_chain(spectrum, chain, downstream, replicates=150, seed=11)
    assert_mean(errors, chain_risk(spectrum, chain, downstream).total, sigmas=3.5)


@pytest.mark.parametrize("spectrum", [isotropic(120), power_law(120, 2.0, 0.375)])
@pytest.mark.parametrize("size", [70, 240])
@pytest.mark.parametrize("design", ["independent", "shared"])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_theory_agrees_with_full_matrices(spectrum, size, design, noise):
    """The recursion against chains in which every X and E is sampled, row by row."""
    chain, downstream = Chain([Fit(size, 0, noise)] * 3, design), Fit(200, 1e-2, noise)
    errors = simulate_chain_in_full(spectrum, chain, downstream, replicates=150, seed=21)
    assert_mean(errors, chain_risk(spectrum, chain, downstream).total, sigmas=3.5)


def test_exact_mean_of_small_ols_chains():
    """Theorem 4.1 at finite size, d/(T−d−1), which its limit misses by 14 % here."""
    chain, downstream = [Fit(40, 0, 0.5)] * 3, Fit(20, 0, 0.4)
    errors = simulate_chain(isotropic(10), chain, downstream, replicates=20_000, seed=2)
    assert_mean(errors, ols_chain_risk(10, 20, 0.4, 3, 40, 0.5, finite_size=True))
    with pytest.raises(AssertionError):
        assert_mean(errors, ols_chain_risk(10, 20, 0.4, 3, 40, 0.5))


def test_nothing_of_size_t_is_allocated():
    """T = 10^12: a vector of that length would be 8 TB. And the error is what theory says."""
    generators, downstream = [Fit(10**12, 0, 1e4)] * 2, Fit(10**12, 1e-4, 1e4)
    errors = simulate_chain(POWER, generators, downstream, replicates=400, seed=1)
    assert_mean(errors, chain_risk(POWER, generators, downstream).total)


def trained(fits, replicate=0, **options) -> np.ndarray:
    """Generators on the power law by one seed."""
    return train_generators(POWER, fits, seed=5, replicate=replicate, **options)


def test_many_ridges_and_generations_at_once_are_the_single_fits():
    picked, ridges = trained([Fit(60, 0, 0.2)] * 3)[[0, 3, 1, 3]], np.array([1e-3, 1e-3, 0.1, 1.0])

    def errors(models, ridges):
        return downstream_errors(POWER, models, 100, ridges, 0.3, seed=5, replicate=0)

    one_by_one = [errors(picked[[i]], ridges[[i]])[0] for i in range(4)]
    assert_same(errors(picked, ridges), one_by_one)


def test_simulate_chain_is_what_the_rules_compute():
    generators, downstream = [Fit(60, 0, 0.2)] * 2, Fit(100, 1e-2, 0.3)
    errors = simulate_chain(POWER, generators, downstream, replicates=3, seed=5)
    last, ridges = trained(generators, replicate=2)[-1:], np.array([1e-2])
    direct = downstream_errors(POWER, last, 100, ridges, 0.3, seed=5, replicate=2)
    assert_same(errors[2], direct[0])


def test_seeds_do_not_depend_on_what_else_is_asked_for():
    """More replicates and a longer chain extend what was there; another seed changes all."""
    chain, downstream = [Fit(60, 0, 0.2)] * 2, Fit(100, 1e-2, 0.3)
    few, many, other = (
        simulate_chain(POWER, chain, downstream, replicates=count, seed=seed)
        for count, seed in ((3, 5), (6, 5), (3, 6))
    )
    assert np.array_equal(few, many[:3])
    assert len(set(many)) == 6
    assert np.array_equal(trained(chain), trained(chain * 2)[:3])
    assert not np.any(other == few)


def test_noiseless_generators_with_enough_samples_copy_the_truth():
    assert_same(trained([Fit(60)] * 5), np.tile(POWER.coefficients, (6, 1)))


def test_a_shared_design_projects_once():
    models = trained([Fit(20)] * 4, shared_design=True)
    np.testing.assert_allclose(models[2:], np.tile(models[1], (3, 1)), atol=1e-10)
    norms = np.linalg.norm(trained([Fit(20)] * 4), axis=1)
    assert np.all(np.diff(norms[1:]) < -1e-3)


def test_error_is_the_sigma_norm():
    model = POWER.coefficients + np.eye(40)[3]
    assert_same(test_error(POWER, model), POWER.eigenvalues[3])
    assert_same(test_error(POWER, np.zeros(40)), POWER.null_risk)


@pytest.mark.parametrize(
    ("samples", "replicates", "sentence"),
    [(100.5, 1, "whole number of samples, not 100.5"), (100, 0, "replicates must be at least 1")],
)
def test_simulation_needs_whole_samples_and_a_replicate(samples, replicates, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate_chain(POWER, [], Fit(samples, 0.1), replicates=replicates, seed=0)
