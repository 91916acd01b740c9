"""Simulation of the config's scaling laws, decompositions and comparisons of labels."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from model_collapse.decomposition import simulate_terms
from model_collapse.equivalents import Fit
from model_collapse.scaling import Size, law_risk
from model_collapse.simulated_laws import simulate_laws
from model_collapse.slopes import fit_exponent, mean_exponent, standard_error
from model_collapse.theory import risk_of
from scripts.decomposition.old import Decomposition
from scripts.fake_labels import old as fake_labels
from scripts.scaling.cells import CELL, Cell, simulation_sizes


def simulated_exponents(
    cells: Sequence[Cell], simulated: dict, seed: int | str, log=None
) -> pd.DataFrame:
    """Exponents over the simulated sizes, one fit a replicate, and theory's at the same sizes.

    Cells that differ in ℓ, a and σ share designs; seeds depend on (β, r, b, d or T, replicate).
    """
    groups: dict[tuple, list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.law.beta, cell.law.r, cell.law.b), []).append(cell)
    rows = []
    for (beta, r, b), members in groups.items():
        laws = list(dict.fromkeys(cell.law for cell in members))
        sizes = simulation_sizes(laws[0], simulated)
        terms = np.array(
            [
                [
                    simulate_laws(
                        laws,
                        size,
                        seed=f"{seed}/{beta}/{r}/{b}/{size.dimension}",
                        replicate=i,
                    )
                    for size in sizes
                ]
                for i in range(simulated["replicates"])
            ]
        )  # (replicates, sizes, laws, terms)
        samples = np.array([float(round(size.samples)) for size in sizes])
        for cell in members:
            ours = terms[:, :, laws.index(cell.law)]
            totals = ours[..., 0] + ours[..., 2] + cell.sigma * ours[..., 1]
            found = mean_exponent(samples, totals)
            rounded = [Size(size.dimension, T) for size, T in zip(sizes, samples, strict=True)]
            limits = [law_risk(cell.law, size) for size in rounded]
            limit = fit_exponent(
                samples, np.array([x.bias + x.collapse + cell.sigma * x.variance for x in limits])
            )
            rows.append((*cell.key, found.value, found.standard_error, limit.value))
        if log:
            log.info("beta %s, r %s, b %s: %d replicates", beta, r, b, simulated["replicates"])
    columns = [*CELL, "simulated", "simulated_se", "theory_at_simulated"]
    return pd.DataFrame(rows, columns=columns)


def simulated_terms(chain: Decomposition, seed: int | str, log=None) -> np.ndarray:
    """TERMS of each replicate and generation: (replicates, generations + 1, TERMS)."""
    terms = []
    for i in range(chain.block["replicates"]):
        terms.append(
            simulate_terms(
                chain.spectrum,
                chain.generators,
                [chain.downstream],
                shared_design=chain.shared_design,
                seed=seed,
                replicate=i,
            )[:, 0]
        )
        if log:
            log.info("replicate %d", i)
    return np.array(terms)


def simulated_labels(
    comparison: fake_labels.Comparison, panel: str, seed: int | str
) -> pd.DataFrame:
    """Errors in a few cells of a panel, n = 0 and 1 on the same downstream designs."""
    rows, replicates = [], comparison.block["replicates"]
    generator = Fit(comparison.block["generator_samples"])
    for T, value in comparison.cells(panel, simulated=True):
        spectrum = comparison.spectrum(panel, value)
        for tuned in (False, True):
            fits = [Fit(T, ridge) for ridge in comparison.ridges(spectrum, T, tuned)]
            terms = np.array(
                [
                    simulate_terms(spectrum, [generator], fits, seed=f"{seed}/{panel}", replicate=i)
                    for i in range(replicates)
                ]
            )[..., 0]
            pair = terms[:, [0, 1], [0, 1]]  # n = 0 at its ridge, n = 1 at its own
            limit = [
                risk_of(spectrum, comparison.chain(spectrum, n), fits[n]).total for n in (0, 1)
            ]
            difference = pair[:, 1] - pair[:, 0]
            error = standard_error(difference)
            row = (*pair.mean(axis=0), difference.mean(), error, *limit, replicates)
            rows.append((panel, tuned, T, value, *row))
    columns = ["risk_0", "risk_1", "difference", "difference_se", "theory_0", "theory_1"]
    return pd.DataFrame(rows, columns=[*fake_labels.CELL, *columns, "replicates"])
