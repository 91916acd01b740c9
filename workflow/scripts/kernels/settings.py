"""Blocks of ``kernel_experiments``: kernel ridge chains on images."""

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import model_validator

from model_collapse.exponents import ell_crit
from model_collapse.protocol import Fit
from scripts.core.ridge_rules import RIDGE_RULES
from scripts.core.settings import (
    REPLICATES,
    SMALLEST,
    Count,
    Distinct,
    Generations,
    LogGrid,
    Noise,
    Real,
    Replicates,
    Samples,
    Settings,
    entry,
    sample_sizes,
    sweep,
)

OnImages = Literal[tuple(name for name, rule in RIDGE_RULES.items() if rule.on_images)]
Sizes = TypeVar("Sizes", bound=Settings)


class Kernel(Settings):
    """A kernel: rbf is exp(−γ‖x−x'‖²), polynomial (1 + γ x·x')^degree."""

    name: Literal["rbf", "polynomial"] = entry("shape of the kernel")
    gamma: Real = entry("the kernel's gamma", gt=0, le=1e6)
    degree: Count = entry("degree of the polynomial", 5, ge=1, le=20)


class SpectrumSizes(Settings):
    """Images kept apart."""

    spectrum_images: Count = entry(
        "training images kept apart to estimate the spectrum", ge=10, le=10_000
    )


class GeneratorSizes(SpectrumSizes):
    """Images of the generators, too."""

    generator_samples: Count = entry("T0, images of every generator", ge=1)


class ImageSizes(GeneratorSizes):
    """Images of the downstream fits, too."""

    samples: sweep(Samples, LogGrid) = entry("T, sample sizes")


class EitherSet(Settings, Generic[Sizes]):
    """Numbers of images for either set."""

    mnist: Sizes = entry("sizes on MNIST")
    digits: Sizes = entry("sizes on the embedded digits")


class KernelProblem(Settings):
    """A kernel on images."""

    kernel: Kernel = entry("the kernel and its parameters")
    pixels: Literal["standardized", "unit", "centred"] = entry(
        "standardized per column over the training pool, scaled to the unit "
        "interval, or that and centred",
        "standardized",
    )
    sizes: EitherSet[SpectrumSizes] = entry("sample sizes for either set")

    def on(self, images: str):
        """The numbers of images on "mnist" or "digits"."""
        return getattr(self.sizes, images)


class KernelGenerators(KernelProblem):
    """A kernel on images, and how its generators are fitted: with ridge T0^{−ℓ_crit}."""

    beta: Real = entry("capacity exponent, quoted", gt=1)
    r: Real = entry("source exponent, quoted", gt=0)
    generator_noise: Noise = entry("sigma_0, standard deviation of the noise on generators' labels")
    sizes: EitherSet[GeneratorSizes] = entry("sample sizes for either set")

    @property
    def ell_crit(self) -> float:
        """ℓ_crit of the quoted β and r."""
        return ell_crit(self.beta, self.r)

    def generator_samples(self, images: str) -> int:
        """T0 on "mnist" or "digits"."""
        return self.on(images).generator_samples

    def generators(self, images: str, generation: int) -> list[Fit]:
        """The fits that make a generation, as many as its number."""
        size = self.generator_samples(images)
        return [Fit(size, size**-self.ell_crit, self.generator_noise)] * generation


class KernelSweep(KernelGenerators):
    """Generators on images, and the downstream fits to their labels."""

    noise: Noise = entry("sigma, standard deviation of the noise on downstream labels")
    generations: Generations = entry("generations n to show; 0 trains on clean data")
    ridge_rules: Annotated[list[OnImages], Distinct] = entry(
        "how the downstream ridge is chosen", min_length=1
    )
    sizes: EitherSet[ImageSizes] = entry("sample sizes for either set")

    @model_validator(mode="after")
    def _ridge_is_a_number(self):
        for images in ("mnist", "digits"):
            largest = self.largest(images)
            if largest**-self.ell_crit < SMALLEST:
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
        return max(self.generator_samples(images), *self.samples(images))

    def check(self, pools: dict[str, int]) -> None:
        """Raise ValueError, naming the key, if a set of images has too few to train on."""
        for images, there in pools.items():
            kept_apart = self.on(images).spectrum_images
            wanted = self.largest(images) + kept_apart
            if wanted > there:
                raise ValueError(
                    f"sizes.{images}: {self.largest(images)} samples and spectrum_images: "
                    f"{kept_apart} need {wanted} training images, there are {there}"
                )


class KernelExperiment(KernelSweep):
    """Kernel ridge chains on images."""

    replicates: Replicates = entry(REPLICATES)
