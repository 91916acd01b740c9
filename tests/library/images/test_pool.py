"""Pools of images: features, draws, and images kept apart."""

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.images.pool import Pool
from model_collapse.seeds import random_stream

IMAGES = np.array([[0, 10, 7], [4, 30, 7], [8, 20, 7], [4, 20, 7]], dtype=np.uint8)


def pool_of(pixels: str) -> Pool:
    return Pool.prepare(IMAGES, np.arange(4), pixels, 40)


def test_standardised_pixels_use_the_whole_pool_and_zero_constant_ones():
    pool = pool_of("standardized")
    features = pool.features(IMAGES)
    assert_same(features[:, :2].mean(axis=0), [0, 0])
    assert_same(features[:, :2].std(axis=0), [1, 1])
    assert np.all(pool.features(np.array([[0, 0, 250]]))[:, 2] == 0)


def test_unit_pixels_end_at_one_and_centred_ones_are_less_their_mean():
    assert_same(pool_of("unit").features(np.array([[0, 40, 10]])), [[0, 1, 0.25]])
    assert_same(pool_of("centred").features(np.array([[0, 40, 10]])), [[-0.1, 0.5, 0.075]])


def test_the_moments_of_many_images_are_exact():
    images = np.random.default_rng(0).integers(0, 256, (2500, 3), dtype=np.uint8)
    images[:, 1] = 255
    pool = Pool.prepare(images, np.zeros(2500), "standardized", 255)
    assert_same(pool.offset, images.mean(axis=0))
    assert_same(pool.scale[[0, 2]], 1 / images[:, [0, 2]].std(axis=0))
    assert pool.scale[1] == 0


def test_a_draw_has_no_image_twice_and_begins_as_a_longer_one():
    pool = pool_of("unit")
    everything = pool.draw(4, random_stream("draw"))
    assert sorted(everything) == list(range(4))
    assert list(pool.draw(2, random_stream("draw"))) == list(everything[:2])
    with pytest.raises(ValueError, match="a pool of 4 images has no 5 to draw"):
        pool.draw(5, random_stream("draw"))
    assert list(pool.draw(2.0, random_stream("draw"))) == list(everything[:2])
    with pytest.raises(ValueError, match=r"has no 2\.5 to draw"):
        pool.draw(2.5, random_stream("draw"))
    with pytest.raises(ValueError, match="has no -1 to draw"):
        pool.draw(-1, random_stream("draw"))


def test_a_split_pool_shares_no_image_and_keeps_its_features():
    pool = pool_of("standardized")
    left, right = pool.split(1)
    assert (len(left.images), len(right.images)) == (3, 1)
    assert_same(left.features(left.images), pool.features(IMAGES[:3]))
    assert_same(right.features(right.images), pool.features(IMAGES[3:]))
    assert (list(left.targets), list(right.targets)) == ([0, 1, 2], [3])
    for count in (0, 4):
        with pytest.raises(ValueError, match=f"of 4 images {count} cannot be held out"):
            pool.split(count)


def test_unknown_pixels_are_refused():
    with pytest.raises(ValueError, match="standardized, unit or centred, not 'raw'"):
        pool_of("raw")
