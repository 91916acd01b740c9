"""Bias, variance and collapse apart, by simulation.

Given the designs, the label noise integrates out exactly: a fit maps the mean m and the covariance
C of the model that labels its data to Mm and MCM' + σ²V, V = X⁺X⁺' or its ridge counterpart. So a
replicate yields the three terms without drawing label noise. Its generators all have their designs
drawn, also those of OLS whose model chain draws without one: of a t law the scale alone is left to
average over, and the spread of the terms would be that of 1/χ² instead of that of designs.
"""

from collections.abc import Sequence

import numpy as np

from model_collapse.problem.fits import TERMS, Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.simulation.chain import downstream_design, generator_designs
from model_collapse.simulation.designs import Design, Moments, require_all_modes


def simulate_terms(
    spectrum: Spectrum,
    generators: Generators,
    downstreams: Sequence[Fit],
    *,
    shared_design: bool = False,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """TERMS of every generation 0 … n and downstream fit, given the designs of one replicate.

    Designs are those of train_generators, where it draws any, and downstream_errors for the same
    seed and replicate. Label noise is integrated out exactly.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    generators : sequence of Fit, or Chain
        First to last, with whole numbers of samples.
    downstreams : sequence of Fit
        The last fits, each after 0 … n generators.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.

    Returns
    -------
    ndarray, shape (n + 1, downstreams, TERMS)
        bias, variance, collapse, bias_increase and squared_norm.

    Raises
    ------
    ValueError
        For a condensed spectrum, eigenvalues of Σ that are too far apart, a T that is not a whole
        number, and as Chain does.
    MemoryError
        If a design does not fit into this machine.
    """
    require_all_modes(spectrum)
    chain = Chain.of(generators, shared_design)
    models: list[Moments] = [(spectrum.coefficients, 0.0)]
    for fit, design, _ in generator_designs(spectrum, chain, seed, replicate):
        models.append(design.moments(models[-1], fit))
    terms = np.empty((len(models), len(downstreams), len(TERMS)))
    for samples in {fit.whole_samples for fit in downstreams}:
        design, _ = downstream_design(spectrum, samples, seed, replicate)
        alike = [p for p, fit in enumerate(downstreams) if fit.samples == samples]
        fits = [downstreams[p] for p in alike]
        terms[:, alike] = _downstream_terms(spectrum, design, models, fits)
    return terms


def _downstream_terms(
    spectrum: Spectrum, design: Design, models: Sequence[Moments], fits: Sequence[Fit]
) -> np.ndarray:
    """TERMS of several ridges on one design: (models, fits, TERMS)."""
    design.require_svd()
    u, s, _ = design.svd
    metric = u.T @ (spectrum.eigenvalues[:, None] * u)
    ridges = np.array([fit.ridge for fit in fits])
    noises = np.array([fit.noise for fit in fits])
    shrink = s**2 / (s**2 + ridges[:, None] * design.samples)  # (fits, r)
    truth = u.T @ spectrum.coefficients
    terms = np.zeros((len(models), len(fits), len(TERMS)))
    terms[:, :, 1] = noises**2 * ((shrink / s) ** 2 @ np.diag(metric))
    for n, (mean, covariance) in enumerate(models):
        labels = u.T @ mean
        error = (shrink * labels) @ u.T - spectrum.coefficients
        change = (shrink * (labels - truth)) @ u.T
        terms[n, :, 0] = error**2 @ spectrum.eigenvalues
        terms[n, :, 3] = change**2 @ spectrum.eigenvalues
        terms[n, :, 4] = mean @ mean + (np.trace(covariance) if np.ndim(covariance) else 0.0)
    noisy = [n for n, (_, covariance) in enumerate(models) if np.ndim(covariance)]
    # tr ΣMCM': M'ΣM once for each fit, or U'CU once for each model, whichever are fewer.
    if len(fits) < len(noisy):
        for p, factors in enumerate(shrink):
            pulled = u @ (factors[:, None] * metric * factors) @ u.T
            terms[noisy, p, 2] = [np.vdot(pulled, models[n][1]) for n in noisy]
    else:
        for n in noisy:
            spread = design.rotated(models[n][1]) * metric
            terms[n, :, 2] = np.sum(shrink @ spread * shrink, axis=1)
    return terms
