"""Protocols in simulation: groups drawn without their data, one fit to each union.

Of a group, the fit needs X'X and X'y. Both come from min(T, d) rows that stand for all T: the
transpose of a ``design_factor`` F, and F'w + σz for their labels. Groups that are drawn from or
verified row by row are drawn in full.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress

import numpy as np

from model_collapse.chain import test_error
from model_collapse.designs import design_factor, require_all_modes
from model_collapse.seeds import random_stream
from model_collapse.spectra import Spectrum
from model_collapse.unions import Generation, Group, Labeller, Outsider, Protocol, last_uses, unfold

Models = dict[Labeller, np.ndarray]  # model to its coefficients (d,)
# A ridge below this share of the largest diagonal entry of S is lost in it by rounding.
LEAST_RIDGE = 1e-12


def simulate_errors(
    spectrum: Spectrum,
    protocol: Protocol,
    generations: int,
    *,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """E_0, …, E_n of independent runs of a protocol, shape (replicates, n + 1).

    A group depends on (seed, replicate, its rows, its labeller) alone, so more generations or
    replicates extend what is there. The sizes of a union's groups are rounded so that their sum
    stays. Raises ValueError for no replicates, a condensed spectrum, a union whose size is no whole
    number, a verifier that keeps no row, and as ``unfold`` does.

    >>> from model_collapse.protocols import accumulate
    >>> from model_collapse.spectra import isotropic
    >>> protocol = accumulate(200, noise=0.5)
    >>> simulate_errors(isotropic(100), protocol, 3, replicates=50, seed=0).mean(0).round(2)
    array([0.24, 0.16, 0.13, 0.12])
    """
    if replicates < 1:
        raise ValueError(f"replicates must be at least 1, not {replicates}")
    require_all_modes(spectrum)
    kept = spectrum.eigenvalues > 0  # off it nothing is seen, learned or tested
    unions = [along(kept, whole(union)) for union in unfold(spectrum, protocol, generations)]
    values = (spectrum.eigenvalues, spectrum.coefficients, spectrum.counts)
    spectrum = Spectrum(*(value[kept] for value in values))
    runs = (train(spectrum, unions, (seed, "protocol", i)) for i in range(replicates))
    return np.array([test_error(spectrum, models) for models in runs])


def whole(union: Generation) -> Generation:
    """A union whose groups have whole sizes, of the same sum.

    Raises ValueError if the sum, or the size of a verified group, is no whole number.
    """
    ends = np.cumsum([group.samples for group in union.groups])
    if abs(ends[-1] - round(ends[-1])) > 1e-9 * ends[-1]:
        raise ValueError(f"simulation needs a whole number of samples, not {ends[-1]:g}")
    sizes = np.diff(np.round(ends), prepend=0).astype(int).tolist()
    groups = [replace(group, samples=t) for group, t in zip(union.groups, sizes, strict=True)]
    return replace(union, groups=groups, drawn=union.drawn and int(union.drawn))


def along(kept: np.ndarray, union: Generation) -> Generation:
    """A union whose outsiders differ from the truth along the directions (d,) that are kept."""

    def seen(name: Labeller) -> Labeller:
        if not isinstance(name, Outsider) or np.ndim(name.spread) == 0:
            return name
        return replace(name, spread=tuple(compress(name.spread, kept)))

    groups = [
        replace(
            group,
            labels=seen(group.labels),
            verifier=group.verifier and replace(group.verifier, model=seen(group.verifier.model)),
        )
        for group in union.groups
    ]
    return replace(union, groups=groups)


@dataclass(frozen=True)
class Batch:
    """Labelled rows x (t, d) and y (t,) that stand for ``samples`` rows."""

    x: np.ndarray
    y: np.ndarray
    samples: int

    @cached_property
    def gram(self) -> np.ndarray:
        """X'X, shape (d, d)."""
        return self.x.T @ self.x

    @cached_property
    def moment(self) -> np.ndarray:
        """X'y, shape (d,)."""
        return self.y @ self.x


def train(spectrum: Spectrum, unions: Sequence[Generation], key: tuple) -> np.ndarray:
    """ŵ_1, …, ŵ_{n+1} of one run, shape (n + 1, d), by streams that a key begins."""
    models: Models = {0: spectrum.coefficients}
    batches: dict[Group, Batch] = {}
    last = last_uses(unions, "rows")
    in_full = {
        group.rows for union in unions for group in union.groups if union.drawn or group.verifier
    }
    for k, union in enumerate(unions, 1):
        same: dict[Hashable, list[tuple[Batch, float]]] = {}
        for group in union.groups:
            if group not in batches:
                batches[group] = draw(spectrum, group, models, key, group.rows in in_full)
            same.setdefault(group.rows, []).append((batches[group], group.weight))
        weighted = [labelled_once(pairs) for pairs in same.values()]
        if union.drawn:
            pool, rng = [batch for batch, _ in weighted], random_stream(*key, "drawn", k)
            weighted = [(subsample(pool, union.drawn, rng), 1.0)]
        models[k] = fit(weighted, union.ridge)
        batches = {group: batch for group, batch in batches.items() if last[group.rows] > k}
    return np.array([models[k] for k in range(1, len(unions) + 1)])


def draw(spectrum: Spectrum, group: Group, models: Models, key: tuple, in_full: bool) -> Batch:
    """A group's rows and labels: all of them, or as many as stand for them."""
    rng = random_stream(*key, "rows", group.rows)
    if in_full:
        x = rng.standard_normal((group.samples, spectrum.dimension))
        x *= np.sqrt(spectrum.eigenvalues)
    else:
        x = design_factor(spectrum, group.samples, rng).T
    rng = random_stream(*key, "labels", group.rows, group.labels, group.noise)
    model = labeller(spectrum, group.labels, models, key)
    y = x @ model + group.noise * rng.standard_normal(len(x))
    if group.verifier is None:
        return Batch(x, y, group.samples)
    checker = labeller(spectrum, group.verifier.model, models, key)
    rho = np.sqrt((model - checker) ** 2 @ spectrum.eigenvalues + group.noise**2)
    kept = np.abs(y - x @ checker) <= group.verifier.cut * rho
    if not np.any(kept):
        raise ValueError(f"the verifier keeps none of {group.samples} rows: its cut is too small")
    return Batch(x[kept], y[kept], int(np.count_nonzero(kept)))


def labeller(spectrum: Spectrum, name: Labeller, models: Models, key: tuple) -> np.ndarray:
    """The coefficients (d,) of a model, or those that are drawn for an outsider."""
    if not isinstance(name, Outsider):
        return models[name]
    z = random_stream(*key, "outsider", name).standard_normal(spectrum.dimension)
    return spectrum.coefficients + np.sqrt(name.spread) * z


def labelled_once(batches: Sequence[tuple[Batch, float]]) -> tuple[Batch, float]:
    """Batches of the same rows, each with a weight, as one: weights add up, labels are averaged."""
    first, weight = batches[0][0], sum(weight for _, weight in batches)
    if len(batches) == 1:
        return first, weight
    return replace(first, y=sum(w * batch.y for batch, w in batches) / weight), weight


def subsample(batches: Sequence[Batch], size: int, rng: np.random.Generator) -> Batch:
    """So many of the batches' rows, without replacement."""
    x, y = (np.concatenate([getattr(batch, part) for batch in batches]) for part in "xy")
    chosen = rng.choice(len(y), size, replace=False)
    return Batch(x[chosen], y[chosen], size)


def fit(batches: Sequence[tuple[Batch, float]], ridge: float) -> np.ndarray:
    """(S + λ)^{-1} Σ_i u_iX_i'y_i with weights u that are scaled to Σ_i T_iu_i = 1, shape (d,).

    Fewer rows than d and hardly a ridge: X'(XX' + λ/u)^{-1}y, without one the interpolation of
    least norm.
    """
    d, rows = batches[0][0].x.shape[1], sum(batch.samples for batch, _ in batches)
    total = sum(batch.samples * weight for batch, weight in batches)
    gram = sum(weight / total * batch.gram for batch, weight in batches)
    if rows < d and ridge < LEAST_RIDGE * np.max(np.diag(gram)):
        x, y = (np.concatenate([getattr(batch, part) for batch, _ in batches]) for part in "xy")
        shifts = np.concatenate([np.full(len(batch.y), total / w) for batch, w in batches]) * ridge
        return x.T @ np.linalg.solve(x @ x.T + np.diag(shifts), y)
    moment = sum(weight / total * batch.moment for batch, weight in batches)
    gram[np.diag_indices(d)] += ridge
    # Scaled to a unit diagonal, S of a steep spectrum is as well conditioned as that of a flat one.
    scale = 1 / np.sqrt(np.diag(gram))
    return scale * np.linalg.solve(scale[:, None] * gram * scale, scale * moment)
