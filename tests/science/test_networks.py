"""Networks against finite differences and a trainer written out; generations; where they run."""

import importlib.util
import warnings
from dataclasses import replace

import numpy as np
import pytest
from conftest import assert_mean, assert_same

from model_collapse import networks
from model_collapse.backends import Backend, to_numpy
from model_collapse.network_chain import (
    Data,
    Generation,
    mean_squared_error,
    one_hot,
    require_finite,
    train_generation,
)
from model_collapse.networks import (
    Layers,
    Recipe,
    batch_orders,
    forward,
    gradients,
    initial_layer,
    initial_layers,
    label_noise,
    predict,
    stacked,
    train,
)

INPUTS, WIDTH, OUTPUTS, IMAGES, SAMPLES, REPLICATES = 5, 7, 3, 11, 7, 3
RECIPES = [
    Recipe(2, 3, 0.05, loss, scaling)
    for loss in ("mean", "sum")
    for scaling in ("none", "inverse_sqrt_width")
]
SEED = {"seed": 3, "generation": 2}
STEP = 1e-4
"""Of finite differences: the loss is quadratic in each single weight, but for kinks."""


def network() -> Layers:
    """Small random networks in float64."""
    return stacked(
        [
            initial_layers(WIDTH, INPUTS, OUTPUTS, "uniform", seed=1, stream=(r, 0))
            for r in range(REPLICATES)
        ]
    )


def problem():
    """Images (M, p), rows drawn (R, N) and labels (R, N, k), in float64."""
    rng = np.random.default_rng(0)
    images = rng.standard_normal((IMAGES, INPUTS))
    drawn = np.stack([rng.permutation(IMAGES)[:SAMPLES] for _ in range(REPLICATES)])
    return images, drawn, rng.standard_normal((REPLICATES, SAMPLES, OUTPUTS))


def single(layers: Layers, r: int) -> list[np.ndarray]:
    """The four arrays of one network."""
    return [array[r] for array in vars(layers).values()]


def output(arrays, x, recipe: Recipe) -> np.ndarray:
    """One network's outputs as the module's docstring has them."""
    w1, b1, w2, b2 = arrays
    scale = {"none": 1, "inverse_sqrt_width": 1 / np.sqrt(w1.shape[1])}[recipe.output_scaling]
    return scale * (np.maximum(x @ w1 + b1, 0) @ w2 + b2)


def loss(arrays, x, y, recipe: Recipe) -> float:
    """The loss of one network on a batch, as Recipe states it."""
    squares = (output(arrays, x, recipe) - y) ** 2
    return {"mean": squares.mean(axis=1), "sum": squares.sum(axis=1)}[recipe.loss].mean()


def slopes(arrays, x, y, recipe: Recipe) -> list[np.ndarray]:
    """The loss's gradient by central differences."""
    found = []
    for array in arrays:
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + STEP
            above = loss(arrays, x, y, recipe)
            array[place] = kept - STEP
            slope[place] = (above - loss(arrays, x, y, recipe)) / (2 * STEP)
            array[place] = kept
        found.append(slope)
    return found


def trained_by_hand(arrays, x, y, recipe: Recipe, order_of, kept=range(4)):
    """One network after SGD by finite differences, and the squared errors before its steps."""
    arrays, told = [array.copy() for array in arrays], []
    for epoch in range(1, recipe.epochs + 1):
        order, seen = order_of(epoch), []
        while len(order):
            batch, order = order[: recipe.batch_size], order[recipe.batch_size :]
            seen.extend((output(arrays, x[batch], recipe) - y[batch]) ** 2)
            descent = slopes(arrays, x[batch], y[batch], recipe)
            for i in kept:
                arrays[i] -= recipe.learning_rate * descent[i]
        told.append(np.mean(seen))
    return arrays, told


@pytest.mark.parametrize("recipe", RECIPES)
def test_gradients_by_finite_differences(recipe):
    layers, (images, drawn, labels) = network(), problem()
    x = images[drawn]
    scale = recipe.scale(WIDTH)
    hidden, predicted = forward(layers, x, scale)
    factor = 2 * scale / SAMPLES / (OUTPUTS if recipe.loss == "mean" else 1)
    found = gradients(layers, x, factor * (predicted - labels), hidden)
    for r in range(REPLICATES):
        for one, other in zip(
            single(found, r), slopes(single(layers, r), x[r], labels[r], recipe), strict=True
        ):
            assert_same(one, other, rtol=1e-10)


@pytest.mark.parametrize("recipe", RECIPES)
def test_one_full_batch_step_is_down_the_gradient_of_the_stated_loss(recipe):
    layers, (images, drawn, labels) = network(), problem()
    recipe = replace(recipe, epochs=1, batch_size=SAMPLES)
    orders = batch_orders(SAMPLES, range(REPLICATES), seed=1, generation=0)
    found = train(layers, images, drawn, labels, recipe, orders)
    for r in range(REPLICATES):
        arrays = single(layers, r)
        descent = slopes(arrays, images[drawn[r]], labels[r], recipe)
        for one, start, slope in zip(single(found, r), arrays, descent, strict=True):
            assert_same(one, start - recipe.learning_rate * slope, rtol=1e-11)


@pytest.mark.parametrize("hidden_fixed", [False, True])
@pytest.mark.parametrize("recipe", RECIPES)
def test_training_by_hand(recipe, hidden_fixed):
    """Seven images in batches of 3, 3 and 1: the last is averaged over its own size."""
    layers, (images, drawn, labels) = network(), problem()
    orders = [np.stack([np.roll(np.arange(SAMPLES), r + e) for r in range(3)]) for e in range(2)]
    told = []
    found = train(
        layers,
        images,
        drawn,
        labels,
        recipe,
        lambda epoch: orders[epoch - 1],
        hidden_fixed=hidden_fixed,
        after_epoch=lambda epoch, errors: told.append((epoch, errors)),
    )
    assert [epoch for epoch, _ in told] == [1, 2]
    for r in range(REPLICATES):
        arrays, errors = trained_by_hand(
            single(layers, r),
            images[drawn[r]],
            labels[r],
            recipe,
            lambda epoch, r=r: orders[epoch - 1][r],
            (2, 3) if hidden_fixed else range(4),
        )
        for one, other in zip(single(found, r), arrays, strict=True):
            assert_same(one, other, rtol=1e-10)
        assert_same([value[r] for _, value in told], errors, rtol=1e-10)
    for name in ("hidden", "hidden_bias"):
        kept = np.array_equal(getattr(found, name), getattr(layers, name))
        assert kept == hidden_fixed


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_replicate_trained_in_a_batch_is_the_same_to_the_bit(kind):
    layers, (images, drawn, labels) = network().map(lambda array: array.astype(kind)), problem()
    images, labels = images.astype(kind), labels.astype(kind)
    everything = range(REPLICATES)
    whole = train(
        layers, images, drawn, labels, RECIPES[0], batch_orders(SAMPLES, everything, **SEED)
    )
    for r in everything:
        only = range(r, r + 1)
        alone = train(
            layers.map(lambda array, r=r: array[r : r + 1]),
            images,
            drawn[r : r + 1],
            labels[r : r + 1],
            RECIPES[0],
            batch_orders(SAMPLES, only, **SEED),
        )
        for one, other in zip(single(alone, 0), single(whole, r), strict=True):
            assert one.dtype == kind
            np.testing.assert_array_equal(one, other)


def test_the_layers_passed_in_are_not_changed():
    layers, (images, drawn, labels) = network(), problem()
    before = layers.map(np.copy)
    found = train(
        layers, images, drawn, labels, RECIPES[1], batch_orders(SAMPLES, range(3), **SEED)
    )
    for one, other, moved in zip(*(vars(v).values() for v in (layers, before, found)), strict=True):
        np.testing.assert_array_equal(one, other)
        assert not np.array_equal(moved, other)


@pytest.mark.parametrize("batch_size", [1, 3, SAMPLES])
def test_an_epoch_sees_each_image_once(batch_size):
    """At learning rate 0 its mean squared error is that of all images, in whatever order."""
    layers, (images, drawn, labels) = network(), problem()
    recipe, told = Recipe(3, batch_size, 0.0), []
    train(
        layers,
        images,
        drawn,
        labels,
        recipe,
        batch_orders(SAMPLES, range(REPLICATES), **SEED),
        after_epoch=lambda epoch, errors: told.append(errors),
    )
    errors = [
        np.mean((output(single(layers, r), images[drawn[r]], recipe) - labels[r]) ** 2)
        for r in range(REPLICATES)
    ]
    assert_same(told, [errors] * 3)


def test_orders_are_permutations_that_differ_by_epoch_replicate_generation_and_seed():
    def drawn(replicates, **key):
        orders = batch_orders(50, replicates, **key)
        return [row for epoch in (1, 2) for row in orders(epoch)]

    found = drawn(range(2), **SEED) + drawn(range(2), **SEED | {"generation": 1})
    found += drawn(range(2), **SEED | {"seed": 4})
    assert all(sorted(row) == list(range(50)) for row in found)
    assert len({tuple(row) for row in found}) == len(found) == 12
    np.testing.assert_array_equal(drawn(range(1, 2), **SEED), found[1:4:2])


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("block", [3, 2048])
def test_predictions_in_blocks_are_the_formula(monkeypatch, recipe, block):
    monkeypatch.setattr(networks, "BLOCK", block)
    layers, (images, drawn, _) = network(), problem()
    everywhere, picked = (predict(layers, images, recipe), predict(layers, images, recipe, drawn))
    for r in range(REPLICATES):
        arrays = single(layers, r)
        assert_same(everywhere[r], output(arrays, images, recipe))
        assert_same(picked[r], output(arrays, images[drawn[r]], recipe))


def test_the_blocks_bound_the_rows_of_a_forward_pass(monkeypatch):
    sizes = []
    whole = networks.forward

    def recorded(layers, x, scale):
        sizes.append(x.shape[-2])
        return whole(layers, x, scale)

    monkeypatch.setattr(networks, "BLOCK", 4)
    monkeypatch.setattr(networks, "forward", recorded)
    images, drawn, _ = problem()
    predict(network(), images, RECIPES[0])
    predict(network(), images, RECIPES[0], drawn)
    assert sizes == [4, 4, 3, 4, 3]


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
    assert_mean(weights.ravel(), 0)
    assert_mean(weights.ravel() ** 2, variance)
    assert_mean(weights.ravel() ** 4, 3 * variance**2)
    assert biases.shape == (1, 40_000)
    assert not np.any(biases)


@pytest.mark.parametrize("initialisation", ["uniform", "normal"])
def test_draws_differ_by_layer_width_seed_replicate_and_generation(initialisation):
    def first(name="hidden", shape=(4, 6), seed=0, stream=(0, 0)):
        return initial_layer(name, shape, initialisation, seed=seed, stream=stream)[0][0, :4]

    np.testing.assert_array_equal(first(), first())
    normalised = [
        first(),
        first(name="output") * (2**0.5 if initialisation == "normal" else 1),
        first(shape=(4, 7)),
        first(seed=1),
        first(stream=(1, 0)),
        first(stream=(0, 1)),
    ]
    for i, one in enumerate(normalised):
        for other in normalised[:i]:
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
    found = [
        label_noise(4000, 5, replicate, seed=seed, generation=generation).ravel()
        for replicate, generation, seed in ((0, 1, 0), (1, 1, 0), (0, 2, 0), (0, 1, 1))
    ]
    for i, draws in enumerate(found):
        assert_mean(draws, 0)
        assert_mean(draws**2, 1)
        assert_mean(draws**4, 3)
        for other in found[:i]:
            assert_mean(draws * other, 0)
    np.testing.assert_array_equal(label_noise(4000, 5, 0, seed=0, generation=1).ravel(), found[0])


def test_a_batch_larger_than_the_data_is_refused():
    images, drawn, labels = problem()
    with pytest.raises(ValueError, match="batch_size 8 is larger than the 7 images"):
        train(network(), images, drawn, labels, Recipe(1, 8, 0.1), lambda epoch: None)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Recipe(1, 1, 0.1, loss="l1"), "loss must be mean or sum, not 'l1'"),
        (
            lambda: Recipe(1, 1, 0.1, output_scaling="width"),
            "output_scaling must be none or inverse_sqrt_width, not 'width'",
        ),
        (
            lambda: initial_layer("hidden", (2, 2), "he", seed=0, stream=(0, 0)),
            "initialisation must be uniform or normal, not 'he'",
        ),
    ],
)
def test_unknown_names_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


# Generations.

CONVENTION = {"initialisation": "uniform", "backend": Backend(), "seed": "s"}


def tiny(draws: int = 1) -> Data:
    """Twelve images with all labels, two replicates of six, and five test images."""
    rng = np.random.default_rng(2)
    drawn = [[rng.permutation(12)[:6] for _ in range(2)] for _ in range(draws)]
    return Data(
        rng.standard_normal((12, 6)).astype(np.float32),
        np.arange(12) % 10,
        np.array(drawn),
        rng.standard_normal((5, 6)).astype(np.float32),
        np.arange(5),
    )


def chain(data: Data, recipe: Recipe, generations: int, told=None, **convention):
    """Generations 0 … n of width 32; ``told`` is extended by what each epoch reports."""
    found, options = [], CONVENTION | convention
    if told is not None:
        options["report"] = lambda *words: told.append(words)
    for m in range(generations + 1):
        before = found[-1] if found else None
        found.append(train_generation(data, recipe, 32, m, before, **options))
    return found


def assert_same_generation(one: Generation, other: Generation):
    """Two routes in float32."""
    assert_same(one.outputs, other.outputs, rtol=1e-6)
    assert_same(one.risks, other.risks, rtol=1e-6)


def test_generation_0_of_a_wide_network_learns_its_few_labels_by_heart():
    data, told = tiny(), []
    (found,) = chain(data, Recipe(400, 3, 0.1, "sum"), 0, told, noise=0.1, continued=False)
    np.testing.assert_allclose(found.outputs, np.eye(10)[data.labels[data.drawn[0]]], atol=1e-3)
    assert told[-1][2].max() < 1e-6
    assert found.risks.min() > 1e-2
    assert told[-1][2].shape == found.risks.shape == (2,)


def test_noiseless_training_that_goes_on_changes_nothing():
    """Generation 1 learns what generation 0 says, not the truth."""
    told = []
    before, after = chain(tiny(), Recipe(3, 4, 0.1), 1, told, noise=0.0, continued=True)
    assert told[2][2].min() > 0.01 > 1e-12 > told[5][2].max()
    assert_same_generation(before, after)


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("draws", [1, 3])
def test_labels_starts_and_images_of_each_generation(continued, draws):
    """At learning rate 0 the loss is that of the start, on the generation's own images."""
    data, recipe = tiny(draws), Recipe(1, 6, 0.0, output_scaling="inverse_sqrt_width")
    told = []
    found = chain(data, recipe, 2, told, noise=0.3, continued=continued)
    for m in range(3):
        now, following = (data.drawn[min(i, draws - 1)] for i in (m, m + 1))
        for r in range(2):
            start = initial_layers(
                32, 6, 10, "uniform", seed="s", stream=(r, 0 if continued else m)
            )
            arrays = list(vars(start).values())
            if m == 0:
                labels = np.eye(10)[data.labels[now[r]]]
            else:
                noise = label_noise(6, 10, r, seed="s", generation=m)
                labels = found[m - 1].outputs[r] + 0.3 * noise
            losses = np.mean((output(arrays, data.inputs[now[r]], recipe) - labels) ** 2)
            assert_same(told[m][2][r], losses, rtol=1e-6)
            assert_same(
                found[m].outputs[r], output(arrays, data.inputs[following[r]], recipe), rtol=1e-6
            )
            tested = output(arrays, data.test_inputs, recipe)
            assert_same(found[m].risks[r], np.mean((tested - np.eye(10)[:5]) ** 2), rtol=1e-6)


def test_outputs_are_the_trained_layers_on_the_next_generations_images():
    data, recipe = tiny(draws=2), Recipe(4, 4, 0.1)
    for found in chain(data, recipe, 1, noise=0.1, continued=False):
        following = data.drawn[1]
        for r in range(2):
            arrays = single(found.layers, r)
            direct = output(arrays, data.inputs[following[r]], recipe)
            assert_same(found.outputs[r], direct, rtol=1e-5)


def test_the_chain_trains_as_train_does_and_reports_each_epoch():
    """From the layers, labels and orders of generation 1 of two replicates, in float64."""
    data, recipe, told = tiny(), Recipe(3, 4, 0.1, "sum"), []
    first, found = chain(data, recipe, 1, told, noise=0.2, continued=False)
    layers = [initial_layers(32, 6, 10, "uniform", seed="s", stream=(r, 1)) for r in range(2)]
    noises = [label_noise(6, 10, r, seed="s", generation=1) for r in range(2)]
    direct = train(
        stacked(layers),
        data.inputs.astype(float),
        data.drawn[0],
        first.outputs + 0.2 * np.stack(noises),
        recipe,
        batch_orders(6, range(2), seed="s", generation=1),
    )
    for one, other in zip(vars(found.layers).values(), vars(direct).values(), strict=True):
        assert one.dtype == np.float32
        assert_same(one, other, rtol=1e-5)
    assert [words[:2] for words in told] == [(m, epoch) for m in (0, 1) for epoch in (1, 2, 3)]


def test_a_replicate_does_not_depend_on_how_many_there_are():
    data, recipe = tiny(), Recipe(3, 4, 0.1)
    alone = replace(data, drawn=data.drawn[:, :1])
    for one, other in zip(
        *(chain(images, recipe, 1, noise=0.1, continued=False) for images in (data, alone)),
        strict=True,
    ):
        np.testing.assert_array_equal(one.outputs[:1], other.outputs)
        np.testing.assert_array_equal(one.risks[:1], other.risks)


def test_a_loss_that_is_not_finite_is_refused_by_name_and_without_warnings():
    """Only the last image is huge, and only replicate 1 of generation 1 sees it, in epoch 2."""
    data = replace(tiny(), drawn=np.array([[range(6), range(6)], [range(6), range(6, 12)]]))
    data.inputs[11] *= 1e12
    start = chain(data, Recipe(1, 6, 0.1), 0, noise=0.0, continued=False)[0]
    start = replace(start, outputs=np.zeros_like(start.outputs))
    sentence = "generation 1: the training loss of replicate 1 is not finite in epoch 2;"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        train_generation(
            data, Recipe(3, 6, 0.1), 32, 1, start, noise=0.0, continued=False, **CONVENTION
        )


def test_a_last_step_that_diverges_is_refused_too():
    """The loss is measured before a step: after the only one the weights are beyond float32."""
    sentence = r"generation 0: the test error of replicate 0 is not finite after the last epoch"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        chain(tiny(), Recipe(1, 6, 1e30), 0, noise=0.0, continued=False)


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_replicates_count_from_the_first(loss):
    require_finite(np.array([1.0, 0.0]), 0, "training loss", "in epoch 1")
    with pytest.raises(ValueError, match=r"generation 3: .* replicate 8 .* epoch 4"):
        require_finite(np.array([1.0, loss]), 3, "training loss", "in epoch 4", first=7)


def test_mean_squared_error_by_hand():
    """Two images of labels 0 and 9; 0.1·(1 + 9·0.25) each at outputs of 0.5 but for one of 0."""
    outputs = np.full((2, 2, 10), 0.5)
    outputs[0, 0, 0] = outputs[0, 1, 9] = 0.0
    assert_same(mean_squared_error(outputs, np.array([0, 9])), [0.325, 0.25])
    single = np.full((2, 10), 0.1, dtype=np.float32)
    assert_same(mean_squared_error(single, np.array([0, 9])), 0.1 * 0.9**2 + 0.9 * 0.1**2, 1e-8)
    assert one_hot(np.array([[3]])).tolist() == [[[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]]


def test_after_the_last_draw_its_rows_are_kept():
    data = tiny(draws=2)
    for generation, place in ((0, 0), (1, 1), (2, 1), (9, 1)):
        np.testing.assert_array_equal(data.rows(generation), data.drawn[place])


# Backends.


def test_the_default_backend_is_numpy_on_the_cpu():
    array = Backend().array([1, 2], "float32")
    assert (type(array), array.dtype) == (np.ndarray, np.float32)
    assert to_numpy(array) is array


@pytest.mark.parametrize(
    ("library", "device", "sentence"),
    [
        ("jax", "cpu", "backend.library must be one of numpy, torch, not 'jax'"),
        ("numpy", "tpu", "backend.device must be one of cpu, cuda, not 'tpu'"),
        ("numpy", "cuda", "backend.device: numpy runs on the cpu only, cuda needs"),
        ("torch", "cpu", "backend.library: torch is not installed; pip install torch"),
        ("torch", "cuda", "backend.library: torch is not installed; pip install torch"),
    ],
)
def test_backends_that_are_not_there_are_refused(monkeypatch, library, device, sentence):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    with pytest.raises(ValueError, match=sentence):
        Backend(library, device)
