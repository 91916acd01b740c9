"""Networks with a fixed hidden layer: dual coordinates against weights, filter, ridgeless limit."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from conftest import assert_same
from tiny_networks import tiny_data

from model_collapse.networks import random_features
from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import mean_squared_error
from model_collapse.networks.random_features import (
    Eigensystem,
    after_training,
    filter_response,
    layers_of,
    predict_all,
    prepare,
    sgd,
    top_eigenvalue,
    train_features,
)
from model_collapse.networks.sgd import (
    METHODS,
    Layers,
    Recipe,
    batch_orders,
    initial_layer,
    label_noise,
)
from model_collapse.networks.sparse_inputs import SparseInputs
from model_collapse.theory.spectral_filters import gradient_descent

INPUTS, WIDTH, SAMPLES, TESTED, HEADS = 5, 40, 9, 4, 3
RECIPES = [
    Recipe(4, 4, 0.05, loss, scaling)
    for loss in ("mean", "sum")
    for scaling in ("none", "inverse_sqrt_width")
]
every_recipe = pytest.mark.parametrize("recipe", RECIPES)
# Images, test images, labels, and the layers of three generations, in float64.
X, TEST_X, LABELS = (
    np.random.default_rng(i).standard_normal(shape)
    for i, shape in enumerate(((SAMPLES, INPUTS), (TESTED, INPUTS), (SAMPLES, 10)))
)
LAYERS = layers_of(WIDTH, INPUTS, HEADS, "uniform", seed=1, replicate=2)


def explicit(x, layers: Layers, scale: float) -> np.ndarray:
    """All features of all images, (n, H + 1), the last for the output's bias."""
    hidden = np.maximum(x @ layers.hidden + layers.hidden_bias, 0)
    return scale * np.hstack([hidden, np.ones((len(x), 1))])


def weights(layers: Layers, m: int) -> np.ndarray:
    return np.vstack([layers.output[m], layers.output_bias[m]])


def orders(generation: int):
    return batch_orders(SAMPLES, range(2, 3), seed=4, generation=generation)


def prepared(scale: float):
    return prepare(SparseInputs.of(X), LAYERS, scale)


def outputs_after(found, alphas, scale: float) -> np.ndarray:
    """Outputs on the test images after output layers have moved by (G, N, k)."""
    chain = after_training(LAYERS, found.hidden, alphas, scale)
    return predict_all(TEST_X, [LAYERS, chain], scale)[1]


@every_recipe
@pytest.mark.parametrize(("units", "images"), [(16, 2), (500, 1000)])
def test_kernel_starts_and_outputs_are_those_of_explicit_features(
    monkeypatch, recipe, units, images
):
    """However many hidden units and test images are taken at once."""
    monkeypatch.setattr(random_features, "UNITS_AT_ONCE", units)
    monkeypatch.setattr(random_features, "IMAGES_AT_ONCE", images)
    scale = recipe.scale(WIDTH)
    features, tested = (explicit(images, LAYERS, scale) for images in (X, TEST_X))
    found = prepared(scale)
    assert_same(found.gram, features @ features.T)
    hidden = np.maximum(X @ LAYERS.hidden + LAYERS.hidden_bias, 0)
    assert_same(found.gram, scale**2 * (hidden @ hidden.T + 1))
    alphas = np.random.default_rng(3).standard_normal((HEADS, SAMPLES, 10))
    outputs = outputs_after(found, alphas, scale)
    for m in range(HEADS):
        assert_same(found.start[m], features @ weights(LAYERS, m))
        moved = weights(LAYERS, m) + features.T @ alphas[m]
        assert_same(outputs[m], tested @ moved, rtol=1e-11)


def descended(start, features, y, recipe, order_of):
    """The output weights after SGD, by definition, and the mean squared errors before its steps."""
    found = start.copy()
    told = []
    factor = 2 * recipe.learning_rate / (y.shape[1] if recipe.loss == "mean" else 1)
    for epoch in range(1, recipe.epochs + 1):
        order = order_of(epoch)[0]
        squares = []
        for first in range(0, SAMPLES, recipe.batch_size):
            batch = order[first : first + recipe.batch_size]
            residual = features[batch] @ found - y[batch]
            squares.extend(residual**2)
            found -= factor * features[batch].T @ residual / len(batch)
        told.append(np.mean(squares))
    return found, told


@every_recipe
def test_sgd_in_dual_coordinates_is_sgd_on_the_output_layer(recipe):
    """Nine images in batches of 4, 4 and 1; the losses told agree, too."""
    scale = recipe.scale(WIDTH)
    told = []
    features, images, tested = (
        prepared(scale),
        *(explicit(x, LAYERS, scale) for x in (X, TEST_X)),
    )
    fit = sgd(features.gram, recipe, orders, lambda *words: told.append(words))
    for m in range(2):
        alpha, fitted = fit(LABELS - features.start[m], m)
        assert_same(fitted, features.gram @ alpha)
        found, losses = descended(weights(LAYERS, m), images, LABELS, recipe, orders(m))
        assert_same(features.start[m] + features.gram @ alpha, images @ found, rtol=1e-11)
        outputs = outputs_after(features, np.stack([alpha] * HEADS), scale)[m]
        assert_same(outputs, tested @ found, rtol=1e-11)
        assert_same([loss for n, _, (loss,) in told if n == m], losses, rtol=1e-11)
    assert [words[:2] for words in told] == [(m, epoch) for m in (0, 1) for epoch in (1, 2, 3, 4)]


def filtered(found, response) -> np.ndarray:
    """α (N, k) of generation 0 by a filter, in float64."""
    noises = np.zeros((HEADS, SAMPLES, 10))
    eigensystem = Eigensystem.of(found.gram)
    return eigensystem.chain(found.start, LABELS, noises, response, continued=False)[0]


@every_recipe
def test_the_filter_is_full_batch_sgd(recipe):
    features = prepared(recipe.scale(WIDTH))
    recipe = replace(recipe, batch_size=SAMPLES, epochs=30)
    curvatures = Eigensystem.of(features.gram).curvatures(recipe, 10)
    alpha = filtered(features, filter_response(curvatures, recipe, SAMPLES))
    fit = sgd(features.gram, recipe, orders, lambda *words: None)
    descended, fitted = fit(LABELS - features.start[0], 0)
    assert_same(alpha, descended, 1e-10)
    assert_same(features.gram @ alpha, fitted, 1e-10)


def test_the_filter_takes_the_steps_of_smaller_batches():
    recipe = RECIPES[1]
    curvatures = np.array([1e-3, 1.0, 20.0])
    assert_same(filter_response(curvatures, recipe, SAMPLES), 1 - (1 - 0.05 * curvatures) ** 12)


def test_the_ridgeless_fit_is_the_interpolation_nearest_to_the_start():
    """By lstsq in the space of features, which gives the least change of the weights."""
    features, tested = (explicit(images, LAYERS, 1.0) for images in (X, TEST_X))
    found = prepared(1.0)
    alpha = filtered(found, np.ones(SAMPLES))
    assert_same(found.start[0] + found.gram @ alpha, LABELS, rtol=1e-10)
    start = weights(LAYERS, 0)
    moved = np.linalg.lstsq(features, LABELS - features @ start)[0]
    outputs = outputs_after(found, np.stack([alpha] * HEADS), 1.0)[0]
    assert_same(outputs, tested @ (start + moved), rtol=1e-9)


@pytest.mark.parametrize(("factor", "grows"), [(0.99, False), (1.01, True)])
def test_the_limit_is_where_gradient_descent_begins_to_diverge(factor, grows):
    """Full batches, 1 % below and above; the labels are the steepest direction."""
    gram = prepared(1.0).gram
    told = []
    eigensystem = Eigensystem.of(gram)
    recipe = replace(RECIPES[0], batch_size=SAMPLES, epochs=300)
    rate = factor * 2 / eigensystem.curvatures(recipe, 10).max()
    fit = sgd(gram, replace(recipe, learning_rate=rate), orders, lambda *words: told.append(words))
    fit(eigensystem.vectors[:, -1:] * np.ones(10), 0)
    growth = told[-1][2] / told[0][2]
    assert growth > 10 if grows else growth < 0.1


def test_the_largest_eigenvalue_needs_no_gram_matrix():
    found = top_eigenvalue(X, LAYERS, Backend())
    features = explicit(X, LAYERS, 1.0)
    assert_same(found, np.linalg.norm(features, 2) ** 2, rtol=1e-6)


def test_layers_of_a_replicate_are_drawn_for_it_and_for_each_generation():
    found = layers_of(WIDTH, INPUTS, 2, "uniform", seed=1, replicate=2)
    drawn = partial(initial_layer, initialisation="uniform", seed=1)
    layers = [(found.hidden, found.hidden_bias, drawn("hidden", (INPUTS, WIDTH), stream=(2, 0)))]
    layers += [
        (found.output[m], found.output_bias[m], drawn("output", (WIDTH, 10), stream=(2, m)))
        for m in range(2)
    ]
    for *both, expected in layers:
        for one, other in zip(both, expected, strict=True):
            np.testing.assert_array_equal(one, other)


# A replicate from its images on.

DATA = tiny_data(SAMPLES, replicates=3)
ROWS = DATA.drawn[0, 1]
TRUTH = np.eye(10)[DATA.labels[ROWS]]
RECIPE = Recipe(5, 4, 0.05, "sum", "inverse_sqrt_width")


def run_of(recipe=RECIPE, width=WIDTH, replicate=1, generations=0, data=DATA, **options):
    """A replicate trained, by default a single generation of replicate 1."""
    convention = {"initialisation": "normal", "noise": 0.2, "backend": Backend(), "seed": "s"}
    convention |= {"continued": False}
    return train_features(data, recipe, width, replicate, generations, **convention | options)


def features_of(width: int, count: int = 1) -> tuple[Layers, np.ndarray, np.ndarray]:
    """Layers, features and test features of replicate 1, whose outputs are scaled."""
    layers = layers_of(width, 6, count, "normal", seed="s", replicate=1)
    images = DATA.inputs[ROWS], DATA.test_inputs
    return layers, *(explicit(x, layers, width**-0.5) for x in images)


def refitted(method: str, start: np.ndarray, features: np.ndarray, y: np.ndarray, m: int):
    """Output weights of one generation of replicate 1, by the method's definition."""
    if method == "ridgeless":
        return start + np.linalg.lstsq(features, y - features @ start)[0]
    order_of = batch_orders(SAMPLES, range(1, 2), seed="s", generation=m)
    if method == "filter":  # as many steps, each on all images
        recipe = replace(RECIPE, batch_size=SAMPLES, epochs=RECIPE.steps(SAMPLES))
        return descended(start, features, y, recipe, lambda epoch: [range(SAMPLES)])[0]
    return descended(start, features, y, RECIPE, order_of)[0]


@pytest.mark.parametrize("continued", [False, True])
def test_a_replicate_by_hand(continued):
    """Errors of all methods and generations from explicit features, in float64."""
    told = []
    report = {"report": lambda *words: told.append(words[:2])}
    run = run_of(generations=2, continued=continued, **report)
    layers, features, tested = features_of(WIDTH, 3)
    for i, method in enumerate(METHODS):
        last = None
        for m in range(3):
            noise = 0.2 * label_noise(SAMPLES, 10, 1, seed="s", generation=m)
            y = features @ last + noise if m else TRUTH
            start = last if continued and m else weights(layers, m)
            last = refitted(method, start, features, y, m)
            risk = mean_squared_error(tested @ last, DATA.test_labels)
            assert_same(run.risks[i, m], risk, rtol=1e-5)
    assert run.risks.shape == (3, 3)
    assert_same(run.limit, 2 / np.linalg.eigvalsh(2 * features.T @ features / SAMPLES)[-1], 1e-5)
    assert told == [(m, epoch) for m in range(3) for epoch in range(1, 6)]


@pytest.mark.parametrize("loss", ["mean", "sum"])
@pytest.mark.parametrize("width", [4, WIDTH])
def test_what_theory_needs_of_a_replicate(loss, width):
    """With fewer features than images, what these cannot say of the labels has no eigenvalue."""
    recipe = replace(RECIPE, loss=loss)
    run = run_of(recipe, width)
    layers, features, _ = features_of(width)
    assert_same(run.eigenvalues.sum(), np.sum(features**2) / SAMPLES, rtol=1e-6)
    assert_same(run.powers.sum(), 0.1, rtol=1e-6)
    known = run.eigenvalues > 1e-6
    explained = features @ np.linalg.pinv(features) @ TRUTH
    assert_same(run.powers[known].sum(), np.mean(explained**2), rtol=1e-5)
    assert np.count_nonzero(known) == min(width + 1, SAMPLES)
    # In sample, from outputs of zero, mode j is learned to the part F(2w·h_j).
    rate = recipe.learning_rate * 2 * recipe.output_weight(10)
    learned = gradient_descent(rate, recipe.steps(SAMPLES))
    weights = np.zeros((width + 1, 10))
    for _ in range(recipe.steps(SAMPLES)):
        weights -= rate * features.T @ (features @ weights - TRUTH) / SAMPLES
    fitted = np.sum(learned(run.eigenvalues) ** 2 * run.powers)
    assert_same(fitted, np.mean((features @ weights) ** 2), rtol=1e-6)
    assert_same(run.start_variance, np.mean(layers.output**2), rtol=1e-6)


def test_fewer_features_than_images_end_in_least_squares():
    """From the start, whose part outside the features' span stays."""
    layers, features, tested = features_of(4)
    start = weights(layers, 0)
    ended = start + np.linalg.pinv(features) @ (TRUTH - features @ start)
    ridgeless = mean_squared_error(tested @ ended, DATA.test_labels)
    assert_same(run_of(width=4).risks[2, 0], ridgeless, rtol=1e-4)


def test_images_that_features_cannot_tell_apart_are_refused():
    rows = DATA.drawn.copy()
    rows[0, 1, 1] = rows[0, 1, 0]
    with pytest.raises(ValueError, match=r"linearly dependent.*and no image twice"):
        run_of(data=replace(DATA, drawn=rows))


def test_a_replicate_depends_on_its_own_number_and_images_alone():
    found = run_of(generations=1).risks
    others = DATA.drawn[:, [2, 1]]
    np.testing.assert_array_equal(
        run_of(generations=1, data=replace(DATA, drawn=others)).risks, found
    )
    shared = replace(DATA, drawn=DATA.drawn[:, [1, 1]])
    np.testing.assert_array_equal(run_of(generations=1, data=shared).risks, found)
    assert not np.any(np.isclose(run_of(generations=1, data=shared, replicate=0).risks, found))


def test_a_learning_rate_at_the_limit_is_refused_before_any_training():
    told = []

    def trained(rate):
        recipe = replace(RECIPE, learning_rate=rate, batch_size=SAMPLES)
        return run_of(recipe, report=lambda *words: told.append(words))

    limit = trained(1e-3).limit
    assert np.all(np.isfinite(trained(limit * 0.949).risks))
    told.clear()
    with pytest.raises(ValueError, match=f"from 2/h = {limit:.4g} on.*below {0.95 * limit:.4g}"):
        trained(limit)
    assert not told


def test_sgd_that_diverges_below_the_limit_names_the_replicate():
    """Single images overshoot at a learning rate that all together do not."""
    recipe = replace(RECIPE, batch_size=1, epochs=2000, learning_rate=0.94 * run_of().limit)
    sentence = r"generation 0: the training loss of replicate 1 is not finite in epoch \d"
    with pytest.raises(ValueError, match=sentence):
        run_of(recipe)
