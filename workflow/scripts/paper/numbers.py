"""Every number that the paper's prose states, by name: read off results and config."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_collapse.equivalents import Fit
from model_collapse.exponents import ell_crit
from model_collapse.scaling import best_ridge
from model_collapse.theory import equivalents_of, risk_of
from scripts.core.formats import at_most, code, escape, measured, number, setting
from scripts.core.grids import FEW_SAMPLES, distinct, sample_sizes
from scripts.regression.old import Experiment

LEFT = {"fig1a_ridge": "fixed", "fig1b_ell": "ell", "fig2a_ridge": "fixed", "fig2b_ridge": "fixed"}
"""Experiments at one T that the text speaks of, with their ridge rule."""
RIGHT = {
    "fig1a_samples": ("fixed",),
    "fig1b_samples": ("ell_crit", "ell_star", "effective", "smooth", "best"),
    "fig2a_samples": ("fixed",),
    "fig2b_samples": ("fixed",),
}
"""Experiments over T that the text speaks of, with the ridge rules that it needs."""
REPEATED = "fig1b_repeat"
"""Points of fig1b_ell with more replicates."""
KERNEL = ("fig4_rbf", "fig4_rbf_unit", "fig4_polynomial", "fig4_polynomial_unit")
IN_FIGURES = (*LEFT, *RIGHT)
"""Experiments of figures 1 and 2, over which agreement with theory is pooled."""


def check_text(config: dict) -> None:
    """Raise ValueError if the config lacks, or contradicts, what the paper's text speaks of."""
    regression, kernel = config["experiments"], config["kernel_experiments"]
    needed = {"experiments": (*IN_FIGURES, REPEATED), "kernel_experiments": KERNEL}
    for section, names in needed.items():
        for name in names:
            if name not in config[section]:
                raise ValueError(f"{section}.{name}: the paper's text needs this experiment")
            block = config[section][name]
            if name != REPEATED and (
                0 not in block["generations"] or not any(block["generations"])
            ):
                raise ValueError(
                    f"{section}.{name}.generations: the paper's text needs 0 and one n ≥ 1"
                )
            if block["replicates"] < 2:
                raise ValueError(
                    f"{section}.{name}.replicates: the paper's text states standard errors, "
                    f"which need at least 2"
                )
    wanted = {name: (rule,) for name, rule in LEFT.items()} | RIGHT
    wanted |= dict.fromkeys(KERNEL, ("ell_crit", "ell_star"))
    for name, rules in wanted.items():
        present = (regression | kernel)[name]["ridge_rules"]
        if not set(rules) <= set(present):
            raise ValueError(f"{name}.ridge_rules: the paper's text needs {', '.join(rules)}")
    for left, right in zip(LEFT, RIGHT, strict=True):
        _check_pair(left, right, regression)
    # Captions state these once: figure 2b those of 2a, figure 4 those of its first panel.
    shared = ("spectrum", "generator_samples", "generator_noise", "noise")
    _check_same("experiments", ("fig2a_ridge", "fig2b_ridge"), shared, regression)
    shared = ("sizes", "generator_noise", "noise")
    _check_same("kernel_experiments", KERNEL, shared, kernel)
    for pair in (KERNEL[:2], KERNEL[2:]):
        _check_same("kernel_experiments", pair, ("kernel", "beta", "r"), kernel)
    noisy = regression["fig1b_samples"]
    if max(sample_sizes(noisy["samples"])) < noisy["generator_samples"]:
        raise ValueError("experiments.fig1b_samples.samples: the paper's text needs a T ≥ T0")


def _check_pair(left: str, right: str, regression: dict) -> None:
    """The two panels of a figure share one setting, which its caption states once."""
    one, other = regression[left], regression[right]
    if not isinstance(one["samples"], int):
        raise ValueError(f"experiments.{left}.samples: the paper's text needs a single T here")
    if "ridge" in other and not isinstance(other["ridge"], int | float):
        raise ValueError(f"experiments.{right}.ridge: the paper's text needs a single λ here")
    shared = ("spectrum", "generator_samples", "generator_noise", "noise", "shared_design")
    _check_same("experiments", (left, right), shared, regression)
    d, size = one["spectrum"]["d"], one["generator_samples"]
    if one["generator_ridge"] or other["generator_ridge"]:
        raise ValueError(f"experiments.{right}.generator_ridge: the paper's text needs 0")
    if (size > d) != left.startswith("fig1"):
        sign = ">" if left.startswith("fig1") else "<"
        raise ValueError(
            f"experiments.{left}.generator_samples: the paper's text needs T0 {sign} d"
        )


def _check_same(section: str, names: Sequence[str], keys: Sequence[str], blocks: dict) -> None:
    """Raise ValueError unless the named blocks have the first one's values of the keys."""
    first = names[0]
    for name in names[1:]:
        for key in keys:
            if blocks[name][key] != blocks[first][key]:
                raise ValueError(
                    f"{section}.{name}.{key}: the paper's text needs the value of {first}, "
                    f"{blocks[first][key]}"
                )


@dataclass(frozen=True)
class Build:
    """What the numbers are read off: config, tables by experiment, agreement, image record.

    risks are (replicates, points) in the order of ``simulated``.
    """

    config: dict
    simulated: dict[str, pd.DataFrame]
    risks: dict[str, np.ndarray]
    theory: dict[str, pd.DataFrame]
    points: pd.DataFrame
    groups: pd.DataFrame
    strays: pd.DataFrame
    images: dict

    def experiment(self, name: str) -> Experiment:
        """A regression experiment."""
        return Experiment(name, self.config["experiments"][name])


def prose_numbers(build: Build) -> dict[str, str]:
    """TeX by name, e.g. "fig1b.null". The config must have passed check_text."""
    values: dict[str, object] = {"few_samples": FEW_SAMPLES}
    for name in ("fig1a", "fig2a", "fig2b"):
        values |= _sweeps(name, build)
    values |= _adaptive(build) | _kernels(build) | _agreement(build)
    return {name: v if isinstance(v, str) else number(v) for name, v in values.items()}


def _replicates(blocks: dict, names: Sequence[str]) -> str:
    """Replicates of several experiments: one number, or a range if they differ."""
    counts = {blocks[name]["replicates"] for name in names}
    return " to ".join(number(count) for count in sorted({min(counts), max(counts)}))


def _settings(name: str, experiment: Experiment, build: Build) -> dict:
    block, every = experiment.block, build.config["experiments"]
    return {
        f"{name}.d": block["spectrum"]["d"],
        f"{name}.norm": setting(block["spectrum"].get("norm", 1.0)),
        f"{name}.T0": block["generator_samples"],
        f"{name}.sigma": setting(block["noise"]),
        f"{name}.sigma0": setting(block["generator_noise"]),
        f"{name}.replicates": _replicates(every, [n for n in IN_FIGURES if n.startswith(name)]),
        f"{name}.generations": ", ".join(map(str, block["generations"])),
        f"{name}.null": experiment.spectrum.null_risk,
    }


def _best(experiment: Experiment, n: int, samples: int) -> tuple[float, float]:
    """The best ridge at generation n and T, and theory's error there."""
    spectrum, noise = experiment.spectrum, experiment.block["noise"]
    chain = equivalents_of(spectrum, experiment.generators(n), experiment.shared_design)
    ridge = best_ridge(spectrum, chain, samples, noise)
    return ridge, risk_of(spectrum, chain, Fit(samples, ridge, noise)).total


def _sweeps(name: str, build: Build) -> dict:
    """Figures 1a, 2a and 2b: the valley of the ridge sweep and the end of the sweep over T."""
    left, right = build.experiment(f"{name}_ridge"), build.experiment(f"{name}_samples")
    samples = left.block["samples"]
    values = _settings(name, left, build) | {
        f"{name}.T": samples,
        f"{name}.ridge": setting(right.block["ridge"]),
        f"{name}.T_max": max(right.sizes()),
        f"{name}.n_max": max(left.generations),
    }
    for key, n in (("clean", 0), ("last", max(left.generations))):
        ridge, risk = _best(left, n, samples)
        values |= {f"{name}.best_ridge_{key}": ridge, f"{name}.best_{key}": risk}
    risks, predicted = build.simulated[f"{name}_samples"], build.theory[f"{name}_samples"]
    d, size = right.spectrum.dimension, right.block["generator_samples"]
    shown = [n for n in right.generations if n > 0]
    for key, n in (("first", min(shown)), ("last", max(shown))):
        end = risks[(risks["samples"] == max(right.sizes())) & (risks["generation"] == n)].iloc[0]
        limit = predicted[
            (predicted["samples"] == end["samples"]) & (predicted["generation"] == n)
        ].iloc[0]
        kept = min(size / d, 1.0) ** (1 if right.shared_design else n)
        values |= {
            f"{name}.n_{key}": n,
            f"{name}.end_{key}": measured(end["risk"], end["risk_se"]),
            f"{name}.end_theory_{key}": limit["risk"],
            f"{name}.lost_{key}": 1 - kept,
        }
        if size > d:
            values[f"{name}.ceiling_{key}"] = (
                n * right.block["generator_noise"] ** 2 * d / (size - d)
            )
    return values | {f"{name}.eta": setting(size / d)}


def _adaptive(build: Build) -> dict:
    """Figure 1b: the rising error at ℓ_crit, its ceiling, and what the other rules reach."""
    experiment = build.experiment("fig1b_samples")
    block, curve = experiment.block, build.theory["fig1b_samples"]
    law, size = block["spectrum"], block["generator_samples"]
    shown = [n for n in experiment.generations if n > 0]
    by_point = curve.set_index(["ridge_rule", "generation", "samples"])["risk"].sort_index()
    at = build.config["experiments"]["fig1b_ell"]["samples"]
    near, thousand = (
        min(experiment.sizes(), key=lambda T, to=to: abs(np.log(T / to))) for to in (at, 1000)
    )
    first, last = min(shown), max(shown)
    ceiling = block["generator_noise"] ** 2 * law["d"] / (size - law["d"])
    lowest = [int(by_point["ell_crit", n].idxmin()) for n in shown]
    rising = curve[(curve["ridge_rule"] == "ell_crit") & (curve["samples"] >= size)]
    rising = rising[rising["generation"] > 0]
    values = _settings("fig1b", experiment, build) | {
        "fig1b.beta": setting(law["beta"]),
        "fig1b.r": setting(law["r"]),
        "fig1b.ell_crit": setting(ell_crit(law["beta"], law["r"])),
        "fig1b.T": at,
        "fig1b.T_near": near,
        "fig1b.T_thousand": thousand,
        "fig1b.T_max": max(experiment.sizes()),
        "fig1b.T_theory": setting(curve["samples"].max()),
        "fig1b.n_first": first,
        "fig1b.n_last": last,
        "fig1b.lowest_first": by_point["ell_crit", first].min(),
        "fig1b.lowest_T_first": by_point["ell_crit", first].idxmin(),
        "fig1b.lowest_T_from": min(lowest),
        "fig1b.lowest_T_to": max(lowest),
        "fig1b.end_first": by_point["ell_crit", first, max(experiment.sizes())],
        "fig1b.theory_end_first": by_point["ell_crit", first, curve["samples"].max()],
        "fig1b.ceiling_first": first * ceiling,
        "fig1b.collapse_share": at_most(
            (rising["collapse"] / (rising["generation"] * ceiling)).max()
        ),
    }
    for rule in RIGHT["fig1b_samples"]:
        values[f"fig1b.{rule}_last"] = by_point[rule, last, near]
    noisy = curve[curve["generation"] > 0]
    wide = noisy.pivot_table(index=["generation", "samples"], columns="ridge_rule", values="risk")
    at_t = wide.index.get_level_values("samples")
    for rule in ("effective", "smooth"):
        excess = wide[rule] / wide["best"] - 1
        here = 100 * excess[at_t == thousand]
        values |= {
            f"fig1b.{rule}_worst": at_most(excess[at_t >= size].max()),
            f"fig1b.{rule}_far": at_most(excess[at_t >= near].max()),
            f"fig1b.{rule}_thousand": f"{here.min():.0f} to {here.max():.0f}\\,\\%",
        }
    panels = build.config["figures"]["fig1b"]["panels"]
    compared = [panel for panel in panels if "relative_to" in panel]
    generations = compared[0].get("generations", shown) if compared else shown
    return values | {"fig1b.compared_generations": ", ".join(map(str, generations))}


def _kernels(build: Build) -> dict:
    """Figure 4: its settings, the largest T, and how single replicates spread there."""
    values: dict[str, object] = {
        "fig4.images": escape(build.images["description"]),
        "fig4.replicates": _replicates(build.config["kernel_experiments"], KERNEL),
    }
    for name in KERNEL:
        block, table = build.config["kernel_experiments"][name], build.simulated[name]
        size = block["sizes"][build.images["name"]]["generator_samples"]
        clean = (table["samples"] == table["samples"].max()) & (table["generation"] == 0)
        single = build.risks[name][:, (clean & (table["ridge_rule"] == "ell_crit")).to_numpy()]
        values |= {
            f"{name}.T_max": table["samples"].max(),
            f"{name}.T0": size,
            f"{name}.gamma": setting(block["kernel"]["gamma"]),
            f"{name}.degree": block["kernel"]["degree"],
            f"{name}.beta": setting(block["beta"]),
            f"{name}.r": setting(block["r"]),
            f"{name}.ell_crit": ell_crit(block["beta"], block["r"]),
            f"{name}.sigma": setting(block["noise"]),
            f"{name}.sigma0": setting(block["generator_noise"]),
            f"{name}.replicates": block["replicates"],
            f"{name}.largest_single": single.max(),
            f"{name}.median_single": float(np.median(single)),
        }
    return values


def _agreement(build: Build) -> dict:
    """How far the simulated means of figures 1 and 2 lie from theory."""
    points = build.points[build.points["experiment"].isin(IN_FIGURES)]
    points = points[distinct(points)]
    groups = build.groups[build.groups["experiment"].isin(IN_FIGURES)]
    many = groups[groups["sizes"].str.contains(">")]
    few = points["samples"] <= FEW_SAMPLES
    pooled = points[points["samples"] >= 30]
    lost = build.strays[build.strays["experiment"].isin(IN_FIGURES)]
    worst = points.loc[points["z"].abs().idxmax()]
    again = build.points[build.points["experiment"] == REPEATED]
    where = sorted(set(lost["experiment"]))
    scatter = lost["risk_se"] * np.sqrt(lost["replicates"]) / lost["risk"]
    return {
        "agreement.points": len(points),
        "agreement.share": f"{100 * (points['z'].abs() <= 2).mean():.1f}\\,\\%",
        "agreement.groups": len(groups),
        "agreement.worst_group": groups["group_z"].abs().max(),
        "agreement.combined": many["group_z"].sum() / np.sqrt(len(many)),
        "agreement.experiments": len(many),
        "agreement.worst": worst["z"],
        "agreement.worst_deviation": f"${100 * worst['deviation']:+.0f}\\,\\%$",
        "agreement.worst_experiment": code(worst["experiment"]),
        "agreement.worst_rule": code(worst["ridge_rule"]),
        "agreement.worst_n": worst["generation"],
        "agreement.worst_T": worst["samples"],
        "agreement.few_deviation": at_most(points.loc[few, "deviation"].abs().max()),
        "agreement.few_z": points.loc[few, "z"].abs().max(),
        "agreement.pooled": len(pooled),
        "agreement.pooled_share": f"{100 * (1 - len(lost) / len(pooled)):.1f}\\,\\%",
        "agreement.strays": len(lost),
        "agreement.stray_scatter": f"{100 * scatter.median():.0f}\\,\\%" if len(lost) else "none",
        "agreement.stray_experiments": " and ".join(map(code, where)) or "none",
        "agreement.stray_generations": ", ".join(map(str, sorted(set(lost["generation"]))))
        or "none",
        "agreement.repeat_replicates": again["replicates"].max(),
        "agreement.repeat_worst": again["z"].abs().max(),
        "agreement.repeat_deviation": f"{100 * again['deviation'].abs().max():.1f}\\,\\%",
    }


def to_macros(values: dict[str, str]) -> str:
    r"""TeX that defines each value for \val{name}."""
    return "".join(f"\\defval{{{name}}}{{{text}}}\n" for name, text in sorted(values.items()))
