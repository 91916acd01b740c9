"""Protocols on images: fits by the kernel against weighted ridge regression on the features."""

import numpy as np
import pytest
from conftest import assert_same

from model_collapse.images.kernel_mixtures import kernel_union_errors, places_of
from model_collapse.images.kernels import Kernel
from model_collapse.images.pool import Pool
from model_collapse.mixtures.groups import Protocol, unfold
from model_collapse.mixtures.remedies import (
    accumulate_kept,
    accumulate_real,
    mix,
    mix_labels,
    replace,
    subsample_kept,
    two_groups,
)
from model_collapse.mixtures.simulation import whole
from model_collapse.problem.spectra import isotropic
from model_collapse.seeds import random_stream

CLOSE = {"rtol": 1e-8, "atol": 1e-12}
D, N = 6, 3  # features, generations
RNG = np.random.default_rng(0)
IMAGES = RNG.normal(size=(300, D))
TEST = RNG.normal(size=(40, D))
TRUTH = RNG.normal(size=D)


class Linear(Kernel):
    """k(x, y) = x·y, for which the fit is ridge regression."""

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return x @ y.T


def chain_of(protocol: Protocol, generations: int = N):
    return [whole(union) for union in unfold(isotropic(D), protocol, generations)]


def errors(*protocols: Protocol, seed="test", replicate=1):
    pool = Pool(IMAGES, IMAGES @ TRUTH, np.zeros(D), np.ones(D))
    chains = [chain_of(protocol) for protocol in protocols]
    given = Linear("linear", 1.0), pool, TEST, TEST @ TRUTH, chains
    return kernel_union_errors(*given, seed=seed, replicate=replicate)


def by_hand(protocol: Protocol) -> np.ndarray:
    """The same by normal equations in the features, from the same streams."""
    drawn = random_stream("test", "union images", 1).permutation(300)
    models = {0: TRUTH}
    found = []
    used = 0
    where = {}
    for k, union in enumerate(chain_of(protocol), 1):
        total = union.total_weight
        gram = union.ridge * np.eye(D)
        moment = np.zeros(D)
        for group in union.groups:
            if group.rows not in where:
                where[group.rows] = drawn[used : (used := used + int(group.samples))]
            x = IMAGES[where[group.rows]]
            rng = random_stream("test", "union", 1, group.rows, group.labels, group.noise)
            y = x @ models[group.labels] + group.noise * rng.standard_normal(len(x))
            gram += group.weight / total * x.T @ x
            moment += group.weight / total * x.T @ y
        models[k] = np.linalg.solve(gram, moment)
        found.append(np.mean((TEST @ (models[k] - TRUTH)) ** 2))
    return np.array(found)


@pytest.mark.parametrize(
    "protocol",
    [
        replace(20, 0.1, 0.3),
        mix(12, 8, 0.1, 0.3, 0.7),
        mix_labels(20, 0.6, 0.1, 0.3),
        accumulate_kept(20, 0.1, 0.3),
        accumulate_real(12, 8, 0.1, 0.3),
    ],
)
def test_a_linear_kernel_is_weighted_ridge_regression(protocol):
    assert_same(errors(protocol)[0], by_hand(protocol), **CLOSE)


def test_a_chain_does_not_depend_on_those_beside_it_and_replicates_differ():
    kept = accumulate_kept(20, 0.1, 0.3)
    alone = replace(10, 0.1, 0.3)
    assert_same(errors(alone, kept)[0], errors(alone)[0], **CLOSE)
    assert errors(alone)[0][0] != errors(alone, replicate=2)[0][0]


def test_no_image_is_taken_twice():
    places = places_of(chain_of(accumulate_real(12, 8, 0.1)))
    taken = np.concatenate([np.r_[place] for place in places.values()])
    assert sorted(taken) == list(range(8 + N * 20))


@pytest.mark.parametrize(
    "protocol", [replace(20, 0.0, 0.3), subsample_kept(20, 0.1), two_groups(12, 8, 0.1, 0.1)]
)
def test_what_has_no_meaning_on_images_is_refused(protocol):
    with pytest.raises(ValueError, match="a fit to images has a ridge"):
        errors(protocol)


def test_chains_that_are_not_unfolded_or_whole_are_refused():
    pool = Pool(IMAGES, IMAGES @ TRUTH, np.zeros(D), np.ones(D))
    given = Linear("linear", 1.0), pool, TEST, TEST @ TRUTH
    fractions = unfold(isotropic(D), mix(10.5, 9.5, 0.1), 1)
    for chain, sentence in (
        ([], "none of them empty"),
        ([replace(20, 0.1)(1)], "groups with names and whole numbers of rows"),
        (fractions, "groups with names and whole numbers of rows"),
    ):
        with pytest.raises(ValueError, match=sentence):
            kernel_union_errors(*given, [chain], seed=1, replicate=0)


def test_too_few_images_are_refused():
    with pytest.raises(ValueError, match="a pool of 300 images has no 400"):
        errors(accumulate_kept(100, 0.1))
