"""A cell of the maps: the fits on true (n = 0) and on fake labels (n = 1), and their errors."""

from collections.abc import Iterator
from itertools import product

from model_collapse.equivalents import Equivalent
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import Spectrum
from model_collapse.theory import risk_of
from scripts.fake_labels.settings import Comparison

CELL = ["panel", "tuned", "samples", "value"]  # columns that name a cell
# Bounds of the best λ. As λ → 0 without noise the error of T > d vanishes: a floor.
TUNED = (1e-6, 1e3)


def cells_of(
    block: Comparison, panel: str, *, simulated: bool = False
) -> Iterator[tuple[tuple, Spectrum, list[Fit], list[float]]]:
    """Cells of a panel, all or the simulated ones, at the config's λ and at the best for each n.

    Of each its CELL, its problem, and for n = 0 and n = 1 the fit and theory's error.
    """
    for (T, value), tuned in product(block.cells(panel, simulated=simulated), (False, True)):
        spectrum, ridges = block.spectrum(panel, value), [float(block.ridge)] * 2
        chains = [[], [Equivalent(spectrum.eigenvalues, Fit(block.generator_samples))]]
        if tuned:
            ridges = [best_ridge(spectrum, chain, T, 0.0, bounds=TUNED) for chain in chains]
        fits = [Fit(T, ridge) for ridge in ridges]
        errors = [risk_of(spectrum, *of_n).total for of_n in zip(chains, fits, strict=True)]
        yield (panel, tuned, T, value), spectrum, fits, errors
