"""Chains in simulation: against the slow sampler, against theory, and their seeds."""

import numpy as np
import pytest
from conftest import assert_mean, assert_means_agree, assert_same

from model_collapse.problem.fits import Chain, Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.seeds import random_stream
from model_collapse.simulation.chain import (
    downstream_errors,
    simulate_chain,
    test_error,
    train_generators,
)
from model_collapse.simulation.full_matrices import (
    fit_in_full,
    sample_in_full,
    simulate_chain_in_full,
    simulate_terms_in_full,
)
from model_collapse.simulation.terms import simulate_terms
from model_collapse.theory.paper import ols_chain_risk
from model_collapse.theory.recursion import chain_risk

POWER = power_law(40, 1.5, 0.3)
DEFICIENT = Spectrum(np.r_[np.ones(20), np.zeros(10)], np.ones(30))
LAST = Fit(200, 1e-2, 0.2)
OLS = Fit(100, 0, 0.1)


@pytest.mark.parametrize(
    ("spectrum", "chain", "downstream"),
    [
        (POWER, Chain([Fit(100, 0, 0.3)] * 3), LAST),
        (POWER, Chain([Fit(25, 0, 0.1)] * 3), LAST),
        (POWER, Chain([Fit(25, 0.05, 0.1), Fit(90, 0.01, 0.2)]), Fit(20, 1e-2, 0.2)),
        (POWER, Chain([Fit(25, 0, 0.1)] * 4, "shared"), LAST),
        (POWER, Chain([Fit(90, 0, 0.1)] * 4, "shared"), Fit(60, 1e-2, 0.2)),
        (POWER, Chain([OLS]), Fit(20, 0, 0.1)),
        (POWER, Chain([OLS]), Fit(90, 0, 0.1)),
        (DEFICIENT, Chain([Fit(60, 0, 0.2)] * 2), Fit(50, 1e-2, 0.1)),
        (POWER, Chain([]), Fit(60, 1e-2, 0.5)),
    ],
)
def test_fast_and_full_simulation_have_one_distribution(spectrum, chain, downstream):
    """Mean and second moment over 600 replicates of each, within 4 standard errors."""
    fast, full = (
        simulate(spectrum, chain, downstream, replicates=600, seed=3)
        for simulate in (simulate_chain, simulate_chain_in_full)
    )
    for power in (1, 2):
        assert_means_agree(fast**power, full**power)


def assert_theory(simulate, spectrum: Spectrum, fit: Fit, design: str, samples: int) -> None:
    """Assert that the mean error after three equal generators is the recursion's."""
    chain = Chain([fit] * 3, design)
    downstream = Fit(samples, 1e-2, fit.noise)
    errors = simulate(spectrum, chain, downstream, replicates=150, seed=21)
    assert_mean(errors, chain_risk(spectrum, chain, downstream).total, sigmas=3.5)


NOISY_CHAINS = [
    *((Fit(size, 0, 0.3), design, 200)
      for size in (70, 240) for design in ("independent", "shared")),
    (Fit(240, 0, 0.5), "independent", 50),
    (Fit(70, 0.02, 0.1), "independent", 600),
]  # fmt: skip
CLEAN_CHAINS = [(Fit(fit.samples), design, samples) for fit, design, samples in NOISY_CHAINS[:4]]
LONG = power_law(120, 2.0, 0.375)


@pytest.mark.parametrize("spectrum", [isotropic(120), LONG])
@pytest.mark.parametrize(("fit", "design", "samples"), [*NOISY_CHAINS, *CLEAN_CHAINS])
def test_simulation_agrees_with_theory(spectrum, fit, design, samples):
    assert_theory(simulate_chain, spectrum, fit, design, samples)


@pytest.mark.parametrize(("fit", "design", "samples"), NOISY_CHAINS)
def test_full_matrices_agree_with_theory(fit, design, samples):
    """Every X and E is sampled, row by row."""
    assert_theory(simulate_chain_in_full, LONG, fit, design, samples)


def test_exact_mean_of_small_ols_chains():
    """Theorem 4.1 at finite size, d/(T−d−1), which its limit misses by 14 % here."""
    chain = [Fit(40, 0, 0.5)] * 3
    downstream = Fit(20, 0, 0.4)
    errors = simulate_chain(isotropic(10), chain, downstream, replicates=4000, seed=2)
    assert_mean(errors, ols_chain_risk(10, 20, 0.4, 3, 40, 0.5, finite_size=True))
    with pytest.raises(AssertionError, match="z ="):
        assert_mean(errors, ols_chain_risk(10, 20, 0.4, 3, 40, 0.5))


@pytest.mark.parametrize("samples", [10**12, 10**15])
def test_nothing_of_size_t_is_allocated(samples):
    """T = 10^12: a vector of that length would be 8 TB. And the error is what theory says."""
    noise = np.sqrt(samples) / 100
    generators = [Fit(samples, 0, noise)] * 2
    downstream = Fit(samples, 1e-4, noise)
    errors = simulate_chain(POWER, generators, downstream, replicates=400, seed=1)
    assert_mean(errors, chain_risk(POWER, generators, downstream).total)


def chain_in_full(spectrum: Spectrum, sizes: tuple[int, ...], replicate: int) -> np.ndarray:
    """ŵ_0 … ŵ_n by least squares on sampled rows, noise 1: (n+1, d)."""
    rng = random_stream("chain in full", replicate)
    models = [spectrum.coefficients]
    for size in sizes:
        data = sample_in_full(spectrum, size, models[-1], 1.0, rng)
        models.append(fit_in_full(*data, 0.0))
    return np.array(models)


def joint_features(models: np.ndarray) -> np.ndarray:
    """Bounded statistics of whitened models (n+1, d): of every step and every pair of steps, in
    one direction and in length, and of where the chain ends.
    """
    steps = np.diff(models, axis=0)
    end = models[-1] - models[0]
    along = steps.mean(axis=1)
    lengths = np.tanh(np.linalg.norm(steps, axis=1))
    shapes = np.sin(along), np.cos(along), lengths
    pairs = [np.outer(shape, shape)[np.triu_indices(len(steps))] for shape in shapes]
    tails = [np.abs(end[0]) > x for x in (0.3, 1, 3)]
    return np.concatenate([np.cos(along), lengths, *pairs, np.cos(end), np.sin(end), tails])


@pytest.mark.parametrize(
    ("spectrum", "sizes"),
    [
        (isotropic(1), (1, 2, 3)),
        (isotropic(5), (5, 5, 5)),
        (isotropic(5), (8, 8, 8, 8)),
        (isotropic(5), (12, 40, 7)),
        (power_law(5, 1.5, 0.3), (6, 6)),
        (power_law(5, 1.5, 0.3), (9, 30, 9)),
        (power_law(5, 1.5, 0.3), (8, 3, 8)),
        (two_level(6, 0.05, 0.5), (7, 7, 7)),
        (two_level(6, 0.05, 0.5), (4, 20, 6)),
    ],
)
def test_all_generations_together_have_the_law_of_full_matrices(spectrum, sizes):
    """Joint statistics of 2000 chains of each kind, within 4.5 standard errors: at T = d, where
    models have no moments, and with T < d between, too.
    """
    chain = [Fit(size, 0.0, 1.0) for size in sizes]
    whiten = np.sqrt(spectrum.eigenvalues)
    kinds = (
        lambda i: train_generators(spectrum, chain, seed=len(sizes), replicate=i),
        lambda i: chain_in_full(spectrum, sizes, i),
    )
    ours, full = (
        np.array([joint_features(kind(i) * whiten) for i in range(2000)]) for kind in kinds
    )
    assert_means_agree(ours, full, sigmas=4.5)


def trained(fits, replicate=0, **options) -> np.ndarray:
    """Generators on the power law by one seed."""
    return train_generators(POWER, fits, seed=5, replicate=replicate, **options)


def test_single_fits_are_what_all_at_once_and_simulate_chain_compute():
    generators = [Fit(60, 0, 0.2)] * 3
    ridges = np.array([1e-3, 1e-3, 0.1, 1.0])
    picked = trained(generators, replicate=2)[[0, 3, 1, 3]]

    def errors(which):
        at = (POWER, picked[which], 100, ridges[which], 0.3)
        return downstream_errors(*at, seed=5, replicate=2)

    one_by_one = [errors([i])[0] for i in range(4)]
    assert_same(errors(range(4)), one_by_one)
    simulated = simulate_chain(POWER, generators, Fit(100, 1e-3, 0.3), replicates=3, seed=5)
    assert_same(simulated[2], one_by_one[1])


def test_seeds_do_not_depend_on_what_else_is_asked_for():
    """More replicates and a longer chain extend what was there; another seed changes all."""
    chain = [Fit(60, 0, 0.2)] * 2
    downstream = Fit(100, 1e-2, 0.3)
    few, many, other = (
        simulate_chain(POWER, chain, downstream, replicates=count, seed=seed)
        for count, seed in ((3, 5), (6, 5), (3, 6))
    )
    assert np.array_equal(few, many[:3])
    assert len(set(many)) == 6
    assert np.array_equal(trained(chain), trained(chain * 2)[:3])
    assert not np.any(other == few)


def test_generators_without_noise_copy_the_truth_or_project_it():
    assert_same(trained([Fit(60)] * 5), np.tile(POWER.coefficients, (6, 1)))
    once = trained([Fit(20)] * 4, shared_design=True)[1:]
    np.testing.assert_allclose(once, once[[0] * 4], atol=1e-10)
    assert np.all(np.diff(np.linalg.norm(trained([Fit(20)] * 4)[1:], axis=1)) < -1e-3)


@pytest.mark.parametrize("simulate", [simulate_chain, simulate_chain_in_full])
def test_one_generator_shares_its_design_with_none(simulate):
    shared, alone = (
        simulate(POWER, Chain([Fit(25, 0, 0.1)], design), LAST, replicates=2, seed=1)
        for design in ("shared", "independent")
    )
    assert_same(shared, alone)


def test_error_is_the_sigma_norm():
    models = np.array([POWER.coefficients + np.eye(40)[3], np.zeros(40)])
    assert_same(test_error(POWER, models), [POWER.eigenvalues[3], POWER.null_risk])


@pytest.mark.parametrize(
    ("samples", "replicates", "sentence"),
    [
        (100.5, 1, "whole number of samples, not 100.5"),
        (1e19, 1, r"up to 2\^53, a whole number of samples, not 1e\+19"),
        ([100, 200], 1, "fits of single numbers"),
        (100, 0, "replicates must be at least 1"),
        (100, 1.5, "replicates must be at least 1, and whole, not 1.5"),
    ],
)
def test_simulation_needs_whole_samples_and_a_replicate(samples, replicates, sentence):
    with pytest.raises(ValueError, match=sentence):
        simulate_chain(POWER, [], Fit(samples, 0.1), replicates=replicates, seed=0)


CONDENSED = Spectrum(np.ones(9), np.ones(9)).condensed()
ONCE = {"seed": 0, "replicate": 0}


@pytest.mark.parametrize(
    "simulate",
    [
        lambda: train_generators(CONDENSED, [Fit(20)], **ONCE),
        lambda: train_generators(Spectrum([2.0, 1.0], [1, 1], [0.5, 1.5]), [Fit(20)], **ONCE),
        lambda: simulate_chain(CONDENSED, [], Fit(20), replicates=1, seed=0),
        lambda: simulate_chain_in_full(CONDENSED, [], Fit(20), replicates=1, seed=0),
        lambda: simulate_terms(CONDENSED, [], [Fit(20)], **ONCE),
        lambda: simulate_terms_in_full(CONDENSED, [], Fit(20), **ONCE),
        lambda: test_error(CONDENSED, np.zeros(1)),
    ],
)
def test_simulation_refuses_a_condensed_spectrum(simulate):
    with pytest.raises(ValueError, match="a condensed spectrum is for theory alone"):
        simulate()


@pytest.mark.parametrize("ratio", [1e-20, 1e-30, 1e-60, 1e-200])
def test_eigenvalues_any_number_of_decades_apart_are_all_learned(ratio):
    """Units of single features do not matter to least squares, whose error is σ²d/(T − d − 1) for
    any of them; nor do they with a ridge in the units of the small ones.
    """
    spectrum = Spectrum(np.r_[np.ones(5), np.full(5, ratio)], np.r_[np.ones(5), np.zeros(5)])
    simulated = {"replicates": 400, "seed": 2}
    exact = ols_chain_risk(10, 40, 1.0, 1, 30, 0.5, finite_size=True)
    assert_mean(simulate_chain(spectrum, [Fit(30, 0, 0.5)], Fit(40, 0, 1.0), **simulated), exact)
    errors = simulate_chain(spectrum, [], Fit(40, ratio, 1.0), **simulated)
    plain = Spectrum(np.r_[np.ones(5), np.full(5, 1e-6)], spectrum.coefficients)
    assert_means_agree(errors, simulate_chain(plain, [], Fit(40, 1e-6, 1.0), **simulated))


def test_few_rows_see_eigenvalues_any_number_of_decades_apart():
    """T = 8 rows see 5 large eigenvalues exactly, and the noise of 3 more directions, as they do at
    a ratio of 10^−10, which needs no care.
    """
    teacher = np.r_[np.ones(5), np.zeros(40)]

    def errors(ratio: float) -> np.ndarray:
        spectrum = Spectrum(np.r_[np.ones(5), np.full(40, ratio)], teacher)
        return simulate_chain(spectrum, [], Fit(8, 0, 0.1), replicates=400, seed=2)

    for ratio in (1e-30, 1e-200):
        assert_same(errors(ratio), errors(1e-10), rtol=1e-2)


def test_simulated_terms_refuse_eigenvalues_too_far_apart():
    steep = Spectrum([1.0, 1e-30, 1e-30], np.ones(3))
    with pytest.raises(ValueError, match="too far apart for simulated terms"):
        simulate_terms(steep, [], [Fit(9, 0.0, 1.0)], **ONCE)
