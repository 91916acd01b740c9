"""The regression problem: eigenvalues of Σ and the teacher w0 in Σ's eigenbasis."""

from dataclasses import dataclass

import numpy as np

from model_collapse.seeds import random_stream

# An eigenvalue counts towards the rank of Σ if it exceeds this fraction of the largest one.
RANK_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of Σ, shape (d,), and the coefficients of w0 in its eigenbasis, shape (d,).

    Raises ValueError unless both are finite vectors of one length and the eigenvalues are
    non-negative with a positive one among them.
    """

    eigenvalues: np.ndarray
    coefficients: np.ndarray

    def __post_init__(self):
        for name in ("eigenvalues", "coefficients"):
            values = np.array(getattr(self, name), dtype=float)
            if values.ndim != 1 or not len(values) or not np.all(np.isfinite(values)):
                raise ValueError(f"{name} must be a non-empty vector of finite numbers")
            values.flags.writeable = False
            object.__setattr__(self, name, values)
        if len(self.eigenvalues) != len(self.coefficients):
            raise ValueError(
                f"eigenvalues and coefficients must have one length, "
                f"not {len(self.eigenvalues)} and {len(self.coefficients)}"
            )
        if self.eigenvalues.min() < 0 or self.eigenvalues.max() == 0:
            raise ValueError("eigenvalues must be non-negative, and one of them positive")

    @property
    def dimension(self) -> int:
        """d."""
        return len(self.eigenvalues)

    @property
    def null_risk(self) -> float:
        """‖w0‖²_Σ, the test error of predicting zero."""
        return float(np.sum(self.eigenvalues * self.coefficients**2))


def rank(eigenvalues: np.ndarray) -> int:
    """The number of eigenvalues, shape (d,), above RANK_TOLERANCE times the largest."""
    return int(np.count_nonzero(on_range(eigenvalues)))


def on_range(eigenvalues: np.ndarray) -> np.ndarray:
    """Which eigenvalues, shape (d,), count towards the rank: booleans, shape (d,)."""
    return eigenvalues > RANK_TOLERANCE * np.max(eigenvalues)


def isotropic(d: int, norm: float = 1.0, seed: int = 0) -> Spectrum:
    """Σ = I in dimension d, and w0 of length ``norm`` in a random direction drawn from ``seed``."""
    if d < 1:
        raise ValueError(f"the dimension d must be at least 1, not {d}")
    direction = random_stream(seed, "teacher").standard_normal(d)
    return Spectrum(np.ones(d), norm * direction / np.linalg.norm(direction))


def power_law(d: int, beta: float, r: float) -> Spectrum:
    """Capacity and source exponents of eq (23): λ_k = k^{−β}, c_k = k^{−δ/2}, δ = 1 + β(2r − 1).

    The source condition holds up to a logarithm: ‖Σ^{1/2−r}w0‖² = Σ_j 1/j, which is about log d.
    Raises ValueError unless β > 1 and r > 0.
    """
    if d < 1:
        raise ValueError(f"the dimension d must be at least 1, not {d}")
    if not beta > 1:
        raise ValueError(f"the capacity exponent beta must be greater than 1, not {beta}")
    if not r > 0:
        raise ValueError(f"the source exponent r must be positive, not {r}")
    k = np.arange(1, d + 1, dtype=float)
    delta = 1 + beta * (2 * r - 1)
    return Spectrum(k**-beta, k ** (-delta / 2))


def two_level(d: int, weak_eigenvalue: float, weak_weight: float) -> Spectrum:
    """Half of the eigenvalues 1 (strong), half ``weak_eigenvalue``; ‖w0‖ = 1.

    ``weak_weight`` of ‖w0‖² is spread evenly over the weak directions, the rest over the strong.
    Raises ValueError for an odd d, or unless 0 < weak_eigenvalue ≤ 1 and 0 ≤ weak_weight ≤ 1.
    """
    if d < 2 or d % 2:
        raise ValueError(f"the dimension d of a two_level spectrum must be even, not {d}")
    if not 0 < weak_eigenvalue <= 1:
        raise ValueError(f"weak_eigenvalue must be above 0 and at most 1, not {weak_eigenvalue}")
    if not 0 <= weak_weight <= 1:
        raise ValueError(f"weak_weight must be between 0 and 1, not {weak_weight}")
    half = d // 2
    squares = np.repeat([1 - weak_weight, weak_weight], half) / half
    return Spectrum(np.repeat([1.0, weak_eigenvalue], half), np.sqrt(squares))
