"""Any config that is accepted either builds or is refused by name before work starts."""

import copy
import math
import re
from functools import cache

import numpy as np
import pytest
import yaml
from configs import load, merge
from conftest import copy_project, snakemake
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from snakemake.exceptions import WorkflowError

from model_collapse.mixtures.groups import unfold
from scripts.chains.settings import gaussian_generators, risk_files, sizes_on_images
from scripts.config import Config, read_config
from scripts.describe_config import MODELS, SECTIONS
from scripts.explorer.settings import shown_in_explorer
from scripts.fake_labels.settings import PANELS
from scripts.kernels.lay_kernel_grid import points_of as kernel_points
from scripts.paper import prerequisites
from scripts.paper.article import article
from scripts.paper.prerequisites import checked_paper
from scripts.regression.points import points_of
from scripts.remedies.catalogue import REMEDIES
from scripts.scaling.settings import EXPONENT_TABLES
from scripts.schema.settings import MOST_SAMPLES, SETS, Settings, keys_of

QUIET = {  # the same examples every time, none made smaller, as that takes many minutes
    **{"phases": [Phase.generate], "derandomize": True, "deadline": None, "database": None},
    "suppress_health_check": list(HealthCheck),
}
MINE = "mine"  # name of the drawn block
LARGEST = 40  # of counts that cost time, but for these
CAPS = {"replicates": 3, "generations": 6, "epochs": 2, "per_decade": 3, "points": 5, "degree": 9}
MOST_POINTS = 200  # of a block that is built
NUMBERS = (1e-300, 1e300, -1e9, -1, 0, 1e-12, 1e-3, 0.25, 0.5, 1, 1.5, 2, 3.0, 10, 1e4, 1e9)
TITLES = ("", "a title", "100 % of $n$, λ_0 & b", "costs 5$", "$\\nothing$", "two\nlines")
TEXTS = {
    "GenerationTables": ("slope_ols", "growing_half", "nothing"),
    "Folders": ("here", "here/a", "there", "..", "/x", "a b"),
}
TEXTS = {key: texts for model, texts in TEXTS.items() for key in MODELS[model]["properties"]}
NAMED = ("experiments", "kernel_experiments", "random_features", "networks", "decompositions")
SINGLE = (
    *("scaling", "fake_labels", "remedies", "generation_tables"),
    *("exponent_windows", "backend", "pathvars"),
)
EXAMPLES = {section: 20 for section in SINGLE} | {"exponent_windows": 100}  # few windows are valid


@cache
def small() -> dict:
    """The miniature's config, already shrunk to what is drawn from: plain blocks."""
    config = keys_of(read_config(load("config", "claims", "miniature")), Config)
    return config | {"at_most": None}


def properties_of(part: dict) -> dict:
    return MODELS[part["$ref"].split("/")[-1]]["properties"]


def in_order(items: list) -> list:
    """Numbers as they rise, as intervals do; all else by its text."""
    return sorted(items) if all(type(x) in (int, float) for x in items) else sorted(items, key=str)


def values(part: dict, key: str) -> st.SearchStrategy:
    """Values of a key that keep the bounds of its part of the schema, small ones and odd ones."""
    if "$ref" in part:
        return st.fixed_dictionaries(
            {k: values(below, k) for k, below in properties_of(part).items()}
        )
    if choices := part.get("anyOf", part.get("oneOf")):
        return st.one_of(*(values(choice, key) for choice in choices))
    if "enum" in part or "const" in part:
        return st.sampled_from(part.get("enum") or [part["const"]])
    low, high = part.get("minimum", -math.inf), part.get("maximum", math.inf)
    match part["type"]:
        case "array":
            most = part.get("maxItems", 4)
            items = st.lists(values(part["items"], key), min_size=part["minItems"], max_size=most)
            return items | items.map(in_order)
        case "integer":
            low = max(low, 0)
            top = min(high, max(low, CAPS.get(key, LARGEST)))
            whole = st.integers(low, top)
            return whole | whole.map(float) | st.sampled_from([low, top, min(high, MOST_SAMPLES)])
        case "number":
            above = part.get("exclusiveMinimum", -math.inf)
            numbers = (x for x in (*NUMBERS, low, high) if abs(x) < math.inf)
            allowed = [x for x in numbers if low <= x <= high and above < x]
            ordinary = [x for x in allowed if x == 0 or 1e-3 <= abs(x) <= 10] or allowed
            return st.one_of(*[st.sampled_from(ordinary)] * 4, st.sampled_from(allowed))
        case "string":
            return st.sampled_from(TEXTS.get(key, (*TITLES, MINE, "fig5")))
        case "object":
            names = st.sampled_from(["one", "two"])
            return st.dictionaries(names, values(part["additionalProperties"], key), min_size=1)
        case kind:
            return {"boolean": st.booleans(), "null": st.none()}[kind]


@st.composite
def redrawn(draw, part: dict, block: dict) -> dict:
    """A valid block with one to four of its keys drawn anew, at any depth."""
    block = copy.deepcopy(block)
    for _ in range(draw(st.integers(1, 4))):
        keys = properties_of(part)
        here = block
        key = draw(st.sampled_from(sorted(keys)))
        while isinstance(here.get(key), dict) and "$ref" in keys[key] and draw(st.booleans()):
            keys, here = properties_of(keys[key]), here[key]
            key = draw(st.sampled_from(sorted(keys)))
        here[key] = draw(values(keys[key], key))
    return block


@st.composite
def overlays(draw, section: str) -> dict:
    """A config with one block of a section drawn anew, under the name MINE if blocks are named."""
    part = SECTIONS[section]
    there = small()[section]
    if section in NAMED:
        name = draw(st.sampled_from(sorted(there)))
        return {section: {MINE: draw(redrawn(part["additionalProperties"], there[name]))}}
    return {section: draw(redrawn(part, there) if "$ref" in part else values(part, section))}


@st.composite
def figures(draw) -> dict:
    """A drawn figure that shows a drawn experiment: both are named MINE."""
    section = draw(st.sampled_from(NAMED[:2]))
    overlay = draw(overlays(section))
    figure = copy.deepcopy(small()["figures"][draw(st.sampled_from(["fig1a", "fig1b", "fig4"]))])
    part = MODELS["Figure"]["properties"]["panels"]["items"]
    panels = [draw(redrawn(part, panel)) for panel in figure["panels"]]
    block = overlay[section][MINE]
    for panel in panels:
        if not draw(st.integers(0, 5)):
            continue
        panel |= {"experiment": MINE, "sweep": "samples", "ceiling": False}
        for key in ("ridge_rules", "generations"):
            panel[key] = [x for x in panel[key] or [] if x in block[key]] or None
        if panel["relative_to"] not in block["ridge_rules"]:
            panel["relative_to"] = None
    return overlay | {"figures": {MINE: {"panels": panels}}}


DRAWN = {section: overlays(section) for section in (*NAMED, *SINGLE)} | {"figures": figures()}


def accepted(overlay: dict) -> Config | None:
    """The checked config; None if it is refused, in one sentence that names what is wrong."""
    try:
        return read_config(merge(copy.deepcopy(small()), overlay))
    except WorkflowError as error:
        assert_names(str(error), overlay)
        return None


def assert_names(sentence: str, overlay: dict) -> None:
    """One sentence that names the section or the block."""
    assert sentence.startswith("config: ") and "\n" not in sentence, sentence
    assert any(name in sentence for name in (MINE, *overlay)), sentence


@pytest.mark.parametrize("section", DRAWN)
def test_a_config_is_refused_by_name_or_can_be_laid_out(section, monkeypatch):
    monkeypatch.setattr(prerequisites, "has_tex", lambda: True)
    found = []

    @settings(max_examples=EXAMPLES.get(section, 30), **QUIET)
    @given(DRAWN[section])
    def one_sentence_or_a_plan(overlay):
        config = accepted(overlay)
        found.append(config is not None)
        if config is not None:
            lay_out(config, overlay)

    one_sentence_or_a_plan()
    assert any(found)


def lay_out(config: Config, overlay: dict) -> None:
    """Everything that is made of the config before a job runs, and the grids of the jobs."""
    assert shown_in_explorer(config)["panels"].keys() == config.figures.keys()
    try:
        checked_paper(config, article())
    except WorkflowError as error:
        assert_names(str(error), overlay)
    for section in filter(overlay.get, NAMED):
        block = getattr(config, section)[MINE]
        for base in type(block).__mro__:  # what jobs are given
            if issubclass(base, Settings) and base is not Settings:
                assert base(**keys_of(block, base)) is not None
        lay_block(config, section, block)
    if "figures" in overlay:
        assert gaussian_generators(config, MINE) or sizes_on_images(config, MINE)
    for table in EXPONENT_TABLES if "scaling" in overlay else ():
        assert config.scaling.fits(table) and config.scaling.simulated(table)
        assert all(config.scaling.cells(table, simulated=simulated) for simulated in (0, 1))
    for panel in PANELS if "fake_labels" in overlay else ():
        for T, value in config.fake_labels.cells(panel, simulated=True):
            assert T >= 1 and config.fake_labels.spectrum(panel, value)
    for name in config.remedies.regimes if "remedies" in overlay else ():
        block = config.remedies
        budget = config.remedies.budget(name)
        for n in {*block.line, *block.simulated}:
            for remedy in REMEDIES.values():
                unfold(block.regimes[name].spectrum.build(), remedy.protocol(budget, n, 1e-10), n)


def lay_block(config: Config, section: str, block) -> None:
    """The points, files, fits and recipes of the block MINE."""
    ridges = []
    match section:
        case "experiments":
            assert risk_files(config, MINE)
            if size_of(block) <= 20 * MOST_POINTS:
                for sizes in (block.sizes(), block.curve(config.theory_refinement)):
                    ridges.append(points_of(MINE, block, sizes)["ridge"])
        case "kernel_experiments":
            assert risk_files(config, MINE)
            for images in SETS:
                assert block.generators(images, max(block.generations)) or block.generations == [0]
                ridges.append(kernel_points(MINE, block, images)["ridge"])
        case "decompositions":
            assert len(block.chain().fits) == block.generations
            assert block.downstream and block.problem.dimension
        case _:
            assert block.draws >= 1 and block.recipe("digits").steps(2) >= 1
    for found in ridges:
        assert len(found) and (np.isfinite(found) & (found >= 0)).all()


def size_of(block) -> int:
    """How many points an experiment has at most."""
    swept = sum(len(getattr(grid, "values", lambda: [0])()) for grid in (block.ridge, block.ell))
    return (swept + 5) * len(block.curve(1)) * len(block.generations)


RISKS = ("training/{}.csv", "theory/{}.csv")
TARGETS = {  # what is built of a block, below the folder of results, and of how many blocks
    **{"experiments": (RISKS, 4), "kernel_experiments": (RISKS, 2), "random_features": (RISKS, 1)},
    **{"networks": (RISKS[:1], 1), "decompositions": (("training/{}.terms.npz",), 3)},
    "figures": (("figures/{}.pdf",), 3),
}


def some_of(section: str, count: int) -> list[dict]:
    """Overlays of one section that are accepted and small."""
    found = []

    @settings(max_examples=50 * count, **QUIET)
    @given(DRAWN[section].map(tamed))
    def collect(overlay):
        config = accepted(overlay)
        if config is None:
            return
        panels = config.figures[MINE].panels if "figures" in overlay else []
        is_small = "experiments" not in overlay or size_of(config.experiments[MINE]) <= MOST_POINTS
        if is_small and all(panel.experiment == MINE for panel in panels):
            found.append(overlay)

    collect()
    assert len(found) >= count, f"too few {section} are accepted: {len(found)}"
    return found[:: len(found) // count][-count:]  # the first ones are the simplest


def tamed(overlay: dict) -> dict:
    """Without what only the data can refuse, in a job and by name: a learning rate at which the
    networks diverge, and as many hidden units as images.
    """
    for section in ("random_features", "networks"):
        for block in overlay.get(section, {}).values():
            block["learning_rate"] = min(block["learning_rate"], 1e-3)
            block["factor_on_digits"] = 1
            block["generator_noise"] = min(block["generator_noise"], 10)
            if section == "random_features":
                block["widths"] = [200]
    return overlay


@pytest.mark.slow
def test_configs_that_are_accepted_build(tmp_path):
    """By Snakemake, on the digits: every job of every block ends well."""
    merged = {}
    targets = []
    for section, (files, count) in TARGETS.items():
        for i, overlay in enumerate(some_of(section, count)):
            name = f"{section}_{i}"
            for where, named in overlay.items():
                block = named[MINE]
                for panel in block.get("panels", []):
                    panel["experiment"] = name
                merged.setdefault(where, {})[name] = block
            targets += [f"miniature/results/{file.format(name)}" for file in files]
    folder = copy_project(tmp_path / "project")
    text = yaml.safe_dump(merge(copy.deepcopy(small()), merged), allow_unicode=True)
    (folder / "config" / "properties.yaml").write_text(text, encoding="utf-8")
    configs = ("--configfile", "config/properties.yaml")
    run = snakemake(folder, "--keep-going", *targets, *configs)
    if run.returncode:
        failed = sorted(set(re.findall(r"log: (\S+) \(check log", run.stdout)))
        logs = [f"{path}\n{(folder / path).read_text()}" for path in failed]
        pytest.fail("\n\n".join(logs) or run.stdout[-4000:], pytrace=False)
    assert all((folder / target).is_file() for target in targets)
