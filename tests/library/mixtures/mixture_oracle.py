"""Protocols by full matrices: every x and every label is drawn, and nothing is clever."""

import numpy as np

from model_collapse.mixtures.groups import Outsider
from model_collapse.simulation.chain import test_error
from model_collapse.simulation.full_matrices import fit_in_full


def errors_in_full(spectrum, protocol, generations, *, replicates, seed) -> np.ndarray:
    """What simulate_errors returns, shape (replicates, generations + 1)."""
    rng = np.random.default_rng(seed)
    return np.array([one_run(spectrum, protocol, generations, rng) for _ in range(replicates)])


def one_run(spectrum, protocol, generations, rng) -> list[float]:
    """E_0 … E_n of one run."""
    models = {0: spectrum.coefficients}
    designs = {}
    labels = {}
    errors = []

    def model(name):
        if isinstance(name, Outsider) and name not in models:
            delta = np.sqrt(name.spread) * rng.standard_normal(spectrum.dimension)
            models[name] = spectrum.coefficients + delta
        return models[name]

    for k in range(1, generations + 2):
        union = protocol(k)
        rows = []
        ends = np.round(np.cumsum([0, *(group.samples for group in union.groups)])).astype(int)
        for i, group in enumerate(union.groups):
            size = ends[i + 1] - ends[i]
            name = (k, i) if group.rows is None else group.rows
            if name not in designs:
                x = rng.standard_normal((size, spectrum.dimension))
                designs[name] = x * np.sqrt(spectrum.eigenvalues)
            batch = (name, group.labels, group.noise)
            if batch not in labels:
                noise = group.noise * rng.standard_normal(size)
                labels[batch] = designs[name] @ model(group.labels) + noise
            x, y = designs[name], labels[batch]
            if group.verifier:
                judge = model(group.verifier.model)
                gap = (model(group.labels) - judge) ** 2 @ spectrum.eigenvalues
                rho = np.sqrt(gap + group.noise**2)
                kept = np.abs(y - x @ judge) <= group.verifier.cut * rho
                x, y = x[kept], y[kept]
            rows.append((x, y, np.full(len(y), group.weight)))
        x, y, weight = (np.concatenate(part) for part in zip(*rows, strict=True))
        if union.drawn:
            chosen = rng.permutation(len(y))[: union.drawn]
            x, y, weight = x[chosen], y[chosen], weight[chosen]
        scale = np.sqrt(weight / np.mean(weight))
        models[k] = fit_in_full(scale[:, None] * x, scale * y, union.ridge)
        errors.append(test_error(spectrum, models[k]))
    return errors
