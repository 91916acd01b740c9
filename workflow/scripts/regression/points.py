"""The points of a regression experiment: generations × sample sizes × ridges of each rule."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from model_collapse.theory.equivalents import Equivalent
from model_collapse.theory.exponents import ell_crit
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import equivalents_of
from scripts.regression.settings import Sweep
from scripts.schema.grids import values_of
from scripts.schema.ridge_rules import RIDGE_RULES, Situation
from scripts.step.files import POINT


def chains_of(block: Sweep) -> dict[int, list[Equivalent]]:
    """The generators of each generation, as theory takes them."""
    return {
        n: equivalents_of(block.problem, block.generators(n), block.shared_design)
        for n in block.generations
    }


def points_of(name: str, block: Sweep, sizes: Sequence[int], refine: int = 1) -> pd.DataFrame:
    """One row for each point of the experiment ``name`` at these T, columns POINT.

    ``refine`` puts that many steps where a grid of ridges has one, for theory's curves.
    """
    spectrum = block.spectrum
    best = {}
    rows = []
    if "best" in block.ridge_rules:  # for all sizes at once
        for n, chain in chains_of(block).items():
            ridges = best_ridge(block.problem, chain, np.array(sizes), block.noise)
            best |= {(n, T): ridge for T, ridge in zip(sizes, ridges.tolist(), strict=True)}
    for T, rule_name, n in product(sizes, block.ridge_rules, block.generations):
        rule = RIDGE_RULES[rule_name]
        at = Situation(
            samples=T,
            generator_samples=block.generator_samples,
            collapse_noise=n * block.generator_noise**2,
            noise=block.noise,
            ell_crit=ell_crit(spectrum.beta, spectrum.r) if rule.needs_power_law else None,
            values=values_of(getattr(block, rule.values), refine) if rule.values else (),
            best=best.get((n, T)),
        )
        rows += [(name, n, T, rule_name, ridge) for ridge in rule.ridges(at)]
    return pd.DataFrame(rows, columns=POINT)
