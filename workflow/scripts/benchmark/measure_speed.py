"""Time for one replicate of one point: this library, a plain script, and the floor below both."""

import platform
import time
from collections.abc import Callable
from itertools import product
from statistics import median

import numpy as np
import pandas as pd
from scipy.linalg import lapack
from scipy.linalg.blas import dsyrk
from sklearn.linear_model import Ridge
from threadpoolctl import threadpool_info

from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, power_law
from model_collapse.simulation.chain import simulate_chain, train_generators
from scripts.step.files import write_csv
from scripts.step.job import job

GENERATIONS = 10
RIDGE = 0.01
NOISE = 1.0
TEST_PAIRS = 100_000
DIMENSION, SAMPLES = 300, 10**6  # each is held while the other varies
SAMPLE_SIZES = [10**k for k in range(2, 16)]
DIMENSIONS = [100, 300, 1000, 3000, 10_000]
RUNS = 7  # for each case, in turns, so that a busy minute of the machine slows all cases alike
LONG_ENOUGH = 0.02  # seconds of one run: quick cases repeat

Replicates = Callable[[int], object]  # does so many replicates


def setting(d: int) -> tuple[Spectrum, list[Fit]]:
    """The chain that is timed: figure 1b's spectrum, T0 = 2d, least squares, σ0 = 1."""
    return power_law(d, 2.0, 0.375), [Fit(2 * d, 0.0, NOISE)] * GENERATIONS


def ours(d: int, samples: int) -> Replicates:
    """The library: chain, downstream fit, exact test error."""
    spectrum, generators = setting(d)
    fit = Fit(samples, RIDGE, NOISE)
    return lambda count: simulate_chain(spectrum, generators, fit, replicates=count, seed=0)


def chain(d: int, samples: int) -> Replicates:
    """The library: the chain alone."""
    spectrum, generators = setting(d)
    return lambda count: [
        train_generators(spectrum, generators, seed=0, replicate=i) for i in range(count)
    ]


def floor(d: int, samples: int) -> Replicates:
    """The random numbers that a replicate needs, and the calls of BLAS and LAPACK, no more."""
    rng = np.random.default_rng(0)
    k = min(d, samples)
    factor = np.asfortranarray(np.triu(rng.standard_normal((d, d))))
    gram = np.asfortranarray(np.eye(k) + 0.5 / k)

    def replicate() -> None:
        for _ in range(GENERATIONS):
            rng.standard_normal(d)
            rng.chisquare(d + 1)
        if samples < d:
            dsyrk(1.0, rng.standard_normal((samples, d)).T, trans=True)
        else:
            rng.standard_normal(d * (d + 1) // 2)
            rng.chisquare(samples - np.arange(d))
            lapack.dlauum(factor)
        cholesky, _ = lapack.dpotrf(gram, clean=False)
        lapack.dpotrs(cholesky, rng.standard_normal(k))

    return lambda count: [replicate() for _ in range(count)]


def plain(d: int, samples: int) -> Replicates:
    """A script with nothing clever in it: samples every X, scikit-learn's Ridge, test pairs."""
    rng = np.random.default_rng(0)
    spectrum, generators = setting(d)
    scale = np.sqrt(spectrum.eigenvalues)

    def replicate() -> float:
        model = spectrum.coefficients
        for fit in (*generators, Fit(samples, RIDGE, NOISE)):
            x = rng.standard_normal((fit.samples, d)) * scale
            y = x @ model + fit.noise * rng.standard_normal(fit.samples)
            if fit.ridge == 0:
                model = np.linalg.lstsq(x, y, rcond=None)[0]
            else:
                alpha = fit.ridge * fit.samples
                model = Ridge(alpha=alpha, fit_intercept=False, copy_X=False).fit(x, y).coef_
        x = rng.standard_normal((TEST_PAIRS, d)) * scale
        y = x @ spectrum.coefficients + NOISE * rng.standard_normal(TEST_PAIRS)
        return np.mean((x @ model - y) ** 2) - NOISE**2

    return lambda count: [replicate() for _ in range(count)]


METHODS = {"library": ours, "chain": chain, "floor": floor, "plain": plain}


def cases() -> list[tuple[str, int, int]]:
    """Method, d and T of all that is timed; the plain script as far as memory goes."""
    points = dict.fromkeys(
        [(DIMENSION, samples) for samples in SAMPLE_SIZES] + [(d, SAMPLES) for d in DIMENSIONS]
    )
    return [
        (method, d, samples)
        for method, (d, samples) in product(METHODS, points)
        if (method != "plain" or d * samples <= DIMENSION * SAMPLES)
        and (method != "chain" or samples == SAMPLES)
    ]


def measure(runs: int, log) -> pd.DataFrame:
    """Seconds of CPU for a replicate, the median of ``runs`` of each case, one row for each."""
    todo = {case: METHODS[case[0]](*case[1:]) for case in cases()}
    counts = {}
    seconds = {case: [] for case in todo}
    for case, replicates in todo.items():
        spent = _spent(replicates, 1)
        counts[case] = max(1, round(LONG_ENOUGH / spent))
    for run in range(runs):
        for case, replicates in todo.items():
            seconds[case].append(_spent(replicates, counts[case]) / counts[case])
        log.info("run %d of %d", run + 1, runs)
    threads = max(pool["num_threads"] for pool in threadpool_info())
    machine = {"cpu": cpu(), "threads": threads}
    return pd.DataFrame(
        [
            {"method": method, "d": d, "samples": samples, "seconds": median(values)}
            | {"runs": runs, "numpy": np.__version__}
            | machine
            for (method, d, samples), values in seconds.items()
        ]
    )


def _spent(replicates: Replicates, count: int) -> float:
    began = time.process_time()
    replicates(count)
    return time.process_time() - began


def cpu() -> str:
    """The model of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    with job(snakemake) as log:
        write_csv(measure(RUNS, log), snakemake.output[0])
