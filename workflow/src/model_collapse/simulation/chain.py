"""Recursive training in simulation: a chain of generators, then the downstream model."""

from collections.abc import Iterator

import numpy as np

from model_collapse.problem.arguments import whole_number, with_plain_numbers
from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.simulation.designs import Design, UnseenDesign, require_all_modes


@with_plain_numbers
def test_error(spectrum: Spectrum, models: np.ndarray) -> np.ndarray:
    """‖ŵ − w0‖²_Σ of models of shape (…, d), exactly (no test set): shape (…).

    Raises ValueError for a condensed spectrum, whose entries are not coordinates of models.
    """
    require_all_modes(spectrum)
    return ((np.asarray(models, float) - spectrum.coefficients) ** 2) @ spectrum.eigenvalues


test_error.__test__ = False  # a function of the library, not a test for pytest to collect


def generator_designs(
    spectrum: Spectrum,
    chain: Chain,
    seed: int | str,
    replicate: int,
    least_squares: type[Design | UnseenDesign] = Design,
) -> Iterator[tuple[Fit, Design | UnseenDesign, np.random.Generator]]:
    """Each generator's fit, its design, and the stream that its label noise comes from.

    ``least_squares`` is what OLS on independent designs of T ≥ d samples is drawn from. Generator m
    depends on (seed, replicate, m) alone, so a longer chain extends a shorter one. Raises
    ValueError for a T that is no whole number, and a condensed spectrum.
    """
    require_all_modes(spectrum)
    replicate = whole_number("replicate", replicate, 0)
    d, design = spectrum.dimension, None
    full_rank = spectrum.rank == d
    for m, fit in enumerate(chain.fits):
        rng = random_stream(seed, "generator", replicate, m)
        samples = fit.whole_samples
        match chain.design:
            case "shared":
                design = design or Design.draw(spectrum, samples, rng)
            case "independent":
                simple = fit.ridge == 0 and samples >= d and full_rank
                design = (least_squares if simple else Design).draw(spectrum, samples, rng)
        yield fit, design, rng


@with_plain_numbers
def downstream_design(
    spectrum: Spectrum, samples: int, seed: int | str, replicate: int
) -> tuple[Design, np.random.Generator]:
    """The design of downstream fits on T samples, and the stream that their label noise comes from.

    Both depend on (seed, replicate, T) alone.
    """
    samples = whole_number("samples", samples, 1)
    replicate = whole_number("replicate", replicate, 0)
    rng = random_stream(seed, "downstream", replicate, samples)
    return Design.draw(spectrum, samples, rng), rng


def train_generators(
    spectrum: Spectrum,
    generators: Generators,
    *,
    shared_design: bool = False,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """ŵ_0 = w0, ŵ_1, …, ŵ_n of one replicate, shape (n+1, d), in Σ's eigenbasis.

    Raises ValueError as Chain and generator_designs do.
    """
    chain = Chain.of(generators, shared_design)
    models = [spectrum.coefficients]
    for fit, design, rng in generator_designs(spectrum, chain, seed, replicate, UnseenDesign):
        models.append(design.learn(models[-1], fit, rng))
    return np.array(models)


@with_plain_numbers
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
    """Test errors, shape (P,), of P ridge fits on T samples, one design and one label noise.

    Fit p learns from labels of models[p], models of shape (P, d), with ridge ridges[p], shape
    (P,).
    """
    design, rng = downstream_design(spectrum, samples, seed, replicate)
    z = rng.standard_normal(design.factor.shape[1])
    return test_error(spectrum, design.fit(models, ridges, noise, z))


def simulate_chain(
    spectrum: Spectrum,
    generators: Generators,
    downstream: Fit,
    *,
    shared_design: bool = False,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """Test errors of ``replicates`` independent chains, shape (replicates,).

    Raises ValueError for no replicates, and as train_generators does.

    >>> from model_collapse.problem.spectra import isotropic
    >>> fits = [Fit(200, noise=0.5)] * 3, Fit(400, noise=0.5)
    >>> print(f"{simulate_chain(isotropic(100), *fits, replicates=400, seed=0).mean():.2f}")
    0.84
    """
    replicates = whole_number("replicates", replicates, 1)
    chain, samples = Chain.of(generators, shared_design), downstream.whole_samples
    how, errors = (samples, np.array([downstream.ridge]), downstream.noise), []
    for i in range(replicates):
        models = train_generators(spectrum, chain, seed=seed, replicate=i)
        errors += downstream_errors(spectrum, models[-1:], *how, seed=seed, replicate=i).tolist()
    return np.array(errors)
