"""Protocols in simulation: groups drawn without their data, one fit to each union.

The fit needs only X'X and X'y of each group. Both come from min(T, d) rows that stand for all T:
the transpose of a ``design_factor`` F, and F'w + σz for their labels. Groups whose rows are
subsampled or verified one by one are drawn in full.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress

import numpy as np

from model_collapse.mixtures.groups import (
    Generation,
    Group,
    Labeller,
    Outsider,
    Protocol,
    last_uses,
    unfold,
)
from model_collapse.problem.arguments import whole_number
from model_collapse.problem.spectra import Spectrum
from model_collapse.seeds import random_stream
from model_collapse.simulation.chain import test_error
from model_collapse.simulation.designs import (
    LEAST_PIVOT,
    design_factor,
    graded_solutions,
    memory_bytes,
    require_all_modes,
)

Models = dict[Labeller, np.ndarray]  # coefficients (d,) of each model
# A ridge below this share of the largest diagonal entry of S is lost in its rounding.
LEAST_RIDGE = 1e-12


def simulate_errors(
    spectrum: Spectrum,
    protocol: Protocol,
    generations: int,
    *,
    replicates: int,
    seed: int | str,
) -> np.ndarray:
    """Simulated test errors E_0, …, E_n of independent runs of a protocol.

    A group depends on (seed, replicate, its rows, its labeller) alone, so runs with more
    generations or replicates extend shorter ones. The sizes of a union's groups are rounded so that
    their sum stays the same.

    Parameters
    ----------
    spectrum : Spectrum
        The eigenvalues of Σ and the true model, not condensed.
    protocol : Protocol
        A function from k to the Generation of model k.
    generations : int
        n, at least 0.
    replicates : int
        The number of runs, at least 1.
    seed : int or str
        The seed of the random streams.

    Returns
    -------
    ndarray, shape (replicates, n + 1)
        ‖ŵ − w0‖²_Σ, exactly, without a test set.

    Raises
    ------
    ValueError
        For fewer than 1 replicate, a condensed spectrum, a union whose size is not a whole number,
        kept rows to which rounding gives two sizes, a verifier that keeps too few rows, and as
        ``unfold`` does.
    MemoryError
        If rows that must be drawn in full, or a design, do not fit into this machine.

    Examples
    --------
    >>> from model_collapse.mixtures.remedies import accumulate
    >>> from model_collapse.problem.spectra import isotropic
    >>> protocol = accumulate(200, noise=0.5)
    >>> simulate_errors(isotropic(100), protocol, 3, replicates=50, seed=0).mean(0).round(2)
    array([0.24, 0.16, 0.13, 0.12])
    """
    replicates = whole_number("replicates", replicates, 1)
    require_all_modes(spectrum)
    on_range = spectrum.eigenvalues > 0  # rows have no component along other directions
    unions = [along(on_range, whole(union)) for union in unfold(spectrum, protocol, generations)]
    require_whole_kept_rows(unions)
    require_room(unions, int(np.count_nonzero(on_range)))
    spectrum = Spectrum(spectrum.eigenvalues[on_range], spectrum.coefficients[on_range])
    runs = (train(spectrum, unions, (seed, "protocol", i)) for i in range(replicates))
    return np.array([test_error(spectrum, models) for models in runs])


def whole(union: Generation) -> Generation:
    """A union with the sizes of its groups rounded to whole numbers of the same sum.

    Groups on the same x keep one size.

    Parameters
    ----------
    union : Generation
        A generation whose rows all have names, as ``unfold`` gives it.

    Returns
    -------
    Generation
        The same with whole numbers of rows.

    Raises
    ------
    ValueError
        If the sum, or the size of a verified group, is not a whole number.
    """
    sizes = {group.rows: group.samples for group in union.groups}
    ends = np.cumsum([*sizes.values()])
    if abs(ends[-1] - round(ends[-1])) > 1e-9 * ends[-1]:
        raise ValueError(f"simulation needs a whole number of samples, not {ends[-1]:g}")
    rounded = np.diff(np.round(ends), prepend=0).astype(int).tolist()
    sizes = dict(zip(sizes, rounded, strict=True))
    groups = [replace(group, samples=sizes[group.rows]) for group in union.groups]
    return replace(union, groups=groups)


def require_whole_kept_rows(unions: Sequence[Generation]) -> None:
    """Raise ValueError if rounding gives kept rows two sizes."""
    sizes: dict[Hashable, float] = {}
    for group in (group for union in unions for group in union.groups):
        if sizes.setdefault(group.rows, group.samples) != group.samples:
            raise ValueError(
                f"simulation needs a whole number of samples in rows that are kept, which rounding "
                f"makes {sizes[group.rows]:g} and {group.samples:g} in two generations"
            )


def require_room(unions: Sequence[Generation], d: int) -> None:
    """Raise MemoryError if rows that are drawn in full do not fit into this machine."""
    last = last_uses(unions, "rows")
    in_full = rows_in_full(unions)
    sizes: dict[Hashable, float] = {}
    for k, union in enumerate(unions, 1):
        sizes |= {group.rows: group.samples for group in union.groups if group.rows in in_full}
        rows = sum(sizes.values())
        needed = 8 * d * rows
        memory = memory_bytes()
        if needed > memory:
            raise MemoryError(
                f"{rows:g} rows of d = {d} that are drawn one by one take "
                f"{needed / 1e9:,.1f} GB of memory, and this machine has {memory / 1e9:,.1f} GB"
            )
        sizes = {name: size for name, size in sizes.items() if last[name] > k}


def rows_in_full(unions: Sequence[Generation]) -> set[Hashable]:
    """The names of rows that are subsampled or verified one by one."""
    return {
        group.rows for union in unions for group in union.groups if union.drawn or group.verifier
    }


def along(directions: np.ndarray, union: Generation) -> Generation:
    """A union whose outsiders differ from the truth along some directions, booleans (d,), alone."""

    def restricted(outsider: Outsider) -> Outsider:
        if not isinstance(outsider.spread, tuple):
            return outsider
        return replace(outsider, spread=tuple(compress(outsider.spread, directions)))

    groups = []
    for group in union.groups:
        labels = group.labels
        if isinstance(labels, Outsider):
            labels = restricted(labels)
        verifier = group.verifier
        if verifier:
            verifier = replace(verifier, model=restricted(verifier.model))
        groups.append(replace(group, labels=labels, verifier=verifier))
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
    """ŵ_1, …, ŵ_{n+1} of one run, shape (n + 1, d); keys of its random streams begin with ``key``.

    A group that several unions name is drawn once, and forgotten after its rows' last use.
    """
    models: Models = {0: spectrum.coefficients}
    batches: dict[Group, Batch] = {}
    last = last_uses(unions, "rows")
    in_full = rows_in_full(unions)
    for k, union in enumerate(unions, 1):
        by_rows: dict[Hashable, list[tuple[Batch, float]]] = {}
        for group in union.groups:
            if group not in batches:
                batches[group] = draw(spectrum, group, models, key, group.rows in in_full)
            by_rows.setdefault(group.rows, []).append((batches[group], group.weight))
        if union.drawn:
            pool = [[batch for batch, _ in pairs] for pairs in by_rows.values()]
            weighted = subsample(pool, union.drawn, random_stream(*key, "drawn", k))
        else:
            weighted = [labelled_once(pairs) for pairs in by_rows.values()]
        models[k] = fit(weighted, union.ridge)
        batches = {group: batch for group, batch in batches.items() if last[group.rows] > k}
    return np.array([models[k] for k in range(1, len(unions) + 1)])


def draw(spectrum: Spectrum, group: Group, models: Models, key: tuple, in_full: bool) -> Batch:
    """A group's rows and labels: all of them, or as many as stand for them."""
    rng = random_stream(*key, "rows", group.rows)
    samples = int(group.samples)
    if in_full:
        x = rng.standard_normal((samples, len(spectrum.eigenvalues)))
        x *= np.sqrt(spectrum.eigenvalues)
    else:
        x = design_factor(spectrum, samples, rng).T
    rng = random_stream(*key, "labels", group.rows, group.labels, group.noise)
    model = labeller(spectrum, group.labels, models, key)
    y = x @ model + group.noise * rng.standard_normal(len(x))
    if group.verifier is None:
        return Batch(x, y, samples)
    checker = labeller(spectrum, group.verifier.model, models, key)
    rho = np.sqrt((model - checker) ** 2 @ spectrum.eigenvalues + group.noise**2)
    rounding = LEAST_RIDGE * np.sqrt(model**2 @ spectrum.eigenvalues)  # gap of equal labels
    verified = np.abs(y - x @ checker) <= group.verifier.cut * rho + rounding
    if not np.any(verified):
        raise ValueError(f"the verifier keeps none of {samples} rows: its cut is too small")
    return Batch(x[verified], y[verified], int(np.count_nonzero(verified)))


def labeller(spectrum: Spectrum, name: Labeller, models: Models, key: tuple) -> np.ndarray:
    """The coefficients (d,) of a model, or those that are drawn for an outsider."""
    if not isinstance(name, Outsider):
        return models[name]
    z = random_stream(*key, "outsider", name).standard_normal(len(spectrum.eigenvalues))
    return spectrum.coefficients + np.sqrt(name.spread) * z


def labelled_once(batches: Sequence[tuple[Batch, float]]) -> tuple[Batch, float]:
    """Merge batches of the same rows, each with a weight: weights add up, labels are averaged."""
    first, _ = batches[0]
    weight = sum(weight for _, weight in batches)
    if len(batches) == 1:
        return first, weight
    labels = sum((w * batch.y for batch, w in batches), start=np.zeros(len(first.y)))
    return replace(first, y=labels / weight), weight


def subsample(
    pool: Sequence[Sequence[Batch]], size: int, rng: np.random.Generator
) -> list[tuple[Batch, float]]:
    """Draw labelled rows of a pool without replacement; return them as batches with weights.

    Each sequence holds batches on one x. An x that is drawn c times, with c labels, is a row of
    weight c with their average. Raises ValueError if the pool has fewer than ``size`` rows.
    """
    x = np.concatenate([batches[0].x for batches in pool])
    starts = np.cumsum([0, *(len(batches[0].y) for batches in pool)])  # first row of each sequence
    # The row of x of each label.
    row = np.concatenate(
        [
            start + np.arange(len(batch.y))
            for start, batches in zip(starts, pool, strict=False)
            for batch in batches
        ]
    )
    y = np.concatenate([batch.y for batches in pool for batch in batches])
    if size > len(y):
        raise ValueError(f"the verifier keeps {len(y)} rows, too few to draw {size} of them")
    chosen = rng.choice(len(y), size, replace=False)
    times = np.bincount(row[chosen], minlength=len(x))
    if np.all(times <= 1):
        return [(Batch(x[row[chosen]], y[chosen], size), 1.0)]
    total = np.bincount(row[chosen], y[chosen], len(x))
    return [
        (Batch(x[times == c], total[times == c] / c, int(np.count_nonzero(times == c))), float(c))
        for c in np.unique(times[times > 0])
    ]


def fit(batches: Sequence[tuple[Batch, float]], ridge: float) -> np.ndarray:
    """(S + λ)^{-1} Σ_i u_iX_i'y_i with weights u that are scaled to Σ_i T_iu_i = 1, shape (d,).

    With fewer rows than d and a ridge near 0 it is X'(XX' + λ/u)^{-1}y, which at λ = 0 is the
    interpolation of least norm.
    """
    d = batches[0][0].x.shape[1]
    rows = sum(batch.samples for batch, _ in batches)
    total = sum(batch.samples * weight for batch, weight in batches)
    gram = sum((weight / total * batch.gram for batch, weight in batches), start=np.zeros((d, d)))
    if rows < d and ridge < LEAST_RIDGE * np.max(np.diag(gram)):
        x = np.concatenate([batch.x for batch, _ in batches])
        y = np.concatenate([batch.y for batch, _ in batches])
        shifts = np.concatenate([np.full(len(batch.y), total / w) for batch, w in batches]) * ridge
        kernel = x @ x.T + np.diag(shifts)
        if has_few_digits(kernel):
            weights = np.concatenate([np.full(len(batch.y), w / total) for batch, w in batches])
            return fit_to_few_rows(x, y, weights, ridge)
        return x.T @ np.linalg.solve(kernel, y)
    moment = sum(weight / total * batch.moment for batch, weight in batches)
    gram[np.diag_indices(d)] += ridge
    # Scaled to a unit diagonal, S of a steep spectrum is as well conditioned as that of a flat one.
    scale = 1 / np.sqrt(np.diag(gram))
    return scale * np.linalg.solve(scale[:, None] * gram * scale, scale * moment)


def has_few_digits(gram: np.ndarray) -> bool:
    """Return whether a Gram matrix (k, k) is singular but for rounding, or close to it."""
    try:
        pivots = np.diag(np.linalg.cholesky(gram)) ** 2
    except np.linalg.LinAlgError:
        return True
    return np.min(pivots) < LEAST_PIVOT * np.max(pivots)


def fit_to_few_rows(x: np.ndarray, y: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """A'(AA' + λ)^{-1}b for A = √u·x, b = √u·y, k < d rows of weights u, shape (d,).

    It serves eigenvalues that are many decades apart. With columns in falling order and A = QR it
    is R'(RR' + λ)^{-1}Q'b, and RR' is well conditioned once it has a diagonal of ones.
    """
    columns = np.argsort(-np.max(np.abs(x), axis=0), kind="stable")
    root = np.sqrt(weights)
    q, r = np.linalg.qr(root[:, None] * x[:, columns])
    coefficients = np.empty(x.shape[1])
    right = q.T @ (root * y)
    coefficients[columns] = graded_solutions(r @ r.T, np.array([ridge]), right[None])[0] @ r
    return coefficients
