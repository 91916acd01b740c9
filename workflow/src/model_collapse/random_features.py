"""Networks whose hidden layer stays as it was drawn: linear in the features φ(x) = relu(W1'x + b1).

What is trained is the output layer, so after any number of SGD steps on N images
f(x) = f_0(x) + k(x, X)α with the kernel k(x, x') = s²(φ(x)·φ(x') + 1), the 1 for the output's bias.
Three fits give α: SGD itself, in these coordinates; its mean, the gradient-descent filter; and the
ridgeless limit of endless training.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from array_api_compat import array_namespace

from model_collapse.backends import Backend, to_numpy
from model_collapse.network_chain import (
    CLASSES,
    Data,
    Report,
    mean_squared_error,
    one_hot,
    require_finite,
    require_finite_risks,
)
from model_collapse.networks import (
    METHODS,
    Layers,
    Recipe,
    batch_orders,
    initial_layer,
    label_noise,
)

# How close a learning rate may come to where gradient descent diverges: SGD's noise grows without
# bound there, and theory's contour has no room.
MARGIN = 0.95
# The smallest share of its largest eigenvalue that a Gram matrix of float32 features resolves.
RESOLVED = 1e-8
# Hidden units at once: no array of all features of all images is ever made.
FEATURES = 2000


@dataclass(frozen=True)
class Features:
    """What the output layers of G generations are trained with, on N images and n test images.

    gram (N, N) and test_gram (n, N) of the kernel; start (G, N, k) and test_start (G, n, k), the
    outputs before training.
    """

    gram: np.ndarray
    test_gram: np.ndarray
    start: np.ndarray
    test_start: np.ndarray


def prepare(x, test_x, layers: Layers, scale: float) -> Features:
    """The kernel and the starts of all generations, of images (N, p) and test images (n, p).

    layers: one hidden layer, (p, H) and (1, H), and G output layers, (G, H, k) and (G, 1, k).
    """
    xp = array_namespace(x)
    gram, test_gram = _ones(x, x), _ones(test_x, x)
    start = test_start = layers.output_bias
    for part in _parts(layers.width):
        features, tested = _features(x, layers, part), _features(test_x, layers, part)
        gram += xp.matmul(features, xp.matrix_transpose(features))
        test_gram += xp.matmul(tested, xp.matrix_transpose(features))
        start = start + xp.matmul(features, layers.output[:, part, :])
        test_start = test_start + xp.matmul(tested, layers.output[:, part, :])
    return Features(scale**2 * gram, scale**2 * test_gram, scale * start, scale * test_start)


def _ones(x, y):
    xp = array_namespace(x)
    return xp.ones((x.shape[0], y.shape[0]), dtype=x.dtype, device=x.device)


def _parts(width: int) -> list[slice]:
    return [slice(first, first + FEATURES) for first in range(0, width, FEATURES)]


def _features(x, layers: Layers, part: slice):
    xp = array_namespace(x)
    return xp.clip(xp.matmul(x, layers.hidden[:, part]) + layers.hidden_bias[:, part], 0, None)


@dataclass(frozen=True)
class Decomposition:
    """What the kernel's Gram matrix of N images is made of: eigenvalues (r,), rising, and
    eigenvectors (N, r), in float64. Its rank r is the number of images or, if there are fewer, of
    features and the bias.
    """

    values: np.ndarray
    vectors: np.ndarray

    @classmethod
    def of(cls, gram, rank: int | None = None) -> "Decomposition":
        """Of a Gram matrix (N, N) of that rank, by default N."""
        xp = array_namespace(gram)
        values, vectors = xp.linalg.eigh(xp.astype(gram, xp.float64))
        dropped = 0 if rank is None else gram.shape[0] - rank
        return cls(values[dropped:], vectors[:, dropped:])

    def require_resolved(self) -> None:
        """Raise ValueError if an eigenvalue cannot be told from rounding in float32."""
        smallest = float(self.values[0]) / float(self.values[-1])
        if smallest < RESOLVED:
            raise ValueError(
                f"the features of these {self.samples} images are linearly dependent, as far as "
                f"float32 can tell (eigenvalues down to {smallest:.1g} of the largest), so there "
                f"is no ridgeless limit; take widths further from the number of images, and no "
                f"image twice"
            )

    @property
    def samples(self) -> int:
        """N."""
        return self.vectors.shape[0]

    def curvatures(self, recipe: Recipe, outputs: int) -> np.ndarray:
        """h (r,): the loss's second derivatives along its own directions, not those it ignores."""
        return 2 * recipe.output_weight(outputs) / self.samples * self.values

    def fit(self, response) -> Callable:
        """Fit of y (N, k), see feature_chain: α = K^{-1}F(K)y for F's values (r,); K^{-1} is the
        pseudo-inverse.
        """
        xp = array_namespace(self.values)

        def filtered(y, generation: int):
            rotated = response[:, None] * xp.matmul(xp.matrix_transpose(self.vectors), y)
            alpha = xp.matmul(self.vectors, rotated / self.values[:, None])
            return alpha, xp.matmul(self.vectors, rotated)

        return filtered

    def spectrum(self, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of K/N, zeros included, and the powers of truth/√N (N, k) along their
        eigenvectors, mean over the outputs; both (N,).
        """
        values, powers = np.zeros(self.samples), np.zeros(self.samples)
        kept = slice(self.samples - len(self.values), None)
        values[kept] = to_numpy(self.values) / self.samples
        rotated = to_numpy(self.vectors).T @ truth
        powers[kept] = np.mean(rotated**2, axis=1) / self.samples
        if kept.start:
            powers[0] = np.mean(truth.astype(float) ** 2) - powers.sum()  # beyond all features
        return values, powers


def top_eigenvalue(inputs: np.ndarray, layers: Layers, backend: Backend) -> float:
    """The largest eigenvalue of the kernel's Gram matrix, unscaled, of inputs (N, p)."""
    from scipy.sparse.linalg import eigsh  # here, as the names of METHODS need no scipy

    layers = layers.map(lambda array: backend.array(array, "float32"))
    x = backend.array(inputs, "float32")
    gram = to_numpy(prepare(x, x[:1, :], layers, 1.0).gram)
    # The features have a mean, so a start of equal parts is close.
    return float(eigsh(gram, k=1, v0=np.ones(len(gram), gram.dtype), return_eigenvectors=False)[0])


def stable_rate(top: float) -> float:
    """The learning rate 2/h from which gradient descent diverges, h = ``top`` the largest
    curvature.
    """
    return 2 / top


def require_stable(top: float, learning_rate: float) -> None:
    """Raise ValueError unless the learning rate is below MARGIN times stable_rate(top)."""
    limit = stable_rate(top)
    if not learning_rate < MARGIN * limit:
        raise ValueError(
            f"learning_rate {learning_rate:g} is unstable: with these features gradient descent "
            f"diverges from 2/h = {limit:.4g} on, h the largest curvature of the loss; "
            f"take one below {MARGIN * limit:.4g}, or another loss, pixels, initialisation or "
            f"output_scaling"
        )


def filter_response(curvatures, recipe: Recipe, samples: int):
    """F = 1 − (1 − ηh)^steps on the curvatures h, (r,): gradient descent from the start.

    Raises ValueError for an unstable learning rate.
    """
    require_stable(float(curvatures.max()), recipe.learning_rate)
    return 1 - (1 - recipe.learning_rate * curvatures) ** recipe.steps(samples)


def sgd(gram, recipe: Recipe, orders: Callable, after_epoch: Callable) -> Callable:
    """Fit by SGD, see feature_chain.

    A step on a batch B changes α_B alone, by −η·2w/|B|·(K_Bα − y_B), w the outputs' weight: the
    gradient in the output layer is a sum over B of features. orders(generation)(epoch) is (1, N).
    """
    xp = array_namespace(gram)
    samples = gram.shape[0]

    def fit(y, generation: int):
        alpha = xp.zeros_like(y)
        factor = 2 * recipe.learning_rate * recipe.output_weight(y.shape[1])
        order_of = orders(generation)
        for epoch in range(1, recipe.epochs + 1):
            order = xp.asarray(order_of(epoch)[0], device=gram.device)
            squares = 0.0
            for first in range(0, samples, recipe.batch_size):
                batch = order[first : first + recipe.batch_size]
                residual = xp.matmul(gram[batch, :], alpha) - y[batch, :]
                alpha[batch, :] -= factor / batch.shape[0] * residual
                squares = squares + xp.sum(residual**2)
            after_epoch(generation, epoch, np.array([float(squares) / (samples * y.shape[1])]))
        return alpha, xp.matmul(gram, alpha)

    return fit


def feature_chain(
    features: Features, truth, noises, fit: Callable, *, continued: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs after generations 0, 1, … on the training images (G, N, k) and test images (G, n, k).

    Generation 0 is fitted to ``truth`` (N, k), generation m to the outputs of m − 1 plus
    noises[m] (N, k); each from its own start, or, if ``continued``, from where the last one ended.
    fit(y, m) is what generation m adds to its start: α and Kα, both (N, k).
    """
    xp = array_namespace(features.gram)

    def cast(array):
        return xp.astype(array, truth.dtype, copy=False)

    found, tested = [], []
    for m in range(features.start.shape[0]):
        labels = truth if m == 0 else found[-1] + noises[m]
        resumes = continued and m > 0
        start = found[-1] if resumes else cast(features.start[m, ...])
        test_start = tested[-1] if resumes else cast(features.test_start[m, ...])
        alpha, fitted = fit(labels - start, m)
        found.append(start + fitted)
        tested.append(test_start + xp.matmul(cast(features.test_gram), alpha))
    return xp.stack(found), xp.stack(tested)


@dataclass(frozen=True)
class FeatureRun:
    """One replicate: test errors (3, G) of METHODS, and the learning rate from which gradient
    descent diverges.

    Besides, what theory needs: eigenvalues and powers of the clean labels, both (N,), as
    Decomposition.spectrum makes them, and the variance of a starting output weight (not bias).
    """

    risks: np.ndarray
    limit: float
    eigenvalues: np.ndarray
    powers: np.ndarray
    start_variance: float


def layers_of(
    width: int, inputs: int, count: int, initialisation: str, *, seed: int | str, replicate: int
) -> Layers:
    """The hidden layer of a replicate, (p, H), (1, H), and ``count`` output layers, (G, H, k)."""
    hidden = initial_layer(
        "hidden", (inputs, width), initialisation, seed=seed, stream=(replicate, 0)
    )
    heads = [
        initial_layer("output", (width, CLASSES), initialisation, seed=seed, stream=(replicate, m))
        for m in range(count)
    ]
    return Layers(*hidden, *map(np.stack, zip(*heads, strict=True)))


def train_features(
    data: Data,
    recipe: Recipe,
    width: int,
    replicate: int,
    generations: int,
    *,
    initialisation: str,
    noise: float,
    continued: bool,
    backend: Backend,
    seed: int | str,
    report: Report = lambda generation, epoch, loss: None,
) -> FeatureRun:
    """Generations 0 … ``generations`` of one replicate by all three METHODS, on one label noise.

    Raises ValueError for a batch larger than the data, an unstable learning rate, named with its
    limit before any training, features that are linearly dependent, or a loss that is not finite.
    """
    rows = data.drawn[0, replicate]
    count, samples = generations + 1, len(rows)
    recipe.require_batches(samples)
    layers = layers_of(
        width, data.inputs.shape[1], count, initialisation, seed=seed, replicate=replicate
    ).map(lambda array: backend.array(array, "float32"))
    features = prepare(
        backend.array(data.inputs[rows], "float32"),
        backend.array(data.test_inputs, "float32"),
        layers,
        recipe.scale(width),
    )
    decomposition = Decomposition.of(features.gram, min(samples, width + 1))
    decomposition.require_resolved()
    curvatures = decomposition.curvatures(recipe, CLASSES)
    response = filter_response(curvatures, recipe, samples)

    def after_epoch(generation: int, epoch: int, loss: np.ndarray) -> None:
        require_finite(loss, generation, epoch, first=replicate)
        report(generation, epoch, loss)

    def orders(generation: int) -> Callable:
        return batch_orders(
            samples, range(replicate, replicate + 1), seed=seed, generation=generation
        )

    fits = {
        "sgd": ("float32", sgd(features.gram, recipe, orders, after_epoch)),
        "filter": ("float64", decomposition.fit(response)),
        "ridgeless": ("float64", decomposition.fit(0 * response + 1)),
    }
    truth = one_hot(data.labels[rows])
    z = [label_noise(samples, CLASSES, replicate, seed=seed, generation=m) for m in range(count)]
    risks = []
    for method in METHODS:
        kind, fit = fits[method]
        with np.errstate(over="ignore", invalid="ignore"):  # after_epoch speaks of it
            _, tested = feature_chain(
                features,
                backend.array(truth, kind),
                backend.array(noise * np.stack(z), kind),
                fit,
                continued=continued,
            )
        risks.append(mean_squared_error(to_numpy(tested), data.test_labels))
        require_finite_risks(risks[-1][:, None], range(count), first=replicate)
    return FeatureRun(
        np.array(risks),
        stable_rate(float(curvatures.max())),
        *decomposition.spectrum(truth),
        float(np.mean(to_numpy(layers.output).astype(float) ** 2)),
    )
