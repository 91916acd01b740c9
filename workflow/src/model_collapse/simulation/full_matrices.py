"""Slow oracles of the simulation, with plain formulas: every x and every label is drawn."""

import numpy as np

from model_collapse.problem.arguments import whole_number, with_plain_numbers
from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.simulation.chain import test_error
from model_collapse.simulation.designs import require_all_modes


@with_plain_numbers
def sample_in_full(
    spectrum: Spectrum, samples: int, model: np.ndarray, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows X and labels y = Xw + E, drawn row by row: the slow oracle.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ, not condensed.
    samples : int
        T, at least 1.
    model : array, shape (d,)
        w, in the eigenbasis of Σ.
    noise : float
        σ ≥ 0, the standard deviation of the entries of E.
    rng : numpy.random.Generator
        The stream of all random numbers.

    Returns
    -------
    tuple of two arrays, of shapes (T, d) and (T,)
        X and y.

    Raises
    ------
    ValueError
        For a condensed spectrum.
    """
    require_all_modes(spectrum)
    x = rng.standard_normal((samples, len(spectrum.eigenvalues))) * np.sqrt(spectrum.eigenvalues)
    return x, x @ model + noise * rng.standard_normal(samples)


@with_plain_numbers
def fit_in_full(x: np.ndarray, y: np.ndarray, ridge: float) -> np.ndarray:
    """(X'X/T + λI)^{-1}X'y/T, or least-norm OLS at λ = 0, from the data: shape (d,)."""
    samples, d = x.shape
    if ridge == 0:
        return np.linalg.lstsq(x, y, rcond=None)[0]
    return np.linalg.solve(x.T @ x / samples + ridge * np.eye(d), x.T @ y / samples)


def simulate_chain_in_full(
    spectrum: Spectrum,
    generators: Generators,
    downstream: Fit,
    *,
    shared_design: bool = False,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """Test errors as by ``simulate_chain``, with every X and E drawn: the slow oracle of the tests.

    Parameters
    ----------
    spectrum, generators, downstream, shared_design, replicates, seed
        As in ``simulate_chain``. The random numbers are others.

    Returns
    -------
    ndarray, shape (replicates,)
        ‖ŵ − w0‖²_Σ, exactly, without a test set.

    Raises
    ------
    ValueError
        For fewer than 1 replicate, a condensed spectrum, a T that is not a whole number, and as
        Chain does.
    """
    replicates = whole_number("replicates", replicates, 1)
    chain = Chain.of(generators, shared_design)
    errors = np.empty(replicates)
    for i in range(replicates):
        rng = random_stream(seed, "in full", i)
        model = spectrum.coefficients
        x_0 = None
        for stage, fit in enumerate((*chain.fits, downstream)):
            samples = fit.whole_samples
            _, ridge, noise = fit.numbers
            x, y = sample_in_full(spectrum, samples, model, noise, rng)
            if chain.design == "shared" and stage < len(chain.fits):
                x_0 = x if x_0 is None else x_0
                y = x_0 @ model + (y - x @ model)  # the noise of y on the shared X_0
                x = x_0
            model = fit_in_full(x, y, ridge)
        errors[i] = test_error(spectrum, model)
    return errors


def simulate_terms_in_full(
    spectrum: Spectrum,
    generators: Generators,
    downstream: Fit,
    *,
    shared_design: bool = False,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """TERMS after all generators, from full X and plain matrices: the slow oracle of the tests.

    It shares no step with ``simulate_terms``.

    Parameters
    ----------
    spectrum, generators, downstream, shared_design, seed, replicate
        As in ``train_generators``, and the last fit. The random numbers are others.

    Returns
    -------
    ndarray, shape (TERMS,)
        bias, variance, collapse, bias_increase and squared_norm of the last fit.

    Raises
    ------
    ValueError
        For a condensed spectrum, a T that is not a whole number, and as Chain does.
    """
    rng = random_stream(seed, "terms in full", replicate)
    sigma = np.diag(spectrum.eigenvalues)
    d = len(spectrum.eigenvalues)
    q = np.eye(d)
    covariance = np.zeros((d, d))
    x = None
    chain = Chain.of(generators, shared_design)
    for fit in chain.fits:
        drawn, _ = sample_in_full(spectrum, fit.whole_samples, np.zeros(d), 0.0, rng)
        x = drawn if x is None or chain.design == "independent" else x
        _, ridge, noise = fit.numbers
        learn = estimator(x, ridge)
        step = learn @ x
        q = step @ q
        covariance = step @ covariance @ step.T + noise**2 * learn @ learn.T
    x, _ = sample_in_full(spectrum, downstream.whole_samples, np.zeros(d), 0.0, rng)
    _, ridge, noise = downstream.numbers
    learn = estimator(x, ridge)
    step = learn @ x
    w0 = spectrum.coefficients
    error = step @ q @ w0 - w0
    change = step @ (q @ w0 - w0)
    return np.array(
        [
            error @ sigma @ error,
            noise**2 * np.trace(sigma @ learn @ learn.T),
            np.trace(sigma @ step @ covariance @ step.T),
            change @ sigma @ change,
            w0 @ q.T @ q @ w0 + np.trace(covariance),
        ]
    )


@with_plain_numbers
def estimator(x: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """The matrix that turns labels (T,) into weights (d,): (X'X/T + λI)^{-1}X'/T.

    At λ = 0 the pseudo-inverse of an X of full rank, by the normal equations of its short side.
    """
    samples, d = x.shape
    if ridge > 0:
        return np.linalg.solve(x.T @ x / samples + ridge * np.eye(d), x.T / samples)
    return np.linalg.solve(x.T @ x, x.T) if samples >= d else np.linalg.solve(x @ x.T, x).T
