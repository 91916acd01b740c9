"""Blocks of ``figures``: panels, each of which shows one experiment."""

from typing import Literal

from pydantic import model_validator

from scripts.schema.grids import values_of
from scripts.schema.ridge_rules import RIDGE_RULES, RuleName
from scripts.schema.settings import Generations, Interval, Settings, Title, entry, keys_of
from scripts.schema.spectra import Generators


class PanelData(Settings):
    """The experiment, the sweep and the ridge rules that a panel shows."""

    experiment: str = entry("name of the experiment shown")
    sweep: Literal["samples", "ridge", "ell"] = entry("what the horizontal axis shows")
    ridge_rules: list[RuleName] | None = entry("rules shown, all by default", None, min_length=1)
    relative_to: RuleName | None = entry("show the test error divided by this rule's", None)


class Panel(PanelData):
    """One experiment along one sweep."""

    generations: Generations | None = entry("generations shown, all by default", None)
    ceiling: bool = entry("mark the ceiling n sigma_0^2 phi_0/(1-phi_0)", False)
    title: Title = entry("title, by default what the panel holds fixed", "")
    risk_scale: Literal["log", "linear"] = entry("scale of the test error axis", "log")
    statistic: Literal["mean", "median"] = entry(
        "mean with its standard error, or median with quartiles over replicates", "mean"
    )
    sweep_range: Interval | None = entry("lowest and highest value of the horizontal axis", None)
    risk_range: Interval | None = entry("lowest and highest value of the vertical axis", None)

    @model_validator(mode="after")
    def _can_be_drawn(self):
        if self.relative_to and self.statistic == "median":
            raise ValueError("statistic: must be mean with relative_to, which divides means")
        if self.relative_to and self.risk_scale != "log":
            raise ValueError("risk_scale: leave it out with relative_to, whose axis is linear")
        if self.relative_to and self.ceiling:
            raise ValueError("ceiling: must be false with relative_to, which shows no test error")
        logarithmic = {
            "sweep_range": self.sweep != "ell",
            "risk_range": self.risk_scale == "log" and not self.relative_to,
        }
        for key, window in ((key, getattr(self, key)) for key in logarithmic if logarithmic[key]):
            if window and window[0] <= 0:
                raise ValueError(f"{key}: must be above 0 on a logarithmic axis, not {window}")
        return self

    def check(self, block) -> None:
        """Raise ValueError, naming the key, for a panel that its experiment cannot fill.

        ``block`` is an Experiment, or one on images with the same rules and generations.
        """
        name = self.experiment
        rules = self.ridge_rules or block.ridge_rules
        rules_by_key = [("ridge_rules", rule) for rule in rules]
        rules_by_key += [("relative_to", self.relative_to)] if self.relative_to else []
        for key, rule in rules_by_key:
            if rule not in block.ridge_rules:
                raise ValueError(
                    f"{key}: experiment {name} has no ridge rule {rule!r}, "
                    f"only {', '.join(block.ridge_rules)}"
                )
        for n in self.generations or []:
            if n not in block.generations:
                generations = ", ".join(map(str, block.generations))
                raise ValueError(
                    f"generations: experiment {name} has no generation {n}, only {generations}"
                )
        if block.is_on_images:
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
        if swept == "fixed" and 0 in values_of(block.ridge):
            raise ValueError(f"sweep: ridge has a logarithmic axis, without the 0 of {name}.ridge")
        for _, rule in () if swept else rules_by_key:
            key = RIDGE_RULES[rule].values
            if key and len(values_of(getattr(block, key))) > 1:
                raise ValueError(f"sweep: samples needs a single value in {name}.{key}")
        if self.ceiling and (block.generator_ridge or block.generator_samples <= block.spectrum.d):
            raise ValueError("ceiling: needs least-squares generators with generator_samples > d")


class Figure(Settings):
    """A figure of panels in reading order, two in a row."""

    panels: list[Panel] = entry("panels in reading order, two in a row", min_length=1)


def risk_files(config: Settings, name: str) -> list[str]:
    """Return the files of an experiment's risks, one for each block of replicates. If the config
    asks for more replicates, full blocks stay as they are.
    """
    replicates = config.chains[name].replicates
    size = config.replicates_per_job
    return [
        f"<results>/training/{name}/risks-{first}-{min(first + size, replicates) - 1}.npz"
        for first in range(0, replicates, size)
    ]


def files_shown(config: Settings, figure: str, pattern: str) -> list[str]:
    """Return a file for each experiment that a figure of the config shows: the pattern with the
    name of the experiment for {}.
    """
    return [pattern.format(name) for name in _shown(config, figure)]


def gaussian_generators(config: Settings, figure: str) -> dict[str, dict]:
    """Return the generators of the Gaussian experiments that a figure of the config shows."""
    blocks = _shown(config, figure)
    return {n: keys_of(block, Generators) for n, block in blocks.items() if not block.is_on_images}


def sizes_on_images(config: Settings, figure: str) -> dict[str, dict[str, int]]:
    """Return T0, on either set of images, of the experiments on images that a figure shows."""
    blocks = _shown(config, figure)
    return {n: block.generator_samples for n, block in blocks.items() if block.is_on_images}


def _shown(config: Settings, figure: str) -> dict[str, Settings]:
    names = dict.fromkeys(panel.experiment for panel in config.figures[figure].panels)
    return {name: config.chains[name] for name in names}
