"""Scaling-law tables 4 to 6: growth in n, projections, growing data and break-even."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from model_collapse.problem.fits import TERMS
from model_collapse.statistics import Slope, mean_slope, standard_error
from model_collapse.theory import paper
from scripts.decomposition.settings import Followed
from scripts.output.formats import code, in_brackets, measured, number, percent, setting
from scripts.output.tables import Column, Table, with_error
from scripts.step.files import arrays_of, tables_of
from scripts.step.job import job


class ChainResults(NamedTuple):
    """A decomposition of the config, its terms (replicates, n+1, TERMS), and theory's table."""

    name: str
    block: Followed
    terms: np.ndarray
    predicted: pd.DataFrame

    @property
    def phi_0(self) -> float:
        """d/T0."""
        return self.block.spectrum.d / self.block.generator_samples

    def values(self, *terms: str) -> np.ndarray:
        """The sum of some TERMS, of each replicate and generation: (replicates, n+1)."""
        return self.terms[:, :, [TERMS.index(term) for term in terms]].sum(axis=2)

    @property
    def slope(self) -> Slope:
        """Slope of E in n."""
        return mean_slope(np.arange(self.terms.shape[1]), self.values(*TERMS[:3]))[0]


def slopes_table(chains: Sequence[ChainResults]) -> pd.DataFrame:
    """Table 4: slope of E in n against σ0²ρ of eq (18), and with T0 − d − 1 for T0 − d."""
    rows = []
    for chain in chains:
        block = chain.block
        d = chain.block.spectrum.d
        size = chain.block.generator_samples
        rate = paper.collapse_rate(block.problem, size, block.downstream)
        rate *= block.generator_noise**2
        finite = rate * (size - d) / (size - d - 1)
        slope = chain.slope
        setting_and_theory = (block.generator_noise, block.samples, block.ridge, rate, finite)
        measured_slope = (*slope, slope.value / finite - 1)
        row = (chain.name, block.spectrum.name, d, size, *setting_and_theory, *measured_slope)
        rows.append(row)
    return pd.DataFrame(rows, columns=SLOPES.names)


def projections_table(chains: Sequence[ChainResults]) -> pd.DataFrame:
    """Table 5: ΔBias and ‖ŵ_n‖² by Thm 4.5 or 4.6 (Σ = I only), by the recursion, simulated."""
    rows = []
    for chain in chains:
        block = chain.block
        d = chain.block.spectrum.d
        size = chain.block.generator_samples
        isotropic = block.spectrum.name == "isotropic"
        design = "shared" if block.shared_design else "independent"
        is_outside = block.generator_ridge or block.generator_noise or block.growth
        norm = float(np.linalg.norm(block.problem.coefficients))
        for n in (n for n in (1, 2, 4, 8, 16) if n <= block.generations):
            squared_norm = increase = np.nan
            if isotropic and not is_outside:
                sizes = [size] if block.shared_design else [size] * n
                squared_norm, increase = paper.independent_designs_limit(d, norm, sizes)
            row = [block.spectrum.words, chain.name, size / d, design, isotropic, n]
            for term, theorem in (("bias_increase", increase), ("squared_norm", squared_norm)):
                theory = chain.predicted[term].iloc[n]
                values = chain.values(term)[:, n]
                row += [theorem, theory, values.mean(), standard_error(values)]
            rows.append(row)
    return pd.DataFrame(rows, columns=["words", *PROJECTIONS.names])


def growing_table(
    growing: Sequence[ChainResults], constant: Sequence[ChainResults]
) -> pd.DataFrame:
    """Table 6: collapse with growing data over that of one generation, then break-even."""
    rows = []
    for chain in growing:
        phi_0 = chain.phi_0
        collapse = chain.values("collapse")
        first = collapse[:, 1].mean()
        for n in (n for n in (1, 2, 10, 100) if n < collapse.shape[1]):
            ratio = collapse[:, n].mean() / first
            error = standard_error(collapse[:, n] - ratio * collapse[:, 1]) / first
            rows.append(("sum", phi_0, n, 1.0, paper.growth_sum(phi_0, n), ratio, error))
        rows.append(("sum", phi_0, np.inf, 1.0, paper.growth_sum(phi_0, np.inf), np.nan, np.nan))
    rows.append(("sum", 0.0, np.inf, 1.0, paper.growth_sum(0.0, np.inf), np.nan, np.nan))
    for chain in constant:
        spectrum = chain.block.problem
        noise = chain.block.generator_noise
        slope = chain.slope
        time = spectrum.null_risk / slope.value
        printed = spectrum.null_risk / noise**2 / (1 / chain.phi_0 - 1)
        corrected = paper.break_even(spectrum, chain.phi_0, noise)
        error = time * slope.standard_error / slope.value
        rows.append(("break-even", chain.phi_0, np.nan, printed, corrected, time, error))
    return pd.DataFrame(rows, columns=GROWING.names)


def _or_dash(value: float, error: float | None = None) -> str:
    if not np.isfinite(value):
        return "--" if np.isnan(value) else r"$\infty$"
    return number(value, 4) if error is None else measured(value, error)


four = partial(number, digits=4)
unsigned = partial(in_brackets, sign=False)
QUANTITIES = {"sum": "collapse at $n$ / at 1", "break-even": "break-even $n$"}
SLOPES = Table(
    Column("decomposition", "", code, align="l"),
    Column("spectrum"),
    Column("d", "$d$"),
    Column("generator_samples", "$T_0$"),
    Column("generator_noise", r"$\sigma_0$", setting),
    Column("samples", "$T$"),
    Column("ridge", r"$\lambda$", setting),
    Column("predicted", r"$\sigma_0^2\rho$", four),
    Column("predicted_finite_size", "finite size", four),
    *with_error("slope", "simulated slope", unsigned),
    Column("deviation", "deviation", partial(percent, decimals=2)),
)
PROJECTIONS = Table(
    Column("decomposition"),
    Column(None, "", also=["words"], align="l", once=True),
    Column(None, "designs", also=["design"], align="l", once=True),
    Column("generator_share", "$T_0/d$", "{:g}".format, once=True),
    Column("design"),
    Column("isotropic"),
    Column("generation", "$n$"),
    Column("bias_increase_theorem", "theorem", _or_dash, may_be_empty=True),
    Column("bias_increase_theory", "recursion", four),
    *with_error("bias_increase", "simulated", unsigned),
    Column("squared_norm_theorem", "theorem", _or_dash, may_be_empty=True),
    Column("squared_norm_theory", "recursion", four),
    *with_error("squared_norm", "simulated", unsigned),
    apart=["decomposition"],
    above=r" & & & & \multicolumn{3}{c}{$\Delta$Bias}"
    r" & \multicolumn{3}{c}{$\mathbb{E}\lVert\widehat w_n\rVert^2$} \\"
    r" \cmidrule(lr){5-7}\cmidrule(lr){8-10}",
)
GROWING = Table(
    Column("quantity", "", QUANTITIES.get, align="l"),
    Column("phi_0", r"$\phi_0$", lambda phi_0: setting(phi_0) if phi_0 else r"$\to 0$"),
    Column("generation", "$n$", _or_dash, may_be_empty=True),
    Column("printed", "printed", number),
    Column("corrected", "corrected", four),
    *with_error("simulated", "simulated", _or_dash, may_be_empty=True),
)


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        output = snakemake.output
        predicted = tables_of(files.theory)
        simulated = arrays_of(files.simulated, "terms")
        chains = {
            name: ChainResults(name, Followed(**block), simulated[name], predicted[name])
            for name, block in params.blocks.items()
        }
        tables = {key: [chains[name] for name in names] for key, names in params.shown.items()}
        SLOPES.write(slopes_table(tables["slopes"]), output.slopes, output.slopes_tex)
        projections = projections_table(tables["projections"])
        PROJECTIONS.write(projections, output.projections, output.projections_tex)
        growing = growing_table(tables["growing"], tables["break_even"])
        GROWING.write(growing, output.growing, output.growing_tex)
        log.info("%d chains", len(chains))
