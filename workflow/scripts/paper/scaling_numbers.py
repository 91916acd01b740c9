"""Numbers of the paper's prose about scaling laws, decompositions, fake labels and the ledger."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_collapse.slopes import standard_error
from scripts.core.formats import measured, number, setting, significant
from scripts.core.symbols import to_math
from scripts.decomposition.tables import growth_sum


@dataclass(frozen=True)
class Findings:
    """The tables that the prose speaks of, by the names of their csv, and the config."""

    config: dict
    clean: pd.DataFrame
    collapsed: pd.DataFrame
    crossover: pd.DataFrame
    slopes: pd.DataFrame
    kernel_growth: pd.DataFrame
    universality: pd.DataFrame
    claims: pd.DataFrame
    predicted_labels: pd.DataFrame
    simulated_labels: pd.DataFrame
    saturating: pd.DataFrame
    saturating_terms: np.ndarray


def scaling_numbers(found: Findings) -> dict[str, str]:
    """TeX by name, e.g. "scaling.cells"."""
    values = _exponents(found) | _generations(found) | _labels(found)
    values |= _images(found) | _ledger(found)
    return {name: v if isinstance(v, str) else number(v) for name, v in values.items()}


def _exponents(found: Findings) -> dict:
    both = pd.concat([found.clean, found.collapsed], ignore_index=True)
    fine = both[both["asymptotic"]]
    clean, collapsed = found.config["scaling"]["clean"], found.config["scaling"]["collapsed"]
    noiseless = found.collapsed[found.collapsed["sigma"] == 0]
    star = noiseless[noiseless["ell_rule"] == "ell_star"]
    wrong = (star["printed"] - star["corrected"]).abs() > 1e-9
    crossover, z = found.crossover, both["z"].abs()
    gap = (crossover["simulated"] - crossover["theory_at_simulated"]).abs()
    drift = (both["theory_at_simulated"] - both["theory"]).abs()
    return {
        "scaling.cells": len(both),
        "scaling.laws": len(found.config["scaling"]["laws"]),
        "scaling.drift": setting(found.config["scaling"]["largest_drift"]),
        "scaling.not_asymptotic": int((~both["asymptotic"]).sum()),
        "scaling.why": _reasons(both),
        "scaling.error_low_r": f"{fine.loc[fine['r'] < 1, 'error'].abs().max():.3f}",
        "scaling.error_high_r": f"{fine.loc[fine['r'] > 1, 'error'].abs().max():.3f}"
        if (fine["r"] > 1).any()
        else "none",
        "scaling.d_from": setting(collapsed["windows"][-1][0]),
        "scaling.d_to": setting(collapsed["windows"][-1][1]),
        "scaling.clean_d": setting(clean["dimension"]),
        "scaling.clean_from": setting(clean["windows"][-1][0]),
        "scaling.clean_to": setting(clean["windows"][-1][1]),
        "scaling.simulated_from": min(collapsed["simulated"]["dimensions"]),
        "scaling.simulated_to": max(collapsed["simulated"]["dimensions"]),
        "scaling.simulated_T_from": min(clean["simulated"]["samples"]),
        "scaling.simulated_T_to": max(clean["simulated"]["samples"]),
        "scaling.simulated_d": clean["simulated"]["dimension"],
        "scaling.replicates": collapsed["simulated"]["replicates"],
        "scaling.clean_replicates": clean["simulated"]["replicates"],
        "scaling.within_3": f"{100 * (z <= 3).mean():.0f}\\,\\%",
        "scaling.largest_z": z.max(),
        "scaling.finite_size": f"{drift.max():.2f}",
        "scaling.pairs": len(collapsed["pairs"]),
        "scaling.wrong": int(wrong.sum()),
        "scaling.star_cells": len(star),
        "crossover.cells": len(crossover),
        "crossover.gap": f"{gap.max():.2f}",
        "crossover.largest_z": crossover["z"].abs().max(),
        "crossover.beta": setting(found.config["scaling"]["crossover"]["law"]["beta"]),
        "crossover.r": setting(found.config["scaling"]["crossover"]["law"]["r"]),
        "crossover.d_to": setting(found.config["scaling"]["crossover"]["windows"][-1][1]),
        "crossover.replicates": found.config["scaling"]["crossover"]["simulated"]["replicates"],
    }


def _reasons(cells: pd.DataFrame) -> str:
    """Why cells are not asymptotic, with the number of cells of each reason."""
    counts = cells.loc[~cells["asymptotic"], "why_not_asymptotic"].value_counts(sort=False)
    parts = [f"{to_math(reason)} ({count} cells)" for reason, count in counts.items()]
    return "; ".join(parts).replace("(1 cells)", "(1 cell)") or "none"


def _generations(found: Findings) -> dict:
    shown = found.config["generation_tables"]
    blocks = [found.config["decompositions"][name] for name in shown["decomposition"]]
    first, last = blocks[0], found.saturating.iloc[-1]
    collapse = found.saturating_terms[:, -1, 2]
    error = standard_error(collapse)
    slopes = [found.config["decompositions"][name] for name in shown["slopes"]]
    over = blocks[-1]
    return {
        "decomposition.d": first["spectrum"]["d"],
        "decomposition.T0_under": first["generator_samples"],
        "decomposition.T0_over": over["generator_samples"],
        "decomposition.T": first["samples"],
        "decomposition.ridge": setting(first["ridge"]),
        "decomposition.sigma": setting(first["noise"]),
        "decomposition.sigma0": setting(first["generator_noise"]),
        "decomposition.replicates": first["replicates"],
        "decomposition.n": int(last["generation"]),
        "decomposition.collapse": measured(float(collapse.mean()), float(error)),
        "decomposition.collapse_theory": last["collapse"],
        "decomposition.collapse_paper": last["paper_collapse"],
        "slopes.worst": f"{100 * found.slopes['deviation'].abs().max():.2f}\\,\\%",
        "slopes.replicates": slopes[0]["replicates"],
        "slopes.generations": slopes[0]["generations"],
        "growing.limit": growth_sum(0.0, np.inf),
        "growing.half": growth_sum(0.5, np.inf),
    }


def _labels(found: Findings) -> dict:
    block, table = found.config["fake_labels"], found.predicted_labels
    ratio = table["risk_1"] / table["risk_0"]
    fixed, tuned = ratio[~table["tuned"]], ratio[table["tuned"]]
    best = table.loc[fixed.idxmin()]
    dots = found.simulated_labels[~found.simulated_labels["tuned"]]
    least = dots.loc[(dots["risk_1"] / dots["risk_0"]).idxmin()]
    after = found.simulated_labels[found.simulated_labels["tuned"]]
    harm = (after["difference"] / after["difference_se"].clip(lower=1e-12)).min()
    return {
        "labels.d": block["d"],
        "labels.T0": block["generator_samples"],
        "labels.ridge": setting(block["ridge"]),
        "labels.replicates": block["replicates"],
        "labels.cells": len(dots),
        "labels.fixed_best": f"{fixed.min():.2f}",
        "labels.fixed_best_T": int(best["samples"]),
        "labels.simulated_ratio": f"{least['risk_1'] / least['risk_0']:.2f}",
        "labels.simulated_T": int(least["samples"]),
        "labels.simulated_z": f"{least['difference'] / least['difference_se']:.0f}",
        "labels.helped": f"{100 * (fixed < 1 - 1e-6).mean():.0f}\\,\\%",
        "labels.tuned_best": f"{tuned.min():.4f}",
        "labels.tuned_z": significant(float(harm), 2),
        "labels.eigenvalue": setting(block["over_weak_weight"]["weak_eigenvalue"]),
    }


def _images(found: Findings) -> dict:
    values, table = {}, found.universality
    for name, rows in table.groupby("experiment"):
        deviation = rows["median_deviation"]
        values |= {
            f"{name}.theory_clean": _percent(rows.iloc[0]["median_deviation"]),
            f"{name}.theory_last": _percent(rows.iloc[-1]["median_deviation"]),
            f"{name}.theory_worst": _percent(deviation.loc[deviation.abs().idxmax()]),
            f"{name}.theory_at_T": _percent(rows.iloc[0]["last_deviation"]),
            f"{name}.half_at_T": _percent(
                rows.iloc[0]["last_simulated"] / rows.iloc[0]["last_theory_half"] - 1
            ),
        }
    sizes = next(iter(found.config["kernel_experiments"].values()))["sizes"]
    values["universality.images_mnist"] = sizes["mnist"]["spectrum_images"]
    values["universality.images_digits"] = sizes["digits"]["spectrum_images"]
    growth = found.kernel_growth
    concave = growth["quadratic"] < -2 * growth["quadratic_se"]
    values["growth.rows"] = len(growth)
    values["growth.concave"] = int(concave.sum())
    convex = growth["quadratic"] > 2 * growth["quadratic_se"]
    values["growth.convex"] = str(int(convex.sum())) if convex.any() else "none"
    return values


def _ledger(found: Findings) -> dict:
    claims = found.claims
    counts = claims["verdict"].value_counts()
    errata = claims[claims["erratum"].notna() & (claims["erratum"] != "")]
    return {
        "ledger.rows": len(claims),
        "ledger.points": int(claims["checks"].sum()),
        "ledger.holds": int(counts.get("holds", 0)),
        "ledger.corrected": int(counts.get("holds as corrected", 0)),
        "ledger.false": int(counts.get("false", 0)),
        "ledger.untested": int(counts.get("not testable", 0)),
        "ledger.errata": int(errata["erratum"].nunique()),
        **{
            f"claim.{row.claim}": measured(row.measured, row.standard_error)
            for row in claims.itertuples()
            if row.verdict != "not testable"
        },
        **{
            f"claim.{row.claim}.{key}": text
            for row in claims.itertuples()
            if row.verdict != "not testable"
            for key, text in (
                ("printed", significant(row.predicted)),
                ("point", to_math(row.point)),
            )
        },
    }


def _percent(value: float) -> str:
    return f"${100 * value:+.0f}\\,\\%$"
