"""A block of ``kernel_experiments`` in the config as the objects of the library."""

from dataclasses import dataclass

import pandas as pd

from model_collapse.equivalents import Fit
from model_collapse.exponents import ell_crit
from model_collapse.kernels import Kernel
from scripts.core.grids import POINT, check_grid, sample_sizes

POOL_SIZES = {"mnist": 60_000, "digits": 1_297}
"""Training images of either set; the digits are 1,797 less the 500 held out."""


@dataclass(frozen=True)
class KernelExperiment:
    """Kernel ridge chains on images: one block of ``kernel_experiments`` in the config."""

    name: str
    block: dict

    @property
    def kernel(self) -> Kernel:
        """The kernel."""
        return Kernel(**self.block["kernel"])

    @property
    def generations(self) -> list[int]:
        """n, in the config's order."""
        return self.block["generations"]

    def generator_samples(self, images: str) -> int:
        """T0 for "mnist" or "digits"."""
        return self.block["sizes"][images]["generator_samples"]

    @property
    def ell_crit(self) -> float:
        """ℓ_crit of the quoted β and r."""
        return ell_crit(self.block["beta"], self.block["r"])

    def generators(self, images: str) -> list[Fit]:
        """The fits that make the last generation: ridge T0^{−ℓ_crit}."""
        size = self.generator_samples(images)
        fit = Fit(size, size**-self.ell_crit, self.block["generator_noise"])
        return [fit] * max(self.generations)

    def ridges(self, images: str, samples: int) -> list[float]:
        """λ at T of each ridge rule, in the config's order.

        T^{−ℓ⋆} with ℓ⋆ = b·ℓ_crit and T0 = T^b is the constant T0^{−ℓ_crit}.
        """
        base = {"ell_crit": samples, "ell_star": self.generator_samples(images)}
        return [float(base[rule]) ** -self.ell_crit for rule in self.block["ridge_rules"]]

    def points(self, images: str) -> pd.DataFrame:
        """One row a point, columns POINT, for "mnist" or "digits"."""
        rows = [
            (self.name, n, samples, rule, ridge)
            for samples in sample_sizes(self.block["sizes"][images]["samples"])
            for n in self.generations
            for rule, ridge in zip(
                self.block["ridge_rules"], self.ridges(images, samples), strict=True
            )
        ]
        return pd.DataFrame(rows, columns=POINT)

    def check(self, pools: dict[str, int]) -> None:
        """Raise ValueError, naming the key, for a block that makes no sense, or that asks for
        more training images than ``pools`` has of either set.
        """
        for images, sizes in self.block["sizes"].items():
            where = f"kernel_experiments.{self.name}.sizes.{images}"
            check_grid(f"{where}.samples", sizes["samples"], logarithmic=True)
            largest = max(sizes["generator_samples"], *sample_sizes(sizes["samples"]))
            if largest**-self.ell_crit < 1e-50:
                raise ValueError(
                    f"kernel_experiments.{self.name}.beta: with r = {self.block['r']} the ridge "
                    f"T^-ell_crit vanishes at T = {largest}; lower beta"
                )
            if largest + sizes["spectrum_images"] > pools[images]:
                raise ValueError(
                    f"{where}: {largest} samples and spectrum_images: {sizes['spectrum_images']} "
                    f"need {largest + sizes['spectrum_images']} training images, "
                    f"there are {pools[images]}"
                )
