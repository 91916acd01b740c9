"""Networks whose hidden layer stays as it was drawn: linear in the features φ(x) = relu(W1'x + b1).

Only the output layer is trained, so after any number of SGD steps on N images
f(x) = f_0(x) + k(x, X)α with the kernel k(x, x') = s²(φ(x)·φ(x') + 1), the 1 for the output's bias.
Three methods give α: SGD itself, in these coordinates; its mean, the gradient-descent filter; and
the ridgeless limit of endless training.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import numpy as np
from array_api_compat import array_namespace
from scipy.sparse.linalg import LinearOperator, eigsh

from model_collapse.networks.backends import Array, Backend, rows_into, to_numpy
from model_collapse.networks.generations import (
    CLASSES,
    Data,
    Report,
    mean_squared_error,
    one_hot,
    require_finite,
)
from model_collapse.networks.sgd import Layers, Recipe, batch_orders, initial_layer, label_noise
from model_collapse.networks.sparse_inputs import SparseInputs

# The largest learning rate, as a share of the one from which gradient descent diverges: there SGD's
# noise grows without bound, and theory's contour has no room.
STABLE_SHARE = 0.95
# The smallest eigenvalue that a Gram matrix of float32 features resolves, relative to the largest.
RESOLVED = 1e-8
KRYLOV_VECTORS = 8  # in the search for the largest eigenvalue
UNITS_AT_ONCE = 500  # hidden units in a product, so that it stays in the cache
IMAGES_AT_ONCE = 1000  # test images, so that their features never exist as one array

# A function of the generation, to one of the epoch, to the order (1, N) in which images are seen.
Orders = Callable[[int], Callable[[int], np.ndarray]]
# A function of labels (N, k), less the outputs before training, and the generation, to α and Kα.
OutputFit = Callable[[Array, int], tuple[Array, Array]]


@dataclass(frozen=True)
class Features:
    """The inputs to the training of G generations of output layers on N images.

    hidden (N, H), the features φ; gram (N, N) of the kernel; start (G, N, k), the outputs before
    training.
    """

    hidden: Array
    gram: Array
    start: Array


def prepare(images: SparseInputs, layers: Layers, scale: float) -> Features:
    """Features, kernel and starts of all generations, of N images.

    layers: one hidden layer, (p, H) and (1, H), and G output layers, (G, H, k) and (G, 1, k).
    """
    hidden = hidden_units(images, layers)
    xp = array_namespace(hidden)
    gram = xp.matmul(hidden, xp.matrix_transpose(hidden))
    gram += 1
    gram *= scale**2
    return Features(hidden, gram, outputs_of(hidden, layers, scale))


def hidden_units(images: SparseInputs, layers: Layers) -> Array:
    """The features φ (N, H) of N images."""
    xp = array_namespace(images.rows)
    hidden = xp.empty(
        (images.rows.shape[0], layers.width), dtype=layers.hidden.dtype, device=layers.hidden.device
    )
    for first in range(0, layers.width, UNITS_AT_ONCE):
        units = slice(first, first + UNITS_AT_ONCE)
        omega = images.enter(layers.hidden[None, :, units], layers.hidden_bias[None, :, units])
        z = images.product(omega[0, ...])
        z *= xp.astype(z > 0, z.dtype)
        hidden[:, units] = z
    return hidden


def outputs_of(hidden: Array, layers: Layers, scale: float) -> Array:
    """Outputs (G, N, k) of all output layers from features (N, H), by one product."""
    outputs = flat_product(hidden, layers.output)
    outputs += layers.output_bias
    return scale * outputs


def flat_product(matrix: Array, stack: Array) -> Array:
    """A matrix (m, n) times each matrix of a stack (G, n, k), by one product: (G, m, k)."""
    xp = array_namespace(matrix)
    count, rows, outputs = stack.shape
    flat = xp.reshape(xp.permute_dims(stack, (1, 0, 2)), (rows, count * outputs))
    product = xp.reshape(xp.matmul(matrix, flat), (matrix.shape[0], count, outputs))
    return xp.asarray(xp.permute_dims(product, (1, 0, 2)), copy=True)


def after_training(layers: Layers, hidden: Array, alphas: Array, scale: float) -> Layers:
    """The output layers moved by s·(φ, 1)'α, for α (G, N, k) on features (N, H).

    ``layers`` has G output layers, or one from which all G generations start.
    """
    xp = array_namespace(hidden)
    alphas = scale * xp.astype(alphas, hidden.dtype, copy=False)
    output = layers.output + flat_product(xp.matrix_transpose(hidden), alphas)
    biases = layers.output_bias + xp.sum(alphas, axis=1, keepdims=True)
    return replace(layers, output=output, output_bias=biases)


def predict_all(images: np.ndarray, chains: list[Layers], scale: float) -> list[Array]:
    """Outputs (G, n, k) of each chain's output layers on images (n, p), NumPy's.

    All chains have one hidden layer, so features are computed once.
    """
    xp = array_namespace(chains[0].hidden)
    arrays = zip(*((layers.output, layers.output_bias) for layers in chains), strict=True)
    merged = Layers(chains[0].hidden, chains[0].hidden_bias, *map(xp.concat, arrays))
    cast = partial(xp.asarray, dtype=merged.hidden.dtype, device=merged.hidden.device)
    blocks = np.array_split(images, -(-len(images) // IMAGES_AT_ONCE))
    outputs = xp.concat(
        [
            outputs_of(hidden_units(SparseInputs.of(block).map(cast), merged), merged, scale)
            for block in blocks
        ],
        axis=1,
    )
    ends = np.cumsum([0, *(layers.output.shape[0] for layers in chains)]).tolist()
    return [outputs[first:end, ...] for first, end in pairwise(ends)]


@dataclass(frozen=True)
class Eigensystem:
    """Eigenvalues (r,), rising, and eigenvectors (N, r) of the kernel's Gram matrix of N images, in
    float64. The rank r is the number of images or, if smaller, that of features and the bias.
    """

    values: Array
    vectors: Array

    @classmethod
    def of(cls, gram: Array, rank: int | None = None) -> "Eigensystem":
        """The eigensystem of a Gram matrix (N, N) of a rank, by default N."""
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

    def curvatures(self, recipe: Recipe, outputs: int) -> Array:
        """h (r,): the non-zero eigenvalues of the loss's Hessian."""
        return 2 * recipe.output_weight(outputs) / self.samples * self.values

    def rotated(self, stack: Array) -> Array:
        """A stack (G, N, k), in float64, along the eigenvectors: (G, r, k)."""
        xp = array_namespace(self.vectors)
        return flat_product(xp.matrix_transpose(self.vectors), xp.astype(stack, xp.float64))

    def chain(
        self, start: Array, truth: Array, noises: Array, response: Array, *, continued: bool
    ) -> Array:
        """feature_chain by the fits α = K⁺F(K)y, for the values of F (r,)."""

        def filtered(y: Array, generation: int) -> tuple[Array, Array]:
            fitted = response[:, None] * y
            return fitted / self.values[:, None], fitted

        truth = self.rotated(truth[None, ...])[0, ...]
        stacks = (self.rotated(start), truth, self.rotated(noises))
        alphas = feature_chain(*stacks, filtered, continued=continued)
        return flat_product(self.vectors, alphas)

    def spectrum(self, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Eigenvalues of K/N, zeros included, and the squares of truth/√N (N, k) along their
        eigenvectors, averaged over the outputs; both (N,).
        """
        values = np.zeros(self.samples)
        powers = np.zeros(self.samples)
        in_span = slice(self.samples - len(self.values), None)
        values[in_span] = to_numpy(self.values) / self.samples
        rotated = to_numpy(self.vectors).T @ truth
        powers[in_span] = np.mean(rotated**2, axis=1) / self.samples
        if in_span.start:  # the first gets all power outside of the features' span
            powers[0] = np.mean(truth.astype(float) ** 2) - powers.sum()
        return values, powers


def top_eigenvalue(inputs: np.ndarray, layers: Layers, backend: Backend) -> float:
    """The largest eigenvalue of the kernel's Gram matrix, unscaled, of inputs (N, p)."""
    cast = partial(backend.array, dtype="float32")
    hidden = hidden_units(SparseInputs.of(inputs).map(cast), layers.map(cast))
    samples = len(inputs)

    def product(v: np.ndarray) -> np.ndarray:
        column = cast(v.reshape(-1, 1))
        return to_numpy(hidden @ (hidden.T @ column)) + to_numpy(column).sum()

    gram = LinearOperator((samples, samples), matvec=product, dtype=np.float32)
    # As features have a positive mean, the top eigenvector is close to a constant.
    start = np.ones(samples, np.float32)
    vectors = min(KRYLOV_VECTORS, samples)
    return float(eigsh(gram, k=1, ncv=vectors, v0=start, return_eigenvectors=False)[0])


def require_stable(limit: float, learning_rate: float) -> None:
    """Raise ValueError unless the learning rate is below STABLE_SHARE times the limit."""
    if not learning_rate < STABLE_SHARE * limit:
        raise ValueError(
            f"learning_rate {learning_rate:g} is unstable: with these features gradient descent "
            f"diverges from 2/h = {limit:.4g} on, h the largest curvature of the loss; "
            f"take one below {STABLE_SHARE * limit:.4g}, or another loss, pixels, initialisation "
            f"or output_scaling"
        )


def filter_response(curvatures: Array, recipe: Recipe, samples: int) -> Array:
    """F = 1 − (1 − ηh)^steps on the curvatures h, (r,): gradient descent from the start."""
    return 1 - (1 - recipe.learning_rate * curvatures) ** recipe.steps(samples)


def sgd(gram: Array, recipe: Recipe, orders: Orders, after_epoch: Report) -> OutputFit:
    """The fit by SGD, as feature_chain takes it.

    A step on a batch B changes α_B alone, by −η·2w/|B|·(K_Bα − y_B), w the outputs' weight: the
    gradient in the output layer is a sum over B of features. orders(generation)(epoch) is (1, N).
    Losses of an epoch are those of its batches, each measured before its step.
    """
    xp = array_namespace(gram)
    samples = gram.shape[0]
    rows = xp.empty_like(gram[: recipe.batch_size, :])

    def fit(y: Array, generation: int) -> tuple[Array, Array]:
        alpha = xp.zeros_like(y)
        residuals = xp.empty_like(y)
        factor = 2 * recipe.learning_rate * recipe.output_weight(y.shape[1])
        order_of = orders(generation)
        for epoch in range(1, recipe.epochs + 1):
            order = xp.asarray(order_of(epoch)[0], device=gram.device)
            targets = xp.take(y, order, axis=0)
            for first in range(0, samples, recipe.batch_size):
                places = slice(first, first + recipe.batch_size)
                batch = order[places]
                residual = residuals[places, :]
                count = batch.shape[0]
                xp.matmul(rows_into(rows[:count, :], gram, batch), alpha, out=residual)
                residual -= targets[places, :]
                alpha[batch, :] -= factor / count * residual
            loss = float(xp.sum(residuals**2)) / (samples * y.shape[1])
            after_epoch(generation, epoch, np.array([loss]))
        return alpha, xp.matmul(gram, alpha)

    return fit


def feature_chain(
    start: Array, truth: Array, noises: Array, fit: OutputFit, *, continued: bool
) -> Array:
    """α (G, N, k) of generations 0, 1, …: outputs are start + Kα.

    Generation 0 is fitted to ``truth`` (N, k), generation m to the outputs of m − 1 plus
    noises[m] (N, k). Each trains from its own start, start[m] of (G, N, k). If ``continued``, it
    trains from where m − 1 ended: then α is the sum of all so far, from start[0] on.
    fit(y, m) returns α and Kα, both (N, k), for the labels y minus the outputs before training.
    """
    xp = array_namespace(truth)
    alphas: list[Array] = []
    outputs: Array = None  # outputs of the generation before on the N images
    for m in range(start.shape[0]):
        labels = truth if m == 0 else outputs + noises[m, ...]
        resumes = continued and m > 0
        untrained = outputs if resumes else start[m, ...]
        alpha, fitted = fit(labels - untrained, m)
        outputs = untrained + fitted
        alphas.append(alphas[-1] + alpha if resumes else alpha)
    return xp.stack(alphas)


@dataclass(frozen=True)
class FeatureRun:
    """Test errors of G generations of one replicate, and the inputs of theory.

    Parameters
    ----------
    risks : array, shape (3, G)
        Test errors by the methods of networks.METHODS.
    limit : float
        The learning rate from which gradient descent diverges.
    eigenvalues, powers : array, shape (N,)
        Eigensystem.spectrum of the clean labels.
    start_variance : float
        The variance of an output weight (not bias) before training.
    """

    risks: np.ndarray
    limit: float
    eigenvalues: np.ndarray
    powers: np.ndarray
    start_variance: float


def layers_of(
    width: int, inputs: int, count: int, initialisation: str, *, seed: int | str, replicate: int
) -> Layers:
    """The hidden layer of a replicate, (p, H), (1, H), and its output layers, (G, H, k), (G, 1, k);
    G is ``count``.
    """
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
    """Train generations 0 … n of one replicate by all of networks.METHODS, with one label noise.

    Parameters
    ----------
    data : Data
        The images; rows of the first draw are used for all generations.
    recipe : Recipe
        How output layers are trained.
    width : int
        The number of hidden units.
    replicate : int
        The number of the replicate.
    generations : int
        n, at least 0.
    initialisation : {"uniform", "normal"}
        The law of untrained weights, see ``initial_layer``.
    noise : float
        The standard deviation of the noise on a network's labels.
    continued : bool
        Whether training goes on from the output layer of the generation before.
    backend : Backend
        The array library and the device.
    seed : int or str
        The seed of the random streams.
    report : callable
        Is called after each epoch of SGD with the generation, the epoch from 1 on, and losses (1,).

    Returns
    -------
    FeatureRun
        Test errors (3, n + 1), and the inputs of theory.

    Raises
    ------
    ValueError
        Before training, for features that are linearly dependent in float32 and a learning rate at
        which gradient descent diverges; for a loss or a test error that is not finite.
    """
    rows = data.drawn[0, replicate]
    count = generations + 1
    samples = len(rows)
    shape = (width, data.inputs.shape[1], count)
    layers = layers_of(*shape, initialisation, seed=seed, replicate=replicate)
    cast = partial(backend.array, dtype="float32")
    layers = layers.map(cast)
    scale = recipe.scale(width)
    images = SparseInputs.of(data.inputs[rows]).map(cast)
    features = prepare(images, layers, scale)
    eigensystem = Eigensystem.of(features.gram, min(samples, width + 1))
    eigensystem.require_resolved()
    curvatures = eigensystem.curvatures(recipe, CLASSES)
    limit = 2 / float(curvatures.max())
    require_stable(limit, recipe.learning_rate)
    response = filter_response(curvatures, recipe, samples)

    def after_epoch(generation: int, epoch: int, losses: np.ndarray) -> None:
        require_finite(losses, generation, "training loss", f"in epoch {epoch}", first=replicate)
        report(generation, epoch, losses)

    def orders(generation: int) -> Callable[[int], np.ndarray]:
        replicates = range(replicate, replicate + 1)
        return batch_orders(samples, replicates, seed=seed, generation=generation)

    truth = one_hot(data.labels[rows])
    z = [label_noise(samples, CLASSES, replicate, seed=seed, generation=m) for m in range(count)]
    noises = noise * np.stack(z)
    with np.errstate(over="ignore", invalid="ignore"):  # require_finite reports it
        fit = sgd(features.gram, recipe, orders, after_epoch)
        labels = (cast(truth), cast(noises))
        alphas = [feature_chain(features.start, *labels, fit, continued=continued)]
        labels = (backend.array(truth, "float64"), backend.array(noises, "float64"))
        alphas += [
            eigensystem.chain(features.start, *labels, values, continued=continued)
            for values in (response, 0 * response + 1)
        ]
        first = layers
        if continued:
            first = replace(layers, output=layers.output[:1], output_bias=layers.output_bias[:1])
        chains = [after_training(first, features.hidden, alpha, scale) for alpha in alphas]
        tested = predict_all(data.test_inputs, chains, scale)
    risks = np.array(
        [mean_squared_error(to_numpy(outputs), data.test_labels) for outputs in tested]
    )
    for m, errors in enumerate(risks.T):
        require_finite(
            errors.max(keepdims=True), m, "test error", "after the last epoch", first=replicate
        )
    return FeatureRun(
        risks,
        limit,
        *eigensystem.spectrum(truth),
        float(np.mean(to_numpy(layers.output).astype(float) ** 2)),
    )
