"""A cell of the maps: the fits on true (n = 0) and on fake labels (n = 1), and their errors."""

from model_collapse.equivalents import Equivalent
from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import Spectrum
from model_collapse.theory import risk_of
from scripts.fake_labels.settings import Comparison

CELL = ["panel", "tuned", "samples", "value"]  # columns that name a cell
# Bounds of the best λ. As λ → 0 without noise the error of T > d vanishes: a floor.
TUNED = (1e-6, 1e3)


def fits_of(block: Comparison, spectrum: Spectrum, samples: int, tuned: bool) -> list[Fit]:
    """The fits for n = 0 and n = 1, at the config's λ or at the best for each."""
    if not tuned:
        return [Fit(samples, float(block.ridge))] * 2
    chains = (_chain(block, spectrum, n) for n in (0, 1))
    return [
        Fit(samples, best_ridge(spectrum, chain, samples, 0.0, bounds=TUNED)) for chain in chains
    ]


def theory_errors(block: Comparison, spectrum: Spectrum, fits: list[Fit]) -> list[float]:
    """Theory's errors for n = 0 and n = 1."""
    return [risk_of(spectrum, _chain(block, spectrum, n), fit).total for n, fit in enumerate(fits)]


def _chain(block: Comparison, spectrum: Spectrum, n: int) -> list[Equivalent]:
    """No generator, or one: noiseless OLS on T0 samples."""
    return [Equivalent(spectrum.eigenvalues, Fit(block.generator_samples))] * n
