"""Kernel ridge on images, as families share it: a kernel, pixels, images kept for the spectrum."""

from typing import Literal

from scripts.core import settings as s
from scripts.core.settings import EitherSet, Pixels, Settings, entry


class Kernel(Settings):
    """A kernel: rbf is exp(−γ‖x−x'‖²), polynomial (1 + γ x·x')^degree, relu φ(x)·φ(x')/width with
    random features φ(x)_j = max(ω_j·x, 0), ω_j ~ N(0, γI).
    """

    name: Literal["rbf", "polynomial", "relu"] = entry("shape of the kernel")
    gamma: s.Real = entry("the kernel's gamma", gt=0, le=1e6)
    degree: s.Count = entry("degree of the polynomial", 5, ge=1, le=20)
    width: s.Count = entry("number of random features", 1000, ge=1, le=10**5)


class SpectrumSizes(Settings):
    """Images kept apart."""

    spectrum_images: s.Count = entry(
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

    def on(self, images: str):
        """The numbers of images on "mnist" or "digits"."""
        return getattr(self.sizes, images)
