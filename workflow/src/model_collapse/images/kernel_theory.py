"""Theory of kernel ridge chains whose kernel does not span the target, as of random features.

The part of the true labels that is off the kernel's span is uncorrelated with all that a fit can
say. So to a fit to true labels it is label noise, of the variance ``outside``; labels of a model
are in the span, and have none of it. No fit can predict it, so it is a part of every error too.
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
        What the kernel can learn of the target, and the power of what it cannot.
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
    lost = sqrt(estimate.outside)
    first, *rest = [*generators, downstream]
    noise = np.hypot(np.asarray(first.noise, dtype=float), lost)[()]
    *generators, downstream = [replace(first, noise=noise), *rest]
    risk = chain_risk(estimate.spectrum, generators, downstream)
    return replace(risk, bias=risk.bias + estimate.outside)


def kernel_errors(estimate: KernelEstimate, protocol: Protocol, generations: int) -> np.ndarray:
    """Mean squared errors E_0, …, E_n on true labels of kernel ridge fits by a protocol, (n + 1,).

    Those of ``expected_errors``, with the power outside of the span as label noise of all rows that
    the truth labels, and as a part of every error. Raises ValueError as ``expected_errors`` does.
    """
    lost = sqrt(estimate.outside)

    def seen(k: int) -> Generation:
        union = protocol(k)
        groups = [
            replace(group, noise=hypot(group.noise, lost)) if group.labels == 0 else group
            for group in union.groups
        ]
        return replace(union, groups=groups)

    return expected_errors(estimate.spectrum, seen, generations) + estimate.outside
