"""Networks against finite differences and a trainer written out; their random numbers."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from conftest import assert_mean, assert_same
from tiny_networks import arrays_of, output

from model_collapse.networks import sgd
from model_collapse.networks.sgd import (
    Layers,
    Recipe,
    batch_orders,
    forward,
    initial_layer,
    initial_layers,
    label_noise,
    predict,
    stacked,
    train,
)
from model_collapse.networks.sparse_inputs import SparseInputs

INPUTS = 5
WIDTH = 7
OUTPUTS = 3
SAMPLES = 7
REPLICATES = range(3)
RECIPES = [
    Recipe(2, 3, 0.05, loss, scaling)
    for loss in ("mean", "sum")
    for scaling in ("none", "inverse_sqrt_width")
]
SEED = {"seed": 3, "generation": 2}
STEP = 1e-4  # of finite differences: the loss is quadratic in each weight, but for kinks
every_recipe = pytest.mark.parametrize("recipe", RECIPES)


def network(r: int) -> Layers:
    return initial_layers(WIDTH, INPUTS, OUTPUTS, "uniform", seed=1, stream=(r, 0))


# Small random networks, images (M, p), rows drawn (R, N) and labels (R, N, k), in float64.
LAYERS = stacked([network(r) for r in REPLICATES])
RNG = np.random.default_rng(0)
IMAGES = RNG.standard_normal((11, INPUTS))
DRAWN = np.stack([RNG.permutation(11)[:SAMPLES] for _ in REPLICATES])
LABELS = RNG.standard_normal((3, SAMPLES, OUTPUTS))


def trained(recipe: Recipe, orders=None, **options) -> Layers:
    orders = orders or batch_orders(SAMPLES, REPLICATES, **SEED)
    return train(LAYERS, SparseInputs.of(IMAGES), DRAWN, LABELS, recipe, orders, **options)


def loss(arrays, x, y, recipe: Recipe) -> float:
    """The loss of one network on a batch, as Recipe states it."""
    squares = (output(arrays, x, recipe) - y) ** 2
    return {"mean": squares.mean(axis=1), "sum": squares.sum(axis=1)}[recipe.loss].mean()


def slopes(arrays, x, y, recipe: Recipe) -> list[np.ndarray]:
    """The loss's gradient by central differences."""
    found = [np.zeros_like(array) for array in arrays]
    for array, slope in zip(arrays, found, strict=True):
        for place in np.ndindex(array.shape):
            kept = array[place]
            for sign in (1, -1):
                array[place] = kept + sign * STEP
                slope[place] += sign * loss(arrays, x, y, recipe) / (2 * STEP)
            array[place] = kept
    return found


def trained_by_hand(r: int, recipe: Recipe, order_of):
    """One network after SGD by finite differences, and the squared errors before its steps."""
    arrays = [array.copy() for array in arrays_of(LAYERS, r)]
    told = []
    for epoch in range(1, recipe.epochs + 1):
        order = order_of(epoch)
        seen = []
        while len(order):
            batch, order = order[: recipe.batch_size], order[recipe.batch_size :]
            x, y = IMAGES[DRAWN[r][batch]], LABELS[r][batch]
            seen.extend((output(arrays, x, recipe) - y) ** 2)
            descent = slopes(arrays, x, y, recipe)
            for array, slope in zip(arrays, descent, strict=True):
                array -= recipe.learning_rate * slope
        told.append(np.mean(seen))
    return arrays, told


@every_recipe
@pytest.mark.parametrize("batch_size", [3, SAMPLES])
def test_training_by_hand(recipe, batch_size):
    """Batches of 3, 3 and 1, the last averaged over its own size; and of all seven images."""
    recipe, told = replace(recipe, batch_size=batch_size), []

    def orders(epoch):
        return np.stack([np.roll(np.arange(SAMPLES), r + epoch) for r in REPLICATES])

    found = trained(recipe, orders, after_epoch=lambda *words: told.append(words))
    assert [epoch for epoch, _ in told] == [1, 2]
    for r in REPLICATES:
        arrays, errors = trained_by_hand(r, recipe, lambda epoch, r=r: orders(epoch)[r])
        for one, other in zip(arrays_of(found, r), arrays, strict=True):
            assert_same(one, other, rtol=1e-10, atol=1e-11)
        assert_same([value[r] for _, value in told], errors, rtol=1e-10)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_replicate_trained_in_a_batch_is_the_same_to_the_bit(kind):
    images = SparseInputs.of(IMAGES.astype(kind))
    labels = LABELS.astype(kind)

    def trained_ones(replicates: range) -> Layers:
        part = slice(replicates.start, replicates.stop)
        layers = LAYERS.map(lambda array: array.astype(kind)[part])
        orders = batch_orders(SAMPLES, replicates, **SEED)
        return train(layers, images, DRAWN[part], labels[part], RECIPES[0], orders)

    whole = trained_ones(REPLICATES)
    for r in REPLICATES:
        alone = arrays_of(trained_ones(range(r, r + 1)), 0)
        for one, other in zip(alone, arrays_of(whole, r), strict=True):
            assert one.dtype == kind
            np.testing.assert_array_equal(one, other)


def test_the_layers_passed_in_are_not_changed():
    before = LAYERS.map(np.copy)
    found = trained(RECIPES[1])
    for one, other, moved in zip(*(vars(v).values() for v in (LAYERS, before, found)), strict=True):
        np.testing.assert_array_equal(one, other)
        assert not np.array_equal(moved, other)


def test_orders_are_permutations_that_differ_by_epoch_replicate_generation_and_seed():
    def drawn(replicates, **key):
        orders = batch_orders(50, replicates, **SEED | key)
        return [row for epoch in (1, 2) for row in orders(epoch)]

    found = drawn(range(2)) + drawn(range(2), generation=1) + drawn(range(2), seed=4)
    assert all(sorted(row) == list(range(50)) for row in found)
    assert len({tuple(row) for row in found}) == len(found) == 12
    np.testing.assert_array_equal(drawn(range(1, 2)), found[1:4:2])


@every_recipe
@pytest.mark.parametrize(("block", "rows"), [(4, [4, 4, 3, 4, 3]), (2048, [11, 7])])
def test_predictions_in_blocks_are_the_formula(monkeypatch, recipe, block, rows):
    """Blocks bound the rows of a forward pass."""
    sizes = []

    def recorded(layers, x, scale):
        sizes.append(x.shape[-2])
        return forward(layers, x, scale)

    monkeypatch.setattr(sgd, "BLOCK", block)
    monkeypatch.setattr(sgd, "forward", recorded)
    everywhere, picked = (predict(LAYERS, IMAGES, recipe, drawn) for drawn in (None, DRAWN))
    assert sizes == rows
    for r in REPLICATES:
        arrays = arrays_of(LAYERS, r)
        assert_same(everywhere[r], output(arrays, IMAGES, recipe))
        assert_same(picked[r], output(arrays, IMAGES[DRAWN[r]], recipe))


@pytest.mark.parametrize(("samples", "steps"), [(6, 4), (7, 6), (8, 6), (9, 6)])
def test_steps_count_the_smaller_last_batch(samples, steps):
    assert Recipe(2, 3, 0.1).steps(samples) == steps


@pytest.mark.parametrize("name", ["hidden", "output"])
def test_uniform_layers_fill_their_interval(name):
    weights, biases = initial_layer(name, (16, 5000), "uniform", seed=0, stream=(0, 0))
    for draws in (weights.ravel(), biases.ravel()):
        assert 0.2499 < np.abs(draws).max() <= 0.25
        assert_mean(draws, 0)
        assert_mean(draws**2, 0.25**2 / 3)
    assert (weights.shape, biases.shape) == ((16, 5000), (1, 5000))


@pytest.mark.parametrize(("name", "variance"), [("hidden", 2 / 16), ("output", 1 / 16)])
def test_normal_layers_have_the_stated_variance_and_no_biases(name, variance):
    weights, biases = initial_layer(name, (16, 40_000), "normal", seed=0, stream=(0, 0))
    for power, moment in ((1, 0), (2, variance), (4, 3 * variance**2)):
        assert_mean(weights.ravel() ** power, moment)
    assert biases.shape == (1, 40_000)
    assert not np.any(biases)


@pytest.mark.parametrize("initialisation", ["uniform", "normal"])
def test_draws_differ_by_layer_width_seed_replicate_and_generation(initialisation):
    def first(name="hidden", shape=(4, 6), seed=0, stream=(0, 0)):
        return initial_layer(name, shape, initialisation, seed=seed, stream=stream)[0][0, :4]

    np.testing.assert_array_equal(first(), first())
    output_layer = first(name="output") * (2**0.5 if initialisation == "normal" else 1)
    others = first(shape=(4, 7)), first(seed=1), first(stream=(1, 0)), first(stream=(0, 1))
    for one, other in combinations((first(), output_layer, *others), 2):
        assert not np.any(np.isclose(one, other))


def test_a_network_is_a_hidden_and_an_output_layer_from_streams_of_their_own():
    key = {"seed": 5, "stream": (1, 2)}
    layers = initial_layers(WIDTH, INPUTS, OUTPUTS, "uniform", **key)
    hidden = initial_layer("hidden", (INPUTS, WIDTH), "uniform", **key)
    last = initial_layer("output", (WIDTH, OUTPUTS), "uniform", **key)
    for one, other in zip(vars(layers).values(), (*hidden, *last), strict=True):
        np.testing.assert_array_equal(one, other)
    assert layers.width == WIDTH


def test_label_noise_is_standard_normal_and_new_for_each_generation_and_replicate():
    def drawn(replicate, generation, seed):
        return label_noise(4000, 5, replicate, seed=seed, generation=generation).ravel()

    found = [drawn(*key) for key in ((0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1))]
    for draws in found:
        for power, moment in ((1, 0), (2, 1), (4, 3)):
            assert_mean(draws**power, moment)
    for one, other in combinations(found, 2):
        assert_mean(one * other, 0)
    np.testing.assert_array_equal(drawn(0, 1, 0), found[0])


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: Recipe(0, 1, 0.1), "epochs must be at least 1, not 0"),
        (lambda: Recipe(1, 0, 0.1), "batch_size must be at least 1, not 0"),
        (lambda: Recipe(1, 1, -0.1), "learning_rate must be at least 0, not -0.1"),
        (lambda: Recipe(1, 1, 0.1, "max"), "loss must be mean or sum, not 'max'"),
        (lambda: Recipe(1, 1, 0.1, "sum", "width"), "output_scaling must be none or"),
        (
            lambda: initial_layer("hidden", (2, 3), "zeros", seed=0, stream=()),
            "initialisation must be uniform or normal, not 'zeros'",
        ),
    ],
)
def test_words_that_mean_nothing_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()
