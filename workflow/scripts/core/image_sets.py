"""Experiments on images: which of the two sets they may be on, and how pixels become features."""

from typing import Generic, Literal, TypeVar

from scripts.core.settings import Settings, entry

SETS = ("mnist", "digits")
Pixels = Literal["unit", "centred", "standardized"]
Sizes = TypeVar("Sizes", bound=Settings)


class EitherSet(Settings, Generic[Sizes]):
    """Numbers of images for either set."""

    mnist: Sizes = entry("sizes on MNIST")
    digits: Sizes = entry("sizes on the embedded digits")
