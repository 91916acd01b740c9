"""Networks with a fixed hidden layer: dual coordinates against weights, filter, ridgeless limit."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import assert_same

from model_collapse import random_features
from model_collapse.backends import Backend
from model_collapse.filters import gradient_descent
from model_collapse.network_chain import Data, mean_squared_error
from model_collapse.networks import (
    Layers,
    Recipe,
    batch_orders,
    initial_layer,
    label_noise,
    predict,
    train,
)
from model_collapse.random_features import (
    METHODS,
    Eigensystem,
    feature_chain,
    filter_response,
    layers_of,
    prepare,
    require_stable,
    sgd,
    train_features,
)

INPUTS, WIDTH, SAMPLES, TESTED, HEADS = 5, 40, 9, 4, 3
RECIPES = [
    Recipe(4, 4, 0.05, loss, scaling)
    for loss in ("mean", "sum")
    for scaling in ("none", "inverse_sqrt_width")
]


@pytest.fixture(scope="module")
def x():
    """Images."""
    return np.random.default_rng(0).standard_normal((SAMPLES, INPUTS))


@pytest.fixture(scope="module")
def test_x():
    """Test images."""
    return np.random.default_rng(1).standard_normal((TESTED, INPUTS))


@pytest.fixture(scope="module")
def labels():
    """Labels, one output each class."""
    return np.random.default_rng(2).standard_normal((SAMPLES, 10))


@pytest.fixture(scope="module")
def noises():
    """Label noise of each generation; there is none for the first, and nothing may look at it."""
    found = np.random.default_rng(3).standard_normal((HEADS, SAMPLES, 10))
    found[0] = np.nan
    return found


@pytest.fixture(scope="module")
def layers() -> Layers:
    """A hidden layer and the output layers of three generations, in float64."""
    return layers_of(WIDTH, INPUTS, HEADS, "uniform", seed=1, replicate=2)


def explicit(x, layers: Layers, scale: float) -> np.ndarray:
    """All features of all images, (n, H + 1), the last for the output's bias."""
    hidden = np.maximum(x @ layers.hidden + layers.hidden_bias, 0)
    return scale * np.hstack([hidden, np.ones((len(x), 1))])


def weights(layers: Layers, m: int) -> np.ndarray:
    """One output layer and its bias, (H + 1, k)."""
    return np.vstack([layers.output[m], layers.output_bias[m]])


def gram_of(x, layers: Layers, scale: float) -> np.ndarray:
    """The kernel between all images."""
    return prepare(x, x, layers, scale).gram


def network(layers: Layers, m: int) -> Layers:
    """The network of one generation as a batch of one."""
    return Layers(
        layers.hidden[None],
        layers.hidden_bias[None],
        layers.output[m : m + 1],
        layers.output_bias[m : m + 1],
    )


def orders(generation: int):
    """Batches of replicate 2."""
    return batch_orders(SAMPLES, range(2, 3), seed=4, generation=generation)


def silent(*words) -> None:
    """Reports nothing."""


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("part", [7, 2000])
def test_kernel_and_starts_are_those_of_explicit_features(
    monkeypatch, x, test_x, layers, recipe, part
):
    """However many hidden units are taken at once."""
    monkeypatch.setattr(random_features, "FEATURES", part)
    scale = recipe.scale(WIDTH)
    features, tested = (explicit(images, layers, scale) for images in (x, test_x))
    found = prepare(x, test_x, layers, scale)
    assert_same(found.gram, features @ features.T)
    assert_same(found.test_gram, tested @ features.T)
    hidden = np.maximum(x @ layers.hidden + layers.hidden_bias, 0)
    assert_same(found.gram, scale**2 * (hidden @ hidden.T + 1))
    for m in range(HEADS):
        assert_same(found.start[m], features @ weights(layers, m))
        assert_same(found.test_start[m], tested @ weights(layers, m))


def test_hidden_units_are_taken_in_parts(monkeypatch, x, test_x, layers):
    monkeypatch.setattr(random_features, "FEATURES", 16)
    sizes, whole = [], random_features._features

    def recorded(*arguments):
        found = whole(*arguments)
        sizes.append(found.shape)
        return found

    monkeypatch.setattr(random_features, "_features", recorded)
    prepare(x, test_x, layers, 1.0)
    assert sizes == [(9, 16), (4, 16)] * 2 + [(9, 8), (4, 8)]


@pytest.mark.parametrize("recipe", RECIPES)
def test_sgd_in_dual_coordinates_is_sgd_on_the_output_layer(x, test_x, layers, labels, recipe):
    """Nine images in batches of 4, 4 and 1; the losses told agree, too."""
    features, told, expected = prepare(x, test_x, layers, recipe.scale(WIDTH)), [], []
    fit = sgd(
        features.gram, recipe, orders, lambda m, epoch, errors: told.append((m, epoch, *errors))
    )
    for m in range(2):
        alpha, fitted = fit(labels - features.start[m], m)
        assert_same(fitted, features.gram @ alpha)
        trained = train(
            network(layers, m),
            x,
            np.arange(SAMPLES)[None],
            labels[None],
            recipe,
            orders(m),
            hidden_fixed=True,
            after_epoch=lambda epoch, errors, m=m: expected.append((m, epoch, *errors)),
        )
        outputs, tested = (predict(trained, images, recipe)[0] for images in (x, test_x))
        assert_same(features.start[m] + features.gram @ alpha, outputs, rtol=1e-11)
        assert_same(features.test_start[m] + features.test_gram @ alpha, tested, rtol=1e-11)
    assert_same(told, expected, rtol=1e-11)
    assert len(told) == 8


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_filter_is_full_batch_sgd(x, test_x, layers, labels, recipe):
    features = prepare(x, test_x, layers, recipe.scale(WIDTH))
    recipe = replace(recipe, batch_size=SAMPLES, epochs=30)
    eigensystem = Eigensystem.of(features.gram)
    response = filter_response(eigensystem.curvatures(recipe, 10), recipe, SAMPLES)
    y = labels - features.start[0]
    alpha, fitted = eigensystem.fit(response)(y, 0)
    descended = sgd(features.gram, recipe, orders, silent)(y, 0)
    assert_same(alpha, descended[0], 1e-10)
    assert_same(fitted, descended[1], 1e-10)


def test_the_filter_takes_the_steps_of_smaller_batches(x, layers):
    recipe, curvatures = RECIPES[1], np.array([1e-3, 1.0, 20.0])
    assert_same(filter_response(curvatures, recipe, SAMPLES), 1 - (1 - 0.05 * curvatures) ** 12)


def test_the_ridgeless_fit_is_the_interpolation_nearest_to_the_start(x, test_x, layers, labels):
    """By lstsq in the space of features, which gives the least change of the weights."""
    features, tested = (explicit(images, layers, 1.0) for images in (x, test_x))
    found = prepare(x, test_x, layers, 1.0)
    alpha, _ = Eigensystem.of(found.gram).fit(np.ones(SAMPLES))(labels - found.start[1], 1)
    assert_same(found.start[1] + found.gram @ alpha, labels, rtol=1e-10)
    start = weights(layers, 1)
    moved = np.linalg.lstsq(features, labels - features @ start)[0]
    assert_same(found.test_start[1] + found.test_gram @ alpha, tested @ (start + moved), rtol=1e-9)


@pytest.mark.parametrize("recipe", RECIPES)
def test_endless_training_is_ridgeless(x, layers, labels, recipe):
    eigensystem = Eigensystem.of(gram_of(x, layers, recipe.scale(WIDTH)))
    curvatures = eigensystem.curvatures(recipe, 10)
    endless = replace(recipe, epochs=int(40 / recipe.learning_rate / curvatures.min()))
    response = filter_response(curvatures, endless, SAMPLES)
    for one, other in zip(
        eigensystem.fit(response)(labels, 0),
        eigensystem.fit(np.ones(SAMPLES))(labels, 0),
        strict=True,
    ):
        assert_same(one, other)


@pytest.mark.parametrize("continued", [False, True])
def test_generations_of_a_linear_fit(x, test_x, layers, labels, noises, continued):
    """With S = K·K^{-1}F(K): f_m = f_{m−1} + S·noise if continued, else from a start of its own."""
    found = prepare(x, test_x, layers, 1.0)
    eigensystem = Eigensystem.of(found.gram)
    recipe = RECIPES[0]
    response = filter_response(eigensystem.curvatures(recipe, 10), recipe, SAMPLES)
    inverse = eigensystem.vectors @ np.diag(response / eigensystem.values)
    inverse = inverse @ eigensystem.vectors.T
    smoother, tester = found.gram @ inverse, found.test_gram @ inverse
    fit = eigensystem.fit(response)
    outputs, tested = feature_chain(found, labels, noises, fit, continued=continued)
    assert_same(outputs[0], found.start[0] + smoother @ (labels - found.start[0]), rtol=1e-10)
    for m in (1, 2):
        if continued:
            direct = outputs[m - 1] + smoother @ noises[m]
            test_direct = tested[m - 1] + tester @ noises[m]
        else:
            target = outputs[m - 1] + noises[m] - found.start[m]
            direct = found.start[m] + smoother @ target
            test_direct = found.test_start[m] + tester @ target
        assert_same(outputs[m], direct, rtol=1e-10)
        assert_same(tested[m], test_direct, rtol=1e-10)
    assert (outputs.shape, tested.shape) == ((HEADS, SAMPLES, 10), (HEADS, TESTED, 10))


@pytest.mark.parametrize("recipe", RECIPES)
def test_curvatures_are_those_of_the_loss_by_finite_differences(x, recipe):
    """As many images as features, so that the Gram matrix has all of them; once an output."""
    outputs, count = 3, INPUTS + 1
    layers = layers_of(count - 1, INPUTS, 1, "normal", seed=0, replicate=0)
    images, scale = x[:count], recipe.scale(count - 1)
    features = explicit(images, layers, scale)
    labels = np.random.default_rng(5).standard_normal((count, outputs))

    def loss(flat):
        squares = (features @ flat.reshape(count, outputs) - labels) ** 2
        return {"mean": squares.mean(axis=1), "sum": squares.sum(axis=1)}[recipe.loss].mean()

    # The loss is a polynomial of degree 2: differences of any step are exact.
    unit = np.eye(count * outputs)
    hessian = [[loss(a + b) - loss(a) - loss(b) + loss(0 * a) for a in unit] for b in unit]
    eigensystem = Eigensystem.of(gram_of(images, layers, scale))
    found = eigensystem.curvatures(recipe, outputs)
    assert_same(np.repeat(found, outputs), np.linalg.eigvalsh(hessian), rtol=1e-12)
    assert np.count_nonzero(found > 1e-6) > 3


def test_an_unstable_learning_rate_is_refused_with_its_limit():
    require_stable(8.0, 0.25 * 0.949)
    for rate in (0.25 * 0.951, 1.0, np.nan):
        with pytest.raises(ValueError, match=r"learning_rate .* 2/h = 0.25 on.*below 0.2375"):
            require_stable(8.0, rate)


def test_the_limit_is_where_gradient_descent_begins_to_diverge(x, layers, labels):
    """Full batches, 1 % below and above; the labels are the steepest direction."""
    gram = gram_of(x, layers, 1.0)
    eigensystem = Eigensystem.of(gram)
    recipe = replace(RECIPES[0], batch_size=SAMPLES, epochs=300)
    limit = 2 / eigensystem.curvatures(recipe, 10).max()
    steepest = eigensystem.vectors[:, -1:] * np.ones(10)
    for factor, grows in ((0.99, False), (1.01, True)):
        told = []
        rate = replace(recipe, learning_rate=factor * limit)
        sgd(gram, rate, orders, lambda m, epoch, errors, told=told: told.append(errors))(
            steepest, 0
        )
        assert (told[-1] > 10 * told[0]) == grows
        assert (told[-1] < told[0] / 10) != grows


def test_layers_of_a_replicate_are_drawn_for_it_and_for_each_generation():
    found = layers_of(WIDTH, INPUTS, 2, "uniform", seed=1, replicate=2)
    key = {"initialisation": "uniform", "seed": 1}
    hidden, bias = initial_layer("hidden", (INPUTS, WIDTH), stream=(2, 0), **key)
    np.testing.assert_array_equal(found.hidden, hidden)
    np.testing.assert_array_equal(found.hidden_bias, bias)
    for m in range(2):
        output, bias = initial_layer("output", (WIDTH, 10), stream=(2, m), **key)
        np.testing.assert_array_equal(found.output[m], output)
        np.testing.assert_array_equal(found.output_bias[m], bias)


# A replicate from its images on.

CONVENTION = {"initialisation": "normal", "noise": 0.2, "backend": Backend(), "seed": "s"}
RECIPE = Recipe(5, 4, 0.05, "sum", "inverse_sqrt_width")


@pytest.fixture(scope="module")
def data(test_x) -> Data:
    """Twelve images with all labels, and three replicates of nine."""
    rng = np.random.default_rng(6)
    return Data(
        rng.standard_normal((12, INPUTS)).astype(np.float32),
        np.arange(12) % 10,
        np.array([[rng.permutation(12)[:SAMPLES] for _ in range(3)]]),
        test_x.astype(np.float32),
        np.arange(TESTED),
    )


def refitted(method: str, start: np.ndarray, features: np.ndarray, y: np.ndarray, m: int):
    """Output weights of one generation of replicate 1, by the method's definition."""
    if method == "ridgeless":
        return start + np.linalg.lstsq(features, y - features @ start)[0]
    found, order_of = start.copy(), batch_orders(SAMPLES, range(1, 2), seed="s", generation=m)
    for epoch in range(1, RECIPE.epochs + 1):
        order = order_of(epoch)[0]
        for first in range(0, SAMPLES, RECIPE.batch_size):
            batch = order[first : first + RECIPE.batch_size]
            batch = range(SAMPLES) if method == "filter" else batch
            residual = features[batch] @ found - y[batch]
            found -= RECIPE.learning_rate * 2 * features[batch].T @ residual / len(batch)
    return found


@pytest.mark.parametrize("continued", [False, True])
def test_a_replicate_by_hand(data, continued):
    """Errors of all methods and generations from explicit features, in float64."""
    told = []
    run = train_features(
        data,
        RECIPE,
        WIDTH,
        1,
        2,
        continued=continued,
        report=lambda *words: told.append(words),
        **CONVENTION,
    )
    layers = layers_of(WIDTH, INPUTS, 3, "normal", seed="s", replicate=1)
    rows, scale = data.drawn[0, 1], WIDTH**-0.5
    features = explicit(data.inputs[rows], layers, scale)
    tested = explicit(data.test_inputs, layers, scale)
    for i, method in enumerate(METHODS):
        last = None
        for m in range(3):
            noise = 0.2 * label_noise(SAMPLES, 10, 1, seed="s", generation=m)
            y = features @ last + noise if m else np.eye(10)[data.labels[rows]]
            start = last if continued and m else weights(layers, m)
            last = refitted(method, start, features, y, m)
            risk = mean_squared_error(tested @ last, data.test_labels)
            assert_same(run.risks[i, m], risk, rtol=1e-5)
    assert run.risks.shape == (3, 3)
    assert_same(run.limit, 2 / np.linalg.eigvalsh(2 * features.T @ features / SAMPLES)[-1], 1e-5)
    assert [words[:2] for words in told] == [(m, e) for m in range(3) for e in range(1, 6)]


@pytest.mark.parametrize("loss", ["mean", "sum"])
@pytest.mark.parametrize("width", [4, WIDTH])
def test_what_theory_needs_of_a_replicate(data, loss, width):
    """With fewer features than images, what these cannot say of the labels has no eigenvalue."""
    recipe = replace(RECIPE, loss=loss)
    run = train_features(data, recipe, width, 1, 0, continued=False, **CONVENTION)
    layers = layers_of(width, INPUTS, 1, "normal", seed="s", replicate=1)
    rows = data.drawn[0, 1]
    features, truth = (
        explicit(data.inputs[rows], layers, width**-0.5),
        np.eye(10)[data.labels[rows]],
    )
    assert_same(run.eigenvalues.sum(), np.sum(features**2) / SAMPLES, rtol=1e-6)
    assert_same(run.powers.sum(), 0.1, rtol=1e-6)
    known = run.eigenvalues > 1e-6
    explained = features @ np.linalg.pinv(features) @ truth
    assert_same(run.powers[known].sum(), np.mean(explained**2), rtol=1e-5)
    assert np.count_nonzero(known) == min(width + 1, SAMPLES)
    # In sample, from outputs of zero, mode j is learned to the part F(2w·h_j).
    rate = recipe.learning_rate * 2 * recipe.output_weight(10)
    learned = gradient_descent(rate, recipe.steps(SAMPLES))
    weights = np.zeros((width + 1, 10))
    for _ in range(recipe.steps(SAMPLES)):
        weights -= rate * features.T @ (features @ weights - truth) / SAMPLES
    fitted = np.sum(learned(run.eigenvalues) ** 2 * run.powers)
    assert_same(fitted, np.mean((features @ weights) ** 2), rtol=1e-6)
    assert_same(run.start_variance, np.mean(layers.output**2), rtol=1e-6)


def test_fewer_features_than_images_end_in_least_squares(data):
    run = train_features(data, RECIPE, 4, 1, 0, continued=False, **CONVENTION)
    layers = layers_of(4, INPUTS, 1, "normal", seed="s", replicate=1)
    rows = data.drawn[0, 1]
    truth = np.eye(10)[data.labels[rows]]
    features, tests = (
        explicit(inputs, layers, 4**-0.5) for inputs in (data.inputs[rows], data.test_inputs)
    )
    # From the start, whose part outside the features' span stays.
    start = np.concatenate([layers.output[0], layers.output_bias[0]])
    weights = start + np.linalg.pinv(features) @ (truth - features @ start)
    ridgeless = mean_squared_error(tests @ weights, data.test_labels)
    assert_same(run.risks[2, 0], ridgeless, rtol=1e-4)


def test_images_that_features_cannot_tell_apart_are_refused(data):
    rows = data.drawn.copy()
    rows[0, 1, 1] = rows[0, 1, 0]
    with pytest.raises(ValueError, match=r"linearly dependent.*and no image twice"):
        train_features(
            replace(data, drawn=rows), RECIPE, WIDTH, 1, 0, continued=False, **CONVENTION
        )


def test_a_replicate_depends_on_its_own_number_and_images_alone(data):
    def trained(data, replicate):
        return train_features(data, RECIPE, WIDTH, replicate, 1, continued=False, **CONVENTION)

    found = trained(data, 1)
    others = data.drawn.copy()
    others[0, 0], others = others[0, 2], others[:, :2]
    np.testing.assert_array_equal(trained(replace(data, drawn=others), 1).risks, found.risks)
    shared = replace(data, drawn=data.drawn[:, [1, 1]])
    np.testing.assert_array_equal(trained(shared, 1).risks, found.risks)
    assert not np.any(np.isclose(trained(shared, 0).risks, found.risks))


def test_a_learning_rate_at_the_limit_is_refused_before_any_training(data):
    def trained(rate, report=silent):
        recipe = replace(RECIPE, learning_rate=rate, batch_size=SAMPLES)
        return train_features(
            data, recipe, WIDTH, 0, 0, continued=False, report=report, **CONVENTION
        )

    limit = trained(1e-3).limit
    assert np.all(np.isfinite(trained(limit * 0.949).risks))
    told = []
    with pytest.raises(ValueError, match=f"diverges from 2/h = {limit:.4g} on"):
        trained(limit, lambda *words: told.append(words))
    assert not told


def test_a_batch_larger_than_the_data_is_refused(data):
    recipe = replace(RECIPE, batch_size=SAMPLES + 1)
    with pytest.raises(ValueError, match="batch_size 10 is larger than the 9 images"):
        train_features(data, recipe, WIDTH, 0, 0, continued=False, **CONVENTION)


def test_sgd_that_diverges_below_the_limit_names_the_replicate(data):
    """Single images overshoot at a learning rate that all together do not."""
    limit = train_features(data, RECIPE, WIDTH, 1, 0, continued=False, **CONVENTION).limit
    recipe = replace(RECIPE, batch_size=1, epochs=2000, learning_rate=0.94 * limit)
    sentence = r"generation 0: the training loss of replicate 1 is not finite in epoch \d"
    with pytest.raises(ValueError, match=sentence):
        train_features(data, recipe, WIDTH, 1, 0, continued=False, **CONVENTION)
