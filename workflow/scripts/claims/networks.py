"""Claims of figures 5 and 6, on networks trained on scikit-learn's digits."""

import numpy as np

from scripts.claims.ledger import Check
from scripts.claims.monte_carlo import estimate

KNEE = 4
"""The paper's linear growth ends at this generation."""


def fig_5(seed, *, network, width, generations, replicates, from_generation):
    """Random features: how far E(n) strays from a straight line, as a share of its growth."""
    # Imported here, as images below: no other claim needs these modules.
    from model_collapse.backends import Backend
    from model_collapse.random_features import train_features

    data = _digits(seed, network, replicates)
    recipe, convention = _recipe(network), _convention(network)
    errors = np.array(
        [
            train_features(
                data, recipe, width, r, generations, **convention, backend=Backend(), seed=seed
            ).risks[0, from_generation:]
            for r in range(replicates)
        ]
    )
    n = np.arange(from_generation, generations + 1)
    strays = []
    for leaving_out in range(replicates):  # jackknife: a maximum has no mean over replicates
        mean = np.delete(errors, leaving_out, axis=0).mean(axis=0)
        strays.append(_stray(n, mean))
    spread = np.std(strays) * np.sqrt(replicates - 1)
    stray, growth = _stray(n, errors.mean(axis=0)), errors[:, -1] - errors[:, 0]
    return [
        Check(
            f"largest distance from a line / growth, n = {from_generation}–{generations}",
            0.1,
            stray,
            spread,
            relation="at most",
        ),
        Check(
            f"E({generations}) − E({from_generation})", 0.0, *estimate(growth), relation="at least"
        ),
    ]


def fig_6_wider(seed, *, network, widths, generations, replicates):
    """Full training: growth of each width less that of the next narrower one."""
    growth = []
    for width in widths:
        errors = _errors(seed, network, width, generations, replicates)
        growth.append(errors[:, -1] - errors[:, 0])
    return [
        Check(
            f"growth to n = {generations}, width {wide} less {narrow}",
            0.0,
            *estimate(more - less),
            relation="at least",
        )
        for narrow, wide, less, more in zip(widths, widths[1:], growth, growth[1:], strict=False)
    ]


def fig_6_wider_mean_loss(seed, *, network, widths, generations, replicates):
    """The same; the setting averages the loss over outputs, which makes steps ten times gentler."""
    return fig_6_wider(
        seed, network=network, widths=widths, generations=generations, replicates=replicates
    )


def fig_6_superlinear_fresh(seed, *, network, width, generations, replicates):
    """Each generation from fresh weights: slope of E(n) beyond n = 4 less that before."""
    return _bend(seed, network, width, generations, replicates)


def fig_6_superlinear_continued(seed, *, network, width, generations, replicates):
    """Each generation from the weights of the last: the same."""
    return _bend(seed, network, width, generations, replicates)


def fig_6_control(seed, *, network, width, generations, replicates):
    """Continued weights and no label noise: growth of E(n)."""
    errors = _errors(seed, network, width, generations, replicates)
    growth = estimate(errors[:, -1] - errors[:, 0])
    return [Check(f"E({generations}) − E(0), σ0 = 0", 0.0, *growth)]


def _bend(seed, network, width, generations, replicates):
    errors = _errors(seed, network, width, generations, replicates)
    n = np.arange(generations + 1)
    early, late = (_slopes(n[kept], errors[:, kept]) for kept in (n <= KNEE, n >= KNEE))
    point = f"slope for n ≥ {KNEE} less slope for n ≤ {KNEE}, width {width}"
    return [Check(point, 0.0, *estimate(late - early), relation="at least")]


def _slopes(n, errors):
    centred = n - n.mean()
    return errors @ centred / (centred @ centred)


def _stray(n, errors):
    line = np.polyval(np.polyfit(n, errors, 1), n)
    return np.abs(errors - line).max() / (errors[-1] - errors[0])


def _errors(seed, network, width, generations, replicates):
    """Test errors (R, generations + 1) of networks trained as a whole."""
    from model_collapse.backends import Backend
    from model_collapse.network_chain import train_generation

    data, generation, errors = _digits(seed, network, replicates), None, []
    for m in range(generations + 1):
        generation = train_generation(
            data,
            _recipe(network),
            width,
            m,
            generation,
            **_convention(network),
            backend=Backend(),
            seed=seed,
        )
        errors.append(generation.risks)
    return np.array(errors).T


def _digits(seed, network, replicates):
    """Pixels centred; each replicate draws its own images, the same in every generation."""
    from model_collapse.images import embedded_digits
    from model_collapse.network_chain import Data
    from model_collapse.pixels import Pool
    from model_collapse.seeds import random_stream

    images = embedded_digits()
    pool = Pool.prepare(images.train_images, images.train_labels, "centred", images.white)
    rngs = [random_stream(seed, "images", r) for r in range(replicates)]
    count = len(images.train_images)
    drawn = [rng.choice(count, network["samples"], replace=False) for rng in rngs]
    return Data(
        pool.features(images.train_images).astype(np.float32),
        images.train_labels,
        np.array([drawn]),
        pool.features(images.test_images).astype(np.float32),
        images.test_labels,
    )


def _recipe(network):
    from model_collapse.networks import Recipe

    keys = ("epochs", "batch_size", "learning_rate", "loss")
    return Recipe(**{key: network[key] for key in keys})


def _convention(network):
    return {
        "initialisation": "uniform",
        "noise": network["generator_noise"],
        "continued": network["start"] == "continued",
    }
