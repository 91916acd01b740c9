"""Recursive training on one design through a filter of its spectrum: gradient descent, ridge.

All generations see one X of N rows, Σ̂ = X'X/N. With a filter F, F(0) = 0, and G(h) = F(h)/h,
ŵ_m = F(Σ̂)ŵ_{m−1} + (1 − F(Σ̂))u_m + G(Σ̂)X'E_m/N, where u_m is where training starts, ŵ_{−1} = w0 and
E_0 = 0: generation 0 is fitted to clean labels. So

    ŵ_n − w0 = (F^{n+1} − 1)w0 + Σ_j F^j(1 − F)u_{n−j} + Σ_{j<n} F^jG·X'E_{n−j}/N .

Functions of Σ̂ are contour integrals of resolvents Q(z) = (Σ̂ − z)^{-1}, whose equivalents are those
of one ridge fit continued to complex λ = −z: with κ = κ(λ, N) and G_z = (Σ + κ)^{-1},
tr ΣQ(z) ≃ −N(κ + z)/z and E[Q(z)ΣQ(z')] ≃ κκ'/(zz')·ΣG_zG_z'·N/(N − tr Σ²G_zG_z').
Nothing of this is in the paper, which has ridge and least squares only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model_collapse.equivalents import effective_ridge
from model_collapse.spectra import Spectrum

NODES = 1200
"""Points of the contour: twice what filters of 11 generations need for ten digits."""
NEWTON_STEPS = 50


@dataclass(frozen=True)
class FilteredRisk:
    """Test errors after generations 0, 1, … (n + 1,): what is not learned of w0, what is left of
    the start, and the collapse.
    """

    bias: np.ndarray
    start: np.ndarray
    collapse: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """E_test."""
        return self.bias + self.start + self.collapse


def gradient_descent(learning_rate: float, steps: int) -> Callable:
    """F(h) = 1 − (1 − ηh)^steps: gradient descent on ‖Xw − y‖²/(2N), steps of size η."""
    return lambda h: 1 - (1 - learning_rate * h) ** steps


def ridge_filter(ridge: float) -> Callable:
    """F(h) = h/(h + λ)."""
    return lambda h: h / (h + ridge)


@dataclass(frozen=True)
class Traces:
    """What the equivalents need of Σ and w0 at points z of a contour, all (nodes,).

    κ(−z, N), df_1(κ) and A(κ) = w0'Σ(Σ + κ)^{-1}w0, with their derivatives in κ.
    """

    kappa: np.ndarray
    freedom: np.ndarray
    freedom_slope: np.ndarray
    signal: np.ndarray
    signal_slope: np.ndarray

    @classmethod
    def of_population(cls, spectrum: Spectrum, samples: int, z: np.ndarray) -> "Traces":
        """From Σ's eigenvalues and w0."""
        kappa = complex_ridges(spectrum.eigenvalues, samples, -z)
        shrunk = 1 / (spectrum.eigenvalues[:, None] + kappa)
        powers = spectrum.eigenvalues * spectrum.coefficients**2
        return cls(
            kappa,
            spectrum.eigenvalues @ shrunk,
            -spectrum.eigenvalues @ shrunk**2,
            powers @ shrunk,
            -powers @ shrunk**2,
        )

    @classmethod
    def of_sample(cls, values: np.ndarray, powers: np.ndarray, z: np.ndarray) -> "Traces":
        """From the N rows themselves, as generalised cross-validation does: no estimate of Σ.

        ``values`` (N,) are the eigenvalues of XX'/N, ``powers`` (N,) those of the clean labels
        y/√N along its eigenvectors. df_1(κ) ≃ tr Σ̂(Σ̂ + λ)^{-1}, A(κ) ≃ y'(XX'/N + λ)^{-1}y/N, and
        κ = λ/(1 − df_1/N) is then the effective ridge.
        """
        ridge, samples = -z, len(values)
        damped = 1 / (values[:, None] + ridge)
        freedom, slope = values @ damped, -values @ damped**2
        left = 1 - freedom / samples
        kappa_slope = 1 / left + ridge * slope / samples / left**2
        return cls(
            ridge / left,
            freedom,
            slope / kappa_slope,
            powers @ damped,
            -powers @ damped**2 / kappa_slope,
        )

    def divided(self, function: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """(f(κ) − f(κ'))/(κ − κ'), (nodes, nodes), of a function and its slope on the nodes."""
        gap = self.kappa[:, None] - self.kappa
        np.fill_diagonal(gap, 1)
        ratio = (function[:, None] - function) / gap
        np.fill_diagonal(ratio, slope)
        return ratio


def filtered_chain(
    spectrum: Spectrum,
    samples: int,
    response: Callable,
    reach: float,
    generations: int,
    *,
    noise: float = 0.0,
    start_variance: float = 0.0,
    continued: bool = False,
    nodes: int = NODES,
) -> FilteredRisk:
    """Deterministic equivalent of E‖ŵ_n − w0‖²_Σ for n = 0 … generations, N samples.

    ``response`` is F, analytic and bounded within ``reach`` of the spectrum of Σ̂: 1/(4·η·steps)
    for gradient descent, λ/2 for ridge. ``noise`` is the s.d. of E's entries, ``start_variance``
    that of u's, which are independent in every generation. ``continued``: training starts from the
    last generation, u_m = ŵ_{m−1} for m ≥ 1. Then only noise is new to learn,
    ŵ_m = ŵ_{m−1} + G·X'E_m/N, and the error grows by one amount each time.
    """
    z, weights = contour(_largest(spectrum.eigenvalues, samples), reach, nodes)
    traces = Traces.of_population(spectrum, samples, z)
    return _risk(
        traces, z, weights, samples, response(z), generations, noise, start_variance, continued
    )


def filtered_chain_of_sample(
    values: np.ndarray,
    powers: np.ndarray,
    response: Callable,
    reach: float,
    generations: int,
    *,
    noise: float = 0.0,
    start_variance: float = 0.0,
    continued: bool = False,
    nodes: int = NODES,
) -> FilteredRisk:
    """filtered_chain() on the N rows that are trained on, with no Σ and no test data.

    ``values`` and ``powers`` (N,): see Traces.of_sample.
    """
    z, weights = contour(1.02 * values.max(), reach, nodes)
    traces = Traces.of_sample(values, powers, z)
    return _risk(
        traces, z, weights, len(values), response(z), generations, noise, start_variance, continued
    )


def _risk(
    traces, z, weights, samples, filtered, generations, noise, start_variance, continued
) -> FilteredRisk:
    kappa, freedom = traces.kappa, traces.freedom
    squared = traces.divided(kappa * freedom, freedom + kappa * traces.freedom_slope)
    common = np.outer(kappa / z, kappa / z) * samples / (samples - squared)
    of_truth = -common * traces.divided(traces.signal, traces.signal_slope)
    of_start = -common * traces.divided(freedom, traces.freedom_slope)
    of_noise = -(kappa + z) / z  # tr ΣQ(z)/N

    def two_point(kernel: np.ndarray, function: np.ndarray) -> float:
        weighted = weights * function
        return float((weighted @ kernel @ weighted).real)

    powers = [filtered ** (0 if continued else j) for j in range(generations + 1)]
    left = [two_point(of_truth, power * filtered - 1) for power in powers]
    forgot = [two_point(of_start, power * (1 - filtered)) for power in powers]
    added = [-float((weights @ ((p * filtered) ** 2 / z * of_noise)).real) for p in powers[:-1]]
    return FilteredRisk(
        np.array(left),
        start_variance * (np.array(forgot) if continued else np.cumsum(forgot)),
        noise**2 * np.concatenate([[0.0], np.cumsum(added)]),
    )


def _largest(eigenvalues: np.ndarray, samples: int) -> float:
    """A little beyond the largest eigenvalue that Σ̂ has in the limit."""
    top = eigenvalues.max()
    return 1.02 * (np.sqrt(top) + np.sqrt(eigenvalues.sum() / samples)) ** 2


def contour(largest: float, reach: float, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Points z around [0, largest] and weights dz/(2πi), both (nodes,), counterclockwise.

    The ellipse with foci 0 and ``largest`` whose left end is at −reach: on it a filter that
    changes over ``reach`` near 0 is as tame as on the spectrum. The trapezoidal rule converges
    geometrically.
    """
    half = largest / 2
    focus_distance = 1 + reach / half
    radius = focus_distance + np.sqrt(focus_distance**2 - 1)
    angle = 2 * np.pi * (np.arange(nodes) + 0.5) / nodes
    unit = radius * np.exp(1j * angle)
    z = half * (1 + (unit + 1 / unit) / 2)
    slope = half * 1j * (unit - 1 / unit) / 2
    return z, slope / (1j * nodes)


def complex_ridges(eigenvalues: np.ndarray, samples: int, ridges: np.ndarray) -> np.ndarray:
    """κ(λ, N) at complex λ, (points,), that go once around the spectrum of −Σ̂, in order.

    The branch that is real and largest at λ > 0, followed by Newton's method from point to point.
    Raises ArithmeticError if it is lost.
    """
    order = np.argsort(np.abs(np.angle(ridges)), kind="stable")  # λ > 0 first, then both ways
    kappa = np.empty(len(ridges), dtype=complex)
    follow = {
        sign: complex(effective_ridge(eigenvalues, samples, abs(ridges[order[0]])))
        for sign in (1, -1)
    }
    for i in order:
        sign = 1 if ridges[i].imag >= 0 else -1
        guess = follow[sign]
        for _ in range(NEWTON_STEPS):
            shrink = eigenvalues / (eigenvalues + guess)
            value = guess - ridges[i] - guess * shrink.sum() / samples
            step = value / (1 - (shrink**2).sum() / samples)
            guess -= step
            if abs(step) <= 1e-14 * abs(guess):
                break
        else:
            raise ArithmeticError(f"κ is lost on the contour at λ = {ridges[i]:.3g}")
        follow[sign] = kappa[i] = guess
    return kappa
