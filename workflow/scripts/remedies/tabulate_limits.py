"""The table of limits n → ∞: formula and value, the recursion and the simulation at a finite n."""

from functools import partial
from math import inf, sqrt

import pandas as pd

from model_collapse.mixtures.groups import Protocol
from model_collapse.mixtures.limits import (
    accumulate_kept_limit,
    accumulate_limit,
    mix_labels_limit,
    mix_limit,
    mix_ols_limit,
    one_design_limit,
    replace_limit,
    subsample_limit,
)
from model_collapse.mixtures.remedies import (
    accumulate,
    accumulate_kept,
    mix,
    mix_labels,
    replace,
    subsample,
)
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import best_ridges
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import isotropic
from scripts.output.formats import in_brackets, significant
from scripts.output.tables import Column, Table, mean_of, with_error
from scripts.remedies.settings import Limits
from scripts.step.job import job

GOLDEN = (sqrt(5) - 1) / 2  # 1/φ_g


def rows_of(block: Limits) -> list[tuple[str, str, float, Protocol]]:
    """Protocol in words, formula of its limit in TeX, its value, and the protocol itself."""
    d = block.d
    T = block.samples
    ridge = block.ridge
    sigma = block.noise
    phi = d / T
    half = T // 2
    spectrum = isotropic(d)
    return [
        (r"replace, $\lambda=0$", "$(n+1)N$", inf, replace(T, 0, sigma)),
        (r"replace, $\lambda>0$", r"$\Vert w_0\Vert_\Sigma^2+V\tr\Psi^2(1-\Psi^2)^{-1}$",
         replace_limit(spectrum, Fit(T, ridge, sigma)), replace(T, ridge, sigma)),
        ("mix, half of the rows real", r"$\sigma^2\gamma/(q[2-q-\gamma(1-q)])$",
         mix_ols_limit(phi, 0.5, sigma), mix(half, half, 0, sigma)),
        (r"mix, real weight $1/\phi_g$, $\lambda>0$",
         r"$B+\tr h\,(D\sigma^2+\delta_rB)/(1-D\df_2-\cdots)$",
         mix_limit(spectrum, half, half, ridge, sigma, GOLDEN),
         mix(half, half, ridge, sigma, GOLDEN)),
        (r"labels averaged, share $1/\phi_g$", r"$N/\phi_g$",
         mix_labels_limit(phi, GOLDEN, sigma), mix_labels(T, GOLDEN, 0, sigma)),
        ("accumulate", r"$-\sigma^2(\gamma_E+\psi(1-\phi))$",
         accumulate_kept_limit(phi, sigma), accumulate_kept(T, 0, sigma)),
        ("accumulate, one $X$", r"$(\pi^2/6)N$",
         one_design_limit(phi, sigma), accumulate_kept(T, 0, sigma, one_design=True)),
        ("accumulate, all redrawn", r"$(2-\pi^2/6)\sigma^2\phi$, $\phi\to0$",
         accumulate_limit(phi, sigma), accumulate(T, 0, sigma)),
        ("subsample, all redrawn", r"$(\pi^2/6)N$, $\phi\to0$",
         subsample_limit(phi, sigma), subsample(T, 0, sigma)),
    ]  # fmt: skip


def tabulated_limits(block: Limits, seed: str) -> pd.DataFrame:
    """For each protocol: E_∞, its ratio to the error of ``stop``, and E_n by the recursion and by
    simulation.

    The recursion is exact at finite size where the fit is least squares.
    """
    spectrum = isotropic(block.d)
    n = block.generations
    rows = []

    def once(ridge):
        return replace(block.samples, ridge, block.noise)

    stop = expected_errors(spectrum, once(best_ridges(spectrum, once, 0)[0]), 0)[0]
    for name, formula, limit, protocol in rows_of(block):
        exact = protocol(1).ridge == 0
        theory = expected_errors(spectrum.condensed(), protocol, n, finite_size=exact)[-1]
        draws = {"replicates": block.replicates, "seed": f"{seed}/{name}"}
        errors = simulate_errors(spectrum, protocol, n, **draws)[:, -1]
        row = {"protocol": name, "formula": formula, "limit": limit, "over_stop": limit / stop}
        rows.append(row | {"generation": n, "theory": theory} | mean_of("simulated", errors))
    return pd.DataFrame(rows)


LIMITS = Table(
    Column("protocol", "protocol", align="l"),
    Column(None, r"$E_\infty$", str, ["formula"], align="l"),
    Column("limit", "value", significant, may_be_empty=True),
    Column("over_stop", r"$/E_{\mathrm{stop}}$", partial(significant, digits=3), may_be_empty=True),
    Column("generation"),
    Column("theory", "$E_n$, theory", significant),
    *with_error("simulated", "simulated", partial(in_brackets, sign=False)),
)


if __name__ == "__main__":
    with job(snakemake) as log:
        table = tabulated_limits(Limits(**snakemake.params.block), snakemake.params.seed)
        output = snakemake.output
        LIMITS.write(table, output.remedies_limits, output.remedies_limits_tex)
        log.info("%d limits", len(table))
