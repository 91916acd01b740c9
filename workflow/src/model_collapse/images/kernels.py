"""Kernel ridge chains on real images: generators and downstream fits by (K + λTI)^{-1}."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve, eigh, eigh_tridiagonal, lapack

from model_collapse.images.pool import Pool
from model_collapse.problem.arguments import as_number, number_of_at_least_0, whole_number
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum, on_range
from model_collapse.problem.tables import numbers_of
from model_collapse.seeds import random_stream

BLOCK = 1000  # test images at one time: their kernel stays in a processor's cache


@dataclass(frozen=True)
class Kernel:
    """A kernel on rows of features: "rbf", exp(−γ‖x−x'‖²), "polynomial", (1+γ⟨x,x'⟩)^degree, or
    "relu", ⟨φ(x),φ(x')⟩/width with random features φ(x)_j = max(⟨ω_j,x⟩, 0), ω_j ~ N(0, γI).

    Parameters
    ----------
    name : {"rbf", "polynomial", "relu"}
        The kernel; another name is refused when the kernel is called.
    gamma : float
        γ > 0, finite.
    degree, width : int
        At least 1; the degree of "polynomial", and the number of features of "relu".

    Raises
    ------
    ValueError
        For numbers outside these ranges.
    """

    name: str
    gamma: float
    degree: int = 5
    width: int = 1000

    def __post_init__(self) -> None:
        gamma = as_number(self.gamma)
        if not 0 < gamma < np.inf:
            raise ValueError(f"gamma must be positive and finite, not {self.gamma}")
        object.__setattr__(self, "gamma", gamma)
        for name in ("degree", "width"):
            object.__setattr__(self, name, whole_number(name, getattr(self, name), 1))

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """K(x, y) of shape (len(x), len(y)) for features of shape (·, p).

        Raises ValueError for another name.
        """
        is_square = y is x
        x = np.asarray(x, dtype=float)  # whole grey values would wrap around
        y = x if is_square else np.asarray(y, dtype=float)
        if self.name == "relu":
            units = self._units(x)
            return units @ (units if y is x else self._units(y)).T
        k = x @ y.T
        if self.name == "rbf":
            k -= np.einsum("ij,ij->i", x, x)[:, None] / 2
            k -= np.einsum("ij,ij->i", y, y) / 2
            k *= 2 * self.gamma
            return np.exp(np.minimum(k, 0, out=k), out=k)
        if self.name == "polynomial":
            k *= self.gamma
            k += 1
            return reduce(np.multiply, [k] * self.degree)
        raise ValueError(f"a kernel is rbf, polynomial or relu, not {self.name!r}")

    def _units(self, x: np.ndarray) -> np.ndarray:
        """φ(x)/√width, (len(x), width), always of the same ω."""
        rng = random_stream("random features", x.shape[1], self.width)
        units = x @ rng.standard_normal((x.shape[1], self.width))
        units *= np.sqrt(self.gamma / self.width)
        return np.maximum(units, 0, out=units)


@dataclass(frozen=True)
class KernelEstimate:
    """The problem that fits by a kernel can learn, and the power of the target off its span.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues of the kernel's operator, and the target's coefficients.
    outside : float
        The mean square of the target off the kernel's span, at least 0. For every fit to true
        labels it is label noise of this variance, and it stays in every error (see
        ``kernel_theory``). For a kernel of full rank on the images it is 0, whatever the rank of
        its operator.
    """

    spectrum: Spectrum
    outside: float


def kernel_spectrum(gram: ArrayLike, targets: ArrayLike) -> Spectrum:
    """The spectrum of ``estimate_kernel`` alone, for kernels that have the targets in their span.

    For a K without full rank, theory from this spectrum lacks the targets' power off the span.

    Parameters
    ----------
    gram : array_like, shape (N, N)
        K, the kernel between N images.
    targets : array_like, shape (N,)
        y, their true labels.

    Returns
    -------
    Spectrum
        Eigenvalues of K/N, falling, and the target's coefficients, of shape (rank,).

    Raises
    ------
    ValueError
        As ``estimate_kernel`` does.
    """
    return estimate_kernel(gram, targets).spectrum


def estimate_kernel(gram: ArrayLike, targets: ArrayLike) -> KernelEstimate:
    """Eigenvalues of the kernel operator, the target's coefficients, and its power off the span.

    Moments are not centred, because the fits have no intercept. With K = QSQ', S tridiagonal, the
    u_j'y are those of S and Q'y: the eigenvectors of K itself are not needed.

    Parameters
    ----------
    gram : array_like, shape (N, N)
        K, the kernel between N images.
    targets : array_like, shape (N,)
        y, their true labels.

    Returns
    -------
    KernelEstimate
        The spectrum has eigenvalues of K/N, falling, and w_j = u_j'y/√(Nλ_j), of shape (rank,). The
        power outside is Σ(u_j'y)²/(N − rank) over the other j, like the residual variance of a
        regression on ``rank`` features; 0 if K has full rank.

    Raises
    ------
    ValueError
        Unless gram is a square matrix of finite numbers and targets are as many.
    """
    gram = numbers_of("gram", gram)
    targets = numbers_of("targets", targets)
    count = len(gram)
    if gram.shape != (count, count) or targets.shape != (count,) or count < 2:
        raise ValueError(
            f"gram must be (N, N) and targets (N,), N at least 2, not of shapes {gram.shape} and "
            f"{targets.shape}"
        )
    lower = np.array(gram, order="F")
    reduced, diagonal, off_diagonal, tau, _ = lapack.dsytrd(lower, lower=True, lwork=64 * count)
    reflectors = np.asfortranarray(reduced[1:, :-1])
    turned, *_ = lapack.dormqr("L", "T", reflectors, tau, targets[1:, None], 64 * count)
    values, vectors = eigh_tridiagonal(diagonal, off_diagonal, lapack_driver="stevd")
    projections = np.append(targets[:1], turned) @ vectors
    values = values[::-1] / count
    projections = projections[::-1]
    positive = on_range(values)
    eigenvalues = values[positive]
    spectrum = Spectrum(eigenvalues, projections[positive] / np.sqrt(count * eigenvalues))
    outside = projections[~positive]
    power = float(outside @ outside / len(outside)) if len(outside) else 0.0
    return KernelEstimate(spectrum, power)


@dataclass(frozen=True)
class KernelChain:
    """Trained generators of one replicate.

    Generator m ≥ 1 predicts Σ_i coefficients[m−1, i]·k(x, image i); generation 0 is the truth.

    Parameters
    ----------
    indices : array of int, shape (n, T0)
        The images of each generator, as numbers in the pool.
    coefficients : array, shape (n, T0)
        The coefficients of the images.
    """

    indices: np.ndarray
    coefficients: np.ndarray

    def labels(
        self, kernel: Kernel, pool: Pool, m: int, drawn: np.ndarray, x: np.ndarray
    ) -> np.ndarray:
        """Noiseless labels of generation m for pool images ``drawn`` (T,) of features x: (T,)."""
        if m == 0:
            return pool.targets[drawn]
        support = pool.features(pool.images[self.indices[m - 1]])
        return kernel(x, support) @ self.coefficients[m - 1]


def train_kernel_generators(
    kernel: Kernel, pool: Pool, generators: Sequence[Fit], *, seed: int | str, replicate: int
) -> KernelChain:
    """A chain of kernel ridge fits of one size, each on fresh images labelled by its predecessor.

    Parameters
    ----------
    kernel : Kernel
        The kernel of all fits.
    pool : Pool
        The training images.
    generators : sequence of Fit
        First to last, of one whole number of images, with positive ridges.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate.

    Returns
    -------
    KernelChain
        The images and coefficients of each generator.

    Raises
    ------
    ValueError
        For unequal sizes, as Pool.draw does, and as ``kernel_ridge_path`` does.
    """
    sizes = {fit.whole_samples for fit in generators} or {0}
    if len(sizes) > 1:
        raise ValueError(f"kernel generators need one size, not {sorted(sizes)}")
    [size] = sizes
    shape = (len(generators), size)
    chain = KernelChain(np.empty(shape, dtype=int), np.empty(shape))
    for m, fit in enumerate(generators):
        rng = random_stream(seed, "kernel generator", replicate, m)
        drawn = pool.draw(size, rng)
        x = pool.features(pool.images[drawn])
        _, ridge, noise = fit.numbers
        labels = chain.labels(kernel, pool, m, drawn, x) + noise * rng.standard_normal(size)
        chain.indices[m] = drawn
        [[chain.coefficients[m]]] = kernel_ridge_path(kernel(x, x), labels[None], [ridge])
    return chain


def kernel_downstream_errors(
    kernel: Kernel,
    pool: Pool,
    chain: KernelChain,
    test_features: np.ndarray,
    test_targets: np.ndarray,
    samples: Sequence[int],
    generations: Sequence[int],
    ridges: np.ndarray,
    noise: float,
    *,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """Mean squared errors, on clean test labels, of kernel ridge fits after a chain.

    A fit on T images takes the first T of one order of the pool, so that each kernel is computed
    once, for the largest T; every T draws its own label noise, shared by its fits.

    Parameters
    ----------
    kernel : Kernel
        The kernel of all fits.
    pool : Pool
        The training images.
    chain : KernelChain
        The generators, as ``train_kernel_generators`` returns them.
    test_features : array, shape (M, p)
        Features of the test images.
    test_targets : array, shape (M,)
        Their true labels.
    samples : sequence of int
        The numbers T of images, each at least 1.
    generations : sequence of int
        The generations whose labels are learned, from 0, the truth, to the last of the chain.
    ridges : array, shape (sizes, ridges)
        λ > 0 of the fits at each T.
    noise : float
        σ ≥ 0, the standard deviation of label noise.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate.

    Returns
    -------
    ndarray, shape (sizes, generations, ridges)
        Mean squared errors.

    Raises
    ------
    ValueError
        For sizes that are not counts, a generation that the chain lacks, ridges of another shape,
        and noise below 0.
    """
    samples = [whole_number("samples", T, 1) for T in samples]
    generations = [whole_number("generations", n, 0) for n in generations]
    if not samples or not generations or max(generations) > len(chain.indices):
        raise ValueError(
            f"generations must be of 0 to {len(chain.indices)}, those of the chain, and there must "
            f"be samples, not {generations} and {samples}"
        )
    if len(ridges) != len(samples):
        raise ValueError(f"ridges must be those of {len(samples)} sizes, not of {len(ridges)}")
    noise = number_of_at_least_0("noise", noise)
    largest = max(samples)
    drawn = pool.draw(largest, random_stream(seed, "kernel images", replicate))
    x = pool.features(pool.images[drawn])
    gram = kernel(x, x)
    clean = np.array([chain.labels(kernel, pool, n, drawn, x) for n in generations])
    coefficients = []
    for T, ridges_at_T in zip(samples, ridges, strict=True):
        z = random_stream(seed, "kernel downstream", replicate, T).standard_normal(T)
        path = kernel_ridge_path(gram[:T, :T], clean[:, :T] + noise * z, ridges_at_T)
        coefficients.append(path.reshape(-1, T).T)
    squares = np.zeros((len(samples), coefficients[0].shape[1]))
    for first in range(0, len(test_targets), BLOCK):
        block = slice(first, first + BLOCK)
        k = kernel(test_features[block], x)
        targets = test_targets[block, None]
        for sums, fits in zip(squares, coefficients, strict=True):
            sums += np.sum((k[:, : len(fits)] @ fits - targets) ** 2, axis=0)
    return (squares / len(test_targets)).reshape(len(samples), len(generations), -1)


def kernel_ridge_path(gram: np.ndarray, labels: np.ndarray, ridges: Sequence[float]) -> np.ndarray:
    """(K + λTI)^{-1}y for several labels y and ridges λ.

    Each ridge has a Cholesky factor; one that is lost in the rounding of K takes the eigenvectors
    of K instead.

    Parameters
    ----------
    gram : array, shape (T, T)
        K.
    labels : array, shape (G, T)
        Vectors y.
    ridges : sequence of float, of length L
        λ > 0.

    Returns
    -------
    ndarray, shape (G, L, T)
        Coefficients.

    Raises
    ------
    ValueError
        For a ridge that is not positive.
    """
    if not np.all(np.asarray(ridges) > 0):
        raise ValueError(f"the ridge of a kernel must be positive, not {ridges}")
    size = len(gram)
    path = np.empty((len(labels), len(ridges), size))
    for i, ridge in enumerate(ridges):
        shifted = np.array(gram)
        shifted[np.diag_indices(size)] += ridge * size
        try:
            # Symmetric: its transpose is the same, and laid out as LAPACK wants it.
            factor = cho_factor(shifted.T, lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError:
            values, vectors = eigh(gram)
            damping = ridge * size + np.maximum(values, 0)
            path[:, i] = (labels @ vectors / damping) @ vectors.T
        else:
            path[:, i] = cho_solve(factor, labels.T, check_finite=False).T
    return path
