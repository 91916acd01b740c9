"""A config made small, for tests and CI: one rule for all experiments instead of a second list.

Lengths of sweeps, replicates, generations, widths, epochs and images are cut off; a spectrum that
is cut takes its sample sizes along, so that T stays on its side of d and of T0.
"""

import copy
import math

from scripts.core.settings import Count, Settings, entry

FEWEST_DIMENSIONS = 10  # of a scaling law


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


def shrunk(config: dict, limits: AtMost) -> dict:
    """A copy of a config, as read from its files, within the limits.

    Only claims that are marked as quick stay, and those that cannot be tested.
    """
    config = copy.deepcopy(config)
    for section in ("experiments", "decompositions"):
        for block in _blocks(config, section):
            _shrink_spectrum(block, limits)
    for block in _blocks(config, "kernel_experiments"):
        for sizes in _blocks(block, "sizes"):
            _shrink_kernel_sizes(sizes, limits)
    for section in ("random_features", "networks"):
        for block in _blocks(config, section):
            _shrink_network(block, limits)
    if isinstance(windows := config.get("exponent_windows"), list):
        config["exponent_windows"] = [_lowered(window, 2 * limits.images) for window in windows]
    _shrink_scaling(config.get("scaling"), limits)
    _cut(config, limits)
    claims = config.get("claims")
    if isinstance(claims, dict):
        kept = {n: c for n, c in claims.items() if isinstance(c, dict)}
        config["claims"] = {
            n: c for n, c in kept.items() if c.get("quick") or c.get("verdict") == "not testable"
        }
    return config


def _blocks(parent, section: str) -> list[dict]:
    """The blocks of a section; what is no block is left for the checks to refuse."""
    found = parent.get(section) if isinstance(parent, dict) else None
    return [b for b in found.values() if isinstance(b, dict)] if isinstance(found, dict) else []


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _scaled(value, ratio: float):
    """Sample sizes times a ratio: a number, a list or a grid; no fewer than 1, each once."""
    if _is_number(value):
        return max(round(value * ratio), 1)
    if isinstance(value, list):
        return list(dict.fromkeys(_scaled(item, ratio) for item in value))
    if isinstance(value, dict):
        ends = {key: _scaled(value[key], ratio) for key in ("from", "to") if key in value}
        return value | ends
    return value


def _shrink_spectrum(block: dict, limits: AtMost) -> None:
    spectrum = block.get("spectrum")
    d = spectrum.get("d") if isinstance(spectrum, dict) else None
    if not _is_number(d) or d <= limits.d:
        return
    block["spectrum"] = spectrum | {"d": limits.d}
    for key in ("generator_samples", "samples", "theory_samples_to"):
        if key in block:
            block[key] = _scaled(block[key], limits.d / d)


def _shrink_kernel_sizes(sizes: dict, limits: AtMost) -> None:
    size, apart = sizes.get("generator_samples"), sizes.get("spectrum_images")
    if _is_number(size) and size > limits.images:
        sizes["samples"] = _scaled(sizes.get("samples"), limits.images / size)
        sizes["generator_samples"] = limits.images
    if _is_number(apart):
        sizes["spectrum_images"] = min(apart, 2 * limits.images)


def _shrink_network(block: dict, limits: AtMost) -> None:
    if isinstance(widths := block.get("widths"), list) and all(map(_is_number, widths)):
        block["widths"] = _scaled(widths, min(limits.width / max(widths, default=1), 1))
    for sizes in _blocks(block, "sizes"):
        for key in ("samples", "test_images"):
            if _is_number(sizes.get(key)):
                sizes[key] = min(sizes[key], limits.images)
    if _is_number(block.get("batch_size")):
        block["batch_size"] = min(block["batch_size"], limits.images // 4)


def _shrink_scaling(scaling, limits: AtMost) -> None:
    for block in _blocks({"scaling": scaling}, "scaling"):
        windows = block.get("windows")
        if isinstance(windows, list):
            highest = max((w[-1] for w in windows if isinstance(w, list) and w), default=0)
            if _is_number(highest) and highest > limits.dimension:
                ratio = limits.dimension / highest
                block["windows"] = [[end * ratio for end in window] for window in windows]
        simulated = block.get("simulated")
        if _is_number(block.get("dimension")):
            block["dimension"] = min(block["dimension"], limits.dimension)
        if isinstance(simulated, dict):
            if _is_number(simulated.get("dimension")):
                simulated["dimension"] = min(simulated["dimension"], 10 * limits.d)
            if isinstance(dimensions := simulated.get("dimensions"), list):
                ratio = min(2 * limits.d / max(dimensions, default=1), 1)
                fewest = FEWEST_DIMENSIONS
                simulated["dimensions"] = [max(round(d * ratio), fewest) for d in dimensions]


def _lowered(window, highest: float):
    """A window of ranks that ends within the eigenvalues that there are."""
    if not (isinstance(window, list) and len(window) == 2 and all(map(_is_number, window))):
        return window
    ratio = min(highest / window[1], 1) if window[1] else 1
    return [window[0] * ratio, window[1] * ratio]


def _cut(block, limits: AtMost) -> None:
    """Cut off what has the same meaning wherever it stands, in place."""
    items = list(block.items()) if isinstance(block, dict) else []
    for key, value in items:
        if key in ("replicates", "epochs", "generations") and _is_number(value):
            block[key] = min(value, getattr(limits, key))
        elif isinstance(value, dict) and {"from", "to"} <= value.keys():
            _cut_grid(value, limits.points)
        elif key in ("samples", "ridge", "ell") and isinstance(value, list):
            block[key] = _thinned(value, limits.points)
        elif key != "claims":
            _cut(value, limits)


def _cut_grid(grid: dict, points: int) -> None:
    low, high, step, density = (grid.get(key) for key in ("from", "to", "step", "per_decade"))
    if _is_number(step) and step > 0 and _is_number(low) and _is_number(high):
        grid["step"] = max(step, (high - low) / (points - 1))
    if _is_number(density) and _is_number(low) and _is_number(high) and 0 < low < high:
        grid["per_decade"] = min(density, max(1, int((points - 1) / math.log10(high / low))))


def _thinned(values: list, points: int) -> list:
    """At most so many of the values, first and last among them."""
    if len(values) <= points:
        return values
    return [values[round(i * (len(values) - 1) / (points - 1))] for i in range(points)]
