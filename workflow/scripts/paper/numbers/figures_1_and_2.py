"""Figures 1 and 2: collapse, and the ridge."""

import numpy as np
import pandas as pd

from model_collapse.theory.exponents import ell_crit
from model_collapse.theory.optimal_ridge import best_ridge
from model_collapse.theory.recursion import equivalents_of
from scripts.output.formats import at_most, measured, number, setting
from scripts.paper.numbers.rows import one, rows
from scripts.paper.numbers.texts import listed, plain, span
from scripts.schema.spectra import Generators


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the captions and the text of both figures, by name."""
    experiments = config["experiments"]
    return {
        **figure_1a(experiments["fig1a_ridge"], experiments["fig1a_samples"]),
        **settings_of_figure_1b(config),
        **curves_of_figure_1b(experiments, tables),
        **figure_2a(experiments["fig2a_ridge"], experiments["fig2a_samples"], tables),
        **figure_2b(experiments["fig2b_samples"], tables["fig2b_simulated"]),
    }


def figure_1a(over_ridges: dict, over_samples: dict) -> dict[str, str]:
    """Isotropic features: settings, best ridges of the first and last generation, the ceiling."""
    last_at_one_size = max(over_ridges["generations"])
    last = max(over_samples["generations"])
    return {
        "fig1a.norm": setting(over_ridges["spectrum"]["norm"]),
        "fig1a.T": number(over_ridges["samples"]),
        "fig1a.ridge": setting(over_samples["ridge"]),
        "fig1a.replicates": span(over_ridges["replicates"], over_samples["replicates"]),
        "fig1a.n_max": number(last_at_one_size),
        "fig1a.n_last": number(last),
        "fig1a.best_ridge_clean": number(best_ridge_after(over_ridges, 0)),
        "fig1a.best_ridge_last": number(best_ridge_after(over_ridges, last_at_one_size)),
        "fig1a.ceiling_last": number(ceiling(over_samples, last)),
    }


def settings_of_figure_1b(config: dict) -> dict[str, str]:
    """The power law of figure 1b, its sizes, and the generations of its last panel."""
    over_ell = config["experiments"]["fig1b_ell"]
    over_samples = config["experiments"]["fig1b_samples"]
    spectrum = over_samples["spectrum"]
    compared = compared_generations(
        config["figures"]["fig1b"]["panels"], over_samples["generations"]
    )
    return {
        "fig1b.r": setting(spectrum["r"]),
        "fig1b.ell_crit": setting(ell_crit(spectrum["beta"], spectrum["r"])),
        "fig1b.null": number(generators_of(over_samples).problem.null_risk),
        "fig1b.T": number(over_ell["samples"]),
        "fig1b.replicates": span(over_ell["replicates"], over_samples["replicates"]),
        "fig1b.compared_generations": listed(compared),
    }


def curves_of_figure_1b(experiments: dict, tables: dict) -> dict[str, str]:
    """The lowest error and its T, the ceiling, and the cost of the rules for the ridge."""
    theory = tables["fig1b_theory"]
    simulated = tables["fig1b_simulated"]
    generations = simulated["generation"]
    first = generations[generations > 0].min()
    last = generations.max()
    near = nearest(simulated["samples"], experiments["fig1b_ell"]["samples"])

    falling_then_rising = rows(theory, ridge_rule="ell_crit", generation=first)
    lowest = falling_then_rising.loc[falling_then_rising["risk"].idxmin()]
    at_the_end = rows(theory, generation=last, samples=near)
    excess = excess_over_best(theory[theory["generation"] > 0], "effective")
    return {
        "fig1b.T_near": number(near),
        "fig1b.T_theory": setting(theory["samples"].max()),
        "fig1b.n_last": number(last),
        "fig1b.lowest_first": number(lowest["risk"]),
        "fig1b.lowest_T_first": number(lowest["samples"]),
        "fig1b.ceiling_first": number(ceiling(experiments["fig1b_samples"], first)),
        "fig1b.ell_crit_last": number(one(rows(at_the_end, ridge_rule="ell_crit")["risk"])),
        "fig1b.effective_last": number(one(rows(at_the_end, ridge_rule="effective")["risk"])),
        "fig1b.effective_far": at_most(excess[excess["samples"] >= near]["excess"].max()),
    }


def figure_2a(over_ridges: dict, over_samples: dict, tables: dict) -> dict[str, str]:
    """One shared design with fewer samples than dimensions."""
    generations = tables["fig2a_simulated"]["generation"]
    first = generations[generations > 0].min()
    return {
        "fig2a.T": number(over_ridges["samples"]),
        "fig2a.ridge": setting(over_samples["ridge"]),
        "fig2a.lost_first": number(lost_signal(over_samples, first)),
    }


def figure_2b(over_samples: dict, simulated: pd.DataFrame) -> dict[str, str]:
    """Independent designs with fewer samples than dimensions."""
    last = simulated["generation"].max()
    most = simulated["samples"].max()
    end = rows(simulated, samples=most, generation=last)
    return {
        "fig2b.eta": setting(over_samples["generator_samples"] / over_samples["spectrum"]["d"]),
        "fig2b.T_max": plain(most),
        "fig2b.n_last": plain(last),
        "fig2b.lost_last": number(lost_signal(over_samples, last)),
        "fig2b.end_last": measured(one(end["risk"]), one(end["risk_se"])),
    }


def generators_of(block: dict) -> Generators:
    """The problem and the generators of an experiment's block."""
    return Generators(**{key: block[key] for key in Generators.model_fields})


def best_ridge_after(block: dict, n: int) -> float:
    """The ridge with the smallest error in theory after n generations, at the block's one T."""
    chain = generators_of(block)
    stages = equivalents_of(chain.problem, chain.generators(n), chain.shared_design)
    return best_ridge(chain.problem, stages, block["samples"], block["noise"])


def ceiling(block: dict, n: int) -> float:
    """nσ0²φ0/(1−φ0), the cost of n generations of least squares with endless downstream data."""
    d = block["spectrum"]["d"]
    size = block["generator_samples"]
    return n * block["generator_noise"] ** 2 * d / (size - d)


def lost_signal(block: dict, n: int) -> float:
    """The share of |w0|² that n noiseless generators lose; one shared design takes it once."""
    share_kept = min(block["generator_samples"] / block["spectrum"]["d"], 1.0)
    return 1 - share_kept ** (1 if block["shared_design"] else n)


def compared_generations(panels: list[dict], generations: list[int]) -> list[int]:
    """Generations of the first panel that divides by another rule: its own, or all n ≥ 1."""
    stated = next((panel["generations"] for panel in panels if panel["relative_to"]), None)
    return stated or [n for n in generations if n > 0]


def nearest(values: pd.Series, size: float) -> float:
    """The value that is nearest to a size on a logarithmic axis."""
    return min(values, key=lambda value: abs(np.log(value / size)))


def excess_over_best(curves: pd.DataFrame, rule: str) -> pd.DataFrame:
    """The share by which a rule's error exceeds that at the best ridge, at each n and T."""
    wide = curves.pivot_table(index=["generation", "samples"], columns="ridge_rule", values="risk")
    return (wide[rule] / wide["best"] - 1).rename("excess").reset_index()
