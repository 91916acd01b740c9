"""Designs: the moments of their factor, and fits on them against solvers on data."""

import numpy as np
import pytest
from conftest import assert_mean, assert_means_agree, assert_same
from scipy import stats

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, isotropic, power_law, two_level
from model_collapse.seeds import random_stream
from model_collapse.simulation.designs import (
    Design,
    UnseenDesign,
    design_bytes,
    design_factor,
    shifted_solutions,
)
from model_collapse.simulation.full_matrices import fit_in_full, sample_in_full

POWER = power_law(40, 1.5, 0.3)


@pytest.mark.parametrize("samples", [40, 41, 60])
def test_bartlett_factor_has_the_moments_of_a_wishart_matrix(samples):
    """E[X'X] = TΣ and Var[(X'X)_ij] = T(Σ_iiΣ_jj + δ_ij Σ_ii²)."""
    factors = [design_factor(POWER, samples, random_stream("moments", i)) for i in range(3000)]
    draws = np.array([factor[:6] @ factor[:6].T for factor in factors])
    s = POWER.eigenvalues[:6]
    mean = samples * np.diag(s)
    variance = samples * (np.outer(s, s) + np.diag(s**2))
    assert_mean(draws, mean, sigmas=4.5)
    assert_mean((draws - mean) ** 2, variance, sigmas=4.5)


@pytest.mark.parametrize("samples", [1, 15, 39, 40, 41, 300])
@pytest.mark.parametrize("ridges", [[0.0], [1e-3], [1.0], [1e-4, 1e-3], np.logspace(-3, 0, 9)])
def test_a_design_fits_like_a_solver_on_data_with_its_moments(samples, ridges):
    """Every way to the fits, by factors, tridiagonal and by SVD, against the normal equations (or
    lstsq) on rows with X'X = FF', X'E = σFz.
    """
    design = Design.draw(POWER, samples, random_stream("solver", samples))
    rows = design.factor.T.copy()  # X = F', and E = 0.3 z
    z = random_stream("z").standard_normal(len(rows))
    scale = np.sqrt(samples / len(rows))  # fit_in_full divides by its number of rows
    models = np.outer(np.arange(1, len(ridges) + 1), np.linspace(-1, 1, 40))
    found = design.fit(models, np.array(ridges), 0.3, z)
    for model, ridge, got in zip(models, ridges, found, strict=True):
        expected = fit_in_full(rows / scale, (rows @ model + 0.3 * z) / scale, ridge)
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-8 * np.abs(got).max())


def test_few_and_many_ridges_are_solved_alike():
    """Cholesky factors one by one against one tridiagonal reduction."""
    gram = np.asfortranarray(np.cov(random_stream("gram").standard_normal((30, 90))))
    shifts = np.logspace(-2, 1, 12)
    right = random_stream("right").standard_normal((12, 30))
    together = shifted_solutions(gram.copy(order="F"), shifts, right)
    for shift, one, got in zip(shifts, right, together, strict=True):
        alone = shifted_solutions(gram.copy(order="F"), np.array([shift]), one[None])[0]
        assert_same(got, alone, rtol=1e-10)
        assert_same(gram @ got + shift * got, one, rtol=1e-10)


@pytest.mark.parametrize("shifts", [[0.0], [0.0, 1.0, 2.0, 3.0, 4.0]])
def test_a_gram_matrix_that_has_lost_its_digits_is_refused(shifts):
    right = np.ones((len(shifts), 3))
    with pytest.raises(np.linalg.LinAlgError, match="singular"):
        shifted_solutions(np.asfortranarray(np.diag([1.0, 1.0, 1e-9])), np.array(shifts), right)


def test_fits_on_deficient_and_steep_spectra_go_by_the_svd():
    """Least-norm OLS learns nothing off the range of Σ, and a steep spectrum keeps its digits."""
    for eigenvalues in (np.r_[np.ones(10), np.zeros(10)], np.logspace(0, -11, 20)):
        spectrum = Spectrum(eigenvalues, np.ones(20))
        for samples in (15, 40):
            design = Design.draw(spectrum, samples, random_stream("svd", samples))
            z = np.zeros(design.factor.shape[1])
            fit = design.fit(spectrum.coefficients[None], np.zeros(1), 0.0, z)[0]
            expected = np.linalg.pinv(design.factor.T, rcond=1e-13) @ design.factor.sum(axis=0)
            whiten = np.sqrt(eigenvalues)  # the first has length 1, and the last few digits
            assert_same(fit * whiten, expected * whiten, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("kind", [UnseenDesign, Design])
def test_the_ols_shortcut_has_the_law_of_the_design(kind):
    learned = []
    for i in range(2000):
        rng = random_stream("ols", i)
        design = kind.draw(isotropic(20), 50, rng)
        learned.append(np.sum(design.learn(np.zeros(20), Fit(50, 0.0, 1.0), rng) ** 2))
    assert_mean(learned, 20 / (50 - 21))


def errors_in_full(spectrum: Spectrum, samples: int, rng: np.random.Generator) -> np.ndarray:
    """The error of OLS on T rows drawn in full, with noise 1: (d,)."""
    x, y = sample_in_full(spectrum, samples, spectrum.coefficients, 1.0, rng)
    return fit_in_full(x, y, 0.0) - spectrum.coefficients


def features(errors: np.ndarray) -> np.ndarray:
    """Bounded statistics of errors (…, d), so that they have means at T = d too: of the length, of
    projections on an axis and across them, of their tails, and of pairs.
    """
    d = errors.shape[-1]
    axis = errors[..., 0]
    oblique = errors @ np.ones(d) / np.sqrt(d)
    length = np.linalg.norm(errors, axis=-1)
    parts = [np.tanh(length), np.cos(axis), np.cos(3 * oblique), axis**2 / (1 + axis**2)]
    parts += [np.abs(axis) > scale for scale in (0.2, 0.5, 1, 2, 4)]
    parts += [oblique**2 / (length**2 + 1e-300), (errors[..., 0] * errors[..., -1] > 0)]
    return np.stack([*parts, np.cos(axis) * np.cos(errors[..., -1])], axis=-1).astype(float)


SETTINGS = [
    (isotropic(1), 1),
    (isotropic(1), 4),
    (isotropic(6), 6),
    (isotropic(6), 7),
    (isotropic(6), 8),
    (isotropic(8), 30),
    (power_law(6, 1.5, 0.3), 6),
    (power_law(6, 1.5, 0.3), 9),
    (power_law(12, 2.0, 0.5), 24),
    (two_level(10, 0.02, 0.5), 15),
]


@pytest.fixture(scope="module", params=SETTINGS, ids=[f"d{s.dimension}-T{T}" for s, T in SETTINGS])
def whitened(request) -> tuple[int, int, list[np.ndarray]]:
    """Return d, T, and whitened errors (6000, d) of fits on unseen designs and on full matrices."""
    spectrum, samples = request.param
    d = spectrum.dimension
    fit = Fit(samples, 0.0, 1.0)
    design = UnseenDesign(spectrum.eigenvalues, samples)
    rng = random_stream("unseen", samples)
    ours = [design.learn(np.zeros(d), fit, rng) for _ in range(6000)]
    full = [errors_in_full(spectrum, samples, rng) for _ in range(6000)]
    return d, samples, [np.array(errors) * np.sqrt(spectrum.eigenvalues) for errors in (ours, full)]


def test_errors_of_unseen_designs_have_the_law_of_full_matrices(whitened):
    """Bounded features within 4.5 standard errors: also at T = d, where the law has no moments."""
    _, _, errors = whitened
    assert_means_agree(*map(features, errors), sigmas=4.5)


def test_whitened_errors_are_a_multivariate_t(whitened):
    """By its own formulas: m-fold projections are Student's t of T − d + 1 degrees of freedom and
    scale 1/√(T−d+1) (Kolmogorov's distance of 6000 draws below its 10^-4 quantile), and the squared
    length, d/(T−d+1) times F(d, T−d+1); for full matrices and for unseen designs alike.
    """
    d, samples, both = whitened
    freedom = samples - d + 1
    direction = np.arange(1.0, d + 1) / np.linalg.norm(np.arange(1.0, d + 1))
    for errors in both:
        projections = errors @ direction
        lengths = np.sum(errors**2, axis=1)
        assert stats.kstest(projections * np.sqrt(freedom), stats.t(freedom).cdf).pvalue > 1e-4
        assert stats.kstest(lengths * freedom / d, stats.f(d, freedom).cdf).pvalue > 1e-4


@pytest.mark.parametrize(("d", "samples"), [(3, 12), (6, 20), (10, 30), (6, 60)])
def test_covariance_and_kurtosis_of_unseen_errors(d, samples):
    """E uu' = I/(ν−2), and for a unit vector a E(a'u)⁴ = 3/((ν−2)(ν−4)), ν = T − d + 1; squares of
    different axes are correlated, E u_i²u_j² = 1/((ν−2)(ν−4)).
    """
    nu = samples - d + 1
    rng = random_stream("kurtosis", d, samples)
    design = UnseenDesign(np.ones(d), samples)
    fit = Fit(samples, 0.0, 1.0)
    u = np.array([design.learn(np.zeros(d), fit, rng) for _ in range(20_000)])
    fourth = 1 / (nu - 2) / (nu - 4)
    assert_mean(u[:, :, None] * u[:, None, :], np.eye(d) / (nu - 2), sigmas=4.5)
    assert_mean((u @ np.ones(d) / np.sqrt(d)) ** 4, 3 * fourth, sigmas=4.5)
    assert_mean(u[:, 0] ** 2 * u[:, 1] ** 2, fourth, sigmas=4.5)


@pytest.mark.parametrize("covariance", [0.0, np.diag(np.linspace(1, 2, 40))])
@pytest.mark.parametrize(("samples", "ridge"), [(60, 0.0), (60, 0.1), (25, 0.0), (25, 0.1)])
def test_a_design_passes_on_the_moments_of_its_fit(samples, ridge, covariance):
    """Mm and MCM' + σ²V by the estimator as a plain matrix."""
    model = (np.linspace(-1, 1, 40), covariance)
    fit = Fit(samples, ridge, 0.7)
    design = Design.draw(POWER, samples, random_stream("moments"))
    mean, found = design.moments(model, fit)
    f = design.factor
    shift = ridge * samples
    learn = np.linalg.pinv(f @ f.T + shift * np.eye(40), rcond=1e-11) @ f  # from E = σz
    step = learn @ f.T
    expected = step @ (covariance * np.eye(40)) @ step.T + 0.7**2 * learn @ learn.T
    np.testing.assert_allclose(mean, step @ model[0], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


def test_a_design_beyond_the_memory_of_the_machine_is_refused_with_its_size():
    """Before anything is drawn; a large T costs nothing."""
    assert design_bytes(10**4, 10**15) == design_bytes(10**4, 10**4) == 16 * 10**8
    with pytest.raises(MemoryError, match=r"d = 300,000 on T = 900,000 .* takes 1,440\.0 GB"):
        Design.draw(isotropic(300_000), 900_000, random_stream("memory"))


def test_rows_and_labels_drawn_in_full_have_their_variances():
    """Σ = diag(4, 1), noise 0.5: each variance within five standard errors, √(2/T) of itself."""
    w = np.array([1.0, 2.0])
    samples = 400_000
    rng = np.random.default_rng(12)
    x, y = sample_in_full(Spectrum(np.array([4.0, 1.0]), w), samples, w, 0.5, rng)
    variances = np.mean(np.column_stack([x, y - x @ w, y]) ** 2, axis=0)
    assert np.all(abs(variances / [4.0, 1.0, 0.25, 8.25] - 1) < 5 * np.sqrt(2 / samples))
