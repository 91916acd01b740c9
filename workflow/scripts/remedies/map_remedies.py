"""The best remedy in each cell of two maps, and its error relative to that of no remedy."""

import pandas as pd

from scripts.remedies.catalogue import MAPS, REFERENCES, REMEDIES
from scripts.remedies.predict_remedies import real_only, tuned
from scripts.remedies.settings import Map
from scripts.remedies.simulate_remedies import simulated_error
from scripts.step.files import write_csv
from scripts.step.job import job

NAMES = [
    *("panel", "noise", "value", "best", "factor", "best_se"),
    *("next", "next_over_best", "next_se"),
]


def mapped_remedies(block: Map, seed: str) -> pd.DataFrame:
    """For each cell: the best remedy, its E_n relative to the reference's, and the runner-up's
    relative to the best.

    ``best_se`` and ``next_se`` are standard errors of their E_n over the reference's: 0 where E_n
    is theory's.
    """
    spectrum = block.spectrum.build()
    condensed = spectrum.condensed()
    n = block.generations
    rows = []
    for panel, (reference, names) in MAPS.items():
        for noise, value, budget in block.cells(panel):
            errors = {}  # with their standard errors
            for name in names:
                remedy = REMEDIES[name]
                ridge, error = tuned(condensed, remedy, budget, n)
                errors[name] = error, 0.0
                if not remedy.has_theory:
                    draws = (block.replicates, f"{seed}/{noise}/{value}")
                    protocol = remedy.protocol(budget, n, ridge)
                    errors[name] = simulated_error(spectrum, protocol, n, *draws)
            size = REFERENCES[reference][1](budget, n)
            alone = real_only(condensed, size, noise)[1]
            best, second, *_ = sorted(errors, key=errors.get)
            error, error_se = errors[best]
            next_error, next_se = errors[second]
            ratios = (error / alone, error_se / alone, second, next_error / error, next_se / alone)
            rows.append((panel, noise, value, best, *ratios))
    return pd.DataFrame(rows, columns=NAMES)


if __name__ == "__main__":
    with job(snakemake) as log:
        table = mapped_remedies(Map(**snakemake.params.block), snakemake.params.seed)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
