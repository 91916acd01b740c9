"""Blocks of ``kernel_experiments``: kernel ridge chains on images."""

from typing import Annotated, ClassVar, Literal

from pydantic import model_validator

from model_collapse.problem.fits import Fit
from model_collapse.theory.exponents import ell_crit
from scripts.schema import settings as schema
from scripts.schema.grids import SampleGrid, SampleSteps, sample_sizes, sweep
from scripts.schema.kernels import KernelProblem, SpectrumSizes
from scripts.schema.ridge_rules import RIDGE_RULES
from scripts.schema.settings import SETS, EitherSet, entry

OnImages = Literal[tuple(name for name, rule in RIDGE_RULES.items() if rule.on_images)]


class GeneratorSizes(SpectrumSizes):
    """Images of the generators, too."""

    generator_samples: schema.Count = entry("T0, images of every generator", ge=1)


class ImageSizes(GeneratorSizes):
    """Images of the downstream fits, too."""

    samples: sweep(schema.Samples, SampleGrid, SampleSteps) = entry("T, sample sizes")


class KernelGenerators(KernelProblem):
    """A kernel on images, and how its generators are fitted: with ridge T0^{−ℓ_crit}."""

    beta: schema.Real = entry("capacity exponent, quoted", gt=1)
    r: schema.Real = entry("source exponent, quoted", gt=0)
    generator_noise: schema.Noise = entry(
        "sigma_0, standard deviation of the noise on generators' labels"
    )
    sizes: EitherSet[GeneratorSizes] = entry("sample sizes for either set")

    @property
    def ell_crit(self) -> float:
        """ℓ_crit of the quoted β and r."""
        return ell_crit(self.beta, self.r)

    @property
    def generator_samples(self) -> dict[str, int]:
        """T0 on either set of images."""
        return {images: self.on(images).generator_samples for images in SETS}

    def generators(self, images: str, generation: int) -> list[Fit]:
        """The fits that make a generation, as many as its number."""
        size = self.on(images).generator_samples
        return [Fit(size, size**-self.ell_crit, self.generator_noise)] * generation


class KernelSweep(KernelGenerators):
    """Generators on images, and the downstream fits to their labels."""

    noise: schema.Noise = entry("sigma, standard deviation of the noise on downstream labels")
    generations: schema.Generations = entry("generations n to show; 0 trains on clean data")
    ridge_rules: Annotated[list[OnImages], schema.Distinct] = entry(
        "how the downstream ridge is chosen", min_length=1
    )
    sizes: EitherSet[ImageSizes] = entry("sample sizes for either set")

    @model_validator(mode="after")
    def _ridge_is_a_number(self):
        largest = max(map(self.largest, SETS))
        if largest**-self.ell_crit < schema.SMALLEST:
            raise ValueError(
                f"beta: with r = {self.r:g} the ridge T^-ell_crit vanishes at T = {largest}; "
                f"lower beta"
            )
        return self

    def samples(self, images: str) -> list[int]:
        """T on "mnist" or "digits", ascending."""
        return sample_sizes(self.on(images).samples)

    def largest(self, images: str) -> int:
        """The most images that one fit takes."""
        return max(self.on(images).generator_samples, *self.samples(images))

    def check(self, pools: dict[str, int]) -> None:
        """Raise ValueError, naming the key, if a set of images has too few to train on."""
        for images, there in pools.items():
            largest = self.largest(images)
            kept_apart = self.on(images).spectrum_images
            if largest + kept_apart > there:
                raise ValueError(
                    f"sizes.{images}: {largest} samples and spectrum_images: {kept_apart} need "
                    f"{largest + kept_apart} training images, there are {there}"
                )


class KernelExperiment(KernelSweep):
    """Kernel ridge chains on images."""

    is_on_images: ClassVar[bool] = True

    replicates: schema.Replicates = entry(schema.REPLICATES)
