"""Theory of kernel ridge chains whose kernel does not span the target, as of random features.

The part of the true labels that is off the kernel's span is uncorrelated with every function that a
fit can be. So for a fit to true labels it is label noise, of the variance ``outside``; labels of a
model are in the span, and have none of it. No fit can predict it, so it is a part of every error.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import hypot, sqrt

import numpy as np

from model_collapse.images.kernels import KernelEstimate
from model_collapse.mixtures.groups import Generation, Protocol
from model_collapse.mixtures.theory import expected_errors
from model_collapse.problem.fits import Fit
from model_collapse.theory.recursion import Risk, chain_risk


def kernel_risk(estimate: KernelEstimate, generators: Sequence[Fit], downstream: Fit) -> Risk:
    """Mean squared error on true labels of a kernel ridge fit after a chain of generators.

    Parameters
    ----------
    estimate : KernelEstimate
        The problem in the kernel's span, and the target's power off it.
    generators : sequence of Fit
        The generators, first to last; the first is fitted to true labels.
    downstream : Fit
        The last fit, to true labels if there is no generator.

    Returns
    -------
    Risk
        That of ``chain_risk``, with the power outside of the span as label noise of the first fit
        (a part of the variance or of the collapse) and as a part of the bias.
    """
    first, *rest = [*generators, downstream]
    noise = np.hypot(np.asarray(first.noise, dtype=float), sqrt(estimate.outside))[()]
    *generators, downstream = [replace(first, noise=noise), *rest]
    risk = chain_risk(estimate.spectrum, generators, downstream)
    return replace(risk, bias=risk.bias + estimate.outside)


def kernel_errors(estimate: KernelEstimate, protocol: Protocol, generations: int) -> np.ndarray:
    """Mean squared errors E_0, …, E_n on true labels of kernel ridge fits by a protocol.

    Parameters
    ----------
    estimate : KernelEstimate
        The problem in the kernel's span, and the target's power off it.
    protocol : Protocol
        A function from k to the Generation of model k.
    generations : int
        n, at least 0.

    Returns
    -------
    ndarray, shape (n + 1,)
        Those of ``expected_errors``, with the power off the span as label noise of all rows that
        the truth labels, and as a part of every error.

    Raises
    ------
    ValueError
        As ``expected_errors`` does.
    """
    outside = sqrt(estimate.outside)

    def with_outside_noise(k: int) -> Generation:
        union = protocol(k)
        groups = [
            replace(group, noise=hypot(group.noise, outside)) if group.labels == 0 else group
            for group in union.groups
        ]
        return replace(union, groups=groups)

    errors = expected_errors(estimate.spectrum, with_outside_noise, generations)
    return errors + estimate.outside
