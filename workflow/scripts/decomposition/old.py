"""A block of ``decompositions`` in the config: bias, variance and collapse by generation."""

import math
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from model_collapse.equivalents import Fit, require_shareable
from model_collapse.protocol import TERMS
from model_collapse.spectra import Spectrum
from model_collapse.theory import (
    bias_increase,
    chain_risk,
    collapse_rate,
    expected_norm,
    growing_samples,
)
from scripts.regression.old import spectrum_of


@dataclass(frozen=True)
class Decomposition:
    """One chain with one downstream fit, followed from generation 0 to ``generations``."""

    name: str
    block: dict

    @cached_property
    def spectrum(self) -> Spectrum:
        """Σ and w0."""
        return spectrum_of(self.block["spectrum"])

    @property
    def shared_design(self) -> bool:
        """Whether all generators see one design X_0."""
        return self.block["shared_design"]

    @cached_property
    def generators(self) -> list[Fit]:
        """All generators, first to last; with ``growth`` on T0·m·log²m samples, rounded up."""
        size, noise = self.block["generator_samples"], self.block["generator_noise"]
        sizes = [size] * self.block["generations"]
        if self.block["growth"]:
            sizes = [math.ceil(growing_samples(size, m + 1)) for m in range(len(sizes))]
        return [Fit(samples, self.block["generator_ridge"], noise) for samples in sizes]

    @property
    def downstream(self) -> Fit:
        """The fit that is tested."""
        return Fit(self.block["samples"], self.block["ridge"], self.block["noise"])

    @property
    def paper_rate(self) -> float:
        """ρ of eq (18), which the paper multiplies with nσ0²."""
        return collapse_rate(self.spectrum, self.block["generator_samples"], self.downstream)

    def predict(self) -> pd.DataFrame:
        """TERMS of each generation by the recursion, and the paper's nσ0²ρ where it has one."""
        rows = []
        ridge, noise = self.block["generator_ridge"], self.block["generator_noise"]
        constant = ridge == 0 and not self.block["growth"]
        for n in range(len(self.generators) + 1):
            chain, shared = self.generators[:n], self.shared_design
            risk = chain_risk(self.spectrum, chain, self.downstream, shared_design=shared)
            increase = bias_increase(self.spectrum, chain, self.downstream, shared_design=shared)
            norm = expected_norm(self.spectrum, chain, shared_design=shared)
            paper = n * noise**2 * self.paper_rate if constant else math.nan
            rows.append((n, risk.bias, risk.variance, risk.collapse, increase, norm, paper))
        return pd.DataFrame(rows, columns=["generation", *TERMS, "paper_collapse"])

    def check(self) -> None:
        """Raise ValueError, naming the key, for a block that makes no sense."""
        where, block, d = f"decompositions.{self.name}", self.block, self.block["spectrum"]["d"]
        if block["shared_design"]:
            try:
                require_shareable(self.generators)
            except ValueError as error:
                raise ValueError(f"{where}.shared_design: {error}") from None
        fits = [("samples", self.downstream), *(("generator_samples", g) for g in self.generators)]
        for key, fit in fits:
            if fit.ridge == 0 and abs(fit.samples - d) <= 1:
                raise ValueError(
                    f"{where}.{key}: {fit.samples} is within 1 of d = {d}, where a fit with λ = 0 "
                    f"has no finite mean error; take a positive ridge or another size"
                )
