"""Recursive training on one design through a filter of its spectrum: gradient descent, ridge.

All generations see one X of N rows, Σ̂ = X'X/N. With a filter F, F(0) = 0, and G(h) = F(h)/h,
ŵ_m = F(Σ̂)ŵ_{m−1} + (1 − F(Σ̂))u_m + G(Σ̂)X'E_m/N, where training starts from u_m, ŵ_{−1} = w0 and
E_0 = 0, as generation 0 is fitted to clean labels. So

    ŵ_n − w0 = (F^{n+1} − 1)w0 + Σ_j F^j(1 − F)u_{n−j} + Σ_{j<n} F^jG·X'E_{n−j}/N .

Functions of Σ̂ are contour integrals of resolvents Q(z) = (Σ̂ − z)^{-1}, whose equivalents are those
of one ridge fit continued to complex λ = −z: with κ = κ(λ, N) and G_z = (Σ + κ)^{-1},
tr ΣQ(z) ≃ −N(κ + z)/z and E[Q(z)ΣQ(z')] ≃ κκ'/(zz')·ΣG_zG_z'·N/(N − tr Σ²G_zG_z').
The paper has ridge and least squares only, and nothing of this.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np

from model_collapse.problem.arguments import float_array, whole_number, with_plain_numbers
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import effective_ridge

NODES = 400  # on the upper half of the contour: ten digits for gradient descent of 10^6 steps
OPENING = 0.5  # angle between contour and spectrum, seen from left of 0
LARGEST_FILTER = 10.0  # bound of |F| on the contour; sums of powers of a larger F cancel
LARGEST_SIZE = 1e150  # bound of eigenvalues and ridges, whose squares must be within float64
NEWTON_STEPS = 50

# A function of real or complex numbers, elementwise on an array of any shape.
Filter = Callable[[np.ndarray], np.ndarray]


class Options(TypedDict, total=False):
    """Options of a chain, as in ``filtered_chain_of_sample``."""

    noise: float
    start_variance: float
    continued: bool


@dataclass(frozen=True)
class FilteredRisk:
    """Parts of the test error after generations 0, 1, …, in the square of a label's units.

    Parameters
    ----------
    bias : array, shape (n + 1,)
        The part that comes from what is not learned of w0.
    start : array, shape (n + 1,)
        The part that comes from what remains of the initial weights.
    collapse : array, shape (n + 1,)
        The part that comes from the generators' label noise.
    """

    bias: np.ndarray
    start: np.ndarray
    collapse: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """E_test."""
        return self.bias + self.start + self.collapse


@with_plain_numbers
def gradient_descent(learning_rate: float, steps: int) -> Filter:
    """The filter F(h) = 1 − (1 − ηh)^steps of gradient descent on ‖Xw − y‖²/(2N).

    Parameters
    ----------
    learning_rate : float
        η, the size of a step.
    steps : int
        At least 0.

    Returns
    -------
    callable
        F, for real or complex h of any shape.

    Raises
    ------
    ValueError
        For a number of steps that is negative or not whole.
    """
    steps = whole_number("steps", steps, 0)
    return lambda h: 1 - (1 - learning_rate * h) ** steps


@with_plain_numbers
def ridge_filter(ridge: float) -> Filter:
    """The filter F(h) = h/(h + λ) of ridge regression.

    Parameters
    ----------
    ridge : float
        λ > 0.

    Returns
    -------
    callable
        F, for real or complex h of any shape.
    """
    return lambda h: h / (h + ridge)


@dataclass(frozen=True)
class Traces:
    """Traces of Σ and w0 for N rows at nodes z of a contour, all (nodes,), for the equivalents.

    ``kappa`` is κ(−z, N), ``freedom`` df_1(κ) and ``signal`` A(κ) = w0'Σ(Σ + κ)^{-1}w0, with their
    derivatives in κ.
    """

    z: np.ndarray
    samples: int
    kappa: np.ndarray
    freedom: np.ndarray
    freedom_slope: np.ndarray
    signal: np.ndarray
    signal_slope: np.ndarray

    @classmethod
    def of_population(cls, spectrum: Spectrum, samples: int, z: np.ndarray) -> "Traces":
        """The traces of known eigenvalues of Σ and w0."""
        kappa = complex_ridges(spectrum.eigenvalues, samples, -z, spectrum.counts)
        spectrum.require_kappa(np.abs(kappa))
        eigenvalues = spectrum.counts * spectrum.eigenvalues  # weights in df_1
        powers = eigenvalues * spectrum.coefficients**2  # weights in A
        resolvent = 1 / (spectrum.eigenvalues[:, None] + kappa)
        squares = resolvent**2
        return cls(
            z,
            samples,
            kappa,
            freedom=eigenvalues @ resolvent,
            freedom_slope=-eigenvalues @ squares,
            signal=powers @ resolvent,
            signal_slope=-powers @ squares,
        )

    @classmethod
    def of_sample(cls, values: np.ndarray, powers: np.ndarray, z: np.ndarray) -> "Traces":
        """Estimate the traces from N rows, as generalised cross-validation does, without Σ.

        ``values`` (N,) are the eigenvalues of XX'/N, ``powers`` (N,) those of the clean labels
        y/√N along its eigenvectors. df_1(κ) ≃ tr Σ̂(Σ̂ + λ)^{-1}, A(κ) ≃ y'(XX'/N + λ)^{-1}y/N, and
        κ = λ/(1 − df_1/N) is then the effective ridge.
        """
        ridge = -z
        samples = len(values)
        resolvent = 1 / (values[:, None] + ridge)
        freedom = values @ resolvent
        freedom_slope = -values @ resolvent**2  # in λ
        remaining = 1 - freedom / samples
        kappa_slope = 1 / remaining + ridge * freedom_slope / samples / remaining**2
        return cls(
            z,
            samples,
            kappa=ridge / remaining,
            freedom=freedom,
            freedom_slope=freedom_slope / kappa_slope,
            signal=powers @ resolvent,
            signal_slope=-powers @ resolvent**2 / kappa_slope,
        )

    def two_point(self, function: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Equivalents of u'Q(z)ΣQ(z')u for z' on the upper and the lower half of the contour.

        Both (nodes, nodes); ``function`` is u'Σ(Σ + κ)^{-1}u, with its slope in κ. Traces of two
        resolvents are divided differences of traces of one, and derivatives on the diagonal.
        """
        freedom = self.kappa * self.freedom
        freedom_slope = self.freedom + self.kappa * self.freedom_slope

        def equivalent(
            ratio: np.ndarray,
            gap: np.ndarray,
            difference: np.ndarray,
            freedom_difference: np.ndarray,
        ) -> np.ndarray:
            crossed = self.samples - freedom_difference / gap  # N − tr Σ²GG'
            return -ratio * self.samples / crossed * difference / gap

        ratio = self.kappa / self.z
        functions = (self.kappa, function, freedom)
        differences = [f[:, None] - f for f in functions]
        for matrix, diagonal in zip(differences, (1, slope, freedom_slope), strict=True):
            np.fill_diagonal(matrix, diagonal)
        upper = equivalent(np.outer(ratio, ratio), *differences)
        differences = [f[:, None] - f.conj() for f in functions]
        return upper, equivalent(np.outer(ratio, ratio.conj()), *differences)


@with_plain_numbers
def filtered_chain(
    spectrum: Spectrum,
    samples: int,
    response: Filter,
    reach: float,
    generations: int,
    *,
    nodes: int = NODES,
    **options: Unpack[Options],
) -> FilteredRisk:
    """Deterministic equivalent of E‖ŵ_n − w0‖²_Σ after recursive training through a filter.

    It is the oracle of ``filtered_chain_of_sample``, for a known Σ.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, condensed or not.
    samples : int
        N > 0, the number of rows that all generations train on.
    response, reach, generations, nodes, options
        As in ``filtered_chain_of_sample``.

    Returns
    -------
    FilteredRisk
        Parts of the test error after generations 0 … n.

    Raises
    ------
    ValueError
        For an N that is not positive, if an endless spectrum was cut too early, and as
        ``filtered_chain_of_sample`` does.
    ArithmeticError
        If κ is lost on the contour.
    """
    if not 0 < samples < np.inf:
        raise ValueError(f"samples must be a number of more than 0, not {samples}")
    z, weights = contour(_largest(spectrum, samples), reach, nodes)
    traces = Traces.of_population(spectrum, samples, z)
    return _risk(traces, weights, response(z), generations, **options)


@with_plain_numbers
def filtered_chain_of_sample(
    values: np.ndarray,
    powers: np.ndarray,
    response: Filter,
    reach: float,
    generations: int,
    *,
    nodes: int = NODES,
    **options: Unpack[Options],
) -> FilteredRisk:
    """Deterministic equivalent of E‖ŵ_n − w0‖²_Σ after recursive training through a filter.

    It comes from the N rows that all generations train on, without Σ and test data.

    Parameters
    ----------
    values, powers : array, shape (N,)
        Eigenvalues of XX'/N, and squares of the clean labels y/√N along its eigenvectors.
    response : callable
        F, analytic and bounded within ``reach`` of the spectrum of Σ̂.
    reach : float
        Positive: 1/(4·η·steps) for gradient descent, λ/2 for ridge.
    generations : int
        n, at least 0.
    nodes : int
        Nodes on the upper half of the contour.
    noise : float
        The standard deviation of the entries of E; 0 by default.
    start_variance : float
        The variance of the entries of u, drawn anew for each generation; 0 by default.
    continued : bool
        Whether training starts from the last generation, u_m = ŵ_{m−1} for m ≥ 1; false by
        default. Then only noise is new to learn, ŵ_m = ŵ_{m−1} + G·X'E_m/N, and each generation
        adds the same error.

    Returns
    -------
    FilteredRisk
        Parts of the test error after generations 0 … n.

    Raises
    ------
    ValueError
        For a filter that is not bounded on the contour, a reach that is not positive, and sizes
        whose squares are beyond float64.
    """
    values = float_array(values)
    powers = float_array(powers)
    z, weights = contour(values.max(), reach, nodes)
    traces = Traces.of_sample(values, powers, z)
    return _risk(traces, weights, response(z), generations, **options)


def _risk(
    traces: Traces,
    weights: np.ndarray,
    filtered: np.ndarray,
    generations: int,
    *,
    noise: float = 0.0,
    start_variance: float = 0.0,
    continued: bool = False,
) -> FilteredRisk:
    """The contour integrals of both public functions; ``filtered`` is F at the nodes z."""
    if not np.all(np.abs(filtered) < LARGEST_FILTER):
        raise ValueError(
            "the filter explodes beside the spectrum: for gradient descent the learning rate is "
            "too close to where it diverges"
        )
    generations = whole_number("generations", generations, 0)
    truth = traces.two_point(traces.signal, traces.signal_slope)
    start = traces.two_point(traces.freedom, traces.freedom_slope)
    noise_trace = -(traces.kappa + traces.z) / traces.z  # tr ΣQ(z)/N

    def integral(kernel: tuple[np.ndarray, np.ndarray], function: np.ndarray) -> float:
        """The double integral of a kernel and function(z)·function(z')."""
        upper = weights * function
        return 2 * float((upper @ kernel[0] @ upper + upper @ kernel[1] @ upper.conj()).real)

    powers = [filtered ** (0 if continued else j) for j in range(generations + 1)]
    bias = [integral(truth, power * filtered - 1) for power in powers]
    remaining = [integral(start, power * (1 - filtered)) for power in powers]
    added = [
        -2 * float((weights @ ((power * filtered) ** 2 / traces.z * noise_trace)).real)
        for power in powers[:-1]
    ]
    return FilteredRisk(
        np.array(bias),
        start_variance * (np.array(remaining) if continued else np.cumsum(remaining)),
        noise**2 * np.concatenate([[0.0], np.cumsum(added)]),
    )


def _largest(spectrum: Spectrum, samples: int) -> float:
    """The largest eigenvalue that Σ̂ can have in the limit."""
    trace = (spectrum.counts * spectrum.eigenvalues).sum()
    return (np.sqrt(spectrum.eigenvalues.max()) + np.sqrt(trace / samples)) ** 2


@with_plain_numbers
def contour(largest: float, reach: float, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes z of the upper half of a contour around [0, largest], from left to right, and weights
    dz/(2πi), both (nodes,): an integral is twice the real part of the weighted sum.

    In s = log(z + 2·reach) it is an ellipse about the spectrum with half-axis OPENING: it passes 0
    on the left within ``reach``, and its distance from the spectrum grows with |z|, so the nodes
    needed grow with log(largest/reach) only. The trapezoidal rule converges geometrically.
    Raises ValueError for a reach that is not positive, or for sizes whose squares leave float64.
    """
    nodes = whole_number("nodes", nodes, 1)
    if not 0 < reach < np.inf:
        raise ValueError(f"reach must be a positive number, not {reach}")
    if not 1 / LARGEST_SIZE <= max(reach, largest) <= LARGEST_SIZE:
        raise ValueError(
            f"the larger of reach and the largest eigenvalue must be between 1e-150 and 1e150, not "
            f"{max(reach, largest):g}: give the problem in other units"
        )
    ends = np.log(2 * reach), np.log(largest + 2 * reach)
    centre = np.mean(ends)
    half_width = (ends[1] - ends[0]) / 2
    long_axis = np.hypot(half_width, OPENING)  # half of it; the foci are at the ends
    angle = np.pi * (1 - (np.arange(nodes) + 0.5) / nodes)
    shifted = np.exp(centre + long_axis * np.cos(angle) + 1j * OPENING * np.sin(angle))
    slope = -long_axis * np.sin(angle) + 1j * OPENING * np.cos(angle)
    return shifted - 2 * reach, shifted * slope / (2j * nodes)


@with_plain_numbers
def complex_ridges(
    eigenvalues: np.ndarray,
    samples: int,
    ridges: np.ndarray,
    counts: np.ndarray | float = 1.0,
) -> np.ndarray:
    """κ(λ, N) at complex λ, both (nodes,), each λ close to the one before, for eigenvalues (d,) and
    the ``counts`` of a Spectrum.

    Newton's method follows from node to node the branch that is real and largest at λ > 0; the
    first λ must lie near there. Raises ArithmeticError if the branch is lost.
    """
    kappa = np.empty(len(ridges), dtype=complex)
    guess = complex(effective_ridge(eigenvalues, samples, abs(ridges[0]), counts))
    for i, ridge in enumerate(ridges):
        for _ in range(NEWTON_STEPS):
            shrink = eigenvalues / (eigenvalues + guess)
            value = guess - ridge - guess * (counts * shrink).sum() / samples
            step = value / (1 - (counts * shrink**2).sum() / samples)
            guess -= step
            if abs(step) <= 1e-12 * abs(guess):  # the next would be lost in rounding
                break
        else:
            raise ArithmeticError(f"κ is lost on the contour at λ = {ridge:.3g}")
        kappa[i] = guess
    return kappa
