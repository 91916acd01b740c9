"""Simulated test errors along a scaling law."""

from collections.abc import Sequence

import numpy as np

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import power_law
from model_collapse.simulation.terms import simulate_terms
from model_collapse.theory.exponents import Law
from model_collapse.theory.scaling_laws import Size, law_generators


def simulate_laws(
    laws: Sequence[Law], size: Size, *, seed: int | str, replicate: int
) -> np.ndarray:
    """Simulated bias, variance and collapse of scaling laws at one size, for σ = 1.

    T is rounded to a whole number; λ and nσ0² follow the rounded T.

    Parameters
    ----------
    laws : sequence of Law
        Laws that differ in ℓ and a only.
    size : Size
        d and T.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.

    Returns
    -------
    ndarray, shape (laws, 3)
        bias, variance and collapse.

    Raises
    ------
    ValueError
        As ``power_law`` and ``simulate_terms`` do.
    """
    samples = round(size.samples)
    spectrum = power_law(size.dimension, laws[0].beta, laws[0].r)
    fits = [Fit(samples, float(samples) ** -law.ell, 1.0) for law in laws]
    generators = law_generators(laws[0], size, 1.0)
    terms = simulate_terms(spectrum, generators, fits, seed=seed, replicate=replicate)[-1, :, :3]
    collapse_noise = np.array([float(samples) ** law.a for law in laws])
    return terms * np.column_stack([np.ones((len(laws), 2)), collapse_noise])
