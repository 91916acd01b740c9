"""Gaussian designs drawn without their data, and the full sampler that checks them.

For a design X of shape (T, d) with rows N(0, Σ) and label noise E ~ N(0, σ²I), a fit needs only
X'X and X'E. Both come from a factor F with FF' = X'X: then X'E has the law of σFz, z ~ N(0, I).
"""

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh, lapack
from scipy.linalg.blas import dsyrk

from model_collapse.problem.arguments import whole_number, with_plain_numbers
from model_collapse.problem.fits import Fit
from model_collapse.problem.spectra import Spectrum

# Mean (d,) and covariance (d, d) of a model over label noise; of the truth the covariance is 0.
Moments = tuple[np.ndarray, np.ndarray | float]
# Cholesky factors that cost as much as one tridiagonal reduction, measured at d = 100 to 1000.
FEW_RIDGES = 4
# Least ratio of two pivots, or eigenvalues: below it, a Gram matrix has too few digits left.
LEAST_PIVOT = 1e-8
# Least ratio of two singular values of a factor: below it, the SVD has too few digits of the less.
LEAST_SINGULAR = 1e-12


@with_plain_numbers
def design_factor(spectrum: Spectrum, samples: int, rng: np.random.Generator) -> np.ndarray:
    """F of shape (d, min(T, d)) with FF' distributed as X'X.

    For T < d, X' itself. For T ≥ d, Σ^{1/2} times the upper Bartlett factor, U_ii² ~ χ²_{T−d+1+i}
    for i = 0 … d−1 and standard normals above the diagonal: the cost does not depend on T.
    Raises MemoryError if a fit on such a design does not fit into this machine, and ValueError for
    a condensed spectrum.
    """
    require_all_modes(spectrum)
    d = len(spectrum.eigenvalues)
    require_memory(d, samples)
    scale = np.sqrt(spectrum.eigenvalues)
    if samples < d:
        return (rng.standard_normal((samples, d)) * scale).T
    factor, _ = lapack.dtpttr(d, rng.standard_normal(d * (d + 1) // 2), uplo="U")
    np.fill_diagonal(factor, np.sqrt(rng.chisquare(samples - d + 1 + np.arange(d))))
    factor *= scale[:, None]
    return factor


def require_all_modes(spectrum: Spectrum) -> None:
    """Raise ValueError for a condensed spectrum."""
    if np.any(spectrum.counts != 1):
        raise ValueError("a condensed spectrum is for theory alone: it has no designs")


@with_plain_numbers
def design_bytes(d: int, samples: int) -> int:
    """Memory that one ridge fit takes: F (d, k) and a Gram matrix (k, k), k = min(T, d)."""
    k = min(samples, d)
    return 8 * k * (d + k)


def require_memory(d: int, samples: int) -> None:
    """Raise MemoryError if design_bytes exceed the memory of this machine."""
    needed = design_bytes(d, samples)
    memory = memory_bytes()
    if needed > memory:
        raise MemoryError(
            f"a fit with d = {d:,} on T = {samples:,} samples takes {needed / 1e9:,.1f} GB of "
            f"memory, and this machine has {memory / 1e9:,.1f} GB"
        )


def memory_bytes() -> int:
    """Memory of this machine, in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class UnseenDesign:
    """A design of T ≥ d samples for a single OLS fit, Σ of full rank: only the error of that fit is
    drawn, in O(d).

    The fit to labels of w is a multivariate t of T − d + 1 degrees of freedom about w,

        ŵ = w + σΣ^{-1/2}z/√(χ²_{T−d+1}),    z ~ N(0, I),

    exactly and for every T ≥ d; its covariance is σ²Σ^{-1}/(T−d−1) from T = d + 2 on. Fits on
    independent designs have independent errors. Our article derives it, under "Simulation without
    size T"; the paper draws designs in full. ``eigenvalues`` (d,) are those of Σ.
    """

    eigenvalues: np.ndarray
    samples: int

    @classmethod
    def draw(cls, spectrum: Spectrum, samples: int, _rng: np.random.Generator) -> "UnseenDesign":
        """A design of T samples; nothing is drawn. Raises ValueError for a condensed spectrum."""
        require_all_modes(spectrum)
        return cls(spectrum.eigenvalues, whole_number("samples", samples, 1))

    def learn(self, model: np.ndarray, fit: Fit, rng: np.random.Generator) -> np.ndarray:
        """The OLS fit to noisy labels made by a model (d,), shape (d,).

        Raises ValueError for T < d.
        """
        z = rng.standard_normal(len(model))
        scale = rng.chisquare(self.samples - len(model) + 1)
        return model + fit.noise * z / np.sqrt(scale * self.eigenvalues)


@dataclass(frozen=True)
class Design:
    """One design: T, and F (d, k) with FF' = X'X and k = min(T, d)."""

    samples: int
    factor: np.ndarray

    @classmethod
    def draw(cls, spectrum: Spectrum, samples: int, rng: np.random.Generator) -> "Design":
        """Draw a design of T samples; the cost does not grow with T once T ≥ d."""
        return cls(whole_number("samples", samples, 1), design_factor(spectrum, samples, rng))

    @property
    def is_square(self) -> bool:
        """True if T ≥ d, so that F is upper triangular."""
        return self.factor.shape[0] == self.factor.shape[1]

    def fit(
        self, models: np.ndarray, ridges: np.ndarray, noise: float, z: np.ndarray
    ) -> np.ndarray:
        """Ridge fits to labels made by models (P, d) with ridges (P,): estimates of shape (P, d).

        The label noise is σ = ``noise`` times z ~ N(0, I_k), the same z for all P fits. With c = λT
        ŵ = F(F'F + c)^{-1}(F'w + σz) = w + (FF' + c)^{-1}(σFz − cw). λ = 0 is least-norm OLS.
        """
        shifts = np.asarray(ridges, float) * self.samples
        gram = self.gram()
        try:
            if self.is_square:
                right = noise * (self.factor @ z) - shifts[:, None] * models
                return models + shifted_solutions(gram, shifts, right)
            return shifted_solutions(gram, shifts, models @ self.factor + noise * z) @ self.factor.T
        except np.linalg.LinAlgError:
            if self.is_steep:
                return self._steep_fits(models, shifts, noise, z)
            u, s, rotation = self.svd
            signal = s**2 * (models @ u) + noise * s * (rotation @ z)
            return signal / (s**2 + shifts[:, None]) @ u.T

    @cached_property
    def is_steep(self) -> bool:
        """True if singular values are too far apart for ``svd``, which then loses directions of X'X
        or their digits.
        """
        _, s, _ = self.svd
        rank = min(np.sum(np.any(self.factor != 0, axis=1)), self.factor.shape[1])
        return len(s) < rank or s.min() < LEAST_SINGULAR * s.max()

    def require_svd(self) -> None:
        """Raise ValueError for a design that is too steep for ``svd``."""
        if self.is_steep:
            raise ValueError(
                "the eigenvalues of Σ are too far apart for simulated terms, 10^24-fold and more: "
                "take theory, or simulate_chain, which draws the label noise"
            )

    def _steep_fits(
        self, models: np.ndarray, shifts: np.ndarray, noise: float, z: np.ndarray
    ) -> np.ndarray:
        """``fit`` for eigenvalues of Σ that are any number of decades apart.

        With rows of F in falling order, FF' + c and, if T is less than the rank, RR' + c for
        F' = QR are graded: scaled to a diagonal of ones they are well conditioned.
        """
        sizes = np.max(np.abs(self.factor), axis=1)
        rows = np.argsort(-sizes, kind="stable")[: np.sum(sizes > 0)]
        factor = self.factor[rows]
        labellers = models[:, rows]
        fits = np.zeros_like(models)
        if len(rows) <= factor.shape[1]:
            right = noise * (factor @ z) - shifts[:, None] * labellers
            fits[:, rows] = labellers + graded_solutions(factor @ factor.T, shifts, right)
            return fits
        q, r = np.linalg.qr(factor.T)
        right = labellers @ r.T + noise * (q.T @ z)
        fits[:, rows] = graded_solutions(r @ r.T, shifts, right) @ r
        return fits

    def learn(self, model: np.ndarray, fit: Fit, rng: np.random.Generator) -> np.ndarray:
        """The fit to noisy labels made by a model (d,), shape (d,)."""
        _, ridge, noise = fit.numbers
        columns: int = self.factor.shape[1]
        z = rng.standard_normal(columns)
        return self.fit(model[None], np.array([ridge]), noise, z)[0]

    def gram(self) -> np.ndarray:
        """The upper triangle of FF' where T ≥ d, of F'F where T < d, shape (k, k)."""
        if self.is_square:
            return lapack.dlauum(self.factor)[0]
        return dsyrk(1.0, self.factor, trans=True)

    @cached_property
    def svd(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """U (d, r), s (r,), V' (r, k) of F = U·s·V', without the null directions of X'X.

        Eigenvectors of the Gram matrix, which are cheaper, give it if their digits are enough.
        """
        values, vectors = eigh(self.gram(), lower=False, driver="evd", check_finite=False)
        s = np.sqrt(np.maximum(values, 0))
        if values[0] > LEAST_PIVOT * values[-1]:
            if self.is_square:
                return vectors, s, vectors.T @ self.factor / s[:, None]
            return self.factor @ vectors / s, s, vectors.T
        u, s, rotation = np.linalg.svd(self.factor, full_matrices=False)
        positive = s > np.finfo(float).eps * max(self.factor.shape) * s[0]
        return u[:, positive], s[positive], rotation[positive]

    def moments(self, model: Moments, fit: Fit) -> Moments:
        """Moments of the fit to labels made by a model of these moments.

        Raises ValueError for eigenvalues of Σ too far apart, except for least squares on T ≥ d.
        """
        mean, covariance = model
        if fit.noise == 0 and np.ndim(covariance) == 0:
            zeros = np.zeros(self.factor.shape[1])
            return self.fit(mean[None], np.array([fit.ridge]), 0.0, zeros)[0], 0.0
        if self.is_square and fit.ridge == 0:
            inverse, singular = lapack.dtrtri(self.factor)
            if not singular:
                return mean, covariance + fit.noise**2 * (inverse.T @ inverse)
        self.require_svd()
        u, s, _ = self.svd
        shrink = s**2 / (s**2 + fit.ridge * self.samples)
        inside = shrink[:, None] * self.rotated(covariance) * shrink
        inside[np.diag_indices(len(s))] += (fit.noise * shrink / s) ** 2
        return u @ (shrink * (u.T @ mean)), u @ inside @ u.T

    def rotated(self, covariance: np.ndarray | float) -> np.ndarray:
        """U'CU, shape (r, r)."""
        u, s, _ = self.svd
        return u.T @ covariance @ u if np.ndim(covariance) else np.zeros((len(s), len(s)))


def shifted_solutions(gram: np.ndarray, shifts: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(G + c_p)^{-1}b_p for the upper triangle of G (k, k), c (P,) and b (P, k): shape (P, k).

    Up to FEW_RIDGES different c have one Cholesky factor each; more share one tridiagonal reduction
    of G, and then cost O(k) each. Overwrites G. Raises LinAlgError if a pivot is too small.
    """
    distinct, which = np.unique(shifts, return_inverse=True)
    solutions = np.empty_like(right)
    k = len(gram)
    if len(distinct) <= FEW_RIDGES or k == 1:
        for i, shift in enumerate(distinct):
            shifted = gram if i == len(distinct) - 1 else gram.copy(order="F")
            shifted[np.diag_indices(k)] += shift
            factor, failed = lapack.dpotrf(shifted, clean=False, overwrite_a=True)
            _require_pivots(np.square(factor.diagonal()), failed)
            solutions[which == i] = lapack.dpotrs(factor, right[which == i].T)[0].T
        return solutions
    lower = np.asfortranarray(gram.T)
    reduced, diagonal, off_diagonal, tau, _ = lapack.dsytrd(lower, lower=True, lwork=64 * k)
    reflectors = np.asfortranarray(reduced[1:, :-1])

    def rotated(rows: np.ndarray, transposed: str) -> np.ndarray:
        """Rows (P, k) in the basis of the reduced matrix, "T", or back from it, "N"."""
        turned, *_ = lapack.dormqr("L", transposed, reflectors, tau, rows[:, 1:].T, 64 * len(rows))
        return np.column_stack([rows[:, 0], turned.T])

    rotated_right = rotated(right, "T")
    for i, shift in enumerate(distinct):
        pivots, factor, failed = lapack.dpttrf(diagonal + shift, off_diagonal)
        _require_pivots(pivots, failed)
        solutions[which == i] = lapack.dpttrs(pivots, factor, rotated_right[which == i].T)[0].T
    return rotated(solutions, "N")


def graded_solutions(gram: np.ndarray, shifts: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(G + c_p)^{-1}b_p for G (k, k), c (P,) and b (P, k), shape (P, k), by Cholesky factors of
    G + c scaled to a diagonal of ones.
    """
    solutions = np.empty_like(right)
    for shift in np.unique(shifts):
        shifted = gram + shift * np.eye(len(gram))
        scale = 1 / np.sqrt(shifted.diagonal())
        factor = cho_factor(scale[:, None] * shifted * scale)
        alike = shifts == shift
        solutions[alike] = scale * cho_solve(factor, (scale * right[alike]).T).T
    return solutions


def _require_pivots(pivots: np.ndarray, failed: int) -> None:
    if failed or not pivots.min() > LEAST_PIVOT * pivots.max():
        raise np.linalg.LinAlgError("the Gram matrix is close to singular")
