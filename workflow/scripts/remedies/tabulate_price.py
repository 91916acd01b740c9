"""The price of real data: fresh real rows, given to the last fit alone, that buy back a generation.

With so many beside its own T0 synthetic ones, model n + 1 has the error that model n has without.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from itertools import product
from math import ceil

import pandas as pd
from scipy.optimize import brentq

from model_collapse.mixtures.groups import Generation, Group, Protocol
from model_collapse.mixtures.simulation import simulate_errors
from model_collapse.mixtures.theory import expected_errors
from model_collapse.mixtures.tuning import BOUNDS, lowest
from model_collapse.problem.spectra import Spectrum
from model_collapse.statistics import standard_error
from scripts.output.formats import code, in_brackets, number
from scripts.output.tables import Column, Table, with_error
from scripts.remedies.catalogue import Budget
from scripts.remedies.predict_remedies import real_only
from scripts.remedies.settings import Price, Setting
from scripts.step.job import job

RIDGES = {"none": r"$\lambda=0$", "fixed": "fixed", "tuned": "tuned"}
SMALLEST_RIDGE = BOUNDS[0]  # stands for no ridge, so that T0 and real rows may add up to d
LIGHTER, HEAVIER = 0.05, 1e4  # bounds of a tuned ridge, in units of the best for one real batch
STEP = 2  # ratio of the numbers of rows that bracket a price

share = partial(number, digits=2)
PRICES = Table(
    Column("problem", "", code, align="l", once=True),
    Column("size", "$T_0/d$", "{:g}".format, once=True, also=["problem"]),
    Column("ridge", "ridge", RIDGES.get, align="l", once=True),
    Column("generation", "$n$"),
    Column("worth", "worth", share),
    Column("price", "price", share),
    *with_error("bought", "simulated", partial(in_brackets, sign=False)),
    Column("price_weighted", "weighted", share),
    apart=["problem", "size"],
)


def bought(b: Budget, n: int, ridge: float, rows: float = 0, weight: float = 1) -> Protocol:
    """Replace, but the last fit has real rows too, each of a weight beside the synthetic ones."""

    def generation(k: int) -> Generation:
        real = Group(rows if k == n + 1 > 1 else 0, 0, b.noise, weight)
        return Generation([Group(b.samples, k - 1, b.noise), real], ridge)

    return generation


@dataclass(frozen=True)
class Pricing:
    """A problem, a budget, and one of RIDGES: none, the best for one real batch or for each E_n."""

    spectrum: Spectrum
    budget: Budget
    rule: str

    @cached_property
    def condensed(self) -> Spectrum:
        """The problem as theory takes it."""
        return self.spectrum.condensed()

    @cached_property
    def fixed(self) -> float:
        """The ridge that does not depend on n."""
        return SMALLEST_RIDGE if self.rule == "none" else self.alone(1)[0]

    def alone(self, share: float) -> tuple[float, float]:
        """The best ridge of a fit to real rows alone, a share of T0, and its error."""
        return real_only(self.condensed, share * self.budget.samples, self.budget.noise)

    def best(self, n: int, *real: float) -> tuple[float, float]:
        """The ridge and E_n with rows and weight of ``bought``."""

        def error(ridge: float) -> float:
            return expected_errors(self.condensed, bought(self.budget, n, ridge, *real), n)[-1]

        ridge = self.fixed
        if self.rule == "tuned":
            ridge = lowest(error, (ridge * LIGHTER, ridge * HEAVIER))
        return ridge, error(ridge)

    def price(self, n: int, weight: float = 1) -> float:
        """The fewest rows, a share of T0, at which E_n is E_{n−1}."""
        _, goal = self.best(n - 1)
        null = self.spectrum.null_risk

        def excess(share: float) -> float:
            return self.best(n, share * self.budget.samples, weight)[1] - goal

        few, many = 0.0, 1 / self.budget.samples
        if excess(few) <= 1e-4 * goal + 1e-12 * null:  # nothing is left, or nothing was lost
            return 0.0
        while excess(many) > 0:
            few, many = many, many * STEP
        return brentq(excess, few, many, rtol=1e-3)

    def worth(self, n: int) -> float:
        """The real rows, a share of T0, whose fit at its best ridge has the error E_n."""
        _, error = self.best(n)
        least = 1e-3
        if error >= self.alone(least)[1]:  # no better than the null predictor, or hardly
            return 0.0
        if error <= self.alone(1)[1]:
            return 1.0
        return brentq(lambda share: self.alone(share)[1] - error, least, 1, rtol=1e-3)

    def simulated(self, n: int, share: float, replicates: int, seed: str) -> dict[str, float]:
        """E_n with so many rows, rounded, over E_{n−1}, paired over replicates."""
        rows = round(share * self.budget.samples)
        errors = []
        for m, real in ((n, (rows,)), (n - 1, ())):
            protocol = bought(self.budget, m, self.best(m, *real)[0], *real)
            draws = {"replicates": replicates, "seed": seed}
            errors.append(simulate_errors(self.spectrum, protocol, m, **draws)[:, -1])
        with_real, before = errors
        ratio = with_real.mean() / before.mean()
        error = standard_error(with_real - ratio * before) / before.mean()
        return {"bought": ratio, "bought_se": error}


def tabulated_prices(block: Price, regimes: dict[str, Setting], seed: str) -> pd.DataFrame:
    """Worth, prices in shares of T0, and their simulation, for each problem, size and ridge."""
    rows = []
    for name, regime in regimes.items():
        spectrum = regime.spectrum.build()
        for size, rule, n in product(block.sizes, RIDGES, block.generations):
            budget = Budget(ceil(size * regime.samples), 0, regime.noise)
            pricing = Pricing(spectrum, budget, rule)
            row = {"problem": name, "ridge": rule, "generation": n}
            row["size"] = budget.samples / spectrum.dimension
            row |= {"worth": pricing.worth(n), "price": (price := pricing.price(n))}
            draws = (block.replicates, f"{seed}/{name}/{size}/{rule}/{n}")
            row |= pricing.simulated(n, price, *draws)
            rows.append(row | {"price_weighted": pricing.price(n, n + 1)})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        output = snakemake.output
        regimes = {name: Setting(**block) for name, block in params.regimes.items()}
        table = tabulated_prices(Price(**params.block), regimes, params.seed)
        PRICES.write(table, output.remedies_price, output.remedies_price_tex)
        log.info("%d prices", len(table))
