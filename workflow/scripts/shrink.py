"""A config made small, for tests and CI: one rule for all experiments instead of a second list.

Sweeps are thinned; replicates, generations, widths, epochs and images are cut off; a spectrum that
is cut takes its sample sizes along, so that T stays on its side of d and of T0.
"""

import math
from typing import Any

from scripts.schema.settings import Count, Settings, entry

FEWEST_DIMENSIONS = 10  # of a simulated scaling law


class AtMost(Settings):
    """Bounds of everything that costs time."""

    d: Count = entry("dimension of a spectrum", ge=2, multiple_of=2)
    points: Count = entry("values of a sweep, or of a map's axis", ge=3)
    replicates: Count = entry("repetitions", ge=2)
    generations: Count = entry("the last generation of a chain", ge=3)
    width: Count = entry("hidden units", ge=1)
    epochs: Count = entry("passes over training images", ge=1)
    images: Count = entry("images of one fit", ge=32)
    dimension: Count = entry("d of a scaling law in theory", ge=100)


def shrunk(config: dict, most: AtMost) -> dict:
    """Change a valid config of plain values in place so that it keeps the limits, and return it.

    Claims stay that are marked as quick or cannot be tested.
    """
    problems = (config["experiments"], config["decompositions"], config["remedies"]["regimes"])
    for block in (block for section in problems for block in section.values()):
        ratio = most.d / max(block["spectrum"]["d"], most.d)
        block["spectrum"]["d"] = min(block["spectrum"]["d"], most.d)
        for key in ("generator_samples", "samples", "theory_samples_to"):
            block |= {key: _scaled(block[key], ratio)} if block.get(key) else {}
    for block in config["kernel_experiments"].values():
        for sizes in block["sizes"].values():
            ratio = most.images / max(sizes["generator_samples"], most.images)
            for key in ("generator_samples", "samples"):
                sizes[key] = _scaled(sizes[key], ratio)
            sizes["spectrum_images"] = min(sizes["spectrum_images"], 2 * most.images)
    nets = [*config["random_features"].values(), *config["networks"].values()]
    for block in nets:
        block["widths"] = _scaled(block["widths"], _ratio(block["widths"], most.width))
        block["batch_size"] = min(block["batch_size"], most.images // 4)
    for block in [*nets, *config["remedies"]["images"]["learners"].values()]:
        for sizes in block["sizes"].values():
            sizes |= {key: min(size, most.images) for key, size in sizes.items()}
    for window in config["exponent_windows"]:
        ratio = _ratio(window, 2 * most.images)
        window[:] = [end * ratio for end in window]
    for part in ("clean", "collapsed", "crossover"):
        _shrink_laws(config["scaling"][part], most)
    _cut({key: block for key, block in config.items() if key not in ("claims", "at_most")}, most)
    claims = config["claims"].items()
    config["claims"] = {
        n: claim for n, claim in claims if claim["quick"] or claim["setting"] is None
    }
    return config


def _ratio(values: list, most: float) -> float:
    """The factor of all values by which the largest keeps a limit."""
    return min(most / max(values), 1)


def _scaled(value: Any, ratio: float) -> Any:
    """A size, or a list or grid of sizes, times a ratio: at least 1, and without repetitions."""
    if isinstance(value, list):
        return list(dict.fromkeys(_scaled(item, ratio) for item in value))
    if isinstance(value, dict):
        return value | {end: _scaled(value[end], ratio) for end in ("from", "to")}
    return max(round(value * ratio), 1)


def _shrink_laws(block: dict, most: AtMost) -> None:
    ratio = _ratio([window[1] for window in block["windows"]], most.dimension)
    block["windows"] = [[end * ratio for end in window] for window in block["windows"]]
    simulated = block["simulated"]
    if "dimension" in block:
        block["dimension"] = min(block["dimension"], most.dimension)
        simulated["dimension"] = min(simulated["dimension"], 10 * most.d)
    else:
        sizes = simulated["dimensions"]
        ratio = _ratio(sizes, 2 * most.d)
        simulated["dimensions"] = [max(round(d * ratio), FEWEST_DIMENSIONS) for d in sizes]


def _cut(block: dict, most: AtMost) -> None:
    """Shrink keys that have the same meaning wherever they stand, in place."""
    for key, value in block.items():
        if key in ("replicates", "epochs", "generations") and isinstance(value, int):
            block[key] = min(value, getattr(most, key))
        elif key in ("samples", "ridge", "ell") and isinstance(value, list):
            block[key] = _thinned(value, most.points)
        elif isinstance(value, dict) and "step" in value:
            value["step"] = max(value["step"], (value["to"] - value["from"]) / (most.points - 1))
        elif isinstance(value, dict) and "per_decade" in value:
            decades = math.log10(value["to"] / value["from"]) or 1
            value["per_decade"] = min(value["per_decade"], max(1, int(most.points / decades)))
        elif isinstance(value, dict):
            _cut(value, most)


def _thinned(values: list, points: int) -> list:
    """At most so many of the values, first and last among them."""
    if len(values) <= points:
        return values
    return [values[round(i * (len(values) - 1) / (points - 1))] for i in range(points)]
