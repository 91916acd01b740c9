"""Pools of images to draw from, and their pixels as features."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Pool:
    """Training images to draw from: grey values (N, pixels), and targets (N,), the true labels.

    Features are (image − offset)·scale, offset and scale of shape (pixels,).
    """

    images: np.ndarray
    targets: np.ndarray
    offset: np.ndarray
    scale: np.ndarray

    @classmethod
    def prepare(cls, images: np.ndarray, targets: np.ndarray, pixels: str, white: int) -> "Pool":
        """A pool whose features are "standardized" per column, scaled to the "unit" interval, or
        scaled to it and then "centred". Raises ValueError for any other ``pixels``.

        Means and s.d. are those of the whole pool; a constant pixel, standardized, becomes 0.
        """
        if pixels in ("unit", "centred"):
            offset = images.mean(axis=0) if pixels == "centred" else np.zeros(images.shape[1])
            scale = np.full(images.shape[1], 1 / white)
        elif pixels == "standardized":
            offset, deviation = images.mean(axis=0), images.std(axis=0)
            scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
        else:
            raise ValueError(f"pixels must be standardized, unit or centred, not {pixels!r}")
        return cls(images, np.asarray(targets, float), offset, scale)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features of grey values (n, pixels), with this pool's offset and scale: (n, pixels)."""
        return (images - self.offset) * self.scale

    def split(self, held_out: int) -> tuple["Pool", "Pool"]:
        """The pool without its last ``held_out`` images, and one of these; equal features."""
        parts = slice(-held_out), slice(-held_out, None)
        return tuple(
            replace(self, images=self.images[part], targets=self.targets[part]) for part in parts
        )

    def draw(self, samples: int, rng: np.random.Generator) -> np.ndarray:
        """Indices, shape (T,), of T different images. Raises ValueError if the pool holds fewer."""
        return rng.choice(len(self.images), samples, replace=False)
