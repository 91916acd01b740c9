"""Sparse images: the layer they stand for, a step of it, and what is left out of products."""

import numpy as np
import pytest
from conftest import assert_same
from tiny_networks import arrays_of

from model_collapse.networks.sgd import Recipe, batch_orders, initial_layers, stacked, train
from model_collapse.networks.sparse_inputs import SparseInputs, rarest_last

RNG = np.random.default_rng(0)
PIXELS, WIDTH, COUNT = 30, 6, 60
# Few pixels stand out from a background that is not zero; one image is all background.
STANDS_OUT = RNG.random((COUNT, PIXELS)) < np.linspace(0, 0.6, PIXELS)
STANDS_OUT[7] = False
BACKGROUND = RNG.standard_normal(PIXELS)
IMAGES = BACKGROUND + STANDS_OUT * RNG.random((COUNT, PIXELS))
LAYER = RNG.standard_normal((2, PIXELS, WIDTH)), RNG.standard_normal((2, 1, WIDTH))


def test_rows_and_omega_are_the_layer_and_back():
    images = SparseInputs.of(IMAGES)
    omega = images.enter(*LAYER)
    expected = IMAGES @ LAYER[0] + LAYER[1]
    assert images.rows.shape == (COUNT, images.reach.max() + 2)
    assert_same(images.rows @ omega[:, : images.rows.shape[1]], expected)
    assert_same(images.product(omega[0]), expected[0])
    for one, other in zip(images.leave(omega), LAYER, strict=True):
        assert_same(one, other)


def test_a_step_of_omega_is_one_of_weights_and_biases():
    images = SparseInputs.of(IMAGES)
    gradient = RNG.standard_normal((2, COUNT, WIDTH))
    step = images.rows.T @ gradient
    step[:, :2] = images.metric @ step[:, :2]
    omega = images.enter(*LAYER)
    omega[:, : images.rows.shape[1]] -= step
    weights, biases = images.leave(omega)
    assert_same(weights, LAYER[0] - IMAGES.T @ gradient, rtol=1e-11)
    assert_same(biases, LAYER[1] - gradient.sum(axis=1, keepdims=True), rtol=1e-11)


def test_reach_is_the_last_pixel_that_stands_out():
    images = SparseInputs.of(IMAGES)
    for row, reach in zip(images.rows[:, 2:], images.reach, strict=True):
        assert not np.any(row[reach:])
        assert reach == 0 or row[reach - 1] > 0
    assert images.reach[7] == 0 < images.reach.max() < PIXELS
    # Less is needed than in the order that pixels had.
    last = np.where(STANDS_OUT, np.arange(1, PIXELS + 1), 0).max(axis=1)
    assert images.reach.mean() < last.mean()


def test_the_rarest_columns_come_last():
    """Column 2 is needed by one row, which then no longer counts for column 0."""
    needed = np.array([[1, 0, 1], [0, 1, 0], [0, 1, 0], [1, 1, 0]], dtype=bool)
    assert rarest_last(needed).tolist() == [1, 0, 2]


@pytest.mark.parametrize("blocks", [1, 2, 5])
def test_batches_keep_their_images_and_blocks_leave_out_zeros_alone(blocks):
    images = SparseInputs.of(IMAGES)
    drawn = np.stack([RNG.permutation(COUNT)[:21] for _ in range(2)])
    order = batch_orders(21, range(2), seed=1, generation=0)(1)
    columns = images.columns(blocks)
    assert [block.start for block in columns[1:]] == [block.stop for block in columns[:-1]]
    assert (columns[0].start, columns[-1].stop) == (0, images.rows.shape[1])
    found, depths = images.batches(drawn, order, 8, columns)
    assert [row[0] for row in depths] == [8, 8, 5]
    for i, first in enumerate((0, 8, 16)):
        part = slice(first, first + 8)
        for r in range(2):
            assert sorted(found[r, part]) == sorted(order[r, part])
            rows = images.rows[drawn[r, found[r, part]]]
            for block, depth in zip(columns, depths[i], strict=True):
                assert not np.any(rows[depth:, block])


def descend(arrays, x, y) -> None:
    """A step of SGD at learning rate 0.05 on the loss "mean", in place, by dense products."""
    w1, b1, w2, b2 = arrays
    hidden = np.maximum(x @ w1 + b1, 0)
    above = 0.1 / y.size * (hidden @ w2 + b2 - y)
    below = (above @ w2.T) * (hidden > 0)
    for weights, biases, given, slope in ((w1, b1, x, below), (w2, b2, hidden, above)):
        weights -= given.T @ slope
        biases -= slope.sum(axis=0)


@pytest.mark.parametrize("width", [5, 130])
def test_training_on_sparse_images_is_training_on_all_pixels(width):
    """Against a trainer of dense products; 130 hidden units have six blocks of columns."""
    networks = [initial_layers(width, PIXELS, 3, "uniform", seed=1, stream=(r, 0)) for r in (0, 1)]
    layers = stacked(networks)
    labels = RNG.standard_normal((2, 41, 3))
    drawn = np.stack([RNG.permutation(COUNT)[:41] for _ in range(2)])
    orders = [batch_orders(41, range(2), seed=1, generation=0) for _ in range(2)]
    recipe = Recipe(3, 16, 0.05)
    found = train(layers, SparseInputs.of(IMAGES), drawn, labels, recipe, orders[0])
    for epoch in (1, 2, 3):
        order = orders[1](epoch)
        for first in (0, 16, 32):
            for r in (0, 1):
                batch = order[r, first : first + 16]
                descend(arrays_of(layers, r), IMAGES[drawn[r, batch]], labels[r, batch])
    for one, other in zip(vars(found).values(), vars(layers).values(), strict=True):
        assert_same(one, other, rtol=1e-10)
