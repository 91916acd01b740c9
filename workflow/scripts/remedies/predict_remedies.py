"""Errors of all remedies in theory, each at its best ridge for each n, on one problem."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import BOUNDS, best_ridges
from model_collapse.problem.spectra import Spectrum
from scripts.remedies.catalogue import REFERENCES, REMEDIES, Budget, Remedy
from scripts.remedies.settings import Compared
from scripts.step.files import write_csv
from scripts.step.job import job

NAMES = ["remedy", "generation", "ridge", "error"]


def tuned(spectrum: Spectrum, remedy: Remedy, budget: Budget, n: int) -> tuple[float, float]:
    """A remedy's best ridge (or penalty) for E_n, and E_n; nan where it is only simulated."""
    ridge = 0.0
    error = np.nan
    if remedy.tuned_as:
        ridge = best_ridges(spectrum, lambda at: remedy.tuned_as(budget, n, at), n)[0]
    if remedy.has_theory:
        error = expected_errors(spectrum, remedy.protocol(budget, n, ridge), n)[-1]
    return ridge, error


def real_only(spectrum: Spectrum, size: int, noise: float) -> tuple[float, float]:
    """The best ridge of a fit to so many real rows, and its error."""
    return tuned(spectrum, REMEDIES["replace_tuned"], Budget(size, 0, noise), 0)


def predicted_remedies(
    spectrum: Spectrum, budget: Budget, generations: Iterable[int], names: Iterable[str] = REMEDIES
) -> pd.DataFrame:
    """Ridge (or penalty) and E_n of remedies and references; no error where only simulated."""
    once = cache(lambda size: real_only(spectrum, size, budget.noise))
    rows = []
    for n in generations:
        rows += [(name, n, *tuned(spectrum, REMEDIES[name], budget, n)) for name in names]
        rows += [(name, n, *once(size(budget, n))) for name, (_, size) in REFERENCES.items()]
        rows.append(("null_predictor", n, BOUNDS[1], spectrum.null_risk))
    table = pd.DataFrame(rows, columns=NAMES)
    return table.assign(over_stop=table["error"] / once(budget.samples)[1])


if __name__ == "__main__":
    with job(snakemake) as log:
        block = Compared(**snakemake.params.block)
        name = snakemake.wildcards.regime
        spectrum = block.regimes[name].spectrum.build().condensed()
        table = predicted_remedies(spectrum, block.budget(name), block.line)
        write_csv(table, snakemake.output[0], may_be_empty=["error", "over_stop"])
        log.info("%d points", len(table))
