"""Errors of remedies on images in simulation, at theory's best ridges, in a few generations."""

from itertools import product

import numpy as np
import pandas as pd

from model_collapse.images.kernel_mixtures import kernel_union_errors
from model_collapse.images.kernels import Kernel
from model_collapse.images.pool import Pool
from model_collapse.mixtures.groups import unfold
from model_collapse.mixtures.simulation import whole
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.statistics import standard_error
from scripts.remedies.catalogue import ON_IMAGES, REMEDIES, Budget
from scripts.remedies.settings import OnImages
from scripts.remedies.simulate_remedies import NAMES
from scripts.step.files import read_csv, read_json, read_spectrum, write_csv
from scripts.step.images import read_problem
from scripts.step.job import job


def simulated_on_images(
    problem: tuple[Kernel, Pool, np.ndarray, np.ndarray],
    spectrum: Spectrum,
    budget: Budget,
    generations: list[int],
    theory: pd.DataFrame,
    replicates: int,
    seed: str,
) -> pd.DataFrame:
    """E_n of each remedy, mean and standard error, beside theory's; E_0 is of real rows alone.

    ``problem`` is the kernel, the pool, and features and targets of the test images.
    """
    at = theory.set_index(["remedy", "generation"])
    points = list(product(ON_IMAGES, [0, *generations]))
    chains = []
    for remedy, n in points:
        protocol = REMEDIES[remedy].protocol(budget, n, at.loc[(remedy, n), "ridge"])
        chains.append([whole(union) for union in unfold(spectrum, protocol, n)])
    runs = (
        kernel_union_errors(*problem, chains, seed=seed, replicate=i) for i in range(replicates)
    )
    last_errors = np.array([[errors[-1] for errors in run] for run in runs])
    table = at.loc[points, ["ridge"]].reset_index()
    table["error"] = last_errors.mean(axis=0)
    table["error_se"] = standard_error(last_errors)
    table["theory"] = at.loc[points, "error"].to_numpy()
    table["replicates"] = replicates
    return table[NAMES]


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        block = OnImages(**params.block)
        name = snakemake.wildcards.learner
        images = read_json(files.source)["name"]
        learner = block.learners[name]
        kernel, pool, _, (x, targets) = read_problem(files, learner)
        order = random_stream(params.seed, "test images").permutation(len(x))
        tested = order[: learner.on(images).test_images]
        table = simulated_on_images(
            (kernel, pool, x[tested], targets[tested]),
            read_spectrum(files.problem),
            block.budget(name, images),
            block.simulated,
            read_csv(files.theory),
            params.replicates,
            f"{params.seed}/{name}",
        )
        write_csv(table, snakemake.output[0], may_be_empty=["theory"])
        log.info("%d points", len(table))
