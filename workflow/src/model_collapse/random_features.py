"""Networks whose hidden layer stays as it was drawn: linear in the features φ(x) = relu(W1'x + b1).

Only the output layer is trained, so after any number of SGD steps on N images
f(x) = f_0(x) + k(x, X)α with the kernel k(x, x') = s²(φ(x)·φ(x') + 1), the 1 for the output's bias.
Three methods give α: SGD itself, in these coordinates; its mean, the gradient-descent filter; and
the ridgeless limit of endless training.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from array_api_compat import array_namespace
from scipy.sparse.linalg import eigsh

from model_collapse.backends import Backend, to_numpy
from model_collapse.network_chain import (
    CLASSES,
    Data,
    Report,
    mean_squared_error,
    one_hot,
    require_finite,
)
from model_collapse.networks import (
    METHODS,
    Layers,
    Recipe,
    batch_orders,
    initial_layer,
    label_noise,
)

# The largest learning rate, as a share of the one from which gradient descent diverges: there SGD's
# noise grows without bound, and theory's contour has no room.
MARGIN = 0.95
# The smallest eigenvalue that a Gram matrix of float32 features resolves, relative to the largest.
RESOLVED = 1e-8
FEATURES = 2000  # hidden units at once: the features of all images never exist as one array


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
    for first in range(0, layers.width, FEATURES):
        part = slice(first, first + FEATURES)
        features, tested = _features(x, layers, part), _features(test_x, layers, part)
        gram += xp.matmul(features, xp.matrix_transpose(features))
        test_gram += xp.matmul(tested, xp.matrix_transpose(features))
        start = start + xp.matmul(features, layers.output[:, part, :])
        test_start = test_start + xp.matmul(tested, layers.output[:, part, :])
    return Features(scale**2 * gram, scale**2 * test_gram, scale * start, scale * test_start)


def _ones(x, y):
    xp = array_namespace(x)
    return xp.ones((x.shape[0], y.shape[0]), dtype=x.dtype, device=x.device)


def _features(x, layers: Layers, part: slice):
    xp = array_namespace(x)
    return xp.clip(xp.matmul(x, layers.hidden[:, part]) + layers.hidden_bias[:, part], 0, None)


@dataclass(frozen=True)
class Eigensystem:
    """Eigenvalues (r,), rising, and eigenvectors (N, r) of the kernel's Gram matrix of N images, in
    float64. The rank r is the number of images or, if smaller, that of features and the bias.
    """

    values: np.ndarray
    vectors: np.ndarray

    @classmethod
    def of(cls, gram, rank: int | None = None) -> "Eigensystem":
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
        """h (r,): the non-zero eigenvalues of the loss's Hessian."""
        return 2 * recipe.output_weight(outputs) / self.samples * self.values

    def fit(self, response) -> Callable:
        """The fit α = K⁺F(K)y of y (N, k), as feature_chain takes it, for the values of F (r,)."""
        xp = array_namespace(self.values)

        def filtered(y, generation: int):
            rotated = response[:, None] * xp.matmul(xp.matrix_transpose(self.vectors), y)
            alpha = xp.matmul(self.vectors, rotated / self.values[:, None])
            return alpha, xp.matmul(self.vectors, rotated)

        return filtered

    def spectrum(self, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of K/N, zeros included, and the squares of truth/√N (N, k) along their
        eigenvectors, averaged over the outputs; both (N,).
        """
        values, powers = np.zeros(self.samples), np.zeros(self.samples)
        kept = slice(self.samples - len(self.values), None)
        values[kept] = to_numpy(self.values) / self.samples
        rotated = to_numpy(self.vectors).T @ truth
        powers[kept] = np.mean(rotated**2, axis=1) / self.samples
        if kept.start:  # what lies outside the features' span
            powers[0] = np.mean(truth.astype(float) ** 2) - powers.sum()
        return values, powers


def top_eigenvalue(inputs: np.ndarray, layers: Layers, backend: Backend) -> float:
    """The largest eigenvalue of the kernel's Gram matrix, unscaled, of inputs (N, p)."""
    cast = partial(backend.array, dtype="float32")
    x = cast(inputs)
    gram = to_numpy(prepare(x, x[:1, :], layers.map(cast), 1.0).gram)
    # As features have a positive mean, the top eigenvector is close to a constant.
    return float(eigsh(gram, k=1, v0=np.ones(len(gram), gram.dtype), return_eigenvectors=False)[0])


def require_stable(limit: float, learning_rate: float) -> None:
    """Raise ValueError unless the learning rate is below MARGIN times the limit of stability."""
    if not learning_rate < MARGIN * limit:
        raise ValueError(
            f"learning_rate {learning_rate:g} is unstable: with these features gradient descent "
            f"diverges from 2/h = {limit:.4g} on, h the largest curvature of the loss; "
            f"take one below {MARGIN * limit:.4g}, or another loss, pixels, initialisation or "
            f"output_scaling"
        )


def filter_response(curvatures, recipe: Recipe, samples: int):
    """F = 1 − (1 − ηh)^steps on the curvatures h, (r,): gradient descent from the start."""
    return 1 - (1 - recipe.learning_rate * curvatures) ** recipe.steps(samples)


def sgd(gram, recipe: Recipe, orders: Callable, after_epoch: Callable) -> Callable:
    """The fit by SGD, as feature_chain takes it.

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
    fit(y, m) returns α and Kα, both (N, k): what fitting y adds to the start of generation m.
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

    The rest is what theory needs: Eigensystem.spectrum of the clean labels, two arrays (N,), and
    the variance of an output weight (not bias) before training.
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
    draw = partial(initial_layer, initialisation=initialisation, seed=seed)
    hidden = draw("hidden", (inputs, width), stream=(replicate, 0))
    heads = [draw("output", (width, CLASSES), stream=(replicate, m)) for m in range(count)]
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
    """Train generations 0 … ``generations`` of one replicate by all METHODS, on one label noise.

    Raises ValueError as require_stable (before training), Eigensystem.require_resolved and
    require_finite do.
    """
    rows = data.drawn[0, replicate]
    count, samples = generations + 1, len(rows)
    shape = (width, data.inputs.shape[1], count)
    layers = layers_of(*shape, initialisation, seed=seed, replicate=replicate)
    cast = partial(backend.array, dtype="float32")
    layers, x, test_x = layers.map(cast), cast(data.inputs[rows]), cast(data.test_inputs)
    features = prepare(x, test_x, layers, recipe.scale(width))
    eigensystem = Eigensystem.of(features.gram, min(samples, width + 1))
    eigensystem.require_resolved()
    curvatures = eigensystem.curvatures(recipe, CLASSES)
    limit = 2 / float(curvatures.max())
    require_stable(limit, recipe.learning_rate)
    response = filter_response(curvatures, recipe, samples)

    def after_epoch(generation: int, epoch: int, losses: np.ndarray) -> None:
        require_finite(losses, generation, "training loss", f"in epoch {epoch}", first=replicate)
        report(generation, epoch, losses)

    def orders(generation: int) -> Callable:
        alone = range(replicate, replicate + 1)
        return batch_orders(samples, alone, seed=seed, generation=generation)

    fits = {
        "sgd": ("float32", sgd(features.gram, recipe, orders, after_epoch)),
        "filter": ("float64", eigensystem.fit(response)),
        "ridgeless": ("float64", eigensystem.fit(0 * response + 1)),
    }
    truth = one_hot(data.labels[rows])
    z = [label_noise(samples, CLASSES, replicate, seed=seed, generation=m) for m in range(count)]
    risks = []
    for method in METHODS:
        kind, fit = fits[method]
        with np.errstate(over="ignore", invalid="ignore"):  # require_finite speaks of it
            labels, noises = (backend.array(part, kind) for part in (truth, noise * np.stack(z)))
            _, tested = feature_chain(features, labels, noises, fit, continued=continued)
        risks.append(mean_squared_error(to_numpy(tested), data.test_labels))
        for m, risk in enumerate(risks[-1][:, None]):
            require_finite(risk, m, "test error", "after the last epoch", first=replicate)
    return FeatureRun(
        np.array(risks),
        limit,
        *eigensystem.spectrum(truth),
        float(np.mean(to_numpy(layers.output).astype(float) ** 2)),
    )
