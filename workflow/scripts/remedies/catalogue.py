"""The remedies that are compared: the label, the protocol, and the tuning of each."""

from collections.abc import Callable
from dataclasses import dataclass

from model_collapse.mixtures.groups import Protocol
from model_collapse.mixtures.limits import best_real_weight
from model_collapse.mixtures.remedies import (
    accumulate_kept,
    accumulate_real,
    growing,
    mix,
    replace,
    subsample,
    subsample_kept,
)


@dataclass(frozen=True)
class Budget:
    """Rows of a generation, how many of them are real where each has fresh ones, label noise."""

    samples: int
    real: int
    noise: float

    @property
    def synthetic(self) -> int:
        """Rows beside the real ones."""
        return self.samples - self.real


# The protocol for E_n, by budget, n and ridge (or penalty).
Maker = Callable[[Budget, int, float], Protocol]


@dataclass(frozen=True)
class Remedy:
    """A protocol whose ridge makes ``tuned_as`` best at each n; without that it is 0."""

    label: str
    protocol: Maker
    tuned_as: Maker | None = None

    @property
    def has_theory(self) -> bool:
        """True if E_n has a formula; otherwise a similar protocol tunes the ridge."""
        return self.tuned_as in (None, self.protocol)


def _tuned(label: str, protocol: Maker) -> Remedy:
    return Remedy(label, protocol, protocol)


def _kept(rows: Callable[[Budget], int]) -> Maker:
    return lambda b, n, ridge: accumulate_kept(rows(b), ridge, b.noise)


def _replaced(b: Budget, n: int, ridge: float) -> Protocol:
    return replace(b.samples, ridge, b.noise)


def _in_big_batches(b: Budget, n: int, ridge: float) -> Protocol:
    """All batches but the first have one size, so that n + 1 fits see as many rows as if all rows
    were kept.
    """
    size = round(b.samples * (n + 3) / 2)
    return replace(lambda k: b.samples if k == 1 else size, ridge, b.noise)


def _rationed(b: Budget, n: int, ridge: float) -> Protocol:
    """The one real batch, a part of it in each generation."""
    return mix(b.samples, max(b.samples // (n + 1), 1), ridge, b.noise)


def _weighted(b: Budget, n: int, ridge: float) -> Protocol:
    weight = best_real_weight(b.real / b.synthetic)
    return mix(b.synthetic, b.real, ridge, b.noise, weight)


REMEDIES = {
    "replace": Remedy(r"replace, $\lambda=0$", lambda b, n, ridge: replace(b.samples, 0, b.noise)),
    "replace_tuned": _tuned("replace, tuned", _replaced),
    "rationed": _tuned("real rows rationed, tuned", _rationed),
    "subsample": Remedy(
        "subsample, tuned",
        lambda b, n, ridge: subsample_kept(b.samples, ridge, b.noise),
        lambda b, n, ridge: subsample(b.samples, ridge, b.noise),
    ),
    "accumulate": Remedy(
        r"accumulate, $\lambda=0$", lambda b, n, ridge: accumulate_kept(b.samples, 0, b.noise)
    ),
    "accumulate_tuned": _tuned("accumulate, tuned", _kept(lambda b: b.samples)),
    "growing": _tuned(
        "growing batches, tuned", lambda b, n, ridge: growing(b.samples, float, ridge, b.noise)
    ),
    "big": _tuned("big batches, tuned", _in_big_batches),
    "mix": _tuned(
        "mix, unweighted, tuned", lambda b, n, ridge: mix(b.synthetic, b.real, ridge, b.noise)
    ),
    "weighted": _tuned("mix, weighted, tuned", _weighted),
    "accumulate_real": Remedy(
        "accumulate, fresh real",
        lambda b, n, ridge: accumulate_real(b.synthetic, b.real, ridge, b.noise),
        _kept(lambda b: b.real),
    ),
}
# A fit to so many real rows alone, at its best ridge.
REFERENCES: dict[str, tuple[str, Callable[[Budget, int], int]]] = {
    "stop": ("stop: one batch, tuned", lambda b, n: b.samples),
    "alone": ("last real rows alone", lambda b, n: b.real),
    "pooled": ("all real rows alone", lambda b, n: b.real * (n + 1)),
}
PANELS = {
    "one real batch": (
        *("stop", "replace", "replace_tuned", "rationed"),
        *("subsample", "accumulate", "accumulate_tuned"),
    ),
    "as many rows fitted in all": ("stop", "growing", "big", "accumulate_tuned"),
    "fresh real rows each time": ("alone", "pooled", "mix", "weighted", "accumulate_real"),
}
ON_IMAGES = ("replace_tuned", "accumulate_tuned", "weighted", "accumulate_real")
# The panels of the map: the key that each varies beside noise, its reference, and its remedies.
MAPS = {
    "samples": ("stop", ("replace_tuned", "big", "accumulate_tuned")),
    "real_share": ("alone", ("mix", "weighted", "accumulate_real")),
}
