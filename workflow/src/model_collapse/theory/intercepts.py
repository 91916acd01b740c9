"""Chains whose every model estimates an intercept, as models of real tables do.

A fit with an intercept to T rows is one without it to rows less their means: T − 1 rows, in effect.
The intercept itself has an error that the next model inherits, as it learns from its labels.
"""

import numpy as np

from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import Equivalent
from model_collapse.theory.recursion import Risk, chain_risk


def chain_risk_with_intercepts(spectrum: Spectrum, generators: Generators, downstream: Fit) -> Risk:
    """Test error of a downstream ridge fit after generators that all estimate an intercept.

    Fit m to T_m rows finds its slopes ŵ_{m+1} from T_m − 1 rows about their mean x̄, of covariance
    Σ/T_m, and an intercept whose error grows by x̄'(ŵ_m − ŵ_{m+1}) and the mean of label noise:

        E = chain_risk at T_m − 1 rows and ridge λ_m T_m/(T_m − 1)
            + Σ_m (σ_m² + E‖ŵ_{m+1} − ŵ_m‖²_Σ)/T_m

    The second is exact for Gaussian rows, given the first. No ridge is on intercepts.

    Parameters
    ----------
    spectrum : Spectrum
        Of the covariance of the columns, and the true slopes.
    generators : sequence of Fit, or Chain of independent designs
        First to last; each has T > 1. An intercept of real labels, of any size, adds nothing.
        ``noise`` is that of the labels which a fit learns from: 0 if they are a model's
        predictions as they are.
    downstream : Fit
        The last fit, T > 1, or a grid of fits: arrays that broadcast.

    Returns
    -------
    Risk
        In squares of a label's units. The part of intercepts that is there without label noise is
        in ``bias``, that of the last fit's noise in ``variance``, that of others in ``collapse``.

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
    bias, *noises = _of_intercepts(spectrum, fits, centred)
    return Risk(
        slopes.bias + bias, slopes.variance + noises[-1], slopes.collapse + sum(noises[:-1])
    )


def _centred(fit: Fit) -> Fit:
    """The fit without intercept that finds the same slopes: X'X + TλI stays as it is."""
    samples = np.asarray(fit.samples, float)
    if not np.all(samples > 1):
        raise ValueError(f"a fit with an intercept needs more than 1 sample, not {fit.samples}")
    ridge = np.asarray(fit.ridge, float) * samples / (samples - 1)
    return Fit((samples - 1)[()], ridge[()], fit.noise)


def _of_intercepts(
    spectrum: Spectrum, fits: list[Fit], centred: list[Fit]
) -> list[np.ndarray | float]:
    """What intercepts add to the error without label noise, and due to each fit's, first to last.

    Backwards through the chain, A holds the quadratic form of the labels' model that later
    intercepts see; a fit adds E‖ŵ − w‖²_Σ/T of its own to it.
    """
    s = spectrum.eigenvalues
    stages = {fit: Equivalent(s, fit, spectrum.counts) for fit in centred[:-1]}
    last = Equivalent(s, centred[-1], spectrum.counts)
    weights, noises = np.zeros_like(s), []
    for fit, stage in zip(
        fits[::-1], [last, *(stages[fit] for fit in centred[-2::-1])], strict=True
    ):
        samples = np.asarray(fit.samples, float)
        label_noise = np.asarray(fit.noise, float) ** 2
        noises.insert(0, (label_noise + stage.noise(s)) / samples + stage.noise(weights))
        moved = s * stage.residual**2 + stage.spread(s)
        weights = stage.phi(weights) + moved / samples[..., None]
    return [weights @ (spectrum.counts * spectrum.coefficients**2), *noises]
