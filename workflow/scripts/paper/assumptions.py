"""Check that the config is as the article's words say, before any work for the paper starts.

So nothing here is slow to import.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from scripts.schema.grids import sample_sizes
from scripts.schema.settings import Settings
from scripts.step.files import KNEE

NEEDS = "the paper's text needs"
SHARED = ("spectrum", "generator_samples", "generator_noise", "noise", "shared_design")
ENOUGH = ("fig1a_ridge", "fig1a_samples", "fig1b_ell", "fig1b_samples")  # T0 > d
TOO_FEW = ("fig2a_ridge", "fig2a_samples", "fig2b_ridge", "fig2b_samples")  # T0 ≤ d
FIGURES_1_AND_2 = (*ENOUGH, *TOO_FEW)
KERNELS = ("fig4_rbf", "fig4_rbf_unit", "fig4_polynomial", "fig4_polynomial_unit")


def check_config(config: Settings) -> None:
    """Raise ValueError, naming the key, if the config lacks or contradicts what the text says."""
    _check_figures_1_and_2(config)
    _check_images(config)
    _check_maps_and_tables(config)
    _check_remedies(config)
    _check_fixed_features(config)
    _check_networks(config)


def require(key: str, is_true: bool, needed: Any) -> None:
    """Raise ValueError, naming a key and the value ``needed``, unless a statement on it is true."""
    if not is_true:
        raise ValueError(f"{key}: {NEEDS} {needed}")


def blocks_of(section: str, blocks: Mapping[str, Any], names: Iterable[str]) -> list[Any]:
    """The named blocks of a section. Raises ValueError for one that is not there."""
    for name in names:
        require(f"{section}.{name}", name in blocks, "this")
    return [blocks[name] for name in names]


def require_same(section: str, blocks: Mapping, name: str, other: str, keys: Iterable[str]) -> None:
    """Raise ValueError unless two blocks agree in these keys, as the text states them once."""
    for key in keys:
        value = getattr(blocks[other], key)
        is_same = getattr(blocks[name], key) == value
        require(f"{section}.{name}.{key}", is_same, f"the value of {other}, {value}")


def require_first_and_later(section: str, name: str, generations: list[int]) -> None:
    """Raise ValueError unless an experiment shows clean data and at least one generation."""
    key = f"{section}.{name}.generations"
    require(key, 0 in generations, "0 among them")
    require(key, max(generations) >= 1, "at least 1")


def require_rules(section: str, name: str, of_block: Iterable[str], *rules: str) -> None:
    """Raise ValueError unless these ridge rules are among those of an experiment's block."""
    needed = f"{', '.join(rules)} among them"
    require(f"{section}.{name}.ridge_rules", set(rules) <= set(of_block), needed)


def _check_figures_1_and_2(config: Settings) -> None:
    section = "experiments"
    blocks = config.experiments
    blocks_of(section, blocks, (*FIGURES_1_AND_2, "fig1b_repeat"))
    for name in ("fig1a_ridge", "fig1b_ell", "fig2a_ridge", "fig2b_ridge"):
        is_one = not isinstance(blocks[name].samples, list | Settings)
        require(f"{section}.{name}.samples", is_one, "a single value")
    for name in ("fig1a_samples", "fig2a_samples", "fig2b_samples"):
        require(f"{section}.{name}.ridge", blocks[name].ridge is not None, "this")
        is_one = not isinstance(blocks[name].ridge, list | Settings)
        require(f"{section}.{name}.ridge", is_one, "a single value")
    for name in FIGURES_1_AND_2:
        size = blocks[name].generator_samples
        d = blocks[name].spectrum.d
        needed = "more than spectrum.d" if name in ENOUGH else "at most spectrum.d"
        is_right = size > d if name in ENOUGH else size <= d
        require(f"{section}.{name}.generator_samples", is_right, needed)
    for name in FIGURES_1_AND_2:
        require_first_and_later(section, name, blocks[name].generations)
    for name in FIGURES_1_AND_2:
        require(f"{section}.{name}.generator_ridge", blocks[name].generator_ridge == 0, 0)
    for name in ("fig1a_ridge", "fig1a_samples", *TOO_FEW):
        require_rules(section, name, blocks[name].ridge_rules, "fixed")
    require_rules(section, "fig1b_ell", blocks["fig1b_ell"].ridge_rules, "ell")
    over_samples = blocks["fig1b_samples"]
    rules = ("ell_crit", "ell_star", "effective", "smooth", "best")
    require_rules(section, "fig1b_samples", over_samples.ridge_rules, *rules)
    reaches = sample_sizes(over_samples.samples)[-1] >= over_samples.generator_samples
    require(f"{section}.fig1b_samples.samples", reaches, "at least generator_samples")
    for figure, one_size in (("1a", "ridge"), ("1b", "ell"), ("2a", "ridge"), ("2b", "ridge")):
        require_same(section, blocks, f"fig{figure}_samples", f"fig{figure}_{one_size}", SHARED)
    require_same(section, blocks, "fig2b_ridge", "fig2a_ridge", SHARED[:-1])


def _check_images(config: Settings) -> None:
    section = "kernel_experiments"
    blocks = config.kernel_experiments
    blocks_of(section, blocks, KERNELS)
    for name in KERNELS:
        require_first_and_later(section, name, blocks[name].generations)
        require_rules(section, name, blocks[name].ridge_rules, "ell_crit", "ell_star")
    for name in KERNELS[1:]:
        require_same(section, blocks, name, "fig4_rbf", ("sizes", "generator_noise", "noise"))
    for kernel in ("fig4_rbf", "fig4_polynomial"):
        require_same(section, blocks, f"{kernel}_unit", kernel, ("kernel", "beta", "r"))
    (figure,) = blocks_of("figures", config.figures, ["fig4"])
    require("figures.fig4.panels.2", len(figure.panels) > 2, "this")
    is_median = figure.panels[2].statistic == "median"
    require("figures.fig4.panels.2.statistic", is_median, "median")


def _check_maps_and_tables(config: Settings) -> None:
    blocks_of("figures", config.figures, ["fig1b"])
    crossover = config.scaling.crossover
    require("scaling.crossover.over_a.b", crossover.over_a.b == 1, 1)
    require("scaling.crossover.over_b.a", crossover.over_b.a == 0, 0)
    weight = config.fake_labels.over_weak_eigenvalue.weak_weight
    require("fake_labels.over_weak_eigenvalue.weak_weight", weight == 1, 1)

    drawn = config.generation_tables.decomposition
    panels = ["under_independent", "under_shared", "over_shared", "over_independent"]
    require("generation_tables.decomposition", drawn == panels, ", ".join(panels))
    growing = config.generation_tables.growing
    is_there = "growing_half" in growing
    require("generation_tables.growing", is_there, "growing_half among them")
    blocks = config.decompositions
    blocks_of("decompositions", blocks, ["slope_isotropic", *panels, "growing_half"])
    half = blocks["growing_half"]
    is_twice = half.generator_samples == 2 * half.spectrum.d
    require("decompositions.growing_half.generator_samples", is_twice, "twice spectrum.d")


def _check_remedies(config: Settings) -> None:
    remedies = config.remedies
    regimes = ("isotropic", "power_law")
    for name, regime in zip(
        regimes, blocks_of("remedies.regimes", remedies.regimes, regimes), strict=True
    ):
        require(f"remedies.regimes.{name}.spectrum.name", regime.spectrum.name == name, name)
    is_isotropic = remedies.map.spectrum.name == "isotropic"
    require("remedies.map.spectrum.name", is_isotropic, "isotropic")
    images = remedies.images
    require("remedies.images.real_share", images.real_share == 0.5, 0.5)
    section = "remedies.images.learners"
    learners = images.learners
    kernel, features = blocks_of(section, learners, ["kernel", "features"])
    require(f"{section}.kernel.kernel.name", kernel.kernel.name == "rbf", "rbf")
    require(f"{section}.features.kernel.name", features.kernel.name == "relu", "relu")
    require(f"{section}.features.pixels", features.pixels == "centred", "centred")
    require_same(section, learners, "features", "kernel", ["sizes"])


def _check_fixed_features(config: Settings) -> None:
    section = "random_features"
    blocks = config.random_features
    blocks_of(section, blocks, ["fig5", "fig5_continued"])
    for name in ("fig5", "fig5_continued"):
        require_both_slopes(section, name, blocks[name].generations)
        require(f"{section}.{name}.widths", len(blocks[name].widths) == 1, "a list of one")
    require_values(section, blocks, "fig5", start="fresh")
    require_values(section, blocks, "fig5_continued", start="continued")
    may_differ = ("start", "widths", "sizes", "replicates", "generations")
    require_same(section, blocks, "fig5_continued", "fig5", all_but(blocks, "fig5", may_differ))


def _check_networks(config: Settings) -> None:
    section = "networks"
    blocks = config.networks
    others = {  # keys that differ from fig6_fresh, besides the sizes of the run
        "fig6_continued": {"start": "continued"},
        "fig6_control": {"start": "continued", "generator_noise": 0},
        "fig6_mean_loss": {"loss": "mean"},
        "fig6_fresh_images": {"image_draw": "fresh"},
    }
    blocks_of(section, blocks, ["fig6_fresh", *others])
    for name in ("fig6_fresh", "fig6_continued"):
        require_both_slopes(section, name, blocks[name].generations)
    require_values(section, blocks, "fig6_fresh", start="fresh", image_draw="same", loss="sum")
    for name, values in others.items():
        require_values(section, blocks, name, **values)
        may_differ = (*values, "widths", "replicates", "generations")
        keys = all_but(blocks, "fig6_fresh", may_differ)
        require_same(section, blocks, name, "fig6_fresh", keys)


def require_values(section: str, blocks: Mapping, name: str, **values: Any) -> None:
    """Raise ValueError unless the keys of a block have these values."""
    for key, value in values.items():
        require(f"{section}.{name}.{key}", getattr(blocks[name], key) == value, value)


def require_both_slopes(section: str, name: str, generations: int) -> None:
    """Raise ValueError unless there are slopes before and after n = KNEE."""
    is_enough = generations >= KNEE + 2
    require(f"{section}.{name}.generations", is_enough, f"at least {KNEE + 2}")


def all_but(blocks: Mapping, name: str, keys: Iterable[str]) -> list[str]:
    """The keys of a block, but for some."""
    return [key for key in type(blocks[name]).model_fields if key not in keys]
