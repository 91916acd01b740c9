"""A block of ``experiments`` in the config as the objects of the library."""

from dataclasses import dataclass
from functools import cached_property

from model_collapse.equivalents import Fit
from model_collapse.spectra import Spectrum, isotropic, power_law, two_level
from scripts.core.grids import sample_sizes


def spectrum_of(problem: dict) -> Spectrum:
    """Σ and w0 of a block ``spectrum``."""
    if problem["name"] == "isotropic":
        return isotropic(problem["d"], problem.get("norm", 1.0), problem.get("seed", 0))
    if problem["name"] == "two_level":
        return two_level(problem["d"], problem["weak_eigenvalue"], problem["weak_weight"])
    return power_law(problem["d"], problem["beta"], problem["r"])


@dataclass(frozen=True)
class Experiment:
    """A Gaussian regression experiment: one block of ``experiments`` in the config."""

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

    @property
    def generations(self) -> list[int]:
        """n, in the config's order."""
        return self.block["generations"]

    def generators(self, generation: int) -> list[Fit]:
        """The fits that make generation n: n of them."""
        block = self.block
        fit = Fit(block["generator_samples"], block["generator_ridge"], block["generator_noise"])
        return [fit] * generation

    def sizes(self, refine: int = 1, extend: bool = False) -> list[int]:
        """T of the sweep, ascending; ``extend`` goes on to theory_samples_to."""
        grid = self.block["samples"]
        if extend and isinstance(grid, dict) and "theory_samples_to" in self.block:
            grid = {**grid, "to": max(grid["to"], self.block["theory_samples_to"])}
        return sorted({*sample_sizes(grid, refine), *sample_sizes(self.block["samples"])})
