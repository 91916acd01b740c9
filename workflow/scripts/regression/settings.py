"""Blocks of ``experiments``: Gaussian regression."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from model_collapse.problem.fits import Fit
from scripts.schema import settings as schema
from scripts.schema.grids import (
    MOST_VALUES,
    Grid,
    LinearGrid,
    LogGrid,
    SampleGrid,
    SampleSteps,
    Steps,
    sample_sizes,
    sweep,
    values_of,
)
from scripts.schema.ridge_rules import RIDGE_RULES, RuleName
from scripts.schema.settings import entry
from scripts.schema.spectra import Generators


class Sweep(Generators):
    """Generators, and the downstream fits to their labels: one for each T, rule and ridge."""

    noise: schema.Noise = entry("sigma, standard deviation of the noise on downstream labels")
    generations: schema.Generations = entry("generations n to show; 0 trains on clean data")
    samples: sweep(schema.Samples, SampleGrid, SampleSteps) = entry("T, sample sizes")
    ridge_rules: Annotated[list[RuleName], schema.Distinct] = entry(
        "how the downstream ridge is chosen", min_length=1
    )
    ridge: sweep(schema.Ridge, LogGrid, Steps) | None = entry(
        "values of the ridge rule fixed", None
    )
    ell: sweep(Annotated[schema.Real, Field(ge=0)], Steps, LogGrid) | None = entry(
        "values of the ridge rule ell", None
    )

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the block without the values of ridge rules that the overlay no longer lists."""
        rules = overlay.get("ridge_rules")
        if not isinstance(rules, list):
            return block
        used = {rule.values for name, rule in RIDGE_RULES.items() if name in rules}
        unused = {rule.values for rule in RIDGE_RULES.values()} - used
        return {key: value for key, value in block.items() if key not in unused}

    @model_validator(mode="after")
    def _rules_have_what_they_need(self):
        if "ell" in self.ridge_rules and 1 in self.sizes():
            raise ValueError("samples: at T = 1 every ell gives λ = 1; begin above 1")
        used = {RIDGE_RULES[rule].values for rule in self.ridge_rules}
        for name, rule in RIDGE_RULES.items():
            given = rule.values and getattr(self, rule.values) is not None
            if given and rule.values not in used:
                raise ValueError(
                    f"{rule.values}: without the rule {name} in ridge_rules, leave this out"
                )
            if name not in self.ridge_rules:
                continue
            if rule.values and not given:
                raise ValueError(f"{rule.values}: the ridge rule {name} needs its values here")
            if rule.needs_power_law and self.spectrum.name != "power_law":
                raise ValueError(f"ridge_rules: {name} needs beta and r, so a power_law spectrum")
            if rule.needs_noise and not self.noise:
                raise ValueError(f"ridge_rules: {name} divides by noise, which must not be 0")
        return self

    @model_validator(mode="after")
    def _fits_have_an_error(self):
        if max(self.generations) > 0:
            self.refuse_singular("generator_samples", *self.generators(1))
        if self.ridge is not None and 0 in values_of(self.ridge):
            self.refuse_singular("samples", *(Fit(size, 0, self.noise) for size in self.sizes()))
        return self

    def sizes(self, refine: int = 1) -> list[int]:
        """T of the sweep, ascending; a grid in ``refine`` times as many steps."""
        return sample_sizes(self.samples, refine)


class Curves(Sweep):
    """The same, and how far theory's curves go on."""

    theory_samples_to: schema.Samples | None = entry(
        "theory goes on to this T, beyond the simulated grid", None
    )

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the block without an end of theory's curves that the overlay's samples pass, or
        that has no grid of samples to go on from.
        """
        block = super().without_unused(block, overlay)
        samples = overlay.get("samples")
        is_grid = isinstance(samples, Mapping)
        ends_before = is_grid and samples.get("to", 0) <= (block.get("theory_samples_to") or 0)
        if samples is None or ends_before:
            return block
        return {key: value for key, value in block.items() if key != "theory_samples_to"}

    @model_validator(mode="after")
    def _goes_on_from_a_grid(self):
        if self.theory_samples_to is not None and not isinstance(self.samples, Grid):
            raise ValueError("theory_samples_to: needs samples given as a grid")
        if self.theory_samples_to is not None and self.theory_samples_to < self.samples.to:
            raise ValueError(
                f"theory_samples_to: {self.theory_samples_to:g} is below the end of samples, "
                f"{self.samples.to:g}, where theory's curves end anyway"
            )
        if self.theory_samples_to is not None and isinstance(self.samples, LinearGrid):
            steps = (self.theory_samples_to - self.samples.start) / self.samples.step
            if steps > MOST_VALUES:
                raise ValueError(
                    f"theory_samples_to: {self.theory_samples_to:g} makes more than "
                    f"{MOST_VALUES:,} values, {self.samples.step:g} apart"
                )
        return self

    def curve(self, refine: int) -> list[int]:
        """T of theory's curves, ascending, those of the sweep among them."""
        grid = self.samples
        if self.theory_samples_to is not None:
            grid = grid.model_copy(update={"to": max(grid.to, self.theory_samples_to)})
        return sorted({*sample_sizes(grid, refine), *self.sizes()})


class Experiment(Curves):
    """A Gaussian regression experiment."""

    is_on_images: ClassVar[bool] = False

    replicates: schema.Replicates = entry(schema.REPLICATES)
