"""Chains whose every model estimates an intercept, as models of real tables do.

A fit with an intercept to T rows is one without it to rows less their means: T − 1 rows, in effect.
The intercept itself has an error that the next model inherits, as it learns from its labels.
"""

import numpy as np

from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import equivalent_of
from model_collapse.theory.recursion import Risk, chain_risk


def chain_risk_with_intercepts(spectrum: Spectrum, generators: Generators, downstream: Fit) -> Risk:
    """Test error of a downstream ridge fit after generators that all estimate an intercept.

    Fit m to T_m rows finds its slopes ŵ_{m+1} from T_m − 1 rows about their mean x̄, of covariance
    Σ/T_m, and an intercept whose error grows by x̄'(ŵ_m − ŵ_{m+1}) and the mean of label noise:

        E = chain_risk at T_m − 1 rows and ridge λ_m T_m/(T_m − 1)
            + Σ_m (σ_m² + E‖ŵ_{m+1} − ŵ_m‖²_Σ)/T_m

    The second line is exact for Gaussian rows, given the first. No ridge is on intercepts.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of the covariance of the columns, and the true slopes.
    generators : sequence of Fit, or Chain of independent designs
        First to last; each has T > 1. An intercept of real labels, of any size, adds nothing.
        ``noise`` is that of the labels which a fit learns from: 0 if they are a model's
        predictions as they are.
    downstream : Fit
        The last fit, T > 1, or a grid of fits: arrays that broadcast.

    Returns
    -------
    Risk
        In squares of a label's units. Errors of intercepts that arise without label noise are in
        ``bias``, those due to the last fit's noise in ``variance``, due to others' in ``collapse``.

    Raises
    ------
    ValueError
        For a shared design, T ≤ 1, and as ``chain_risk`` does.

    References
    ----------
    Theorem 4.3 of the paper (NeurIPS 2024) has no intercepts; the recursion is that of chain_risk.

    Examples
    --------
    >>> from model_collapse.problem.spectra import isotropic
    >>> fits = [Fit(200, noise=0.5)] * 4
    >>> plain = chain_risk(isotropic(100), fits[:-1], fits[-1])
    >>> risk = chain_risk_with_intercepts(isotropic(100), fits[:-1], fits[-1])
    >>> print(f"{plain.total:.3f} {risk.total:.3f}")
    1.000 1.020
    """
    chain = Chain.of(generators)
    if chain.design == "shared":
        raise ValueError("a chain with intercepts needs independent designs, not a shared one")
    fits = [*chain.fits, downstream]
    centred = [_centred(fit) for fit in fits]
    slopes = chain_risk(spectrum, centred[:-1], centred[-1])
    bias, *collapse, variance = _intercept_errors(spectrum, fits, centred)
    return Risk(slopes.bias + bias, slopes.variance + variance, slopes.collapse + sum(collapse))


def _centred(fit: Fit) -> Fit:
    """The fit without intercept that finds the same slopes, as X'X + TλI is the same."""
    samples = np.asarray(fit.samples, float)
    if not np.all(samples > 1):
        raise ValueError(f"a fit with an intercept needs more than 1 sample, not {fit.samples}")
    ridge = np.asarray(fit.ridge, float) * samples / (samples - 1)
    return Fit((samples - 1)[()], ridge[()], fit.noise)


def _intercept_errors(
    spectrum: Spectrum, fits: list[Fit], centred: list[Fit]
) -> list[np.ndarray | float]:
    """Errors of intercepts: without label noise, then due to the noise of each fit, first to last.

    The loop runs backwards through the chain. ``weights`` are those of the quadratic form of the
    labels' model by which later intercepts err; a fit adds that of its E‖ŵ − w‖²_Σ/T.
    """
    s = spectrum.eigenvalues
    distinct = {fit: equivalent_of(spectrum, fit) for fit in centred[:-1]}
    stages = [*(distinct[fit] for fit in centred[:-1]), equivalent_of(spectrum, centred[-1])]
    weights = np.zeros_like(s)
    noises: list[np.ndarray | float] = []
    for fit, stage in zip(fits[::-1], stages[::-1], strict=True):
        samples = np.asarray(fit.samples, float)
        label_noise = np.asarray(fit.noise, float) ** 2
        noises.insert(0, (label_noise + stage.noise(s)) / samples + stage.noise(weights))
        moved = s * stage.residual**2 + stage.spread(s)
        weights = stage.phi(weights) + moved / samples[..., None]
    return [weights @ (spectrum.counts * spectrum.coefficients**2), *noises]
