"""Every number that the paper's prose states, by name: read off results and config."""

import numpy as np
import pandas as pd

from model_collapse.exponents import ell_crit
from pipeline.grids import sample_sizes
from pipeline.tables import escape, measured, number, setting

LEFT = {"fig1a_ridge": "fixed", "fig1b_ell": "ell", "fig2a_ridge": "fixed", "fig2b_ridge": "fixed"}
"""Experiments at one T that the text speaks of, with their ridge rule."""
RIGHT = {
    "fig1a_samples": ("fixed",),
    "fig1b_samples": ("ell_crit", "effective", "smooth", "best"),
    "fig2a_samples": ("fixed",),
    "fig2b_samples": ("fixed",),
}
"""Experiments over T that the text speaks of, with the ridge rules that it needs."""
KERNEL = ("fig4_rbf", "fig4_rbf_unit", "fig4_polynomial", "fig4_polynomial_unit")


def check_text(config: dict) -> None:
    """Raise ValueError if the config lacks something that the paper's text speaks of."""
    regression, kernel = config["experiments"], config["kernel_experiments"]
    for section, names in (("experiments", [*LEFT, *RIGHT]), ("kernel_experiments", KERNEL)):
        for name in names:
            if name not in config[section]:
                raise ValueError(f"{section}.{name}: the paper's text needs this experiment")
            generations = config[section][name]["generations"]
            if 0 not in generations or max(generations) == 0:
                raise ValueError(
                    f"{section}.{name}.generations: the paper's text needs 0 and one n ≥ 1"
                )
    for name in LEFT:
        if not isinstance(regression[name]["samples"], int):
            raise ValueError(f"experiments.{name}.samples: the paper's text needs a single T here")
    wanted = {name: (rule,) for name, rule in LEFT.items()} | RIGHT
    wanted |= dict.fromkeys(KERNEL, ("ell_crit", "ell_star"))
    for name, rules in wanted.items():
        present = (regression | kernel)[name]["ridge_rules"]
        if not set(rules) <= set(present):
            raise ValueError(f"{name}.ridge_rules: the paper's text needs {', '.join(rules)}")
    for name in ("fig1a_samples", "fig2a_samples", "fig2b_samples"):
        if not isinstance(regression[name]["ridge"], int | float):
            raise ValueError(f"experiments.{name}.ridge: the paper's text needs a single λ here")


def prose_numbers(
    config: dict,
    simulated: dict[str, pd.DataFrame],
    theory: dict[str, pd.DataFrame],
    null_risks: dict[str, float],
    points: pd.DataFrame,
    panels: pd.DataFrame,
    images: dict,
) -> dict[str, str]:
    """TeX by name, e.g. "fig1b.null", from the points and panels of the agreement table.

    The config must have passed check_text.
    """
    values: dict[str, object] = {"seed": config["seed"]}
    for name in ("fig1a", "fig2a", "fig2b"):
        values |= _sweeps(name, config, simulated, theory)
    values |= _adaptive(config, simulated, theory) | {"fig1b.null": null_risks["fig1b_samples"]}
    values |= _kernels(config, simulated, images)
    values |= _agreement(points, panels)
    return {name: v if isinstance(v, str) else number(v) for name, v in values.items()}


def _settings(name: str, block: dict) -> dict:
    return {
        f"{name}.d": block["spectrum"]["d"],
        f"{name}.T0": block["generator_samples"],
        f"{name}.sigma": setting(block["noise"]),
        f"{name}.sigma0": setting(block["generator_noise"]),
        f"{name}.replicates": block["replicates"],
        f"{name}.generations": ", ".join(map(str, block["generations"])),
        f"{name}.n_max": max(block["generations"]),
    }


def _sweeps(name: str, config: dict, simulated: dict, theory: dict) -> dict:
    """Figures 1a, 2a and 2b: the valley of the ridge sweep and the end of the sweep over T."""
    left, right = config["experiments"][f"{name}_ridge"], config["experiments"][f"{name}_samples"]
    values = _settings(name, left) | {
        f"{name}.T": left["samples"],
        f"{name}.ridge": setting(right["ridge"]),
        f"{name}.T_max": max(sample_sizes(right["samples"])),
    }
    curve = theory[f"{name}_ridge"]
    for key, n in (("clean", 0), ("last", max(left["generations"]))):
        rows = curve[curve["generation"] == n]
        best = rows.loc[rows["risk"].idxmin()]
        values |= {f"{name}.best_ridge_{key}": best["ridge"], f"{name}.best_{key}": best["risk"]}
    risks, predicted = simulated[f"{name}_samples"], theory[f"{name}_samples"]
    d, size = right["spectrum"]["d"], right["generator_samples"]
    shown = [n for n in right["generations"] if n > 0]
    for key, n in (("first", min(shown)), ("last", max(shown))):
        end = risks[(risks["samples"] == risks["samples"].max()) & (risks["generation"] == n)]
        limit = predicted[
            (predicted["samples"] == end["samples"].iloc[0]) & (predicted["generation"] == n)
        ]
        eta = min(size / d, 1.0)
        values |= {
            f"{name}.n_{key}": n,
            f"{name}.end_{key}": measured(end["risk"].iloc[0], end["risk_se"].iloc[0]),
            f"{name}.end_theory_{key}": limit["risk"].iloc[0],
            f"{name}.lost_{key}": 1 - eta if right["shared_design"] else 1 - eta**n,
        }
        if size > d:
            values[f"{name}.ceiling_{key}"] = n * right["generator_noise"] ** 2 * d / (size - d)
    return values | {f"{name}.eta": setting(size / d)}


def _adaptive(config: dict, simulated: dict, theory: dict) -> dict:
    """Figure 1b: the rising error at ℓ_crit, its ceiling, and what the corrected rules reach."""
    block = config["experiments"]["fig1b_samples"]
    law, n = block["spectrum"], max(block["generations"])
    first = min(g for g in block["generations"] if g > 0)
    curve = theory["fig1b_samples"]
    by_point = curve.set_index(["ridge_rule", "generation", "samples"])["risk"].sort_index()
    at = config["experiments"]["fig1b_ell"]["samples"]
    near = min(sample_sizes(block["samples"]), key=lambda size: abs(np.log(size / at)))
    rising = by_point["ell_crit", first]
    values = _settings("fig1b", block) | {
        "fig1b.beta": setting(law["beta"]),
        "fig1b.r": setting(law["r"]),
        "fig1b.ell_crit": setting(ell_crit(law["beta"], law["r"])),
        "fig1b.T": at,
        "fig1b.T_near": near,
        "fig1b.T_max": max(sample_sizes(block["samples"])),
        "fig1b.T_theory": curve["samples"].max(),
        "fig1b.n_first": first,
        "fig1b.lowest_first": rising.min(),
        "fig1b.lowest_first_T": rising.idxmin(),
        "fig1b.theory_end_first": rising.loc[curve["samples"].max()],
    }
    d, size = law["d"], block["generator_samples"]
    values["fig1b.ceiling_first"] = first * block["generator_noise"] ** 2 * d / (size - d)
    for rule in block["ridge_rules"]:
        values[f"fig1b.{rule}_last"] = by_point[rule, n, near]
    large = curve[(curve["samples"] >= size) & (curve["generation"] > 0)]
    wide = large.pivot_table(index=["generation", "samples"], columns="ridge_rule", values="risk")
    for rule in ("effective", "smooth"):
        excess = 100 * (wide[rule] / wide["best"] - 1).max()
        values[f"fig1b.{rule}_excess"] = f"{excess:.0f}\\,\\%"
    return values


def _kernels(config: dict, simulated: dict, images: dict) -> dict:
    """Figure 4: the largest T, both exponents, the cleanest and the last generation."""
    values: dict[str, object] = {"fig4.images": escape(images["description"])}
    for name in KERNEL:
        block, table = config["kernel_experiments"][name], simulated[name]
        n = max(block["generations"])
        sizes = block["sizes"][images["name"]]
        exponent = ell_crit(block["beta"], block["r"])
        end = table[table["samples"] == table["samples"].max()]
        values |= {
            f"{name}.T_max": table["samples"].max(),
            f"{name}.T0": sizes["generator_samples"],
            f"{name}.gamma": setting(block["kernel"]["gamma"]),
            f"{name}.beta": setting(block["beta"]),
            f"{name}.r": setting(block["r"]),
            f"{name}.ell_crit": exponent,
            f"{name}.generator_ridge": sizes["generator_samples"] ** -exponent,
            f"{name}.n_max": n,
            f"{name}.sigma": setting(block["noise"]),
            f"{name}.replicates": block["replicates"],
            f"{name}.worst_se": number(table["risk_se"].max(), 2),
        }
        for rule in block["ridge_rules"]:
            for key, generation in (("clean", min(block["generations"])), ("last", n)):
                row = end[(end["ridge_rule"] == rule) & (end["generation"] == generation)].iloc[0]
                values[f"{name}.{rule}_{key}"] = measured(row["risk"], row["risk_se"])
    return values


def _agreement(points: pd.DataFrame, panels: pd.DataFrame) -> dict:
    """How far the simulated means of all Gaussian experiments lie from theory."""
    z = points["z"].abs()
    worst = points.loc[z.idxmax()]
    return {
        "agreement.points": len(points),
        "agreement.share": f"{100 * (z <= 2).mean():.1f}\\,\\%",
        "agreement.worst": z.max(),
        "agreement.worst_experiment": f"\\texttt{{{escape(worst['experiment'])}}}",
        "agreement.panels": len(panels),
        "agreement.worst_panel": panels["panel_z"].abs().max(),
        "agreement.worst_n": worst["generation"],
        "agreement.worst_T": worst["samples"],
        "agreement.few_deviation": f"{100 * _largest(points[points['samples'] <= 10]):.0f}\\,\\%",
        "agreement.many_deviation": f"{100 * _largest(points[points['samples'] > 10]):.0f}\\,\\%",
    }


def _largest(points: pd.DataFrame) -> float:
    return points["deviation"].abs().max() if len(points) else 0.0


def to_macros(values: dict[str, str]) -> str:
    r"""TeX that defines each value for \val{name}."""
    return "".join(f"\\defval{{{name}}}{{{text}}}\n" for name, text in sorted(values.items()))
