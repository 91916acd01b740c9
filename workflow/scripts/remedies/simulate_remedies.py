"""Errors of all remedies in simulation, at theory's best ridges, in a few generations."""

import pandas as pd

from model_collapse.mixtures.groups import Protocol
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.problem.spectra import Spectrum
from model_collapse.statistics import standard_error
from scripts.remedies.catalogue import REMEDIES
from scripts.remedies.settings import Simulated
from scripts.step.files import read_csv, write_csv
from scripts.step.job import job

NAMES = ["remedy", "generation", "ridge", "error", "error_se", "theory", "replicates"]


def simulated_error(
    spectrum: Spectrum, protocol: Protocol, n: int, replicates: int, seed: str
) -> tuple[float, float]:
    """E_n, mean and standard error."""
    errors = simulate_errors(spectrum, protocol, n, replicates=replicates, seed=seed)[:, -1]
    return errors.mean(), standard_error(errors)


def simulated_remedies(
    block: Simulated, name: str, theory: pd.DataFrame, seed: str
) -> pd.DataFrame:
    """E_n of each remedy, mean and standard error, beside theory's."""
    spectrum = block.regimes[name].spectrum.build()
    budget = block.budget(name)
    predicted = theory.set_index(["remedy", "generation"])
    rows = []
    for label, remedy in REMEDIES.items():
        for n in block.simulated:
            ridge, expected = predicted.loc[(label, n), ["ridge", "error"]]
            draws = (block.replicates, f"{seed}/{name}/{label}/{n}")
            error = simulated_error(spectrum, remedy.protocol(budget, n, ridge), n, *draws)
            rows.append((label, n, ridge, *error, expected, block.replicates))
    return pd.DataFrame(rows, columns=NAMES)


if __name__ == "__main__":
    with job(snakemake) as log:
        block = Simulated(**snakemake.params.block)
        name = snakemake.wildcards.regime
        theory = read_csv(snakemake.input[0])
        table = simulated_remedies(block, name, theory, snakemake.params.seed)
        write_csv(table, snakemake.output[0], may_be_empty=["theory"])
        log.info("%d points", len(table))
