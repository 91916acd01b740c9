"""What the simulation costs: `make benchmark`. Prints, asserts nothing.

First the share of simulation time inside LAPACK and BLAS, then the time of one point against a
plain script that samples X in full, calls scikit-learn's Ridge and scores on 100,000 test pairs.
"""

import os

from scripts.core.environment import fix_environment

fix_environment(os.environ)

import cProfile
import pstats
import time

import numpy as np
from sklearn.linear_model import Ridge

from model_collapse import chain
from model_collapse.protocol import Fit
from model_collapse.spectra import power_law

SPECTRUM = power_law(300, 2.0, 0.375)
GENERATORS = [Fit(600, 0.0, 1.0)] * 10
RIDGE, NOISE, TEST_PAIRS, REPLICATES = 0.01, 1.0, 100_000, 3


def lapack_share(replicates: int = 20) -> float:
    """Share of chain and downstream time in Gram matrices and the solutions with them."""
    sizes = np.unique(np.logspace(0, 6, 25).round().astype(int))
    ridges = np.repeat(np.logspace(-3, 0, 5), 6)
    with cProfile.Profile() as profile:
        for replicate in range(replicates):
            at = {"seed": 0, "replicate": replicate}
            models = chain.train_generators(SPECTRUM, GENERATORS, **at)[[0, 1, 2, 3, 5, 10] * 5]
            for size in sizes:
                chain.downstream_errors(SPECTRUM, models, int(size), ridges, NOISE, **at)
    spent = pstats.Stats(profile).get_stats_profile()
    names = ("gram", "shifted_solutions")
    return sum(spent.func_profiles[name].cumtime for name in names) / spent.total_tt


def plain(samples: int, replicates: int) -> None:
    """The same chain and downstream fit with nothing clever about them."""
    rng = np.random.default_rng(0)
    scale = np.sqrt(SPECTRUM.eigenvalues)
    for _ in range(replicates):
        model = SPECTRUM.coefficients
        for fit in (*GENERATORS, Fit(samples, RIDGE, NOISE)):
            x = rng.standard_normal((int(fit.samples), 300)) * scale
            y = x @ model + fit.noise * rng.standard_normal(len(x))
            if fit.ridge == 0:
                model = np.linalg.lstsq(x, y, rcond=None)[0]
            else:
                ridge = Ridge(alpha=fit.ridge * len(x), fit_intercept=False, copy_X=False)
                model = ridge.fit(x, y).coef_
        x = rng.standard_normal((TEST_PAIRS, 300)) * scale
        y = x @ SPECTRUM.coefficients + NOISE * rng.standard_normal(TEST_PAIRS)
        np.mean((x @ model - y) ** 2) - NOISE**2


def main() -> None:
    """Print both measurements."""
    print(f"share of simulation time in LAPACK and BLAS: {100 * lapack_share():.0f} %")
    for samples in (10**3, 10**5, 10**6):
        fit = Fit(samples, RIDGE, NOISE)
        began = time.perf_counter()
        chain.simulate_chain(SPECTRUM, GENERATORS, fit, replicates=REPLICATES, seed=0)
        ours = (time.perf_counter() - began) / REPLICATES
        began = time.perf_counter()
        plain(samples, REPLICATES)
        theirs = (time.perf_counter() - began) / REPLICATES
        print(
            f"T = {samples:>9,}: {1e3 * ours:7.1f} ms per replicate, "
            f"plain script {1e3 * theirs:9.1f} ms, ratio {theirs / ours:,.0f}"
        )


if __name__ == "__main__":
    main()
