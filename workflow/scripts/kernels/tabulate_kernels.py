"""Kernel tables: capacity and source exponents (7), growth in n (8), where theory fails, and
ℓ⋆ against ℓ_crit.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from model_collapse.problem.spectra import Spectrum
from model_collapse.statistics import fit_exponent, in_window, mean_slope
from scripts.kernels.settings import KernelGenerators
from scripts.output.formats import code, in_brackets, measured, number, percent
from scripts.output.tables import Column, Table, mean_of, slope_of, with_error
from scripts.step.files import (
    POINT,
    PREDICTED,
    SIMULATED,
    arrays_of,
    named_after,
    read_json,
    read_spectrum,
    tables_of,
)
from scripts.step.job import job

unsigned = partial(in_brackets, sign=False)

EXPONENTS = Table(
    Column("experiment", "", code, align="l"),
    Column("images"),
    Column("rank_from", "ranks", "{:g}--{:g}".format, also=["rank_to"]),
    Column("rank_to"),
    Column("beta_quoted", r"$\beta$ quoted", "{:g}".format),
    *with_error("beta", r"$\beta$ measured", unsigned),
    Column("r_quoted", "$r$ quoted", "{:g}".format),
    *with_error("r", "$r$ measured", unsigned),
)
GROWTH = Table(
    Column("experiment", "", code, align="l"),
    Column("ridge_rule", "rule", code, align="l"),
    Column("samples"),
    Column("last_generation"),
    *with_error("slope", "slope", in_brackets),
    Column("slope_theory", "theory", number),
    Column(None, "of medians", number, also=["median_slope"]),
    *with_error("linear", "linear", in_brackets),
    *with_error("quadratic", "quadratic", in_brackets),
    Column("median_slope"),
)
UNIVERSALITY = Table(
    Column("experiment", "", code, align="l", once=True),
    Column("generation", "$n$"),
    Column("median_deviation", "median dev.", percent),
    Column("largest_deviation", "largest", percent),
    Column(None, "of medians", percent, also=["median_of_medians"]),
    Column("last_samples"),
    *with_error("last_simulated", "at the largest $T$: simulated", unsigned),
    Column("last_theory", "theory", number),
    Column("last_theory_half", "half", number),
    Column("last_deviation", "dev.", percent),
    Column("median_of_medians"),
    apart=["experiment"],
)
RIDGE_RULES = Table(
    Column(None, "experiment", code, also=["experiment"], align="l"),
    Column("samples", "$T$", number),
    Column("generation", "$n$", number),
    Column("ell_crit", r"mean at $\ell_{\mathrm{crit}}$", number),
    Column("ell_star", r"mean at $\ell_\star$", number),
    *with_error("difference", "paired difference", measured),
    Column("median_difference", "its median", "${:+.3f}$".format),
    Column("experiment"),
)


def exponents(
    spectrum: Spectrum, quoted: KernelGenerators, windows: Sequence[Sequence[float]]
) -> Iterator[dict]:
    """Table 7: β from eigenvalues λ_k ∝ k^{−β}, r from the target's power beyond k, Σ_{j≥k} λ_j
    w_j² ∝ k^{−2βr}, in windows of ranks, beside the pair that the paper quotes.

    Raises ValueError for a window with fewer than three ranks.
    """
    ranks = np.arange(1, spectrum.dimension + 1)
    power = spectrum.eigenvalues * spectrum.coefficients**2
    tail = np.cumsum(power[::-1])[::-1]
    for low, high in windows:
        if high > spectrum.dimension:
            continue
        fitted = in_window(ranks, low, high)
        capacity = fit_exponent(ranks[fitted], spectrum.eigenvalues[fitted])
        source = fit_exponent(ranks[fitted], tail[fitted])
        beta = -capacity.value
        r = -source.value / (2 * beta)
        error = np.hypot(source.standard_error, 2 * r * capacity.standard_error) / (2 * beta)
        yield {
            "images": spectrum.dimension,
            "rank_from": low,
            "rank_to": high,
            "beta_quoted": quoted.beta,
            "beta": beta,
            "beta_se": capacity.standard_error,
            "r_quoted": quoted.r,
            "r": r,
            "r_se": error,
        }


def growth(simulated: pd.DataFrame, risks: np.ndarray, theory: pd.DataFrame) -> Iterator[dict]:
    """Table 8: E(n) − E(0) against n at the largest T: to each replicate a line, and a parabola;
    the line of theory beside it.

    ``risks`` is (replicates, points) in the order of ``simulated`` and ``theory``. No rows for
    fewer than three generations.
    """
    last = simulated["samples"].max()
    for rule in simulated["ridge_rule"].unique():
        is_fitted = ((simulated["samples"] == last) & (simulated["ridge_rule"] == rule)).to_numpy()
        n = simulated.loc[is_fitted, "generation"].to_numpy()
        ours = risks[:, is_fitted]
        if len(n) < 3:
            continue
        [line] = mean_slope(n, ours)
        linear, quadratic = mean_slope(n, ours, degree=2)
        yield {
            "ridge_rule": rule,
            "samples": last,
            "last_generation": n.max(),
            **slope_of("slope", line),
            "slope_theory": np.polyfit(n, theory.loc[is_fitted, "risk"], 1)[0],
            **slope_of("linear", linear),
            **slope_of("quadratic", quadratic),
            "median_slope": np.polyfit(n, np.median(ours, axis=0), 1)[0],
        }


def universality(
    simulated: pd.DataFrame, risks: np.ndarray, theory: pd.DataFrame
) -> Iterator[dict]:
    """The deviation of simulation from the recursion on the estimated spectrum, by generation.

    Deviations are (simulated − theory)/theory at ell_crit: median and largest over T, of means and,
    in ``median_of_medians``, of the medians over replicates.
    """
    both = simulated.merge(theory, on=POINT, suffixes=("", "_theory"), validate="1:1")
    # Rows are those of ``simulated`` in order, and so the columns of ``risks``.
    both["deviation"] = both["risk"] / both["risk_theory"] - 1
    both["of_medians"] = np.median(risks, axis=0) / both["risk_theory"] - 1
    for n, points in both[both["ridge_rule"] == "ell_crit"].groupby("generation"):
        last = points.loc[points["samples"].idxmax()]
        yield {
            "generation": n,
            "median_deviation": points["deviation"].median(),
            "largest_deviation": points["deviation"][points["deviation"].abs().idxmax()],
            "last_samples": last["samples"],
            **mean_of("last_simulated", risks[:, last.name]),
            "last_theory": last["risk_theory"],
            "last_theory_half": last["risk_half_the_images"],
            "last_deviation": last["deviation"],
            "median_of_medians": points["of_medians"].median(),
        }


def ridge_rules(
    simulated: pd.DataFrame, risks: np.ndarray, generator_samples: int
) -> Iterator[dict]:
    """Error with ell_star less that with ell_crit, paired over replicates, with standard errors.

    ``risks`` is (replicates, points) in the order of ``simulated``. Rows: the T nearest T0/4 (on a
    logarithmic axis) and the largest, each at the first and the last generation; no rows unless
    both rules are there.
    """
    if not {"ell_star", "ell_crit"} <= set(simulated["ridge_rule"]):
        return
    points = simulated.reset_index().set_index(["samples", "generation", "ridge_rule"])["index"]
    sizes = simulated["samples"].unique()
    n = simulated["generation"]
    small = sizes[np.argmin(np.abs(np.log(sizes / (generator_samples / 4))))]
    for samples, generation in product((small, sizes.max()), (n.min(), n.max())):
        star, crit = (
            risks[:, points[samples, generation, rule]] for rule in ("ell_star", "ell_crit")
        )
        yield {
            "samples": samples,
            "generation": generation,
            "ell_crit": crit.mean(),
            "ell_star": star.mean(),
            **mean_of("difference", star - crit),
            "median_difference": np.median(star - crit),
        }


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        output = snakemake.output
        spectra = {name: read_spectrum(path) for name, path in named_after(files.problems).items()}
        simulated = tables_of(files.simulated, SIMULATED)
        theory = tables_of(files.theory, PREDICTED)
        risks = arrays_of(files.replicates, "risks")
        blocks = {name: KernelGenerators(**block) for name, block in params.blocks.items()}
        images = read_json(files.source)["name"]
        sizes = {name: block.on(images).generator_samples for name, block in blocks.items()}
        by_window = partial(exponents, windows=params.windows)
        for name, table, rows, *by_name in (
            ("kernel_exponents", EXPONENTS, by_window, spectra, blocks),
            ("kernel_growth", GROWTH, growth, simulated, risks, theory),
            ("universality", UNIVERSALITY, universality, simulated, risks, theory),
            ("ridge_rules", RIDGE_RULES, ridge_rules, simulated, risks, sizes),
        ):
            frame = table.of_each(rows, *by_name)
            table.write(frame, output[name], output[f"{name}_tex"])
            log.info("%s: %d rows", name, len(frame))
