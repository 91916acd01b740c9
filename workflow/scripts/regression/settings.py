"""Blocks of ``experiments``, and of ``figures``, whose panels show one experiment each."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from scripts.core.generators import Generators
from scripts.core.ridge_rules import RIDGE_RULES
from scripts.core.settings import (
    MOST_SAMPLES,
    REPLICATES,
    Distinct,
    Generations,
    Interval,
    LinearGrid,
    LogGrid,
    Noise,
    Real,
    Replicates,
    Ridge,
    Samples,
    Settings,
    Title,
    sample_sizes,
    sweep,
    values_of,
)

RuleName = Literal[tuple(RIDGE_RULES)]
GENERATIONS = "generations n to show; 0 trains on clean data"


class SampleGrid(LogGrid):
    """Sample sizes from … to, per_decade of them for each factor of 10."""

    start: Annotated[Real, Field(ge=1, alias="from", description="smallest T")]
    to: Annotated[Real, Field(ge=1, le=MOST_SAMPLES, description="largest T")]


class RidgeGrid(LogGrid):
    """Ridges from … to, per_decade of them for each factor of 10."""


class Sweep(Generators):
    """Generators, and the downstream fits to their labels."""

    noise: Annotated[
        Noise, Field(description="sigma, label-noise standard deviation of the downstream data")
    ]
    generations: Annotated[Generations, Field(description=GENERATIONS)]
    samples: Annotated[sweep(Samples, SampleGrid), Field(description="T, sample sizes")]
    theory_samples_to: Annotated[
        Samples | None, Field(description="theory goes on to this T, beyond the simulated grid")
    ] = None
    ridge_rules: Annotated[
        list[RuleName],
        Field(min_length=1, description="how the downstream ridge is chosen"),
        Distinct,
    ]
    ridge: Annotated[
        sweep(Ridge, RidgeGrid) | None, Field(description="values of the ridge rule fixed")
    ] = None
    ell: Annotated[
        sweep(Annotated[Real, Field(ge=0)], LinearGrid) | None,
        Field(description="values of the ridge rule ell"),
    ] = None

    @model_validator(mode="after")
    def _rules_have_what_they_need(self):
        if "ell" in self.ridge_rules and 1 in self.sizes():
            raise ValueError("samples: at T = 1 every ell gives λ = 1; begin above 1")
        used = {RIDGE_RULES[rule].values: rule for rule in self.ridge_rules}
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
        if self.theory_samples_to is not None and not isinstance(self.samples, LogGrid):
            raise ValueError("theory_samples_to: needs samples given as a grid")
        return self

    @model_validator(mode="after")
    def _fits_have_an_error(self):
        fits = []
        if max(self.generations) > 0:
            fits.append(("generator_samples", self.generator_samples, self.generator_ridge))
        if self.ridge is not None and 0 in values_of(self.ridge):
            fits += [("samples", size, 0) for size in self.sizes()]
        self.refuse_singular(fits)
        return self

    def sizes(self, refine: int = 1, *, extend: bool = False) -> list[int]:
        """T of the sweep, ascending; ``extend`` goes on to theory_samples_to."""
        grid = self.samples
        if extend and self.theory_samples_to is not None:
            grid = grid.model_copy(update={"to": max(grid.to, self.theory_samples_to)})
        return sorted({*sample_sizes(grid, refine), *sample_sizes(self.samples)})


class Experiment(Sweep):
    """A Gaussian regression experiment."""

    replicates: Annotated[Replicates, Field(description=REPLICATES)]


class Panel(Settings):
    """One experiment along one sweep."""

    experiment: Annotated[str, Field(description="name of the experiment shown")]
    sweep: Annotated[
        Literal["samples", "ridge", "ell"], Field(description="what the horizontal axis shows")
    ]
    ridge_rules: Annotated[
        list[RuleName] | None, Field(min_length=1, description="rules shown, all by default")
    ] = None
    relative_to: Annotated[
        RuleName | None, Field(description="show the test error divided by this rule's")
    ] = None
    generations: Annotated[Generations | None, Field(description=GENERATIONS)] = None
    ceiling: Annotated[bool, Field(description="mark the ceiling n sigma_0^2 phi_0/(1-phi_0)")] = (
        False
    )
    title: Annotated[Title, Field(description="title, by default what the panel holds fixed")] = ""
    risk_scale: Annotated[
        Literal["log", "linear"], Field(description="scale of the test error axis")
    ] = "log"
    statistic: Annotated[
        Literal["mean", "median"],
        Field(description="mean with its standard error, or median with quartiles over replicates"),
    ] = "mean"
    sweep_range: Annotated[
        Interval | None, Field(description="lowest and highest value of the horizontal axis")
    ] = None
    risk_range: Annotated[
        Interval | None, Field(description="lowest and highest value of the vertical axis")
    ] = None

    def check(self, block) -> None:
        """Raise ValueError, naming the key, for a panel that its experiment cannot fill.

        ``block`` is an Experiment, or one on images with the same rules and generations.
        """
        name, rules = self.experiment, self.ridge_rules or block.ridge_rules
        for rule in [*rules, *([self.relative_to] if self.relative_to else [])]:
            if rule not in block.ridge_rules:
                raise ValueError(
                    f"ridge_rules: experiment {name} has no ridge rule {rule!r}, "
                    f"only {', '.join(block.ridge_rules)}"
                )
        for n in self.generations or []:
            if n not in block.generations:
                known = ", ".join(map(str, block.generations))
                raise ValueError(
                    f"generations: experiment {name} has no generation {n}, only {known}"
                )
        if not isinstance(block, Experiment):
            if self.sweep != "samples":
                raise ValueError(f"sweep: must be samples for images, not {self.sweep}")
            if self.ceiling:
                raise ValueError("ceiling: must be false for images")
            return
        swept = next((r for r in RIDGE_RULES if RIDGE_RULES[r].values == self.sweep), None)
        if swept and (rules != [swept] or not isinstance(block.samples, int)):
            raise ValueError(
                f"sweep: {self.sweep} needs one T in {name} and the ridge rule {swept} alone"
            )
        if swept and self.relative_to:
            raise ValueError(f"relative_to: needs sweep: samples, not {self.sweep}")
        for rule in () if swept else rules:
            key = RIDGE_RULES[rule].values
            if key and len(values_of(getattr(block, key))) > 1:
                raise ValueError(f"sweep: samples needs a single value in {name}.{key}")
        if self.ceiling and (block.generator_ridge or block.generator_samples <= block.spectrum.d):
            raise ValueError("ceiling: needs least-squares generators with generator_samples > d")


class Figure(Settings):
    """A figure of panels in reading order, two in a row."""

    panels: Annotated[
        list[Panel], Field(min_length=1, description="panels in reading order, two in a row")
    ]
