"""Any config that the schema accepts either builds or is refused by name before work starts."""

import copy
import json
import math
import re
import string
from functools import cache
from types import SimpleNamespace

import pytest
import yaml
from conftest import ROOT, copy_project, snakemake
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from snakemake.exceptions import WorkflowError
from test_config import CONFIG, _merge

from scripts.config import NETWORK_SECTIONS, check_config
from scripts.core.grids import values_of
from scripts.decomposition.old import Decomposition
from scripts.fake_labels.old import Comparison
from scripts.kernels.old import KernelExperiment
from scripts.networks.old import NetworkExperiment
from scripts.plan import FAKE_PANELS, GENERATION_TABLES, SCALING_TABLES, Dag
from scripts.regression.old import Experiment
from scripts.regression.points import SPECTRUM_KEYS, points_of
from scripts.scaling.cells import block_of, cells_of, simulation_sizes, window_sizes

SCHEMA = yaml.safe_load(
    (ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
)
QUIET = {
    **{"phases": [Phase.generate], "derandomize": True, "deadline": None, "database": None},
    "suppress_health_check": list(HealthCheck),
}
"""Settings: the same examples every time, none made smaller, as that takes many minutes."""

MINE = "mine"
"""Name of the generated block."""

# What a small scale is, by the key: everything else is at most LARGEST.
LARGEST = 40
CAPS = {"replicates": 3, "generations": 6, "epochs": 2, "per_decade": 3, "points": 5, "degree": 9}
FREE = 10**12
"""A maximum from which on the size costs nothing, so that it is tried as well."""
LONGEST = 3
"""Items of a list, beyond those that it must have."""
MOST_POINTS = 200
"""Points of a block that is built."""
NUMBERS = (1e-300, 1e300, 0, 1e-12, 1e-3, 0.25, 0.5, 1, 1.5, 2, 3.0, 10, 1e4, 1e9)
SIGNED = (-1e9, -1, -0.5, *NUMBERS)
STEPS = (1e-12, 0.5, 1, 10, 1e9)
"""Steps of a grid: none that makes thousands of values."""
TITLES = ("", "a title", "100 % of $n$, λ_0 & b", "costs 5$", "$\\nothing$", "two\nlines")
KEYWORDS = {
    *("description", "default", "type", "enum", "minimum", "maximum", "exclusiveMinimum"),
    *("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "pattern", "$ref", "$defs"),
    *("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    *("if", "then", "else"),
}
"""What the walker below knows of JSON schema."""


def resolved(schema: dict) -> dict:
    """The schema with its $ref taken in; its own keywords count over those referred to."""
    if "$ref" not in schema:
        return schema
    there = resolved(SCHEMA["$defs"][schema["$ref"].split("/")[-1]])
    own = {key: value for key, value in schema.items() if key != "$ref"}
    merged = there | own
    if "properties" in there and "properties" in own:
        merged["properties"] = {
            key: resolved(there["properties"].get(key, {})) | own["properties"].get(key, {})
            for key in there["properties"] | own["properties"]
        }
    return merged


def values_like(schema: dict, key: str = "") -> st.SearchStrategy:
    """Values that a schema accepts, small ones; ``key``: the name they are filed under."""
    schema = resolved(schema)
    assert schema.keys() <= KEYWORDS, f"teach the walker {schema.keys() - KEYWORDS}"
    if "if" in schema:
        assert schema["if"].keys() == {"type"}
        chosen = schema["if"] | schema["then"]
        return st.one_of(values_like(chosen, key), values_like(schema["else"], key))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of([KINDS[kind](schema, key) for kind in kinds])


def _integers(schema: dict, key: str) -> st.SearchStrategy:
    """Small ones, now and then written as floats, and where it costs nothing the largest."""
    low, high = schema.get("minimum", 0), schema.get("maximum", math.inf)
    top = min(high, max(low, CAPS.get(key, LARGEST)))
    small = st.integers(low, top) | st.integers(low, top).map(float)
    edges = [low, top, *((high, 10**6) if FREE <= high < math.inf else ())]
    return st.integers(low, top) | st.sampled_from(edges) | small


def _numbers(schema: dict, key: str) -> st.SearchStrategy:
    """Edges, ordinary and odd ones; ordinary ones mostly."""
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above = schema.get("exclusiveMinimum", -math.inf)
    values = STEPS if key == "step" else SIGNED
    edges = [x for x in (low, high, above * (1 + 1e-9), above + 0.5) if math.isfinite(x)]
    allowed = [x for x in (*values, *edges) if low <= x <= high and x > above]
    ordinary = [x for x in allowed if x == 0 or 1e-3 <= abs(x) <= 10] or allowed
    return st.one_of(*[st.sampled_from(ordinary)] * 5, st.sampled_from(allowed))


def _texts(schema: dict, key: str) -> st.SearchStrategy:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], alphabet=string.printable)
    return st.sampled_from(TEXTS.get(key, TITLES))


TEXTS = {
    "title": TITLES,
    "experiment": (MINE, "fig1b_samples", "fig4_rbf", "nothing"),
    "experiments": (MINE, "fig5", "fig6_fresh", "nothing"),
    "ridge_rules": resolved(SCHEMA["$defs"]["experiment"])["properties"]["ridge_rules"]["items"][
        "enum"
    ],
    **{key: ("slope_ols", "growing_half", "nothing") for key in (*GENERATION_TABLES,)},
}
TEXTS["relative_to"] = TEXTS["ridge_rules"]
TEXTS["decomposition"] = TEXTS["slopes"]


def _lists(schema: dict, key: str) -> st.SearchStrategy:
    if "prefixItems" in schema:
        return st.tuples(*(values_like(item, key) for item in schema["prefixItems"])).map(list)
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", math.inf), max(least + 1, LONGEST))
    items = st.lists(values_like(schema["items"], key), min_size=least, max_size=most)
    if schema.get("uniqueItems"):
        items = items.map(lambda found: list(dict.fromkeys(found)))
        items = items.filter(lambda found: len(found) >= least)
    # Windows and ranges are lists of numbers that mostly rise.
    return items | items.map(sorted) if schema["items"].get("type") == "number" else items


@st.composite
def _objects(draw, schema: dict, key: str) -> dict:
    """Required keys and some of the others; mostly those that go with what was drawn so far."""
    properties, required = schema["properties"], schema.get("required", [])
    sensible = draw(st.integers(0, 5)) > 0
    mend = mended if sensible else lambda block: block
    block = mend({name: draw(values_like(properties[name], name)) for name in required})
    for name in [name for name in properties if name not in block]:
        wanted = fits(name, block, key) if sensible else None
        if draw(st.booleans()) if wanted is None else wanted:
            block[name] = draw(values_like(properties[name], name))
    return mend(block)


def fits(name: str, block: dict, key: str) -> bool | None:
    """Whether an optional key goes with the others of a block; None if it may."""
    if key == "spectrum":
        needed, allowed = SPECTRUM_KEYS[block["name"]]
        return True if name in needed else None if name in allowed else False
    rules = block.get("ridge_rules", [])
    if name in ("ridge", "ell") and rules:
        return {"ridge": "fixed", "ell": "ell"}[name] in rules
    if name in ("per_decade", "step") and "from" in block:
        return name == ("step" if key in ("ell", "weak_weight") else "per_decade")
    if name == "theory_samples_to" and not isinstance(block["samples"], dict):
        return False
    return None


def mended(block: dict) -> dict:
    """A block with less of what is surely refused, so that more blocks go further."""
    if {"from", "to"} <= block.keys() and block["from"] > block["to"]:
        block["from"], block["to"] = block["to"], block["from"]
    if block.get("spectrum", {}).get("name") == "two_level":
        block["spectrum"]["d"] += block["spectrum"]["d"] % 2
    if "ridge_rules" in block and block.get("spectrum", {"name": "power_law"})["name"] in (
        *("isotropic", "two_level"),
    ):
        rules = [rule for rule in block["ridge_rules"] if rule in ("fixed", "ell", "best")]
        block["ridge_rules"] = rules or ["best"]
    if "over_weak_weight" in block:
        block["d"] += block["d"] % 2
    if block.get("shared_design"):
        block["generator_ridge"] = 0
    for window in block.get("windows", []):
        window[:] = [min(window), 2 * max(window)]
    if {"a", "b", "ell", "simulated"} <= block.keys():
        block["ell"] = block["ell"] | {"from": 0, "to": abs(block["ell"]["to"])}
        block["simulated"] = [[abs(x) + 0.1, abs(ell)] for x, ell in block["simulated"]]
        if isinstance(block["b"], dict):
            block["b"]["from"] = 0.5
            block["b"]["to"] = abs(block["b"]["to"]) + 0.5
    if "batch_size" in block:
        least = min(sizes["samples"] for sizes in block["sizes"].values())
        block["batch_size"] = min(block["batch_size"], least)
        block["replicates"] = max(block["replicates"], 2)
    return block


KINDS = {
    "integer": _integers,
    "number": _numbers,
    "string": _texts,
    "array": _lists,
    "object": _objects,
    "boolean": lambda schema, key: st.booleans(),
    "null": lambda schema, key: st.none(),
}


@st.composite
def figures(draw) -> dict:
    """A figure with the experiment that it shows: both are named MINE."""
    section = draw(st.sampled_from(["experiments", "experiments", "kernel_experiments"]))
    block = draw(values_like(named(section)))
    figure = draw(values_like(named("figures")))
    for panel in figure["panels"]:
        if draw(st.integers(0, 5)) == 0:
            continue
        panel["experiment"] = MINE
        for key, where in (("ridge_rules", "ridge_rules"), ("generations", "generations")):
            if key in panel:
                panel[key] = [x for x in panel[key] if x in block[where]] or block[where][:1]
        if panel.get("relative_to") not in block["ridge_rules"]:
            panel.pop("relative_to", None)
        single = {"fixed": "ridge", "ell": "ell"}.get(block["ridge_rules"][0], "samples")
        panel["sweep"] = (
            "samples" if section[0] == "k" else draw(st.sampled_from(["samples", single]))
        )
    return {section: {MINE: block}, "figures": {MINE: figure}}


def named(section: str) -> dict:
    """The schema of a named block of a section."""
    (schema,) = SCHEMA["properties"][section]["patternProperties"].values()
    return schema


def blocks_of(section: str) -> st.SearchStrategy:
    """Overlays of one section, with one named block if its blocks have names."""
    schema = SCHEMA["properties"][section]
    if "patternProperties" in schema:
        return values_like(named(section)).map(lambda block: {section: {MINE: block}})
    return values_like(schema, section).map(lambda block: {section: block})


GENERATED = {
    "experiments": (blocks_of("experiments"), 60),
    "kernel_experiments": (blocks_of("kernel_experiments"), 30),
    "random_features": (blocks_of("random_features"), 25),
    "networks": (blocks_of("networks"), 25),
    "decompositions": (blocks_of("decompositions"), 40),
    "figures": (figures(), 50),
    "network_figures": (blocks_of("network_figures"), 10),
    "scaling": (blocks_of("scaling"), 30),
    "fake_labels": (blocks_of("fake_labels"), 30),
    **{
        section: (blocks_of(section), 8)
        for section in (
            *("exponent_windows", "generation_tables", "backend", "pathvars"),
            *("seed", "replicates_per_job", "theory_refinement"),
        )
    },
}


@cache
def _small() -> dict:
    config = copy.deepcopy(CONFIG)
    _merge(config, yaml.safe_load((ROOT / "config" / "miniature.yaml").read_text(encoding="utf-8")))
    return config


def with_overlay(overlay: dict) -> dict:
    """The miniature's config with an overlay, unchecked."""
    config = copy.deepcopy(_small())
    _merge(config, copy.deepcopy(overlay))
    return config


def accepted(overlay: dict) -> dict | None:
    """The checked config; None if it is refused, in one sentence that names what is wrong."""
    config = with_overlay(overlay)
    try:
        check_config(config)
    except WorkflowError as error:
        assert_names(str(error), overlay)
        return None
    return config


def assert_names(sentence: str, overlay: dict) -> None:
    """One sentence that names the section or the block."""
    assert sentence.startswith("config: "), sentence
    assert "\n" not in sentence, sentence
    assert any(name in sentence for name in (MINE, *overlay)), sentence


@pytest.fixture(scope="module", autouse=True)
def _as_with_tex(tmp_path_factory):
    """The paper is asked for, whether or not TeX is there; the schema as JSON, read faster."""
    path = tmp_path_factory.mktemp("schema") / "config.schema.json"
    path.write_text(json.dumps(SCHEMA), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scripts.config.SCHEMA", path)
        patch.setattr("scripts.plan.has_tex", lambda: True)
        yield


@pytest.mark.parametrize("section", GENERATED)
def test_a_config_is_refused_by_name_or_can_be_laid_out(section):
    strategy, examples = GENERATED[section]

    @settings(max_examples=examples, **QUIET)
    @given(strategy)
    def one_sentence_or_a_dag(overlay):
        config = accepted(overlay)
        event("accepted" if config else "refused")
        if config is not None:
            lay_out(config, overlay)

    one_sentence_or_a_dag()


def lay_out(config: dict, overlay: dict) -> None:
    """Everything that is made of the config before a job runs, and the grids of the jobs."""
    dag = Dag(config)
    dag.measured_jobs()
    dag.figure_files()
    _ = dag.costly_rules, dag.stability_block, dag.torch_version
    try:
        dag.paper()
    except WorkflowError as error:
        assert_names(str(error), overlay)
    for table in SCALING_TABLES:
        dag.scaling_block(table)
    for section in ("experiments", "kernel_experiments", *NETWORK_SECTIONS, "decompositions"):
        if MINE in overlay.get(section, {}):
            GRIDS[section](dag, config[section][MINE])
    if "figures" in overlay:
        shown = SimpleNamespace(figure=MINE)
        assert dag.of_panels(shown, "{}")
        dag.figure_images(shown)
        dag.figure_block(MINE)
    if "scaling" in overlay:
        for which in ("over_a", "over_b"):
            panel = config["scaling"]["crossover"][which]
            cells = len(values_of(panel[which[-1]])) * len(values_of(panel["ell"]))
            assume(cells <= 20 * MOST_POINTS)
        for table in SCALING_TABLES:
            lay_laws(config["scaling"], table)
    if "fake_labels" in overlay:
        comparison = Comparison(config["fake_labels"])
        for panel in FAKE_PANELS:
            axis = values_of(config["fake_labels"][panel][comparison.axis(panel)])
            sizes = values_of(config["fake_labels"]["samples"])
            assume(len(axis) * len(sizes) <= 20 * MOST_POINTS)
            for simulated in (False, True):
                for T, value in comparison.cells(panel, simulated=simulated):
                    assert T >= 1
                    comparison.spectrum(panel, value)


def lay_experiment(dag: Dag, block: dict) -> None:
    """The grids of an experiment and the files of its replicates."""
    experiment = Experiment(MINE, block)
    assert dag.risk_files(SimpleNamespace(experiment=MINE))
    assume(size_of(experiment) <= 20 * MOST_POINTS)
    simulated = points_of(experiment)
    predicted = points_of(experiment, refine=dag.config["theory_refinement"], extend=True)
    for points in (simulated, predicted):
        assert len(points)
        assert points["ridge"].map(math.isfinite).all()
        assert (points["ridge"] >= 0).all()


def size_of(experiment: Experiment) -> int:
    """How many points an experiment has at most."""
    grids = (experiment.block.get(key, 0) for key in ("ridge", "ell"))
    ridges = sum(len(values_of(grid)) for grid in grids) + 5
    return ridges * len(experiment.sizes(extend=True)) * len(experiment.generations)


def lay_kernel_experiment(dag: Dag, block: dict) -> None:
    """The grid of a kernel experiment for either set of images, and what its jobs depend on."""
    assert dag.risk_files(SimpleNamespace(experiment=MINE))
    dag.kernel_generator_block(MINE)
    for images in ("mnist", "digits"):
        points = KernelExperiment(MINE, block).points(images)
        assert len(points)
        assert points["ridge"].map(math.isfinite).all()
        KernelExperiment(MINE, block).generators(images)


def lay_network(dag: Dag, block: dict) -> None:
    """The points and jobs of networks."""
    assert len(NetworkExperiment(MINE, block).points(dag.network_methods(MINE)))
    assert dag.network_files(SimpleNamespace(network=MINE))
    dag.network_draw(MINE)
    dag.network_recipe(MINE, "generations")
    assert NetworkExperiment(MINE, block).recipe.steps(2) >= 1


def lay_decomposition(dag: Dag, block: dict) -> None:
    """The fits of a chain."""
    chain = Decomposition(MINE, dag.decomposition(MINE))
    assert len(chain.generators) == block["generations"]
    assert chain.downstream and chain.spectrum


GRIDS = {
    "experiments": lay_experiment,
    "kernel_experiments": lay_kernel_experiment,
    "random_features": lay_network,
    "networks": lay_network,
    "decompositions": lay_decomposition,
}


def lay_laws(scaling: dict, table: str) -> None:
    """The cells of a table, the sizes of their windows and those to simulate."""
    block = block_of(scaling, table)
    for simulated in (False, True):
        for cell in cells_of(scaling, table, simulated=simulated):
            sizes = simulation_sizes(cell.law, block["simulated"])
            for window in block["windows"]:
                sizes += window_sizes(cell.law, window, block["points"], block.get("dimension", 0))
            for size in sizes:
                assert size.dimension >= 1
                assert math.isfinite(size.samples) and size.samples > 0


TARGETS = {
    "experiments": ("training/{}.csv", "theory/{}.csv"),
    "kernel_experiments": ("training/{}.csv", "theory/{}.csv"),
    "random_features": ("training/{}.csv", "theory/{}.csv"),
    "networks": ("training/{}.csv",),
    "decompositions": ("training/{}.terms.npz", "theory/{}.terms.csv"),
    "figures": ("figures/{}.pdf",),
}
"""What is built of a block, below the folder of results."""
BUILT = {
    **{"experiments": 5, "kernel_experiments": 3, "decompositions": 6},
    **{"random_features": 2, "networks": 2, "figures": 3},
}
"""How many blocks of each section are built, besides the experiments of the figures."""


def some_of(section: str, count: int) -> list[dict]:
    """Overlays of one section that check_config accepts and that are small."""
    found = []

    @settings(max_examples=60 * count, **QUIET)
    @given(GENERATED[section][0].map(tamed))
    def collect(overlay):
        if small_and_accepted(overlay):
            found.append(overlay)

    collect()
    assert len(found) >= count, f"too few {section} are accepted: {len(found)}"
    return found[:: len(found) // count][-count:]  # the first ones are the simplest


def many_blocks() -> tuple[dict, list[str]]:
    """An overlay of blocks of every section, each under a name of its own, and its targets."""
    merged, targets = {}, []
    for section, count in BUILT.items():
        for i, overlay in enumerate(some_of(section, count)):
            name = f"{section}_{i}"
            for where, blocks in overlay.items():
                merged.setdefault(where, {})[name] = renamed(blocks[MINE], name)
                targets += [f"miniature/results/{x.format(name)}" for x in TARGETS[where]]
    return merged, targets


def renamed(block: dict, name: str) -> dict:
    """A block; panels of a figure show the experiment of its new name."""
    for panel in block.get("panels", []):
        panel["experiment"] = name
    return block


def tamed(overlay: dict) -> dict:
    """Without what only the data can refuse, in a job and by name: a learning rate at which the
    networks diverge, and as many hidden units as images.
    """
    for section in NETWORK_SECTIONS:
        for block in overlay.get(section, {}).values():
            block["learning_rate"] = min(block["learning_rate"], 1e-3)
            block["generator_noise"] = min(block["generator_noise"], 10)
            block["generations"] = min(block["generations"], 3)
            if section == "random_features":
                block["widths"] = [200]
    return overlay


def small_and_accepted(overlay: dict) -> bool:
    """Whether a block can be built here, within the time of a test."""
    config = with_overlay(overlay)
    try:
        check_config(config)
    except WorkflowError:
        return False
    shown = [p["experiment"] for f in overlay.get("figures", {}).values() for p in f["panels"]]
    if set(shown) - {MINE}:
        return False
    blocks = overlay.get("experiments", {}).items()
    return all(size_of(Experiment(*item)) <= MOST_POINTS for item in blocks)


@pytest.mark.slow
def test_configs_that_are_accepted_build(tmp_path):
    """By Snakemake, on the digits: every job of every block ends well."""
    merged, targets = many_blocks()
    folder = copy_project(tmp_path / "project")
    text = yaml.safe_dump(merged, allow_unicode=True)
    (folder / "config" / "properties.yaml").write_text(text, encoding="utf-8")
    configs = ("--configfile", "config/miniature.yaml", "config/properties.yaml")
    run = snakemake(folder, "--keep-going", *targets, *configs, miniature=False)
    if run.returncode:
        pytest.fail(what_failed(folder, run.stdout, merged), pytrace=False)
    for target in targets:
        assert (folder / target).is_file(), target


def what_failed(folder, output: str, merged: dict) -> str:
    """The log of each job that failed, with the blocks of its name, or the end of the output."""
    told = []
    for words in sorted(set(re.findall(r"log: (\S+) \(check log", output))):
        log = folder / words
        blocks = {
            f"{section}.{name}": block
            for section, blocks in merged.items()
            for name, block in blocks.items()
            if name in words
        }
        told.append(f"{words}\n{blocks}\n{log.read_text() if log.exists() else 'no log'}")
    return "\n\n".join(told) or output[-4000:]
