"""Recursive training in simulation: a chain of generators, then the downstream model."""

from collections.abc import Sequence

import numpy as np

from model_collapse.designs import Design, fit_in_full, ols_on_full_rank, sample_in_full
from model_collapse.equivalents import Fit, require_shareable
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, rank


def test_error(spectrum: Spectrum, models: np.ndarray) -> np.ndarray:
    """‖ŵ − w0‖²_Σ of models of shape (…, d), exactly (no test set): shape (…)."""
    return ((models - spectrum.coefficients) ** 2) @ spectrum.eigenvalues


test_error.__test__ = False  # a function of the library, not a test for pytest to collect


def train_generators(
    spectrum: Spectrum,
    generators: Sequence[Fit],
    *,
    shared_design: bool = False,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """ŵ_0 = w0, ŵ_1, …, ŵ_n of one replicate, shape (n+1, d), in Σ's eigenbasis.

    Generator m depends on (seed, replicate, m) alone, so a longer chain extends a shorter one.
    Raises ValueError for a T that is no whole number, or as require_shareable does.
    """
    if shared_design:
        require_shareable(generators)
    models = [spectrum.coefficients]
    design = None
    for m, fit in enumerate(generators):
        rng = random_stream(seed, "generator", replicate, m)
        samples = whole_samples(fit)
        independent_ols = fit.ridge == 0 and not shared_design
        if independent_ols and samples >= spectrum.dimension == rank(spectrum.eigenvalues):
            models.append(ols_on_full_rank(spectrum, samples, models[-1], fit.noise, rng))
            continue
        if design is None or not shared_design:
            design = Design.draw(spectrum, samples, rng)
        z = rng.standard_normal(len(design.singular_values))
        models.append(design.fit(models[-1][None], np.array([fit.ridge]), fit.noise, z)[0])
    return np.array(models)


def downstream_errors(
    spectrum: Spectrum,
    models: np.ndarray,
    samples: int,
    ridges: np.ndarray,
    noise: float,
    *,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """Test errors, shape (P,), of P ridge fits on one design of T samples.

    Fit p learns from labels of models[p], models of shape (P, d), with ridge ridges[p], shape
    (P,). All P share the design and the label noise, which depend on (seed, replicate, T) alone.
    """
    rng = random_stream(seed, "downstream", replicate, samples)
    design = Design.draw(spectrum, samples, rng)
    z = rng.standard_normal(len(design.singular_values))
    return test_error(spectrum, design.fit(models, ridges, noise, z))


def simulate_chain(
    spectrum: Spectrum,
    generators: Sequence[Fit],
    downstream: Fit,
    *,
    shared_design: bool = False,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """Test errors of ``replicates`` independent chains, shape (replicates,).

    Raises ValueError for no replicates, and as train_generators does.
    """
    if replicates < 1:
        raise ValueError(f"replicates must be at least 1, not {replicates}")
    errors = np.empty(replicates)
    for i in range(replicates):
        models = train_generators(
            spectrum, generators, shared_design=shared_design, seed=seed, replicate=i
        )
        errors[i] = downstream_errors(
            spectrum,
            models[-1:],
            whole_samples(downstream),
            np.array([downstream.ridge]),
            downstream.noise,
            seed=seed,
            replicate=i,
        )[0]
    return errors


def simulate_chain_in_full(
    spectrum: Spectrum,
    generators: Sequence[Fit],
    downstream: Fit,
    *,
    shared_design: bool = False,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """What simulate_chain does, with every X and E sampled: the slow oracle of the tests."""
    errors = np.empty(replicates)
    for i in range(replicates):
        rng = random_stream(seed, "in full", i)
        model, x_0 = spectrum.coefficients, None
        for stage, fit in enumerate((*generators, downstream)):
            x, y = sample_in_full(spectrum, whole_samples(fit), model, fit.noise, rng)
            if shared_design and stage < len(generators):
                x_0 = x if x_0 is None else x_0
                x, y = x_0, x_0 @ model + (y - x @ model)  # the noise of y on the shared X_0
            model = fit_in_full(x, y, fit.ridge)
        errors[i] = test_error(spectrum, model)
    return errors


def whole_samples(fit: Fit) -> int:
    """T as an int. Raises ValueError if it is no whole number."""
    if fit.samples != int(fit.samples):
        raise ValueError(f"simulation needs a whole number of samples, not {fit.samples}")
    return int(fit.samples)
