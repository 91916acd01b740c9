"""The points of a regression experiment: generations × sample sizes × ridges of each rule."""

import pandas as pd

from model_collapse.equivalents import require_shareable
from model_collapse.exponents import ell_crit
from model_collapse.scaling import best_ridge
from model_collapse.spectra import RANK_TOLERANCE, rank
from model_collapse.theory import equivalents_of
from scripts.core.grids import POINT, check_grid, values_of
from scripts.core.ridge_rules import RIDGE_RULES, Situation
from scripts.regression.old import Experiment, spectrum_of


def points_of(experiment: Experiment, *, refine: int = 1, extend: bool = False) -> pd.DataFrame:
    """One row a point, columns POINT. Without options the simulated points; theory's grid, with
    ``refine`` and ``extend``, holds each of them.
    """
    chains = {
        n: equivalents_of(experiment.spectrum, experiment.generators(n), experiment.shared_design)
        for n in experiment.generations
    }
    rows = [
        (experiment.name, n, samples, rule, ridge)
        for samples in experiment.sizes(refine, extend)
        for rule in experiment.block["ridge_rules"]
        for n in experiment.generations
        for ridge in _ridges(experiment, rule, n, samples, refine, chains[n])
    ]
    return pd.DataFrame(rows, columns=POINT)


def _ridges(
    experiment: Experiment, rule: str, n: int, samples: int, refine: int, chain: list
) -> list[float]:
    """λ of one rule at generation n and T."""
    block, spectrum, about = experiment.block, experiment.block["spectrum"], RIDGE_RULES[rule]
    return about.ridges(
        Situation(
            samples=samples,
            generator_samples=block["generator_samples"],
            collapse_noise=n * block["generator_noise"] ** 2,
            noise=block["noise"],
            ell_crit=ell_crit(spectrum["beta"], spectrum["r"]) if about.needs_power_law else None,
            values=values_of(block[about.values], refine) if about.values else (),
            best=lambda: best_ridge(experiment.spectrum, chain, samples, block["noise"]),
        )
    )


SPECTRUM_KEYS = {
    "isotropic": ((), ("norm", "seed")),
    "power_law": (("beta", "r"), ()),
    "two_level": (("weak_eigenvalue", "weak_weight"), ()),
}
"""Keys besides name and d that each spectrum must and may have."""


def check_spectrum(where: str, problem: dict) -> None:
    """Raise ValueError for keys that a spectrum lacks or that belong to another one."""
    name, (needed, allowed) = problem["name"], SPECTRUM_KEYS[problem["name"]]
    if not set(needed) <= problem.keys():
        raise ValueError(f"{where}.spectrum: a {name} needs both {' and '.join(needed)}")
    for other, keys in SPECTRUM_KEYS.items():
        for key in (*keys[0], *keys[1]):
            if key in problem and key not in (*needed, *allowed):
                raise ValueError(f"{where}.spectrum: {key} belongs to {other}, not to {name}")
    if name == "two_level" and problem["d"] % 2:
        raise ValueError(f"{where}.spectrum.d: must be even for a two_level, not {problem['d']}")
    try:
        steep = rank(spectrum_of(problem).eigenvalues) < problem["d"]
    except (ValueError, OverflowError):
        steep = True
    if steep:
        raise ValueError(
            f"{where}.spectrum.beta: {problem.get('beta')} is so steep that eigenvalues up to "
            f"d = {problem['d']} fall below {RANK_TOLERANCE:g} of the first; lower beta or d"
        )


def check_experiment(experiment: Experiment) -> None:
    """Raise ValueError, naming the key, for a block that the schema allows but that makes no
    sense: see the messages.
    """
    block, where = experiment.block, f"experiments.{experiment.name}"
    problem = block["spectrum"]
    for key in ("samples", "ridge", "ell"):
        check_grid(f"{where}.{key}", block.get(key), logarithmic=key != "ell")
    check_spectrum(where, problem)
    if "ell" in block["ridge_rules"] and 1 in experiment.sizes():
        raise ValueError(f"{where}.samples: at T = 1 every ell gives λ = 1; begin above 1")
    for rule in block["ridge_rules"]:
        if RIDGE_RULES[rule].needs_power_law and problem["name"] != "power_law":
            raise ValueError(
                f"{where}.ridge_rules: {rule} needs beta and r, so a power_law spectrum"
            )
        if RIDGE_RULES[rule].needs_noise and block["noise"] == 0:
            raise ValueError(f"{where}.ridge_rules: {rule} divides by noise, which must not be 0")
    for rule, key in ((name, rule.values) for name, rule in RIDGE_RULES.items() if rule.values):
        if (rule in block["ridge_rules"]) != (key in block):
            raise ValueError(
                f"{where}.{key}: the ridge rule {rule} needs its values here"
                if rule in block["ridge_rules"]
                else f"{where}.{key}: without the rule {rule} in ridge_rules, leave this out"
            )
    if "theory_samples_to" in block and not isinstance(block["samples"], dict):
        raise ValueError(f"{where}.theory_samples_to: needs samples given as a grid")
    _check_singular_fits(experiment, where)
    if experiment.shared_design:
        try:
            require_shareable(experiment.generators(1))
        except ValueError as error:
            raise ValueError(f"{where}.shared_design: {error}") from None


def _check_singular_fits(experiment: Experiment, where: str) -> None:
    """OLS within one sample of d has no finite mean error."""
    block, d = experiment.block, experiment.block["spectrum"]["d"]
    fits = []
    if block["generator_ridge"] == 0 and max(experiment.generations) > 0:
        fits.append(("generator_samples", block["generator_samples"]))
    if "fixed" in block["ridge_rules"] and 0 in values_of(block["ridge"]):
        fits += [("samples", size) for size in experiment.sizes()]
    for key, size in fits:
        if abs(size - d) <= 1:
            raise ValueError(
                f"{where}.{key}: {size} is within 1 of d = {d}, where a fit with λ = 0 has "
                f"no finite mean error; take a positive ridge or another size"
            )
