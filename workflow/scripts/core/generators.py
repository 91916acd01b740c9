"""Generators as keys of the config: a regression problem, and the fits that make generations."""

from collections.abc import Iterable
from functools import cached_property

from pydantic import model_validator

from model_collapse.protocol import Fit
from model_collapse.spectra import Spectrum
from scripts.core.settings import Noise, Ridge, Samples, Settings, entry
from scripts.core.spectra import Problem


class Generators(Settings):
    """A regression problem, and how each of its generators is fitted."""

    spectrum: Problem = entry("the regression problem")
    generator_samples: Samples = entry("T0, sample size of every generator")
    generator_ridge: Ridge = entry("ridge of every generator; 0 is least squares", 0.0)
    generator_noise: Noise = entry("sigma_0, standard deviation of the noise on generators' labels")
    shared_design: bool = entry(
        "whether all generators see one design X_0 (least squares only)", False
    )

    @model_validator(mode="after")
    def _shareable(self):
        if self.shared_design and self.generator_ridge:
            raise ValueError(
                "shared_design: a shared design is defined for least-squares generators; their "
                "ridge must be 0"
            )
        return self

    @cached_property
    def problem(self) -> Spectrum:
        """Σ and w0."""
        return self.spectrum.build()

    def generators(self, generation: int) -> list[Fit]:
        """The fits that make a generation, as many as its number."""
        fit = Fit(self.generator_samples, self.generator_ridge, self.generator_noise)
        return [fit] * generation

    def refuse_singular(self, fits: Iterable[tuple[str, int, float]]) -> None:
        """Raise ValueError for a fit (key, T, λ) with λ = 0 and T within 1 of d: its mean error is
        not finite.
        """
        d = self.spectrum.d
        for key, samples, ridge in fits:
            if ridge == 0 and abs(samples - d) <= 1:
                raise ValueError(
                    f"{key}: {samples} is within 1 of d = {d}, where a fit with λ = 0 has no "
                    f"finite mean error; take a positive ridge or another size"
                )
