"""Kernel ridge on images, as families share it: a kernel, pixels, images kept for the spectrum."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import model_validator

from scripts.schema import settings as schema
from scripts.schema.settings import EitherSet, Pixels, Settings, entry


class Kernel(Settings):
    """A kernel: rbf is exp(−γ‖x−x'‖²), polynomial (1 + γ x·x')^degree, relu φ(x)·φ(x')/width with
    random features φ(x)_j = max(ω_j·x, 0), ω_j ~ N(0, γI).
    """

    keys_of_one: ClassVar[dict[str, str]] = {"degree": "polynomial", "width": "relu"}

    name: Literal["rbf", "polynomial", "relu"] = entry("shape of the kernel")
    gamma: schema.Real = entry("the kernel's gamma", gt=0, le=1e6)
    degree: schema.Count = entry("degree of the polynomial", 5, ge=1, le=20)
    width: schema.Count = entry("number of random features", 1000, ge=1, le=10**5)

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the block without the keys that only another kernel has."""
        name = overlay.get("name", block.get("name"))
        return {k: value for k, value in block.items() if cls.keys_of_one.get(k, name) == name}

    @model_validator(mode="after")
    def _keys_are_used(self):
        for key, kernel in self.keys_of_one.items():
            is_stated = getattr(self, key) != type(self).model_fields[key].default
            if is_stated and self.name != kernel:
                raise ValueError(f"{key}: only the kernel {kernel} has it; leave it out")
        return self


class SpectrumSizes(Settings):
    """Images kept apart."""

    spectrum_images: schema.Count = entry(
        "training images kept apart to estimate the spectrum", ge=10, le=10_000
    )


class KernelProblem(Settings):
    """A kernel on images."""

    kernel: Kernel = entry("the kernel and its parameters")
    pixels: Pixels = entry(
        "scaled to the unit interval, that and centred, or standardized per column over the "
        "training pool",
        "standardized",
    )
    sizes: EitherSet[SpectrumSizes] = entry("sample sizes for either set")

    @model_validator(mode="after")
    def _features_suffice(self):
        for images, sizes in self.sizes:
            if self.kernel.name == "relu" and self.kernel.width <= sizes.spectrum_images:
                raise ValueError(
                    f"kernel.width: {self.kernel.width} random features leave a part of the target "
                    f"out of reach; take more than the {sizes.spectrum_images} spectrum_images of "
                    f"sizes.{images}"
                )
        return self

    def on(self, images: str):
        """The numbers of images on "mnist" or "digits"."""
        return getattr(self.sizes, images)
