"""Protocols on real images: kernel ridge fits to unions of groups, whose rows are images.

A model is Σ_i α_ik(x, x_i) over the N images of a replicate. A fit with rows' weights u minimises
Σ_i u_i(f(x_i) − y_i)² + λ‖f‖²: α = √u(√uK√u + λ)^{-1}√uy on the rows of its union, 0 elsewhere.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from model_collapse.images.kernels import Kernel, kernel_ridge_path
from model_collapse.images.pool import Pool
from model_collapse.mixtures.groups import Generation, Group, Outsider
from model_collapse.seeds import random_stream


def kernel_union_errors(
    kernel: Kernel,
    pool: Pool,
    test_features: np.ndarray,
    test_targets: np.ndarray,
    chains: Sequence[Sequence[Generation]],
    *,
    seed: int | str,
    replicate: int,
) -> list[np.ndarray]:
    """Test errors of protocols on images in one replicate.

    All chains share one draw of images; each takes them from the first on as it needs them, none
    twice.

    Parameters
    ----------
    kernel : Kernel
        The kernel of all fits.
    pool : Pool
        The training images.
    test_features : array, shape (M, p)
        Features of the test images.
    test_targets : array, shape (M,)
        Their true labels.
    chains : sequence of sequences of Generation
        Protocols that ``unfold`` and ``whole`` have made lists of Generations.
    seed : int or str
        The seed of the random streams.
    replicate : int
        The number of the replicate.

    Returns
    -------
    list of ndarray, each of shape (n + 1,)
        Mean squared errors E_0, …, E_n on clean test labels, for each chain.

    Raises
    ------
    ValueError
        For outsiders, drawn rows or a ridge of 0, chains without fits, groups that are not named
        and whole, and as Pool.draw does.
    """
    if not chains or not all(chains):
        raise ValueError("chains must be lists of Generations, and none of them empty")
    for union in (union for chain in chains for union in chain):
        has_outsiders = any(group.outsiders for group in union.groups)
        if has_outsiders or union.drawn or union.ridge == 0:
            raise ValueError(
                "a fit to images has a ridge, and all rows that the truth or a model labels"
            )
        for group in union.groups:
            if group.rows is None or group.samples % 1:
                raise ValueError(
                    f"a fit to images needs groups with names and whole numbers of rows, as unfold "
                    f"and whole give them, not {group}"
                )
    places = [places_of(chain) for chain in chains]
    count = max(place.stop for by_name in places for place in by_name.values())
    drawn = pool.draw(count, random_stream(seed, "union images", replicate))
    x = pool.features(pool.images[drawn])
    gram = kernel(x, x)
    across = kernel(test_features, x)
    errors = []
    for chain, by_name in zip(chains, places, strict=True):
        models = _train(gram, pool.targets[drawn], chain, by_name, (seed, "union", replicate))
        errors.append(np.mean((across @ models.T - test_targets[:, None]) ** 2, axis=0))
    return errors


def places_of(chain: Sequence[Generation]) -> dict[Hashable, slice]:
    """The images of each name of rows: consecutive ones, in the order of first use."""
    places: dict[Hashable, slice] = {}
    used = 0
    for group in (group for union in chain for group in union.groups):
        if group.rows not in places:
            places[group.rows] = slice(used, used + int(group.samples))
            used += int(group.samples)
    return places


def _train(
    gram: np.ndarray,
    targets: np.ndarray,
    chain: Sequence[Generation],
    places: dict[Hashable, slice],
    key: tuple,
) -> np.ndarray:
    """α of models 1, …, n + 1, shape (n + 1, N), on images with K (N, N) and true labels (N,)."""
    models = np.zeros((len(chain), len(gram)))
    labels: dict[Group, np.ndarray] = {}  # labels of each group, which later unions may use again
    for k, union in enumerate(chain, 1):
        for group in union.groups:
            if group not in labels:
                images = places[group.rows]
                model = group.labels
                assert not isinstance(model, Outsider)  # kernel_union_errors refuses it
                clean = gram[images] @ models[model - 1] if model else targets[images]
                rng = random_stream(*key, group.rows, model, group.noise)
                labels[group] = clean + group.noise * rng.standard_normal(len(clean))
        rows = np.concatenate([np.r_[places[group.rows]] for group in union.groups])
        y = np.concatenate([labels[group] for group in union.groups])
        weights = [np.full(int(group.samples), group.weight) for group in union.groups]
        root = np.sqrt(np.concatenate(weights) / union.total_weight)
        scaled = root[:, None] * gram[np.ix_(rows, rows)] * root
        [[alpha]] = kernel_ridge_path(scaled, (root * y)[None], [union.ridge / len(rows)])
        np.add.at(models[k - 1], rows, root * alpha)
    return models
