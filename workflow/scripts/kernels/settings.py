"""Blocks of ``kernel_experiments``: kernel ridge chains on images."""

from typing import Annotated, Generic, Literal, TypeVar

import pandas as pd
from pydantic import Field, model_validator

from model_collapse.exponents import ell_crit
from model_collapse.protocol import Fit
from scripts.core.grids import POINT
from scripts.core.ridge_rules import RIDGE_RULES, Situation
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
    sample_sizes,
    sweep,
)

OnImages = Literal[tuple(name for name, rule in RIDGE_RULES.items() if rule.on_images)]
Sizes = TypeVar("Sizes", bound=Settings)


class Kernel(Settings):
    """A kernel: rbf is exp(−γ‖x−x'‖²), polynomial (1 + γ x·x')^degree."""

    name: Annotated[Literal["rbf", "polynomial"], Field(description="shape of the kernel")]
    gamma: Annotated[Real, Field(gt=0, le=1e6, description="the kernel's gamma")]
    degree: Annotated[Count, Field(ge=1, le=20, description="degree of the polynomial")] = 5


class SpectrumSizes(Settings):
    """Images kept apart."""

    spectrum_images: Annotated[
        Count,
        Field(ge=10, le=10_000, description="training images kept apart to estimate the spectrum"),
    ]


class GeneratorSizes(SpectrumSizes):
    """Images of the generators, too."""

    generator_samples: Annotated[Count, Field(ge=1, description="T0, images of every generator")]


class ImageSizes(GeneratorSizes):
    """Images of the downstream fits, too."""

    samples: Annotated[sweep(Samples, LogGrid), Field(description="T, sample sizes")]


class EitherSet(Settings, Generic[Sizes]):
    """Numbers of images for either set."""

    mnist: Annotated[Sizes, Field(description="sizes on MNIST")]
    digits: Annotated[Sizes, Field(description="sizes on the embedded digits")]


class KernelProblem(Settings):
    """A kernel on images."""

    kernel: Annotated[Kernel, Field(description="the kernel and its parameters")]
    pixels: Annotated[
        Literal["standardized", "unit", "centred"],
        Field(
            description="standardized per column over the training pool, scaled to the unit "
            "interval, or that and centred"
        ),
    ] = "standardized"
    sizes: Annotated[EitherSet[SpectrumSizes], Field(description="sample sizes for either set")]

    def on(self, images: str):
        """The numbers of images on "mnist" or "digits"."""
        return getattr(self.sizes, images)


class KernelGenerators(KernelProblem):
    """A kernel on images, and how its generators are fitted: with ridge T0^{−ℓ_crit}."""

    beta: Annotated[Real, Field(gt=1, description="capacity exponent, quoted")]
    r: Annotated[Real, Field(gt=0, description="source exponent, quoted")]
    generator_noise: Annotated[
        Noise, Field(description="sigma_0, label-noise standard deviation of the generators' data")
    ]
    sizes: Annotated[EitherSet[GeneratorSizes], Field(description="sample sizes for either set")]

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

    noise: Annotated[
        Noise, Field(description="sigma, label-noise standard deviation of the downstream data")
    ]
    generations: Annotated[
        Generations, Field(description="generations n to show; 0 trains on clean data")
    ]
    ridge_rules: Annotated[
        list[OnImages],
        Field(min_length=1, description="how the downstream ridge is chosen"),
        Distinct,
    ]
    sizes: Annotated[EitherSet[ImageSizes], Field(description="sample sizes for either set")]

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

    def points(self, name: str, images: str) -> pd.DataFrame:
        """One row for each point of the experiment ``name``, columns POINT."""
        rows = [
            (name, n, T, rule, *RIDGE_RULES[rule].ridges(self._situation(n, T, images)))
            for T in self.samples(images)
            for n in self.generations
            for rule in self.ridge_rules
        ]
        return pd.DataFrame(rows, columns=POINT)

    def _situation(self, n: int, samples: int, images: str) -> Situation:
        return Situation(
            samples,
            self.generator_samples(images),
            n * self.generator_noise**2,
            self.noise,
            ell_crit=self.ell_crit,
        )

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

    replicates: Annotated[Replicates, Field(description=REPLICATES)]
