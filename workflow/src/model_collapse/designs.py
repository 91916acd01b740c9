"""Gaussian designs drawn without their data, and the full sampler that checks them.

For a design X of shape (T, d) with rows N(0, Σ) and label noise E ~ N(0, σ²I), a fit needs only
X'X and X'E. Both come from a factor F with FF' = X'X: then X'E has the law of σFz, z ~ N(0, I).
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from model_collapse.protocol import Fit
from model_collapse.spectra import Spectrum

# Mean (d,) and covariance (d, d) of a model over label noise; of the truth the covariance is 0.
Moments = tuple[np.ndarray, np.ndarray | float]


def design_factor(spectrum: Spectrum, samples: int, rng: np.random.Generator) -> np.ndarray:
    """F of shape (d, min(T, d)) with FF' distributed as X'X.

    For T < d, X' itself. For T ≥ d, Σ^{1/2} times the lower Bartlett factor, B_ii² ~ χ²_{T−i} and
    standard normals below the diagonal: the cost does not depend on T.
    """
    d = spectrum.dimension
    scale = np.sqrt(spectrum.eigenvalues)[:, None]
    if samples < d:
        return scale * rng.standard_normal((d, samples))
    bartlett = np.tril(rng.standard_normal((d, d)), -1)
    bartlett[np.diag_indices(d)] = np.sqrt(rng.chisquare(samples - np.arange(d)))
    return scale * bartlett


@dataclass(frozen=True)
class Design:
    """One design: T and the thin SVD of X', directions (d, k) and singular values (k,).

    The null directions of X'X are left out, so λ = 0 gives the least-norm OLS fit.
    """

    samples: int
    directions: np.ndarray
    singular_values: np.ndarray

    @classmethod
    def draw(cls, spectrum: Spectrum, samples: int, rng: np.random.Generator) -> "Design":
        """Draw a design of T samples; the cost does not grow with T once T ≥ d."""
        factor = design_factor(spectrum, samples, rng)
        directions, singular_values, _ = np.linalg.svd(factor, full_matrices=False)
        tolerance = np.finfo(float).eps * max(factor.shape) * singular_values[0]
        kept = singular_values > tolerance
        return cls(samples, directions[:, kept], singular_values[kept])

    def fit(
        self, models: np.ndarray, ridges: np.ndarray, noise: float, z: np.ndarray
    ) -> np.ndarray:
        """Ridge fits to labels made by models (P, d) with ridges (P,): estimates of shape (P, d).

        The label noise is σ = ``noise`` times z ~ N(0, I_k), the same z for all P fits.
        """
        s = self.singular_values
        denominator = s**2 + np.asarray(ridges)[:, None] * self.samples
        signal = s**2 * (models @ self.directions)
        return ((signal + noise * s * z) / denominator) @ self.directions.T

    def learn(self, model: np.ndarray, fit: Fit, rng: np.random.Generator) -> np.ndarray:
        """The fit to noisy labels made by a model (d,), shape (d,)."""
        z = rng.standard_normal(len(self.singular_values))
        return self.fit(model[None], np.array([fit.ridge]), fit.noise, z)[0]

    def moments(self, model: Moments, fit: Fit) -> Moments:
        """Moments of the fit to labels made by a model of these moments."""
        u, s, (mean, covariance) = self.directions, self.singular_values, model
        shrink = s**2 / (s**2 + fit.ridge * self.samples)
        inside = shrink[:, None] * self.rotated(covariance) * shrink
        inside[np.diag_indices(len(s))] += (fit.noise * shrink / s) ** 2
        return u @ (shrink * (u.T @ mean)), u @ inside @ u.T

    def rotated(self, covariance: np.ndarray | float) -> np.ndarray:
        """U'CU, shape (k, k)."""
        if np.ndim(covariance) == 0:
            return np.zeros((self.directions.shape[1],) * 2)
        return self.directions.T @ covariance @ self.directions


@dataclass(frozen=True)
class FullRankDesign:
    """A design of T ≥ d samples with Σ of full rank: OLS from F (d, d) itself, without an SVD."""

    factor: np.ndarray

    @classmethod
    def draw(cls, spectrum: Spectrum, samples: int, rng: np.random.Generator) -> "FullRankDesign":
        """Draw a design of T samples."""
        return cls(design_factor(spectrum, samples, rng))

    def learn(self, model: np.ndarray, fit: Fit, rng: np.random.Generator) -> np.ndarray:
        """The OLS fit to noisy labels made by a model (d,): w + σF^{-T}z, shape (d,)."""
        z = rng.standard_normal(len(self.factor))
        return model + fit.noise * solve_triangular(self.factor, z, trans="T", lower=True)

    def moments(self, model: Moments, fit: Fit) -> Moments:
        """Moments of the OLS fit to labels made by a model of these moments."""
        mean, covariance = model
        inverse = solve_triangular(self.factor, np.eye(len(self.factor)), lower=True)
        return mean, covariance + fit.noise**2 * inverse.T @ inverse


def sample_in_full(
    spectrum: Spectrum, samples: int, model: np.ndarray, noise: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """X of shape (T, d) and labels y = Xw + E of shape (T,), drawn row by row: the slow oracle."""
    x = rng.standard_normal((samples, spectrum.dimension)) * np.sqrt(spectrum.eigenvalues)
    return x, x @ model + noise * rng.standard_normal(samples)


def fit_in_full(x: np.ndarray, y: np.ndarray, ridge: float) -> np.ndarray:
    """(X'X/T + λI)^{-1}X'y/T, or least-norm OLS at λ = 0, from the data: shape (d,)."""
    samples, d = x.shape
    if ridge == 0:
        return np.linalg.lstsq(x, y, rcond=None)[0]
    return np.linalg.solve(x.T @ x / samples + ridge * np.eye(d), x.T @ y / samples)
