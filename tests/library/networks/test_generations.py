"""Generations of networks: what each is trained on, where it starts, and what it refuses."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from conftest import assert_same
from tiny_networks import arrays_of, output, tiny_data

from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import (
    Data,
    mean_squared_error,
    one_hot,
    require_finite,
    train_generation,
)
from model_collapse.networks.sgd import (
    Recipe,
    batch_orders,
    initial_layers,
    label_noise,
    stacked,
    train,
)
from model_collapse.networks.sparse_inputs import SparseInputs

FRESH = {"initialisation": "uniform", "backend": Backend(), "seed": "s", "continued": False}


def chain(data: Data, recipe: Recipe, generations: int, noise: float, told=None, **options):
    """Generations 0 … n of width 32; ``told`` is extended by what each epoch reports."""
    found, options = [None], FRESH | options
    if told is not None:
        options["report"] = lambda *words: told.append(words)
    for m in range(generations + 1):
        found.append(train_generation(data, recipe, 32, m, found[-1], noise=noise, **options))
    return found[1:]


def start_of(m: int, r: int):
    return initial_layers(32, 6, 10, "uniform", seed="s", stream=(r, m))


def test_noiseless_training_that_goes_on_changes_nothing():
    """Generation 1 learns what generation 0 says, not the truth."""
    told = []
    before, after = chain(tiny_data(6), Recipe(3, 4, 0.1), 1, 0.0, told, continued=True)
    assert told[2][2].min() > 0.01 > 1e-12 > told[5][2].max()
    assert_same(before.outputs, after.outputs, rtol=1e-6)
    assert_same(before.risks, after.risks, rtol=1e-6)


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("draws", [1, 3])
def test_labels_starts_and_images_of_each_generation(continued, draws):
    """At learning rate 0 the loss is that of the start, on the generation's own images."""
    recipe = Recipe(1, 6, 0.0, output_scaling="inverse_sqrt_width")
    told = []
    data = tiny_data(6, draws=draws)
    found = chain(data, recipe, 2, 0.3, told, continued=continued)
    for m in range(3):
        now, following = (data.drawn[min(i, draws - 1)] for i in (m, m + 1))
        for r in range(2):
            arrays = list(vars(start_of(0 if continued else m, r)).values())
            labels = np.eye(10)[data.labels[now[r]]]
            if m:
                noise = label_noise(6, 10, r, seed="s", generation=m)
                labels = found[m - 1].outputs[r] + 0.3 * noise
            losses = np.mean((output(arrays, data.inputs[now[r]], recipe) - labels) ** 2)
            assert_same(told[m][2][r], losses, rtol=1e-6)
            expected = output(arrays, data.inputs[following[r]], recipe)
            assert_same(found[m].outputs[r], expected, rtol=1e-6, atol=1e-7)
            tested = output(arrays, data.test_inputs, recipe)
            assert_same(found[m].risks[r], np.mean((tested - np.eye(10)[:5]) ** 2), rtol=1e-6)


def test_outputs_are_the_trained_layers_on_the_next_generations_images():
    data = tiny_data(6, draws=2)
    recipe = Recipe(4, 4, 0.1)
    for found in chain(data, recipe, 1, 0.1):
        for r, rows in enumerate(data.drawn[1]):
            direct = output(arrays_of(found.layers, r), data.inputs[rows], recipe)
            assert_same(found.outputs[r], direct, rtol=1e-5)


def test_the_chain_trains_as_train_does_and_reports_each_epoch():
    """From the layers, labels and orders of generation 1 of two replicates, in float64."""
    data = tiny_data(6)
    recipe = Recipe(3, 4, 0.1, "sum")
    told = []
    first, found = chain(data, recipe, 1, 0.2, told)
    noises = [label_noise(6, 10, r, seed="s", generation=1) for r in range(2)]
    layers = stacked([start_of(1, r) for r in range(2)])
    labels = first.outputs + 0.2 * np.stack(noises)
    orders = batch_orders(6, range(2), seed="s", generation=1)
    images = SparseInputs.of(data.inputs.astype(float))
    direct = train(layers, images, data.drawn[0], labels, recipe, orders)
    for one, other in zip(vars(found.layers).values(), vars(direct).values(), strict=True):
        assert one.dtype == np.float32
        assert_same(one, other, rtol=1e-5, atol=1e-6)
    assert [words[:2] for words in told] == [(m, epoch) for m in (0, 1) for epoch in (1, 2, 3)]


def test_a_replicate_does_not_depend_on_how_many_there_are():
    data = tiny_data(6)
    recipe = Recipe(3, 4, 0.1)
    alone = replace(data, drawn=data.drawn[:, :1])
    pairs = zip(*(chain(images, recipe, 1, 0.1) for images in (data, alone)), strict=True)
    for one, other in pairs:
        np.testing.assert_array_equal(one.outputs[:1], other.outputs)
        np.testing.assert_array_equal(one.risks[:1], other.risks)


def test_a_loss_that_is_not_finite_is_refused_by_name_and_without_warnings():
    """The last image is huge; only replicate 1 of generation 1 sees it, in epoch 2."""
    data = replace(tiny_data(6), drawn=np.array([[range(6), range(6)], [range(6), range(6, 12)]]))
    data.inputs[11] = 1e12 * np.abs(data.inputs[11])
    (start,) = chain(data, Recipe(1, 6, 0.1), 0, 0.0)
    start = replace(start, outputs=np.zeros_like(start.outputs))
    sentence = "generation 1: the training loss of replicate 1 is not finite in epoch 2;"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        train_generation(data, Recipe(3, 6, 0.1), 32, 1, start, noise=0.0, **FRESH)


def test_a_later_generation_needs_the_one_before():
    with pytest.raises(ValueError, match="generation 1 learns from the one before"):
        train_generation(tiny_data(6), Recipe(1, 6, 0.1), 32, 1, None, noise=0.0, **FRESH)


def test_a_last_step_that_diverges_is_refused_too():
    """The loss is measured before a step: after the only one the weights are beyond float32."""
    sentence = "generation 0: the test error of replicate 0 is not finite after the last epoch"
    with warnings.catch_warnings(), pytest.raises(ValueError, match=sentence):
        warnings.simplefilter("error")
        chain(tiny_data(6), Recipe(1, 6, 1e30), 0, 0.0)


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
