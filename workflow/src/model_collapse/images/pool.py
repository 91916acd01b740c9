"""Pools of images to draw from, and their pixels as features."""

from dataclasses import dataclass, replace

import numpy as np

from model_collapse.problem.arguments import as_number

BLOCK = 1000  # images that are floating-point numbers at one time


@dataclass(frozen=True)
class Pool:
    """Training images to draw from, whose features are (image − offset)·scale.

    Parameters
    ----------
    images : array, shape (N, pixels)
        Grey values.
    targets : array, shape (N,)
        True labels.
    offset, scale : array, shape (pixels,)
        The offset, in grey values, and the factor of each pixel's feature.
    """

    images: np.ndarray
    targets: np.ndarray
    offset: np.ndarray
    scale: np.ndarray

    @classmethod
    def prepare(cls, images: np.ndarray, targets: np.ndarray, pixels: str, white: int) -> "Pool":
        """A pool with features of one of three kinds.

        Parameters
        ----------
        images : array, shape (N, pixels)
            Whole grey values.
        targets : array, shape (N,)
            True labels.
        pixels : {"standardized", "unit", "centred"}
            "standardized" per column by mean and s.d. of the whole pool, where a constant pixel
            becomes 0; scaled to the "unit" interval; or scaled to it and then "centred".
        white : int
            The grey value of a white pixel, positive.

        Returns
        -------
        Pool
            The images with offset and scale of their features.

        Raises
        ------
        ValueError
            For other ``pixels``, images and targets of unequal numbers, and a ``white`` that is
            not positive.
        """
        if np.ndim(images) != 2 or np.shape(targets) != (len(images),):
            raise ValueError(
                f"images must be (N, pixels) and targets (N,), not of shapes {np.shape(images)} "
                f"and {np.shape(targets)}"
            )
        white_value = as_number(white)
        if not 0 < white_value < np.inf:
            raise ValueError(f"white must be the positive grey value of a white pixel, not {white}")
        if pixels in ("unit", "centred"):
            offset = images.mean(axis=0) if pixels == "centred" else np.zeros(images.shape[1])
            scale = np.full(images.shape[1], 1 / white_value)
        elif pixels == "standardized":
            offset, deviation = moments(images)
            scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        else:
            raise ValueError(f"pixels must be standardized, unit or centred, not {pixels!r}")
        return cls(images, np.asarray(targets, float), offset, scale)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of grey values (n, pixels), with this pool's offset and scale: (n, pixels)."""
        return (images - self.offset) * self.scale

    def split(self, held_out: int) -> tuple["Pool", "Pool"]:
        """The pool without its last ``held_out`` images, and a pool of these, with equal features.

        Raises ValueError unless both have images.
        """
        number = as_number(held_out)
        if not 0 < number < len(self.images) or number % 1:
            raise ValueError(f"of {len(self.images)} images {held_out} cannot be held out")
        first = len(self.images) - int(number)
        before = replace(self, images=self.images[:first], targets=self.targets[:first])
        return before, replace(self, images=self.images[first:], targets=self.targets[first:])

    def draw(self, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Draw T different images: indices (T,), which begin a longer draw from the same stream.

        Raises ValueError if the pool holds fewer, or T is not a whole number of at least 1.
        """
        number = as_number(samples)
        if not 0 < number <= len(self.images) or number % 1:
            raise ValueError(f"a pool of {len(self.images)} images has no {samples} to draw")
        return rng.permutation(len(self.images))[: int(number)]


def moments(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation, (pixels,), of whole grey values (N, pixels).

    From Σx and Σx², both exact, so a constant pixel has deviation 0 and nothing cancels.
    """
    count = len(images)
    total: np.ndarray = np.zeros(images.shape[1])
    squares = np.zeros_like(total)
    for first in range(0, count, BLOCK):
        x = images[first : first + BLOCK].astype(float)
        total = total + x.sum(axis=0)
        squares = squares + np.einsum("ij,ij->j", x, x)
    return total / count, np.sqrt(count * squares - total**2) / count
