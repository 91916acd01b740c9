"""Errors of all remedies in theory, each at its best ridge for each n, on one problem."""

from functools import cache

import numpy as np
import pandas as pd

from model_collapse.remedies import replace
from model_collapse.tuning import BOUNDS, best_ridges
from model_collapse.union_moments import expected_errors
from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.remedies.catalogue import REFERENCES, REMEDIES, Maker
from scripts.remedies.settings import Compared

NAMES = ["remedy", "generation", "ridge", "error"]


def predicted_remedies(block: Compared, name: str) -> pd.DataFrame:
    """Ridge (or penalty) and E_n of each remedy and reference; no error where only simulated."""
    spectrum, budget = block.regimes[name].spectrum.build().condensed(), block.budget(name)

    def tuned(protocol: Maker, n: int) -> float:
        return best_ridges(spectrum, lambda ridge: protocol(budget, n, ridge), n)[0]

    @cache
    def real_only(size: int) -> tuple[float, float]:
        def once(ridge):
            return replace(size, ridge, budget.noise)

        ridge = best_ridges(spectrum, once, 0)[0]
        return ridge, expected_errors(spectrum, once(ridge), 0)[0]

    rows = []
    for n in block.line:
        for remedy, what in REMEDIES.items():
            ridge, error = tuned(what.tuned_as, n) if what.tuned_as else 0.0, np.nan
            if what.has_theory:
                error = expected_errors(spectrum, what.protocol(budget, n, ridge), n)[-1]
            rows.append((remedy, n, ridge, error))
        for reference, (_, size) in REFERENCES.items():
            rows.append((reference, n, *real_only(size(budget, n))))
        rows.append(("null_predictor", n, BOUNDS[1], spectrum.null_risk))
    table = pd.DataFrame(rows, columns=NAMES)
    return table.assign(over_stop=table["error"] / real_only(budget.samples)[1])


if __name__ == "__main__":
    with job(snakemake) as log:
        table = predicted_remedies(Compared(**snakemake.params.block), snakemake.wildcards.regime)
        write_csv(table, snakemake.output[0], may_be_empty=["error", "over_stop"])
        log.info("%d points", len(table))
