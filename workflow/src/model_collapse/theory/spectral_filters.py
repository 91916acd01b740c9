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

import numpy as np

from model_collapse.problem.arguments import float_array, whole_number, with_plain_numbers
from model_collapse.problem.spectra import Spectrum
from model_collapse.theory.equivalents import effective_ridge

NODES = 400  # on the upper half of the contour: ten digits for gradient descent of 10^6 steps
OPENING = 0.5  # angle between contour and spectrum, seen from left of 0
LARGEST_FILTER = 10.0  # |F| on the contour; sums of powers of a larger F cancel
LARGEST_FILTERED = 1e150  # of eigenvalues and ridges; their squares are in the range of float64
NEWTON_STEPS = 50


@dataclass(frozen=True)
class FilteredRisk:
    """Parts of the test error after generations 0, 1, …, each (n + 1,): what is not learned of w0,
    what is left of the start, and what the generators' label noise adds.
    """

    bias: np.ndarray
    start: np.ndarray
    collapse: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """E_test."""
        return self.bias + self.start + self.collapse


@with_plain_numbers
def gradient_descent(learning_rate: float, steps: int) -> Callable:
    """F(h) = 1 − (1 − ηh)^steps: gradient descent on ‖Xw − y‖²/(2N), steps of size η.

    Raises ValueError unless steps are a whole number of at least 0.
    """
    steps = whole_number("steps", steps, 0)
    return lambda h: 1 - (1 - learning_rate * h) ** steps


@with_plain_numbers
def ridge_filter(ridge: float) -> Callable:
    """F(h) = h/(h + λ)."""
    return lambda h: h / (h + ridge)


@dataclass(frozen=True)
class Traces:
    """What the equivalents need of Σ and w0 for N rows at nodes z of a contour, all (nodes,).

    κ(−z, N); df_1(κ) and A(κ) = w0'Σ(Σ + κ)^{-1}w0 with their derivatives in κ.
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
        """From the eigenvalues of Σ and from w0."""
        kappa = complex_ridges(spectrum.eigenvalues, samples, -z, spectrum.counts)
        spectrum.require_kappa(np.abs(kappa))
        traced = spectrum.counts * spectrum.eigenvalues  # weights in df_1
        powers = traced * spectrum.coefficients**2  # weights in A
        shrunk = 1 / (spectrum.eigenvalues[:, None] + kappa)
        squares = shrunk**2
        return cls(
            z,
            samples,
            kappa,
            freedom=traced @ shrunk,
            freedom_slope=-traced @ squares,
            signal=powers @ shrunk,
            signal_slope=-powers @ squares,
        )

    @classmethod
    def of_sample(cls, values: np.ndarray, powers: np.ndarray, z: np.ndarray) -> "Traces":
        """From the N rows themselves, as generalised cross-validation does, without estimating Σ.

        ``values`` (N,) are the eigenvalues of XX'/N, ``powers`` (N,) those of the clean labels
        y/√N along its eigenvectors. df_1(κ) ≃ tr Σ̂(Σ̂ + λ)^{-1}, A(κ) ≃ y'(XX'/N + λ)^{-1}y/N, and
        κ = λ/(1 − df_1/N) is then the effective ridge.
        """
        ridge, samples = -z, len(values)
        damped = 1 / (values[:, None] + ridge)
        freedom, slope = values @ damped, -values @ damped**2
        left = 1 - freedom / samples
        kappa_slope = 1 / left + ridge * slope / samples / left**2
        signal, signal_slope = powers @ damped, -powers @ damped**2 / kappa_slope
        slope = slope / kappa_slope
        return cls(z, samples, ridge / left, freedom, slope, signal, signal_slope)

    def two_point(self, function: np.ndarray, slope: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Equivalents of u'Q(z)ΣQ(z')u for z' on the upper and the lower half of the contour.

        Both (nodes, nodes); ``function`` is u'Σ(Σ + κ)^{-1}u, with its slope in κ. Traces of two
        resolvents are divided differences of traces of one.
        """
        freedom = self.kappa * self.freedom
        freedom_slope = self.freedom + self.kappa * self.freedom_slope

        def equivalent(gap, difference, freedom_difference, ratio):
            crossed = self.samples - freedom_difference / gap  # N − tr Σ²GG'
            return -ratio * self.samples / crossed * difference / gap

        ratio = self.kappa / self.z
        gap, *others = (f[:, None] - f for f in (self.kappa, function, freedom))
        for matrix, diagonal in zip((gap, *others), (1, slope, freedom_slope), strict=True):
            np.fill_diagonal(matrix, diagonal)
        upper = equivalent(gap, *others, np.outer(ratio, ratio))
        gap, *others = (f[:, None] - f.conj() for f in (self.kappa, function, freedom))
        return upper, equivalent(gap, *others, np.outer(ratio, ratio.conj()))


@with_plain_numbers
def filtered_chain(
    spectrum: Spectrum,
    samples: int,
    response: Callable,
    reach: float,
    generations: int,
    *,
    nodes: int = NODES,
    **options,
) -> FilteredRisk:
    """filtered_chain_of_sample, its oracle, for a Σ that is known, condensed or not; raises as
    complex_ridges too, and ValueError unless ``samples`` is a positive number.
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
    response: Callable,
    reach: float,
    generations: int,
    *,
    nodes: int = NODES,
    **options,
) -> FilteredRisk:
    """Deterministic equivalent of E‖ŵ_n − w0‖²_Σ for n = 0 … generations, from the N rows that all
    train on, with no Σ and no test data. ``values`` and ``powers`` (N,): see Traces.of_sample.

    ``response`` is F, analytic and bounded within ``reach`` of the spectrum of Σ̂: 1/(4·η·steps)
    for gradient descent, λ/2 for ridge. Options, off by default: ``noise``, the s.d. of E's
    entries; ``start_variance``, the variance of u's, which are drawn anew for each generation; and
    ``continued``: training starts from the last generation, u_m = ŵ_{m−1} for m ≥ 1. Then only
    noise is new to learn, ŵ_m = ŵ_{m−1} + G·X'E_m/N, and each generation adds the same error.

    Raises ValueError for a filter that is not bounded on the contour.
    """
    values, powers = float_array(values), float_array(powers)
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
    """The contour integrals of both; ``filtered`` is F at the nodes z."""
    if not np.all(np.abs(filtered) < LARGEST_FILTER):
        raise ValueError(
            "the filter explodes beside the spectrum: for gradient descent the learning rate is "
            "too close to where it diverges"
        )
    generations = whole_number("generations", generations, 0)
    of_truth = traces.two_point(traces.signal, traces.signal_slope)
    of_start = traces.two_point(traces.freedom, traces.freedom_slope)
    of_noise = -(traces.kappa + traces.z) / traces.z  # tr ΣQ(z)/N

    def integral(kernel: tuple[np.ndarray, np.ndarray], function: np.ndarray) -> float:
        upper = weights * function
        return 2 * float((upper @ kernel[0] @ upper + upper @ kernel[1] @ upper.conj()).real)

    powers = [filtered ** (0 if continued else j) for j in range(generations + 1)]
    left = [integral(of_truth, power * filtered - 1) for power in powers]
    forgot = [integral(of_start, power * (1 - filtered)) for power in powers]
    added = [
        -2 * float((weights @ ((p * filtered) ** 2 / traces.z * of_noise)).real)
        for p in powers[:-1]
    ]
    return FilteredRisk(
        np.array(left),
        start_variance * (np.array(forgot) if continued else np.cumsum(forgot)),
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
    if not 1 / LARGEST_FILTERED <= max(reach, largest) <= LARGEST_FILTERED:
        raise ValueError(
            f"the larger of reach and the largest eigenvalue must be between 1e-150 and 1e150, not "
            f"{max(reach, largest):g}: give the problem in other units"
        )
    ends = np.log(2 * reach), np.log(largest + 2 * reach)
    centre, half = np.mean(ends), (ends[1] - ends[0]) / 2
    long = np.hypot(half, OPENING)  # the foci are at the ends
    angle = np.pi * (1 - (np.arange(nodes) + 0.5) / nodes)
    shifted = np.exp(centre + long * np.cos(angle) + 1j * OPENING * np.sin(angle))
    slope = -long * np.sin(angle) + 1j * OPENING * np.cos(angle)
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
