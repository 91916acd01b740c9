"""Designs and chains in simulation: against the slow sampler, against theory, and their seeds."""

import numpy as np
import pytest
from conftest import assert_mean, assert_same

from model_collapse.chain import (
    downstream_errors,
    simulate_chain,
    simulate_chain_in_full,
    test_error,
    train_generators,
)
from model_collapse.designs import (
    Design,
    FullRankDesign,
    design_factor,
    fit_in_full,
    sample_in_full,
)
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, isotropic, power_law
from model_collapse.theory import chain_risk, ols_chain_risk

POWER = power_law(40, 1.5, 0.3)
DEFICIENT = Spectrum(np.r_[np.ones(20), np.zeros(10)], np.ones(30))

REGIMES = {
    "enough samples": (POWER, [Fit(100, 0, 0.3)] * 3, Fit(200, 1e-2, 0.2), False),
    "over-parametrised": (POWER, [Fit(25, 0, 0.1)] * 3, Fit(200, 1e-2, 0.2), False),
    "ridge generators": (
        POWER,
        [Fit(25, 0.05, 0.1), Fit(90, 0.01, 0.2)],
        Fit(20, 1e-2, 0.2),
        False,
    ),
    "shared design": (POWER, [Fit(25, 0, 0.1)] * 4, Fit(200, 1e-2, 0.2), True),
    "shared design, enough samples": (POWER, [Fit(90, 0, 0.1)] * 4, Fit(60, 1e-2, 0.2), True),
    "least-norm downstream": (POWER, [Fit(100, 0, 0.1)], Fit(20, 0, 0.1), False),
    "OLS downstream": (POWER, [Fit(100, 0, 0.1)], Fit(90, 0, 0.1), False),
    "deficient Σ": (DEFICIENT, [Fit(60, 0, 0.2)] * 2, Fit(50, 1e-2, 0.1), False),
    "clean data": (POWER, [], Fit(60, 1e-2, 0.5), False),
}


@pytest.mark.parametrize("regime", REGIMES)
def test_fast_and_full_simulation_have_one_distribution(regime):
    """Mean and second moment over 600 replicates of each, within 4 standard errors."""
    spectrum, generators, downstream, shared = REGIMES[regime]
    options = {"shared_design": shared, "replicates": 600, "seed": 3}
    fast = simulate_chain(spectrum, generators, downstream, **options)
    full = simulate_chain_in_full(spectrum, generators, downstream, **options)
    for power in (1, 2):
        a, b = fast**power, full**power
        error = np.hypot(a.std(ddof=1), b.std(ddof=1)) / np.sqrt(600)
        assert abs(a.mean() - b.mean()) <= 4 * error


@pytest.mark.parametrize("spectrum", [isotropic(200), power_law(200, 2.0, 0.375)])
@pytest.mark.parametrize(
    ("generators", "downstream", "shared"),
    [
        ([Fit(400, 0, 0.5)] * 3, Fit(1000, 1e-2, 0.5), False),
        ([Fit(400, 0, 0.5)] * 3, Fit(80, 1e-2, 0.5), False),
        ([Fit(100, 0, 0.1)] * 3, Fit(1000, 1e-2, 0.1), False),
        ([Fit(100, 0.02, 0.1)] * 3, Fit(1000, 1e-2, 0.1), False),
        ([Fit(100, 0, 0.1)] * 3, Fit(1000, 1e-2, 0.1), True),
    ],
)
def test_simulation_agrees_with_theory_in_every_regime(spectrum, generators, downstream, shared):
    errors = simulate_chain(
        spectrum, generators, downstream, shared_design=shared, replicates=150, seed=11
    )
    expected = chain_risk(spectrum, generators, downstream, shared_design=shared).total
    assert_mean(errors, expected, sigmas=3.5)


@pytest.mark.parametrize("spectrum", [isotropic(120), power_law(120, 2.0, 0.375)])
@pytest.mark.parametrize("size", [70, 240])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_theory_agrees_with_full_matrices(spectrum, size, shared, noise):
    """The recursion against chains in which every X and E is sampled, row by row."""
    generators, downstream = [Fit(size, 0, noise)] * 3, Fit(200, 1e-2, noise)
    errors = simulate_chain_in_full(
        spectrum, generators, downstream, shared_design=shared, replicates=150, seed=21
    )
    expected = chain_risk(spectrum, generators, downstream, shared_design=shared).total
    assert_mean(errors, expected, sigmas=3.5)


def test_exact_mean_of_small_ols_chains():
    """Theorem 4.1 at finite size, d/(T−d−1), which its limit misses by 14 % here."""
    spectrum, n = isotropic(10), 3
    errors = simulate_chain(
        spectrum, [Fit(40, 0, 0.5)] * n, Fit(20, 0, 0.4), replicates=20_000, seed=2
    )
    exact = ols_chain_risk(10, 20, 0.4, n, 40, 0.5, finite_size=True)
    assert_mean(errors, exact)
    with pytest.raises(AssertionError):
        assert_mean(errors, ols_chain_risk(10, 20, 0.4, n, 40, 0.5))


@pytest.mark.parametrize("samples", [40, 41, 60])
def test_bartlett_factor_has_the_moments_of_a_wishart_matrix(samples):
    """E[X'X] = TΣ and Var[(X'X)_ij] = T(Σ_iiΣ_jj + δ_ij Σ_ii²)."""
    draws = []
    for i in range(3000):
        factor = design_factor(POWER, samples, random_stream("moments", i))
        gram = factor[:6] @ factor[:6].T
        draws.append(gram)
    s = POWER.eigenvalues[:6]
    mean, variance = samples * np.diag(s), samples * (np.outer(s, s) + np.diag(s**2))
    draws = np.array(draws)
    assert_mean(draws.reshape(3000, -1), mean.ravel(), sigmas=4.5)
    assert_mean(((draws - mean) ** 2).reshape(3000, -1), variance.ravel(), sigmas=4.5)


def test_nothing_of_size_t_is_allocated():
    """T = 10^12: a vector of that length would be 8 TB. And the error is what theory says."""
    generators, downstream = [Fit(10**12, 0, 1e4)] * 2, Fit(10**12, 1e-4, 1e4)
    errors = simulate_chain(POWER, generators, downstream, replicates=400, seed=1)
    assert_mean(errors, chain_risk(POWER, generators, downstream).total)


@pytest.mark.parametrize("samples", [15, 39, 40, 41, 300])
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 1.0])
def test_a_design_fits_like_a_solver_on_data_with_its_moments(samples, ridge):
    """The SVD path against the normal equations (or lstsq) on rows with X'X = FF', X'E = σFz."""
    factor = design_factor(POWER, samples, random_stream("solver", samples))
    design = Design.draw(POWER, samples, random_stream("solver", samples))
    z = random_stream("z").standard_normal(len(design.singular_values))
    model = np.linspace(-1, 1, 40)
    vt = np.linalg.svd(factor, full_matrices=False)[2]
    rows, noise = factor.T, 0.3 * (vt.T @ z)  # X = F', and E with V'E = 0.3 z
    scale = np.sqrt(samples / len(rows))  # fit_in_full divides by its number of rows
    expected = fit_in_full(rows / scale, (rows @ model + noise) / scale, ridge)
    got = design.fit(model[None], np.array([ridge]), 0.3, z)[0]
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8 * np.abs(got).max())


def test_the_ols_shortcut_has_the_law_of_the_design():
    spectrum = isotropic(20)
    model, noisy = np.zeros(20), Fit(50, 0.0, 1.0)
    shortcut, design = [], []
    for i in range(2000):
        rng = random_stream("ols", i)
        shortcut.append(
            np.sum(FullRankDesign.draw(spectrum, 50, rng).learn(model, noisy, rng) ** 2)
        )
        rng = random_stream("svd", i)
        drawn = Design.draw(spectrum, 50, rng)
        design.append(np.sum(drawn.learn(model, noisy, rng) ** 2))
    assert_mean(shortcut, 20 / (50 - 21))
    assert_mean(design, 20 / (50 - 21))


def test_many_ridges_and_generations_at_once_are_the_single_fits():
    generators = [Fit(60, 0, 0.2)] * 3
    models = train_generators(POWER, generators, seed=5, replicate=0)
    picked, ridges = models[[0, 3, 1, 3]], np.array([1e-3, 1e-3, 0.1, 1.0])
    at_once = downstream_errors(POWER, picked, 100, ridges, 0.3, seed=5, replicate=0)
    one_by_one = [
        downstream_errors(POWER, picked[[i]], 100, ridges[[i]], 0.3, seed=5, replicate=0)[0]
        for i in range(4)
    ]
    assert_same(at_once, one_by_one)


def test_simulate_chain_is_what_the_rules_compute():
    generators, downstream = [Fit(60, 0, 0.2)] * 2, Fit(100, 1e-2, 0.3)
    errors = simulate_chain(POWER, generators, downstream, replicates=3, seed=5)
    models = train_generators(POWER, generators, seed=5, replicate=2)
    assert_same(
        errors[2],
        downstream_errors(POWER, models[-1:], 100, np.array([1e-2]), 0.3, seed=5, replicate=2)[0],
    )


def test_seeds_do_not_depend_on_what_else_is_asked_for():
    """More replicates and a longer chain extend what was there; another seed changes all."""
    fit, downstream = Fit(60, 0, 0.2), Fit(100, 1e-2, 0.3)
    few = simulate_chain(POWER, [fit] * 2, downstream, replicates=3, seed=5)
    many = simulate_chain(POWER, [fit] * 2, downstream, replicates=6, seed=5)
    assert np.array_equal(few, many[:3])
    assert len(set(many)) == 6
    short = train_generators(POWER, [fit] * 2, seed=5, replicate=0)
    long = train_generators(POWER, [fit] * 4, seed=5, replicate=0)
    assert np.array_equal(short, long[:3])
    other = simulate_chain(POWER, [fit] * 2, downstream, replicates=3, seed=6)
    assert not np.any(other == few)


def test_stages_draw_from_different_streams():
    keys = [("a", "generator", 0, 1), ("a", "generator", 1, 0), ("a", "downstream", 0, 1), ("b", 1)]
    draws = {random_stream(*key).standard_normal() for key in keys}
    assert len(draws) == len(keys)
    assert random_stream(1, 23).standard_normal() != random_stream(12, 3).standard_normal()


def test_noiseless_generators_with_enough_samples_copy_the_truth():
    models = train_generators(POWER, [Fit(60)] * 5, seed=1, replicate=0)
    assert_same(models, np.tile(POWER.coefficients, (6, 1)))


def test_a_shared_design_projects_once():
    models = train_generators(POWER, [Fit(20)] * 4, shared_design=True, seed=1, replicate=0)
    np.testing.assert_allclose(models[2:], np.tile(models[1], (3, 1)), atol=1e-10)
    independent = train_generators(POWER, [Fit(20)] * 4, seed=1, replicate=0)
    norms = np.linalg.norm(independent, axis=1)
    assert np.all(np.diff(norms[1:]) < -1e-3)


def test_error_is_the_sigma_norm():
    model = POWER.coefficients + np.eye(40)[3]
    assert_same(test_error(POWER, model), POWER.eigenvalues[3])
    assert_same(test_error(POWER, np.zeros(40)), POWER.null_risk)


def test_simulation_needs_whole_samples():
    with pytest.raises(ValueError, match="whole number"):
        simulate_chain(POWER, [], Fit(100.5, 0.1), replicates=1, seed=0)


def test_rows_and_labels_drawn_in_full_have_their_variances():
    """Σ = diag(4, 1), noise 0.5: each variance within five standard errors, √(2/T) of itself."""
    spectrum = Spectrum(np.array([4.0, 1.0]), np.array([1.0, 2.0]))
    samples = 400_000
    x, y = sample_in_full(spectrum, samples, spectrum.coefficients, 0.5, np.random.default_rng(12))
    noise = y - x @ spectrum.coefficients
    for values, variance in ((x[:, 0], 4.0), (x[:, 1], 1.0), (noise, 0.25), (y, 8.25)):
        assert abs(np.mean(values**2) / variance - 1) < 5 * np.sqrt(2 / samples)
