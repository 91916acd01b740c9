"""Any config that is accepted either builds or is refused by name before work starts."""

import copy
import math
import re
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as bounds
import pytest
import yaml
from configs import load, merge
from conftest import copy_project, snakemake
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from snakemake.exceptions import WorkflowError

from scripts.config import Config, Folders, read_config
from scripts.core.settings import MOST_SAMPLES, Settings, cut
from scripts.decomposition.settings import GenerationTables
from scripts.fake_labels.settings import PANELS
from scripts.kernels.lay_kernel_grid import points_of as kernel_points
from scripts.plan import Plan
from scripts.regression.lay_grid import points_of
from scripts.scaling.settings import TABLES

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
    **dict.fromkeys(GenerationTables.model_fields, ("slope_ols", "growing_half", "nothing")),
    **dict.fromkeys(Folders.model_fields, ("here", "here/a", "there", "..", "/x", "a b")),
}
NAMED = ("experiments", "kernel_experiments", "random_features", "networks", "decompositions")
SINGLE = ("scaling", "fake_labels", "generation_tables", "exponent_windows", "backend", "pathvars")


@cache
def small() -> dict:
    """The miniature's config, already shrunk to what is drawn from: plain blocks."""
    config = cut(read_config(load("config", "claims", "miniature")), Config)
    return {key: value for key, value in config.items() if key != "at_most"}


def values(kind: Any, extra: tuple = (), key: str = "") -> st.SearchStrategy:
    """Values of a type that keep its bounds, small ones and odd ones; ``key`` is its field."""
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        return values(kind, (*extra, *more), key)
    if get_origin(kind) in (Union, UnionType):
        return st.one_of(*(values(k, (), key) for k in get_args(kind)))
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if get_origin(kind) is list:
        least, most = limit(extra, bounds.MinLen, 0), limit(extra, bounds.MaxLen, 4)
        items = st.lists(values(get_args(kind)[0], (), key), min_size=least, max_size=most)
        return items | items.map(lambda found: sorted(found, key=str))
    if isinstance(kind, type) and issubclass(kind, Settings):
        return st.fixed_dictionaries(
            {
                field.alias or name: values(field.annotation, tuple(field.metadata), name)
                for name, field in kind.model_fields.items()
            }
        )
    low, high = limit(extra, bounds.Ge, -math.inf), limit(extra, bounds.Le, math.inf)
    if kind is int:
        low = max(low, 0)
        top = min(high, max(low, CAPS.get(key, LARGEST)))
        whole = st.integers(low, top)
        return whole | whole.map(float) | st.sampled_from([low, top, min(high, MOST_SAMPLES)])
    if kind is float:
        above = limit(extra, bounds.Gt, -math.inf)
        allowed = [x for x in (*NUMBERS, low, high) if low <= x <= high and above < x < math.inf]
        ordinary = [x for x in allowed if x == 0 or 1e-3 <= abs(x) <= 10] or allowed
        return st.one_of(*[st.sampled_from(ordinary)] * 4, st.sampled_from(allowed))
    return {
        bool: st.booleans(),
        type(None): st.none(),
        str: st.sampled_from(TEXTS.get(key, (*TITLES, MINE, "fig5"))),
    }[kind]


def limit(extra: tuple, kind: type, otherwise: float) -> float:
    """A bound among the metadata of a type."""
    parts = [part for piece in extra for part in getattr(piece, "metadata", [piece])]
    word = {"MinLen": "min_length", "MaxLen": "max_length"}.get(
        kind.__name__, kind.__name__.lower()
    )
    return next((getattr(part, word) for part in parts if isinstance(part, kind)), otherwise)


@st.composite
def redrawn(draw, model: type[Settings], block: dict) -> dict:
    """A valid block with one to four of its fields drawn anew, at any depth."""
    block = copy.deepcopy(block)
    for _ in range(draw(st.integers(1, 4))):
        kind, here = model, block
        while True:
            name = draw(st.sampled_from(sorted(kind.model_fields)))
            field = kind.model_fields[name]
            key, below = field.alias or name, field.annotation
            if isinstance(here.get(key), dict) and is_model(below) and draw(st.booleans()):
                kind, here = below, here[key]
                continue
            here[key] = draw(values(below, tuple(field.metadata), name))
            break
    return block


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Settings)


def model_of(section: str) -> Any:
    """What one block of a section is."""
    kind = Config.model_fields[section].annotation
    return get_args(kind)[1] if get_origin(kind) is dict else kind


@st.composite
def overlays(draw, section: str) -> dict:
    """A config with one block of a section drawn anew, under the name MINE if blocks are named."""
    model, there = model_of(section), small().get(section)
    if section in NAMED:
        name = draw(st.sampled_from(sorted(there)))
        return {section: {MINE: draw(redrawn(model, there[name]))}}
    if is_model(model) and there is not None:
        return {section: draw(redrawn(model, there))}
    field = Config.model_fields[section]
    return {section: draw(values(field.annotation, tuple(field.metadata), section))}


@st.composite
def figures(draw) -> dict:
    """A drawn figure that shows a drawn experiment: both are named MINE."""
    section = draw(st.sampled_from(NAMED[:2]))
    overlay = draw(overlays(section))
    figure = copy.deepcopy(small()["figures"][draw(st.sampled_from(["fig1a", "fig1b", "fig4"]))])
    panel_model = get_args(model_of("figures").model_fields["panels"].annotation)[0]
    panels = [draw(redrawn(panel_model, panel)) for panel in figure["panels"]]
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


DRAWN = {
    **{section: (overlays(section), 60) for section in NAMED},
    **{section: (overlays(section), 30) for section in SINGLE},
    "figures": (figures(), 60),
}


def accepted(overlay: dict) -> Config | None:
    """The checked config; None if it is refused, in one sentence that names what is wrong."""
    try:
        return read_config(merge(copy.deepcopy(small()), overlay))
    except WorkflowError as error:
        assert_names(str(error), overlay)
        return None


def assert_names(sentence: str, overlay: dict) -> None:
    """One sentence that names the section or the block."""
    assert sentence.startswith("config: "), sentence
    assert "\n" not in sentence, sentence
    assert any(name in sentence for name in (MINE, *overlay)), sentence


@pytest.fixture(scope="module", autouse=True)
def _as_with_tex():
    """The paper is asked for, whether or not TeX is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Plan, "has_tex", True)
        yield


@pytest.mark.parametrize("section", DRAWN)
def test_a_config_is_refused_by_name_or_can_be_laid_out(section):
    strategy, examples = DRAWN[section]
    found = []

    @settings(max_examples=examples, **QUIET)
    @given(strategy)
    def one_sentence_or_a_plan(overlay):
        config = accepted(overlay)
        found.append(config is not None)
        if config is not None:
            lay_out(config, overlay)

    one_sentence_or_a_plan()
    assert any(found)


def lay_out(config: Config, overlay: dict) -> None:
    """Everything that is made of the config before a job runs, and the grids of the jobs."""
    plan = Plan(config)
    assert plan.figure_files()
    try:
        plan.paper()
    except WorkflowError as error:
        assert_names(str(error), overlay)
    for section in NAMED:
        if MINE in overlay.get(section, {}):
            block = getattr(config, section)[MINE]
            for base in type(block).__mro__:  # what jobs are given
                if issubclass(base, Settings) and base is not Settings:
                    assert base(**cut(block, base)) is not None
            LAID[section](plan, block)
    if "figures" in overlay:
        assert plan.shown(MINE)
    if "scaling" in overlay:
        for table in TABLES:
            assert config.scaling.fits(table) and config.scaling.simulated(table)
            assert all(config.scaling.cells(table, simulated=simulated) for simulated in (0, 1))
    if "fake_labels" in overlay:
        for panel in PANELS:
            for T, value in config.fake_labels.cells(panel, simulated=True):
                assert T >= 1
                config.fake_labels.spectrum(panel, value)


def lay_experiment(plan: Plan, block) -> None:
    """The points of an experiment and the files of its replicates."""
    assert plan.risk_files(MINE)
    if size_of(block) <= 20 * MOST_POINTS:
        for sizes in (block.sizes(), block.curve(plan.config.theory_refinement)):
            ridges = points_of(MINE, block, sizes)["ridge"]
            assert len(ridges) and ridges.map(math.isfinite).all() and (ridges >= 0).all()


def size_of(block) -> int:
    """How many points an experiment has at most."""
    swept = sum(len(getattr(grid, "values", lambda: [0])()) for grid in (block.ridge, block.ell))
    return (swept + 5) * len(block.curve(1)) * len(block.generations)


def lay_kernel_experiment(plan: Plan, block) -> None:
    """The points of a kernel experiment on either set of images."""
    assert plan.risk_files(MINE)
    for images in ("mnist", "digits"):
        ridges = kernel_points(MINE, block, images)["ridge"]
        assert len(ridges) and ridges.map(math.isfinite).all()
        block.generators(images, max(block.generations))


def lay_network(plan: Plan, block) -> None:
    """The recipe and draws of networks."""
    assert block.draws >= 1
    assert block.recipe("digits").steps(2) >= 1


def lay_decomposition(plan: Plan, block) -> None:
    """The fits of a chain."""
    assert len(block.chain().fits) == block.generations
    assert block.downstream and block.problem.dimension


LAID = dict(
    zip(
        NAMED,
        (lay_experiment, lay_kernel_experiment, lay_network, lay_network, lay_decomposition),
        strict=True,
    )
)
TARGETS = {  # what is built of a block, below the folder of results, and of how many blocks
    "experiments": (("training/{}.csv", "theory/{}.csv"), 5),
    "kernel_experiments": (("training/{}.csv", "theory/{}.csv"), 3),
    "random_features": (("training/{}.csv", "theory/{}.csv"), 2),
    "networks": (("training/{}.csv",), 2),
    "decompositions": (("training/{}.terms.npz",), 6),
    "figures": (("figures/{}.pdf",), 3),
}


def some_of(section: str, count: int) -> list[dict]:
    """Overlays of one section that are accepted and small."""
    found = []

    @settings(max_examples=50 * count, **QUIET)
    @given(DRAWN[section][0].map(tamed))
    def collect(overlay):
        config = accepted(overlay)
        if config is None:
            return
        panels = overlay.get("figures", {}).get(MINE, {"panels": []})["panels"]
        blocks = [config.experiments[name] for name in overlay.get("experiments", {})]
        if all(p["experiment"] == MINE for p in panels) and all(
            size_of(block) <= MOST_POINTS for block in blocks
        ):
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
    merged, targets = {}, []
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
    run = snakemake(folder, "--keep-going", *targets, *configs, miniature=False)
    if run.returncode:
        failed = sorted(set(re.findall(r"log: (\S+) \(check log", run.stdout)))
        logs = [f"{path}\n{(folder / path).read_text()}" for path in failed]
        pytest.fail("\n\n".join(logs) or run.stdout[-4000:], pytrace=False)
    assert all((folder / target).is_file() for target in targets)
