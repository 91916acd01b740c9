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
    """Simulated bias, variance (σ = 1) and collapse, (laws, 3); the laws differ in ℓ and a only.

    T is rounded to a whole number; λ and nσ0² follow the rounded T.
    """
    samples = round(size.samples)
    spectrum = power_law(size.dimension, laws[0].beta, laws[0].r)
    fits = [Fit(samples, float(samples) ** -law.ell, 1.0) for law in laws]
    generators = law_generators(laws[0], size, 1.0)
    terms = simulate_terms(spectrum, generators, fits, seed=seed, replicate=replicate)[-1, :, :3]
    collapse_noise = np.array([float(samples) ** law.a for law in laws])
    return terms * np.column_stack([np.ones((len(laws), 2)), collapse_noise])
