"""Checks: each number of a claim, as printed, as it should read, and as measured; and the measured
side by simulation, which shares no formula with the predictions.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.linalg import cho_factor, cho_solve

from model_collapse.problem import spectra
from model_collapse.problem.fits import TERMS, Fit
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.simulation.full_matrices import sample_in_full
from model_collapse.simulation.terms import simulate_terms
from model_collapse.statistics import standard_error
from scripts.claims.settings import protocol

Chain = tuple[Spectrum, Sequence[Fit], Fit]  # the problem, its generators, and the downstream fit
IDENTITY = 3  # a noiseless OLS downstream fit on 3d samples returns the model that labels its data
BUILT = {  # blocks of a setting that are values of the library
    "spectrum": lambda name, **keys: getattr(spectra, name)(**keys),
    "fit": Fit,
    "generator": Fit,
    "protocol": protocol,
    "over": protocol,
}


class Check(NamedTuple):
    """One number of a claim.

    ``relation`` says what the paper claims of the measured number: to "equal" what is printed, or
    to be "at least" or "at most" that. ``corrected`` is the right value, where print is wrong.
    """

    point: str
    printed: float
    measured: float
    standard_error: float = 0.0
    corrected: float | None = None
    relation: str = "equal"


def built(setting: Any) -> Any:
    """A setting with its blocks BUILT."""
    if isinstance(setting, list):
        return list(map(built, setting))
    if not isinstance(setting, Mapping):
        return setting
    return {
        key: BUILT[key](**value) if key in BUILT else built(value) for key, value in setting.items()
    }


def measured(claim: str, measured_by: str, setting: Mapping, root: str) -> pd.DataFrame:
    """Measure a claim.

    Parameters
    ----------
    claim
        Name of the claim, which is the last part of its seed.
    measured_by
        A function of the package ``measurements``: ``<module>.<function>``.
    setting
        Arguments of this function, as the config states them.
    root
        Root of all seeds.

    Returns
    -------
    pandas.DataFrame
        The checks, one a row.

    Raises
    ------
    ValueError
        Naming the claim, if the function does or yields no check.
    """
    module, _, name = measured_by.partition(".")
    function = getattr(import_module(f"scripts.claims.measurements.{module}"), name)
    try:
        checks = list(function(f"{root}/{claim}", **built(setting)))
        if not checks:
            raise ValueError("its setting leaves no point to test")
        return pd.DataFrame(checks).astype({"corrected": float})
    except ValueError as error:
        raise ValueError(f"claims.{claim}: {error}") from error


def all_terms(
    chain: Chain, replicates: int, seed: str, *, shared_design: bool = False
) -> np.ndarray:
    """TERMS of simulated replicates after 0, 1, … n generators, label noise integrated out:
    (replicates, n + 1, TERMS).
    """
    spectrum, generators, downstream = chain
    chain_of_one_fit = spectrum, generators, [downstream]
    draws = {"shared_design": shared_design, "seed": seed}
    return np.array(
        [simulate_terms(*chain_of_one_fit, replicate=i, **draws)[:, 0] for i in range(replicates)]
    )


def terms(chain: Chain, replicates: int, seed: str) -> np.ndarray:
    """TERMS of simulated replicates after all generators: (replicates, TERMS)."""
    return all_terms(chain, replicates, seed)[:, -1]


def term(values: np.ndarray, *names: str) -> np.ndarray:
    """The sum of some TERMS, of each replicate; without names, the test error."""
    return sum(values[..., TERMS.index(name)] for name in names or TERMS[:3])


def estimate(values: np.ndarray) -> tuple[float, float]:
    """Mean over replicates, the first axis, and its standard error."""
    return float(np.mean(values)), float(standard_error(values))


def measure(chain: Chain, replicates: int, seed: str, *names: str) -> tuple[float, float]:
    """The sum of some TERMS, or the test error, by simulation: mean and standard error."""
    return estimate(term(terms(chain, replicates, seed), *names))


def identity(spectrum: Spectrum) -> Fit:
    """A downstream fit that changes nothing: what is tested is the last generator itself."""
    return Fit(IDENTITY * spectrum.dimension)


def projections(
    spectrum: Spectrum, samples: int, generations: Sequence[int], replicates: int, seed: str
) -> Iterator[np.ndarray]:
    """For each replicate Q = P_{n−1}…P_0, the product of the projections of n independent OLS
    generators, for each n of ``generations``, ascending, by full matrices: (generations, d, d).
    """
    zero = np.zeros(spectrum.dimension)
    for i in range(replicates):
        rng = random_stream(seed, "projections", i)
        q = np.eye(len(zero))
        products = []
        for n in range(1, max(generations) + 1):
            x, _ = sample_in_full(spectrum, samples, zero, 0.0, rng)
            q = x.T @ cho_solve(cho_factor(x @ x.T), x @ q)
            products += [q] if n in generations else []
        yield np.array(products)


def operator_norms(spectrum: Spectrum, fit: Fit, replicates: int, seed: str) -> np.ndarray:
    """‖Σ^{1/2}Σ̂(Σ̂ + λ)^{-1}‖²_op of ridge fits: (replicates,)."""
    d = spectrum.dimension
    norms = []
    for i in range(replicates):
        rng = random_stream(seed, "operator norm", i)
        x, _ = sample_in_full(spectrum, fit.samples, np.zeros(d), 0.0, rng)
        gram = x.T @ x / fit.samples
        smoother = gram @ np.linalg.inv(gram + fit.ridge * np.eye(d))
        norms.append(np.linalg.norm(np.sqrt(spectrum.eigenvalues)[:, None] * smoother, 2) ** 2)
    return np.array(norms)
