"""Exponents of the test error from simulation, one fit for each replicate."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from model_collapse.simulation.scaling_laws import simulate_laws
from model_collapse.statistics import fit_exponent, mean_exponent
from model_collapse.theory.scaling_laws import Size, law_risk, size_at
from scripts.scaling.cells import CELL, SIMULATED, Cell
from scripts.step.files import write_csv
from scripts.step.job import job


def simulated_exponents(cells: Sequence[Cell], simulated: dict, seed: str) -> pd.DataFrame:
    """Exponents at the simulated sizes, one fit for each replicate, and theory's at these sizes.

    Cells that differ in ℓ, a and σ share designs; seeds depend on (β, r, b, d or T, replicate).
    """
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(f"{seed}/{cell.beta}/{cell.r}/{cell.b}", []).append(cell)
    rows = []
    for root, members in groups.items():
        laws = list(dict.fromkeys(cell.law for cell in members))
        if laws[0].b is None:
            sizes = [Size(simulated["dimension"], float(T)) for T in simulated["samples"]]
        else:
            sizes = [size_at(laws[0], d) for d in simulated["dimensions"]]
            sizes = [Size(size.dimension, float(round(size.samples))) for size in sizes]
        samples = np.array([size.samples for size in sizes])
        draw = partial(simulate_laws, laws)
        terms = [
            [draw(size, seed=f"{root}/{size.dimension}", replicate=i) for size in sizes]
            for i in range(simulated["replicates"])
        ]
        terms = np.moveaxis(terms, (2, 3), (0, 1))  # laws, TERMS[:3], replicates, sizes
        for cell in members:
            slope = mean_exponent(samples, cell.error(*terms[laws.index(cell.law)]))
            risks = (law_risk(cell.law, size) for size in sizes)
            errors = [cell.error(risk.bias, risk.variance, risk.collapse) for risk in risks]
            rows.append((*cell, *slope, fit_exponent(samples, np.array(errors)).value))
    return pd.DataFrame(rows, columns=[*CELL, *SIMULATED])


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        cells = list(map(Cell._make, params.cells))
        exponents = simulated_exponents(cells, params.simulated, params.seed)
        write_csv(exponents, snakemake.output[0], may_be_empty=["b"])
        log.info("%d cells", len(exponents))
