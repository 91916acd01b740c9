"""Claims on images, here scikit-learn's digits: kernels (v1's abstract), networks (figs. 5, 6)."""

from itertools import pairwise

import numpy as np

from model_collapse.images.kernels import Kernel, kernel_downstream_errors, train_kernel_generators
from model_collapse.images.mnist import embedded_digits
from model_collapse.images.pool import Pool
from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import Data, train_generation
from model_collapse.networks.random_features import train_features
from model_collapse.networks.sgd import Recipe
from model_collapse.problem.fits import Fit
from model_collapse.seeds import random_stream
from scripts.claims.checks import Check, estimate

KNEE = 4  # the paper's linear growth ends at this generation


def v1_experiments(
    seed, *, kernel, samples, generator_samples, ridge, noise, generations, replicates
):
    """Collapse of kernel ridge: error after n generations less on truth; even digits from odd."""
    images = embedded_digits()
    kernel = Kernel(**kernel)
    pool = Pool.prepare(images.train_images, images.train_labels % 2, "unit", images.white)
    test = pool.features(images.test_images), images.test_labels % 2.0
    generators = [Fit(generator_samples, ridge, noise)] * generations
    growth = []
    for i in range(replicates):
        draw = {"seed": seed, "replicate": i}
        chain = train_kernel_generators(kernel, pool, generators, **draw)
        points = ([samples], [0, generations], [[ridge]], noise)
        [[[before], [after]]] = kernel_downstream_errors(
            kernel, pool, chain, *test, *points, **draw
        )
        growth.append(after - before)
    point = f"E(n = {generations}) − E(0)"
    yield Check(point, 0.0, *estimate(np.array(growth)), relation="at least")


def fig_5(seed, *, network, width, generations, replicates, from_generation):
    """Random features: the largest distance of E(n) from a straight line over its growth."""
    first = from_generation
    n = np.arange(first, generations + 1)
    data = _task(seed, network, replicates)
    convention = _convention(seed, network)
    runs = [train_features(*data, width, r, generations, **convention) for r in range(replicates)]
    errors = np.array([run.risks[0, first:] for run in runs])
    without_one = [np.delete(errors, r, axis=0) for r in range(replicates)]
    # Jackknife: a maximum has no mean over replicates.
    spread = np.std([_stray(n, some.mean(axis=0)) for some in without_one]) * np.sqrt(
        replicates - 1
    )
    stray = _stray(n, errors.mean(axis=0))
    growth = errors[:, -1] - errors[:, 0]
    line = f"largest distance from a line / growth, n = {first}–{generations}"
    yield Check(line, 0.1, stray, spread, relation="at most")
    yield Check(f"E({generations}) − E({first})", 0.0, *estimate(growth), relation="at least")


def growth_by_width(seed, *, network, widths, generations, replicates):
    """Full training: growth of each width less that of the next narrower one."""
    errors = [_errors(seed, network, width, generations, replicates) for width in widths]
    growths = [of_width[:, -1] - of_width[:, 0] for of_width in errors]
    for (narrow, less), (wide, more) in pairwise(zip(widths, growths, strict=True)):
        point = f"growth to n = {generations}, width {wide} less {narrow}"
        yield Check(point, 0.0, *estimate(more - less), relation="at least")


def growth_beyond_knee(seed, *, network, width, generations, replicates):
    """Slope of E(n) beyond n = 4 less that before, from fresh or from continued weights."""
    errors = _errors(seed, network, width, generations, replicates)
    n = np.arange(generations + 1)
    early, late = (_slopes(n[selected], errors[:, selected]) for selected in (n <= KNEE, n >= KNEE))
    point = f"slope for n ≥ {KNEE} less slope for n ≤ {KNEE}, width {width}"
    yield Check(point, 0.0, *estimate(late - early), relation="at least")


def _slopes(n, errors):
    """Least-squares slopes in n, shape (points,), of errors (R, points): (R,)."""
    centred = n - n.mean()
    return errors @ centred / (centred @ centred)


def _stray(n, errors):
    line = np.polyval(np.polyfit(n, errors, 1), n)
    return np.abs(errors - line).max() / (errors[-1] - errors[0])


def _errors(seed, network, width, generations, replicates):
    """Test errors (R, generations + 1) of networks whose layers are all trained."""
    task_and_width = *_task(seed, network, replicates), width
    last = None
    errors = []
    for m in range(generations + 1):
        last = train_generation(*task_and_width, m, last, **_convention(seed, network))
        errors.append(last.risks)
    return np.array(errors).T


def _task(seed, network, replicates):
    """Pixels centred; each replicate draws its own images, the same in every generation."""
    images = embedded_digits()
    pool = Pool.prepare(images.train_images, images.train_labels, "centred", images.white)
    pool_and_samples = len(images.train_images), network["samples"]
    rngs = (random_stream(seed, "images", r) for r in range(replicates))
    drawn = [rng.choice(*pool_and_samples, replace=False) for rng in rngs]
    image_sets = images.train_images, images.test_images
    train, test = (pool.features(images_of_set).astype(np.float32) for images_of_set in image_sets)
    recipe = {key: network[key] for key in ("epochs", "batch_size", "learning_rate", "loss")}
    data = Data(train, images.train_labels, np.array([drawn]), test, images.test_labels)
    return data, Recipe(**recipe)


def _convention(seed, network):
    start = {"continued": network["start"] == "continued", "initialisation": "uniform"}
    return start | {"noise": network["generator_noise"], "backend": Backend(), "seed": seed}
