"""The measured side of the claims: full matrices, the slow oracle of the library."""

from collections.abc import Sequence

import numpy as np

from model_collapse.decomposition import estimator, simulate_terms_in_full
from model_collapse.designs import sample_in_full
from model_collapse.equivalents import Fit
from model_collapse.protocol import TERMS
from model_collapse.seeds import random_stream
from model_collapse.slopes import standard_error
from model_collapse.spectra import Spectrum

IDENTITY = 3
"""A noiseless OLS downstream fit on 3d samples returns the model that labels its data."""


def terms(
    spectrum: Spectrum,
    generators: Sequence[Fit],
    downstream: Fit,
    replicates: int,
    seed: int | str,
    *,
    shared_design: bool = False,
) -> np.ndarray:
    """TERMS of full-matrix replicates, label noise integrated out: (replicates, TERMS)."""
    return np.array(
        [
            simulate_terms_in_full(
                spectrum,
                generators,
                downstream,
                shared_design=shared_design,
                seed=seed,
                replicate=i,
            )
            for i in range(replicates)
        ]
    )


def term(values: np.ndarray, *names: str) -> np.ndarray:
    """The sum of some TERMS, of each replicate; without names, the test error."""
    return sum(values[:, TERMS.index(name)] for name in names or TERMS[:3])


def estimate(values: np.ndarray) -> tuple[float, float]:
    """Mean over replicates, the first axis, and its standard error."""
    return float(np.mean(values)), float(standard_error(values))


def identity_fit(spectrum: Spectrum) -> Fit:
    """A downstream fit that changes nothing: what is tested is the last generator itself."""
    return Fit(IDENTITY * spectrum.dimension)


def projections(
    spectrum: Spectrum, samples: int, generations: int, replicates: int, seed: int | str
) -> np.ndarray:
    """Q = P_{n−1}…P_0 of independent OLS generators: (replicates, d, d)."""
    zero = np.zeros(spectrum.dimension)
    found = []
    for i in range(replicates):
        rng, q = random_stream(seed, "projections", i), np.eye(spectrum.dimension)
        for _ in range(generations):
            x, _ = sample_in_full(spectrum, samples, zero, 0.0, rng)
            q = estimator(x) @ (x @ q)
        found.append(q)
    return np.array(found)
