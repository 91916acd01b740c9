"""Which remedy is best in each cell of two maps, and by what factor over no remedy."""

import pandas as pd

from model_collapse.union_draws import simulate_errors
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.remedies.catalogue import MAPS, REFERENCES, REMEDIES
from scripts.remedies.predict_remedies import real_only, tuned
from scripts.remedies.settings import Map

NAMES = ["panel", "noise", "value", "best", "factor", "next", "next_over_best"]


def mapped_remedies(block: Map, seed: str) -> pd.DataFrame:
    """Of each cell: the best remedy, its E_n over the reference's, and the next best over it."""
    spectrum, n, rows = block.spectrum.build(), block.generations, []
    condensed = spectrum.condensed()
    for panel, (reference, names) in MAPS.items():
        for noise, value, budget in block.cells(panel):
            errors = {}
            for name in names:
                remedy = REMEDIES[name]
                ridge, errors[name] = tuned(condensed, remedy, budget, n)
                if not remedy.has_theory:
                    draws = {"replicates": block.replicates, "seed": f"{seed}/{noise}/{value}"}
                    found = simulate_errors(spectrum, remedy.protocol(budget, n, ridge), n, **draws)
                    errors[name] = found[:, -1].mean()
            size = REFERENCES[reference][1](budget, n)
            best, second, *_ = sorted(errors, key=errors.get)
            factor = errors[best] / real_only(condensed, size, noise)[1]
            margin = errors[second] / errors[best]
            rows.append((panel, noise, value, best, factor, second, margin))
    return pd.DataFrame(rows, columns=NAMES)


if __name__ == "__main__":
    with job(snakemake) as log:
        table = mapped_remedies(Map(**snakemake.params.block), snakemake.params.seed)
        write_csv(table, snakemake.output[0])
        log.info("%d cells", len(table))
