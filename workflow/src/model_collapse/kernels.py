"""Kernel ridge chains on real images: generators and downstream fits by (K + λTI)^{-1}."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from sklearn.metrics.pairwise import pairwise_kernels

from model_collapse.pixels import Pool
from model_collapse.protocol import Fit
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum, on_range


@dataclass(frozen=True)
class Kernel:
    """ "rbf", exp(−γ‖x−x'‖²), or "polynomial", (1+γ⟨x,x'⟩)^degree, on rows of features."""

    name: str
    gamma: float
    degree: int = 5

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """K(x, y) of shape (len(x), len(y)) for features of shape (·, p)."""
        given = {"gamma": self.gamma, "degree": self.degree, "coef0": 1}
        return pairwise_kernels(x, y, self.name, filter_params=True, **given)


def kernel_spectrum(kernel: Kernel, pool: Pool) -> Spectrum:
    """Eigenvalues of the kernel operator and the target's coefficients, estimated from a pool of N
    images: eigenvalues of K/N, falling, and w_j = u_j'y/√(Nλ_j), shape (rank,).

    Moments are not centred, because the fits have no intercept.
    """
    x = pool.features(pool.images)
    values, vectors = eigh(kernel(x, x) / len(x))
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = on_range(values)
    projections = (pool.targets @ vectors[:, kept]) / np.sqrt(len(x))
    return Spectrum(values[kept], projections / np.sqrt(values[kept]))


@dataclass(frozen=True)
class KernelChain:
    """Trained generators of one replicate: images (n, T0), pool indices, and coefficients (n, T0).

    Generator m ≥ 1 predicts Σ_i coefficients[m−1, i]·k(x, image i); generation 0 is the truth.
    """

    indices: np.ndarray
    coefficients: np.ndarray

    def labels(self, kernel: Kernel, pool: Pool, m: int, drawn: np.ndarray) -> np.ndarray:
        """Noiseless labels of generation m for pool images ``drawn``, shape (T,)."""
        if m == 0:
            return pool.targets[drawn]
        support = pool.features(pool.images[self.indices[m - 1]])
        return kernel(pool.features(pool.images[drawn]), support) @ self.coefficients[m - 1]


def train_kernel_generators(
    kernel: Kernel, pool: Pool, generators: Sequence[Fit], *, seed: int | str, replicate: int
) -> KernelChain:
    """A chain of kernel ridge fits of one size, each on fresh images labelled by its predecessor.

    Every ridge must be positive.
    """
    size = int(generators[0].samples) if generators else 0
    shape = (len(generators), size)
    chain = KernelChain(np.empty(shape, dtype=int), np.empty(shape))
    for m, fit in enumerate(generators):
        rng = random_stream(seed, "kernel generator", replicate, m)
        drawn = pool.draw(size, rng)
        labels = chain.labels(kernel, pool, m, drawn) + fit.noise * rng.standard_normal(size)
        x = pool.features(pool.images[drawn])
        regularized = kernel(x, x) + fit.ridge * size * np.eye(size)
        chain.indices[m] = drawn
        chain.coefficients[m] = cho_solve(cho_factor(regularized), labels)
    return chain


def kernel_downstream_errors(
    kernel: Kernel,
    pool: Pool,
    chain: KernelChain,
    test_features: np.ndarray,
    test_targets: np.ndarray,
    samples: int,
    generations: Sequence[int],
    ridges: Sequence[float],
    noise: float,
    *,
    seed: int | str,
    replicate: int,
) -> np.ndarray:
    """Mean squared errors on clean test labels, shape (generations, ridges).

    All fits share one draw of T images, one label noise and one eigendecomposition of K.
    """
    rng = random_stream(seed, "kernel downstream", replicate, samples)
    drawn = pool.draw(samples, rng)
    z = rng.standard_normal(samples)
    labels = np.array([chain.labels(kernel, pool, n, drawn) for n in generations]) + noise * z
    x = pool.features(pool.images[drawn])
    coefficients = kernel_ridge_path(kernel(x, x), labels, ridges)
    flat = coefficients.reshape(-1, samples)
    residuals = kernel(test_features, x) @ flat.T - test_targets[:, None]
    return np.mean(residuals**2, axis=0).reshape(len(generations), len(ridges))


def kernel_ridge_path(gram: np.ndarray, labels: np.ndarray, ridges: Sequence[float]) -> np.ndarray:
    """(K + λTI)^{-1}y for K (T, T), all labels (G, T) and ridges (L,): shape (G, L, T)."""
    values, vectors = eigh(gram)
    rotated = labels @ vectors
    damping = np.asarray(ridges)[:, None] * len(gram) + np.maximum(values, 0)
    return (rotated[:, None, :] / damping) @ vectors.T
