"""The points of a regression experiment: generations × sample sizes × ridges of each rule."""

from collections.abc import Sequence

import pandas as pd

from model_collapse.equivalents import Equivalent
from model_collapse.exponents import ell_crit
from model_collapse.scaling import best_ridge
from model_collapse.theory import equivalents_of
from scripts.core.files import POINT
from scripts.core.ridge_rules import RIDGE_RULES, Situation
from scripts.core.settings import values_of
from scripts.regression.settings import Sweep


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
    chains = chains_of(block)
    rows = [
        (name, n, samples, rule, ridge)
        for samples in sizes
        for rule in block.ridge_rules
        for n in block.generations
        for ridge in _ridges(block, rule, n, samples, chains[n], refine)
    ]
    return pd.DataFrame(rows, columns=POINT)


def _ridges(
    block: Sweep, name: str, n: int, samples: int, chain: list[Equivalent], refine: int
) -> list[float]:
    """λ of one rule at generation n and T."""
    rule, spectrum = RIDGE_RULES[name], block.spectrum
    return rule.ridges(
        Situation(
            samples=samples,
            generator_samples=block.generator_samples,
            collapse_noise=n * block.generator_noise**2,
            noise=block.noise,
            ell_crit=ell_crit(spectrum.beta, spectrum.r) if rule.needs_power_law else None,
            values=values_of(getattr(block, rule.values), refine) if rule.values else (),
            best=lambda: best_ridge(block.problem, chain, samples, block.noise),
        )
    )
