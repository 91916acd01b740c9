"""Images as a background and what stands out from it, so that products can leave out the rest.

x = b + S with b the least value of each pixel. As most of S is zero, pixels are put in an order in
which those that few images need come last, and each image has a reach: S is zero from there on.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from array_api_compat import array_namespace

SAMPLE = 2000  # images that the order of pixels is found on; it holds for all
MULTIPLE = 8  # of rows taken
BLOCKS = 8  # of columns, in products of all images


@dataclass(frozen=True)
class SparseInputs:
    """M images of p pixels, for layers xW + w with weights W (R, p, H) and biases w (R, 1, H).

    xW + w = FΩ with rows F (M, p + 2) = (q, 1, S), q = Sb, and Ω (R, p + 2, H) = (−u, v, V), where
    W = V − bu and v = bW + w. A step of W and w along x'G and 1'G is one of Ω along DF'G: D is the
    identity but for (0, 1; 1, |b|² + 1) on the first two rows, metric. The last columns of F, in
    which all images are zero, are left out.

    background (1, p) and the columns of S are in the order ``pixels`` (p,); reach (M,), how many
    leading columns of S an image needs, and ``pixels`` are always NumPy's.
    """

    rows: np.ndarray
    background: np.ndarray
    pixels: np.ndarray
    reach: np.ndarray

    @classmethod
    def of(cls, images: np.ndarray) -> "SparseInputs":
        """Of images (M, p)."""
        background = images.min(axis=0)
        departures = images - background
        pixels = rarest_last(departures[:SAMPLE] > 0)
        departures, background = departures[:, pixels], background[None, pixels]
        given = np.hstack([np.ones((len(images), 1), bool), departures != 0])
        reach = images.shape[1] - np.argmax(given[:, ::-1], axis=1)
        ones = np.ones((len(images), 1), images.dtype)
        needed = departures[:, : reach.max()]
        rows = np.hstack([departures @ background.T, ones, needed])
        return cls(np.ascontiguousarray(rows), background, pixels, reach)

    def map(self, function: Callable) -> "SparseInputs":
        """The same with a function applied to rows and background."""
        return replace(self, rows=function(self.rows), background=function(self.background))

    def enter(self, weights, biases):
        """Ω of a layer."""
        xp = array_namespace(weights)
        ordered = xp.take(weights, self._index(xp, self.pixels), axis=1)
        level = biases + xp.matmul(self.background, ordered)
        return xp.concat([xp.zeros_like(level), level, ordered], axis=1)

    def leave(self, omega) -> tuple:
        """Weights and biases of a layer from its Ω."""
        xp = array_namespace(omega)
        ordered = omega[:, 2:, :] + xp.matrix_transpose(self.background) * omega[:, :1, :]
        biases = omega[:, 1:2, :] - xp.matmul(self.background, ordered)
        return xp.take(ordered, self._index(xp, np.argsort(self.pixels)), axis=1), biases

    def _index(self, xp, places: np.ndarray):
        return xp.asarray(places, device=self.background.device)

    @cached_property
    def metric(self):
        """What D is on the first two rows, (2, 2)."""
        xp = array_namespace(self.background)
        square = float(xp.sum(self.background**2))
        values = [[0.0, 1.0], [1.0, square + 1]]
        return xp.asarray(values, dtype=self.background.dtype, device=self.background.device)

    def product(self, omega):
        """FΩ of one layer, (M, H) for Ω (p + 2, H)."""
        xp = array_namespace(omega)
        rows, back, columns, depths = self._by_reach
        product = xp.matmul(rows[:, columns[0]], omega[columns[0], :])
        for block, depth in zip(columns[1:], depths[1:], strict=True):
            product[:depth, :] += xp.matmul(rows[:depth, block], omega[block, :])
        return xp.take(product, back, axis=0)

    @cached_property
    def _by_reach(self) -> tuple:
        """The rows in falling order of their reach, their places in it, blocks and depths."""
        xp = array_namespace(self.rows)
        falling = np.argsort(-self.reach, kind="stable")
        columns = self.columns(BLOCKS)
        [depths] = self.depths(self.reach[None, None, falling], columns)
        order, back = (
            xp.asarray(places, device=self.rows.device) for places in (falling, np.argsort(falling))
        )
        return xp.take(self.rows, order, axis=0), back, columns, depths

    def columns(self, blocks: int) -> list[slice]:
        """At most so many blocks of columns of F; all but the last end at even quantiles of the
        reach, the first has the two extra columns.
        """
        cuts = np.quantile(self.reach, np.arange(1, blocks) / blocks).astype(int)
        ends = [0, *(np.unique(cuts[cuts > 0]) + 2), self.rows.shape[1]]
        return [slice(*ends) for ends in pairwise(ends)]

    def depths(self, reach: np.ndarray, columns: list[slice]) -> list[list[int]]:
        """How many leading rows of each batch each block of columns needs, for the reach of images
        (R, batches, B), falling along B: the most of all R, in multiples of MULTIPLE. The first
        block is for all rows.
        """
        firsts = np.array([-1, *(block.start - 2 for block in columns[1:])])
        needed = np.sum(reach[..., None] > firsts, axis=2).max(axis=0)
        whole = -(-needed // MULTIPLE) * MULTIPLE
        return np.minimum(whole, needed[:, :1]).tolist()

    def batches(
        self, drawn: np.ndarray, order: np.ndarray, size: int, columns: list[slice]
    ) -> tuple[np.ndarray, list[list[int]]]:
        """The order (R, N) in which images ``drawn`` (R, N) come in batches of so many, with those
        of a batch in falling order of their reach, and the depths of each batch.
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
    """An order of columns (p,) of booleans (M, p): from the last on, always the column that the
    fewest rows need, rows aside that need one behind it.
    """
    needed, order = needed.copy(), []
    counts, taken = needed.sum(axis=0), np.zeros(needed.shape[1], bool)
    for _ in range(needed.shape[1]):
        column = int(np.argmin(np.where(taken, len(needed) + 1, counts)))
        settled = needed[:, column]
        counts -= needed[settled].sum(axis=0)
        needed[settled] = False
        taken[column] = True
        order.append(column)
    return np.array(order[::-1])
