"""Images as a background and what stands out from it, so that products can leave out the rest.

x = b + S with b the least value of each pixel. Most of S is zero. Pixels that few images need are
put last, and each image has a reach, a number of leading pixels after which its S is zero.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from types import ModuleType

import numpy as np
from array_api_compat import array_namespace

from model_collapse.networks.backends import Array

SAMPLE = 2000  # images from which the order of pixels is found; it is used for all
ROWS_MULTIPLE = 8  # rows in a product are a multiple of this
COLUMN_BLOCKS = 8  # blocks of columns in a product of all images


@dataclass(frozen=True)
class SparseInputs:
    """M images of p pixels, for layers xW + w with weights W (R, p, H) and biases w (R, 1, H).

    xW + w = FΩ with rows F (M, p + 2) = (q, 1, S), q = Sb, and Ω (R, p + 2, H) = (−u, v, V), where
    W = V − bu and v = bW + w. A step of W and w along x'G and 1'G is one of Ω along DF'G: D is the
    identity but for ``metric``, (0, 1; 1, |b|² + 1), on the first two rows. The last columns of F,
    in which all images are zero, are left out.

    background (1, p) and the columns of S are in the order ``pixels`` (p,). reach (M,) is the
    number of leading columns of S that each image needs; it and ``pixels`` are always NumPy's.
    """

    rows: Array
    background: Array
    pixels: np.ndarray
    reach: np.ndarray

    @classmethod
    def of(cls, images: np.ndarray) -> "SparseInputs":
        """The sparse form of images (M, p)."""
        background = images.min(axis=0)
        departures = images - background
        pixels = rarest_last(departures[:SAMPLE] > 0)
        departures = departures[:, pixels]
        background = background[None, pixels]
        nonzero = np.hstack([np.ones((len(images), 1), bool), departures != 0])
        reach = images.shape[1] - np.argmax(nonzero[:, ::-1], axis=1)
        ones = np.ones((len(images), 1), images.dtype)
        needed = departures[:, : reach.max()]
        rows = np.hstack([departures @ background.T, ones, needed])
        return cls(np.ascontiguousarray(rows), background, pixels, reach)

    def map(self, function: Callable) -> "SparseInputs":
        """The inputs with a function applied to rows and background."""
        return replace(self, rows=function(self.rows), background=function(self.background))

    def enter(self, weights: Array, biases: Array) -> Array:
        """Ω of a layer."""
        xp = array_namespace(weights)
        ordered = xp.take(weights, self._index(xp, self.pixels), axis=1)
        level = biases + xp.matmul(self.background, ordered)
        return xp.concat([xp.zeros_like(level), level, ordered], axis=1)

    def leave(self, omega: Array) -> tuple[Array, Array]:
        """Weights and biases of a layer from its Ω."""
        xp = array_namespace(omega)
        ordered = omega[:, 2:, :] + xp.matrix_transpose(self.background) * omega[:, :1, :]
        biases = omega[:, 1:2, :] - xp.matmul(self.background, ordered)
        return xp.take(ordered, self._index(xp, np.argsort(self.pixels)), axis=1), biases

    def _index(self, xp: ModuleType, places: np.ndarray) -> Array:
        return xp.asarray(places, device=self.background.device)

    @cached_property
    def metric(self) -> Array:
        """D on the first two rows, (2, 2)."""
        xp = array_namespace(self.background)
        square = float(xp.sum(self.background**2))
        values = [[0.0, 1.0], [1.0, square + 1]]
        return xp.asarray(values, dtype=self.background.dtype, device=self.background.device)

    def product(self, omega: Array) -> Array:
        """FΩ of one layer, (M, H) for Ω (p + 2, H)."""
        xp = array_namespace(omega)
        rows, back, columns, depths = self._by_reach
        product = xp.matmul(rows[:, columns[0]], omega[columns[0], :])
        for block, depth in zip(columns[1:], depths[1:], strict=True):
            product[:depth, :] += xp.matmul(rows[:depth, block], omega[block, :])
        return xp.take(product, back, axis=0)

    @cached_property
    def _by_reach(self) -> tuple[Array, Array, list[slice], list[int]]:
        """The rows in falling order of their reach, the order that undoes it, blocks and depths."""
        xp = array_namespace(self.rows)
        falling = np.argsort(-self.reach, kind="stable")
        columns = self.columns(COLUMN_BLOCKS)
        [depths] = self.depths(self.reach[None, None, falling], columns)
        order, back = (
            xp.asarray(places, device=self.rows.device) for places in (falling, np.argsort(falling))
        )
        return xp.take(self.rows, order, axis=0), back, columns, depths

    def columns(self, blocks: int) -> list[slice]:
        """At most so many blocks of columns of F, which end at even quantiles of the reach; the
        first has the two constant columns q and 1.
        """
        cuts = np.quantile(self.reach, np.arange(1, blocks) / blocks).astype(int)
        ends = [0, *(np.unique(cuts[cuts > 0]) + 2), self.rows.shape[1]]
        return [slice(*ends) for ends in pairwise(ends)]

    def depths(self, reach: np.ndarray, columns: list[slice]) -> list[list[int]]:
        """The number of leading rows of each batch that each block of columns needs.

        ``reach`` is (R, batches, B), falling along B. A number is the largest over R, rounded up to
        ROWS_MULTIPLE. The first block is for all rows.
        """
        firsts = np.array([-1, *(block.start - 2 for block in columns[1:])])
        needed = np.sum(reach[..., None] > firsts, axis=2).max(axis=0)
        rounded_up = -(-needed // ROWS_MULTIPLE) * ROWS_MULTIPLE
        return np.minimum(rounded_up, needed[:, :1]).tolist()

    def batches(
        self, drawn: np.ndarray, order: np.ndarray, size: int, columns: list[slice]
    ) -> tuple[np.ndarray, list[list[int]]]:
        """The order (R, N) of images ``drawn`` (R, N) in batches of ``size``, and their depths.

        Within a batch images are in falling order of their reach.
        """
        replicates, samples = order.shape
        reach = np.take_along_axis(self.reach[drawn], order, axis=1)
        number = np.arange(samples) // size
        falling = np.argsort(number * (self.pixels.size + 1) - reach, axis=1, kind="stable")
        reach = np.take_along_axis(reach, falling, axis=1)
        padded = np.full((replicates, (number[-1] + 1) * size), -2)  # a batch that is not full
        padded[:, :samples] = reach
        depths = self.depths(padded.reshape(replicates, -1, size), columns)
        return np.take_along_axis(order, falling, axis=1), depths


def rarest_last(needed: np.ndarray) -> np.ndarray:
    """An order of columns (p,) of booleans (M, p), those that few rows need last.

    Built from the end: the next column is the one that the fewest rows need, not counting rows that
    need a column behind it.
    """
    needed = needed.copy()
    counts = needed.sum(axis=0)
    is_placed = np.zeros(needed.shape[1], bool)
    reversed_order = []
    for _ in range(needed.shape[1]):
        column = int(np.argmin(np.where(is_placed, len(needed) + 1, counts)))
        users = needed[:, column]
        counts -= needed[users].sum(axis=0)
        needed[users] = False
        is_placed[column] = True
        reversed_order.append(column)
    return np.array(reversed_order[::-1])
