"""Recursive training in simulation: a chain of generators, then the downstream model."""

from collections.abc import Iterator
from typing import overload

import numpy as np

from model_collapse.problem.arguments import whole_number, with_plain_numbers
from model_collapse.problem.fits import Chain, Fit, Generators
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.simulation.designs import Design, UnseenDesign, require_all_modes


@with_plain_numbers
def test_error(spectrum: Spectrum, models: np.ndarray) -> np.ndarray:
    """‖ŵ − w0‖²_Σ of models, exactly, without a test set.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model w0, not condensed.
    models : array, shape (…, d)
        Coefficients ŵ in the eigenbasis of Σ.

    Returns
    -------
    ndarray, shape (…)
        In the square of a label's units.

    Raises
    ------
    ValueError
        For a condensed spectrum, whose entries are not coordinates of models.
    """
    require_all_modes(spectrum)
    return ((np.asarray(models, float) - spectrum.coefficients) ** 2) @ spectrum.eigenvalues


# A function of the library, not a test for pytest to collect.
test_error.__test__ = False  # type: ignore[attr-defined]  # types know no attributes of functions


@overload
def generator_designs(
    spectrum: Spectrum, chain: Chain, seed: int | str, replicate: int
) -> Iterator[tuple[Fit, Design, np.random.Generator]]: ...
@overload
def generator_designs(
    spectrum: Spectrum,
    chain: Chain,
    seed: int | str,
    replicate: int,
    least_squares: type[Design | UnseenDesign],
) -> Iterator[tuple[Fit, Design | UnseenDesign, np.random.Generator]]: ...
def generator_designs(
    spectrum: Spectrum,
    chain: Chain,
    seed: int | str,
    replicate: int,
    least_squares: type[Design | UnseenDesign] = Design,
) -> Iterator[tuple[Fit, Design | UnseenDesign, np.random.Generator]]:
    """Yield each generator's fit, its design, and the stream that its label noise comes from.

    Generator m depends on (seed, replicate, m) alone, so a longer chain extends a shorter one.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    chain : Chain
        The generators, with whole numbers of samples.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.
    least_squares : type
        The kind of design, Design or UnseenDesign, for OLS on T ≥ d samples if designs are
        independent and Σ has full rank.

    Yields
    ------
    tuple of Fit, design and numpy.random.Generator
        First to last.

    Raises
    ------
    ValueError
        For a T or replicate that is not a whole number, and a condensed spectrum.
    """
    require_all_modes(spectrum)
    replicate = whole_number("replicate", replicate, 0)
    d = spectrum.dimension
    shared: Design | None = None
    full_rank = spectrum.rank == d
    for m, fit in enumerate(chain.fits):
        rng = random_stream(seed, "generator", replicate, m)
        samples = fit.whole_samples
        match chain.design:
            case "shared":
                shared = shared or Design.draw(spectrum, samples, rng)
                design: Design | UnseenDesign = shared
            case "independent":
                simple = fit.ridge == 0 and samples >= d and full_rank
                design = (least_squares if simple else Design).draw(spectrum, samples, rng)
        yield fit, design, rng


@with_plain_numbers
def downstream_design(
    spectrum: Spectrum, samples: int, seed: int | str, replicate: int
) -> tuple[Design, np.random.Generator]:
    """The design of downstream fits on T samples, and the stream of their label noise.

    Both depend on (seed, replicate, T) alone.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    samples : int
        T, at least 1.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.

    Returns
    -------
    tuple of Design and numpy.random.Generator
        The design, and the stream after the design's numbers.

    Raises
    ------
    ValueError
        For a condensed spectrum, or a T or replicate that is not a whole number.
    MemoryError
        If the design does not fit into this machine.
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
    """Train the generators of one replicate: ŵ_0 = w0, ŵ_1, …, ŵ_n in the eigenbasis of Σ.

    Generator m depends on (seed, replicate, m) alone, so a longer chain extends a shorter one.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    generators : sequence of Fit, or Chain
        First to last, with whole numbers of samples.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.

    Returns
    -------
    ndarray, shape (n + 1, d)
        Coefficients.

    Raises
    ------
    ValueError
        For a condensed spectrum, a T that is not a whole number, and as Chain does.
    MemoryError
        If a design does not fit into this machine.
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
    """Test errors of P ridge fits on T samples, with one design and one label noise.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    models : array, shape (P, d)
        Fit p learns from labels of models[p].
    samples : int
        T, at least 1. Design and noise depend on (seed, replicate, T) alone.
    ridges : array, shape (P,)
        λ ≥ 0 of each fit.
    noise : float
        σ ≥ 0, the standard deviation of label noise.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate, at least 0.

    Returns
    -------
    ndarray, shape (P,)
        ‖ŵ − w0‖²_Σ, exactly, without a test set.

    Raises
    ------
    ValueError
        For a condensed spectrum, or a T or replicate that is not a whole number.
    MemoryError
        If the design does not fit into this machine.
    """
    design, rng = downstream_design(spectrum, samples, seed, replicate)
    columns: int = design.factor.shape[1]
    z = rng.standard_normal(columns)
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
    """Simulated test errors of a downstream ridge fit after independent chains of generators.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    generators : sequence of Fit, or Chain
        First to last, with whole numbers of samples; without generators the data are clean.
    downstream : Fit
        The last fit, of single numbers.
    shared_design : bool
        Whether all generators are OLS fits on one X_0 (Thm 4.5).
    replicates : int
        The number of chains, at least 1. Replicate i depends on (seed, i) alone.
    seed : int or str
        The seed of the random streams.

    Returns
    -------
    ndarray, shape (replicates,)
        ‖ŵ − w0‖²_Σ, exactly, without a test set.

    Raises
    ------
    ValueError
        For fewer than 1 replicate, and as train_generators does.
    MemoryError
        If a design does not fit into this machine.

    Examples
    --------
    >>> from model_collapse.problem.spectra import isotropic
    >>> fits = [Fit(200, noise=0.5)] * 3, Fit(400, noise=0.5)
    >>> print(f"{simulate_chain(isotropic(100), *fits, replicates=400, seed=0).mean():.2f}")
    0.84
    """
    replicates = whole_number("replicates", replicates, 1)
    chain = Chain.of(generators, shared_design)
    samples = downstream.whole_samples
    _, ridge, noise = downstream.numbers
    fit = (samples, np.array([ridge]), noise)
    errors: list[float] = []
    for i in range(replicates):
        models = train_generators(spectrum, chain, seed=seed, replicate=i)
        errors += downstream_errors(spectrum, models[-1:], *fit, seed=seed, replicate=i).tolist()
    return np.array(errors)
