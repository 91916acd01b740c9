"""Checks of the config before any work: the schema first, then what a schema cannot say."""

import difflib
import math
import os
import re
from pathlib import Path

from jsonschema.exceptions import ValidationError, best_match
from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

from model_collapse.backends import Backend
from model_collapse.images import HELD_OUT_DIGITS, idx_files, read_folder
from model_collapse.slopes import LEAST_POINTS
from scripts.claims.registry import check_claims
from scripts.claims.tables import MAPS
from scripts.core.files import read_json
from scripts.core.grids import MOST_VALUES, check_grid, values_of
from scripts.decomposition.old import Decomposition
from scripts.fake_labels.old import Comparison
from scripts.kernels.old import POOL_SIZES, KernelExperiment
from scripts.networks.old import NetworkExperiment
from scripts.paper.manifest import SOURCES
from scripts.regression.old import Experiment
from scripts.regression.points import check_experiment, check_spectrum

NETWORK_SECTIONS = ("random_features", "networks")
TEST_SIZES = {"mnist": 10_000, "digits": HELD_OUT_DIGITS}
"""Test images of either set."""
MACHINE = ("pathvars", "images", "claim", "against")
"""Keys that no result depends on: where files lie on this machine, and what is asked for."""
FOLDERS = {"results": "results", "logs": "logs", "benchmarks": "benchmarks"}
"""Where outputs go unless pathvars says otherwise, as in the schema."""
MOST_DIMENSIONS = 10_000_000
"""Largest d of a scaling law's spectrum."""
DIAGRAM = "fig3"
"""The figure that is drawn by TeX, not by the config."""

SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "config.schema.yaml"


def check_config(config: dict) -> None:
    """Fill in defaults and check the config in place.

    Raises WorkflowError with one sentence that names the key or file at fault.
    """
    try:
        _check_keys(config)
        _drop_claims(config)
        validate(config, str(SCHEMA))
        make_whole(config)
        check_meaning(config)
    except WorkflowError as error:
        cause = error.__context__
        if not isinstance(cause, ValidationError):
            raise
        raise WorkflowError(f"config: {one_line(sentence_of(cause))}") from None
    except ValueError as error:
        raise WorkflowError(f"config: {one_line(error)}") from None


def one_line(text: object) -> str:
    """A sentence as one line, whatever a file's name has in it."""
    words = " ".join(str(text).split())
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def check_meaning(config: dict) -> None:
    """Raise ValueError for keys that are well-formed but contradict each other or the disk."""
    _check_finite(config)
    _check_folders(FOLDERS | config.get("pathvars", {}))
    check_against(config["against"])
    check_claims(config["claims"], config["claim"])
    check_scaling(config["scaling"])
    check_generations(config)
    Comparison(config["fake_labels"]).check()
    _check_names(config)
    for name, block in config["experiments"].items():
        check_experiment(Experiment(name, block))
    images, pools, tests = config["images"], dict(POOL_SIZES), dict(TEST_SIZES)
    if images["source"] == "folder" and images["folder"] is None:
        raise ValueError("images.folder: must name a folder when images.source is folder")
    if uses_image_folder(config):
        found = read_folder(images["folder"], "folder")
        pools["mnist"], tests["mnist"] = len(found.train_images), len(found.test_images)
    for name, block in config["kernel_experiments"].items():
        KernelExperiment(name, block).check(pools)
    check_networks(config, pools, tests)
    if DIAGRAM in config["figures"]:
        raise ValueError(f"figures.{DIAGRAM}: this name is the diagram's, take another")
    for name, figure in config["figures"].items():
        for i, panel in enumerate(figure["panels"]):
            _check_panel(f"figures.{name}.panels[{i}]", panel, config)


def check_against(path: str | None) -> None:
    """Raise ValueError unless ``path`` is None or a manifest."""
    if path is None:
        return
    try:
        found = read_json(path)
    except OSError as error:
        raise ValueError(f"against: {path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise ValueError(f"against: {path} is no JSON; name a build's manifest.json") from None
    if not (isinstance(found, dict) and found.keys() >= {"artefacts", "sources", "packages"}):
        raise ValueError(f"against: {path} is JSON, but not the manifest.json of a build")


def _check_folders(pathvars: dict) -> None:
    """Raise ValueError for a folder of outputs that lies among the sources, in another one of them,
    or where nothing can be written.
    """
    for key, folder in pathvars.items():
        path = Path(folder)
        for other, place in pathvars.items():
            if other != key and path.is_relative_to(place):
                raise ValueError(f"pathvars.{key}: {folder} lies in that of {other}, {place}")
        hidden = any(part.startswith(".") for part in path.parts)
        if path.parts[0] in (*SOURCES, "tests") or hidden:
            raise ValueError(
                f"pathvars.{key}: {folder} must be a folder of its own, not of sources"
            )
        there = next(place for place in (path, *path.parents) if place.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise ValueError(
                f"pathvars.{key}: {folder} cannot be written, as {there} is write-protected or no "
                f"folder; mend that, or name another folder"
            )


def check_networks(config: dict, pools: dict[str, int], tests: dict[str, int]) -> None:
    """Raise ValueError for networks that make no sense, a backend that is not there, or a figure
    of unknown ones. ``pools`` and ``tests``: images of either set to train and to test on.
    """
    Backend(**config["backend"])
    for section in NETWORK_SECTIONS:
        for name, block in config[section].items():
            NetworkExperiment(name, block).check(section, pools, tests)
    for name, block in config["random_features"].items():
        if block["image_draw"] != "same":
            raise ValueError(
                f"random_features.{name}.image_draw: must be same, as one eigendecomposition "
                f"serves all generations"
            )
    known = config["random_features"] | config["networks"]
    for figure, panels in config["network_figures"].items():
        if figure in config["figures"]:
            raise ValueError(f"network_figures.{figure}: figures has one of that name")
        if figure == DIAGRAM:
            raise ValueError(f"network_figures.{DIAGRAM}: this name is the diagram's, take another")
        for i, panel in enumerate(panels):
            _check_title(f"network_figures.{figure}[{i}]", panel)
            for name in panel["experiments"]:
                if name not in known:
                    raise ValueError(
                        f"network_figures.{figure}[{i}]: no network {name!r}{_nearest(name, known)}"
                    )


def _check_names(config: dict) -> None:
    """Raise ValueError for a name that two sections use, or the build itself: files are called by
    it.
    """
    for section in ("experiments", "kernel_experiments", *NETWORK_SECTIONS):
        for name in config[section]:
            if name.startswith(("exponents_", "fake_labels_")):
                raise ValueError(f"{section}.{name}: this name is the build's own, take another")
    for section in ("figures", "network_figures"):
        for name in config[section]:
            if name in MAPS:
                raise ValueError(f"{section}.{name}: this name is the build's own, take another")
    seen: dict[str, str] = {}
    for section in ("experiments", "kernel_experiments", *NETWORK_SECTIONS):
        for name in config[section]:
            if name in seen:
                raise ValueError(f"{section}.{name}: {seen[name]} has one of that name")
            seen[name] = section


def check_scaling(scaling: dict) -> None:
    """Raise ValueError for a fit window that is empty, or cells that make no law."""
    for table in ("clean", "collapsed", "crossover"):
        for i, window in enumerate(scaling[table]["windows"]):
            where = f"scaling.{table}.windows[{i}]"
            _check_window(where, window)
            if window[0] < 10 or window[1] > MOST_DIMENSIONS or window[1] < 2 * window[0]:
                raise ValueError(
                    f"{where}: must lie between 10 and {MOST_DIMENSIONS:,} and span a factor of 2 "
                    f"or more, not {window}"
                )
    for i, (b, a) in enumerate(scaling["collapsed"]["pairs"]):
        if a > b:
            raise ValueError(
                f"scaling.collapsed.pairs[{i}]: a = {a} must not exceed b = {b}, as ell_star "
                f"would be negative"
            )
    crossover = scaling["crossover"]
    for which, keys in (("over_a", ("a", "ell")), ("over_b", ("b", "ell"))):
        where = f"scaling.crossover.{which}"
        for key in keys:
            check_grid(f"{where}.{key}", crossover[which][key], logarithmic=False)
            if max(map(abs, (crossover[which][key]["from"], crossover[which][key]["to"]))) > 20:
                raise ValueError(f"{where}.{key}: exponents must lie between -20 and 20")
        _check_cells(where, crossover[which], keys)
        lowest = crossover[which]["ell"]["from"]
        if lowest < 0:
            raise ValueError(f"{where}.ell.from: ell must not be negative, not {lowest}")
        for x, ell in crossover[which]["simulated"]:
            if not 0 <= ell <= 20 or abs(x) > 20 or (which == "over_b" and x < 0.05):
                raise ValueError(
                    f"{where}.simulated: ell must lie between 0 and 20, a between -20 and 20, b "
                    f"between 0.05 and 20, not [{x}, {ell}]"
                )
    if crossover["over_b"]["b"]["from"] < 0.05:
        raise ValueError(
            f"scaling.crossover.over_b.b.from: b must be at least 0.05, "
            f"not {crossover['over_b']['b']['from']}"
        )


def _check_cells(where: str, block: dict, keys: tuple[str, str]) -> None:
    """Raise ValueError for a map of more cells than can be computed."""
    cells = math.prod(len(values_of(block[key])) for key in keys)
    if cells > MOST_VALUES:
        raise ValueError(f"{where}: {cells:,} cells are more than {MOST_VALUES:,}; widen a step")


def check_generations(config: dict) -> None:
    """Raise ValueError for decompositions that make no sense, and windows or names of tables."""
    for name, block in config["decompositions"].items():
        check_spectrum(f"decompositions.{name}", block["spectrum"])
        Decomposition(name, block).check()
        if block["replicates"] < 2:
            raise ValueError(f"decompositions.{name}.replicates: a standard error needs at least 2")
    for table, names in config["generation_tables"].items():
        for name in names:
            if name not in config["decompositions"]:
                raise ValueError(
                    f"generation_tables.{table}: no decomposition {name!r}"
                    f"{_nearest(name, config['decompositions'])}"
                )
    for i, window in enumerate(config["exponent_windows"]):
        where = f"exponent_windows[{i}]"
        _check_window(where, window)
        ranks = math.floor(window[1]) - math.ceil(window[0]) + 1
        if ranks < LEAST_POINTS:
            raise ValueError(
                f"{where}: the fit window holds {ranks} ranks; "
                f"a slope needs at least {LEAST_POINTS}"
            )


def _check_window(where: str, window: list) -> None:
    if not window[0] < window[1]:
        raise ValueError(
            f"{where}: the fit window {window[0]:g} to {window[1]:g} is empty; it must rise"
        )


def uses_image_folder(config: dict) -> bool:
    """Whether the images will be read from images.folder."""
    images = config["images"]
    return images["folder"] is not None and images["source"] in ("auto", "folder")


def image_files(config: dict) -> list[str]:
    """The IDX files that the images will be read from; none unless a folder is used."""
    if not uses_image_folder(config):
        return []
    folder = config["images"]["folder"]
    return [str(path) for stem in ("train", "t10k") for path in idx_files(folder, stem)]


def _check_title(where: str, panel: dict) -> None:
    """Raise ValueError for a title with formulas that Matplotlib cannot set."""
    title = panel.get("title", "")
    if title.count("$") < 2:
        return
    from matplotlib.mathtext import MathTextParser  # half a second, and most titles are words

    try:
        MathTextParser("path").parse(title)
    except ValueError:
        raise ValueError(f"{where}.title: Matplotlib cannot set the formula in {title!r}") from None


def _check_panel(where: str, panel: dict, config: dict) -> None:
    """Raise ValueError for a panel that its experiment cannot fill."""
    name, gaussian = panel["experiment"], config["experiments"]
    known = gaussian | config["kernel_experiments"]
    if name not in known:
        raise ValueError(f"{where}.experiment: no experiment {name!r}{_nearest(name, known)}")
    block, sweep = known[name], panel["sweep"]
    _check_title(where, panel)
    rules = panel.get("ridge_rules", block["ridge_rules"])
    for rule in [*rules, *([panel["relative_to"]] if "relative_to" in panel else [])]:
        if rule not in block["ridge_rules"]:
            raise ValueError(
                f"{where}: experiment {name} has no ridge rule {rule!r}, "
                f"only {', '.join(block['ridge_rules'])}"
            )
    for n in panel.get("generations", []):
        if n not in block["generations"]:
            raise ValueError(
                f"{where}.generations: experiment {name} has no generation {n}, only "
                f"{', '.join(map(str, block['generations']))}"
            )
    for key in ("sweep_range", "risk_range"):
        if key in panel and not panel[key][0] < panel[key][1]:
            raise ValueError(f"{where}.{key}: must rise, not {panel[key]}")
    if name not in gaussian:
        if sweep != "samples":
            raise ValueError(f"{where}.sweep: must be samples for a kernel experiment, not {sweep}")
        if panel["ceiling"]:
            raise ValueError(f"{where}.ceiling: must be false for a kernel experiment")
        return
    swept = {"ridge": "fixed", "ell": "ell"}.get(sweep)
    if swept and (rules != [swept] or not isinstance(block["samples"], int)):
        raise ValueError(
            f"{where}.sweep: {sweep} needs one T in {name} and the ridge rule {swept} alone"
        )
    if swept and "relative_to" in panel:
        raise ValueError(f"{where}.relative_to: needs sweep: samples, not {sweep}")
    for rule, key in (("fixed", "ridge"), ("ell", "ell")):
        if not swept and rule in rules and len(values_of(block[key])) > 1:
            raise ValueError(f"{where}.sweep: samples needs a single value in {name}.{key}")
    if panel["ceiling"] and (
        block["generator_ridge"] or block["generator_samples"] <= block["spectrum"]["d"]
    ):
        raise ValueError(f"{where}.ceiling: needs OLS generators with generator_samples > d")


def _drop_claims(config: dict) -> None:
    """Take out claims that an overlay has set to null: it leaves them out."""
    claims = config.get("claims")
    if isinstance(claims, dict):
        for name in [name for name, block in claims.items() if block is None]:
            del claims[name]


def _check_keys(value, where: str = "") -> None:
    """Raise ValueError for a key that is no text: the schema speaks of text only."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{where or 'top level'}: the key {key!r} must be text")
            _check_keys(item, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _check_keys(item, f"{where}[{i}]")


def make_whole(value) -> None:
    """Turn whole floats into integers in place: 1.0e+6 is a count too."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        if isinstance(item, dict | list):
            make_whole(item)
        elif isinstance(item, float) and item.is_integer() and abs(item) <= 2**53:
            value[key] = int(item)


def _check_finite(value, where: str = "") -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_finite(item, f"{where}.{key}".lstrip("."))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            _check_finite(item, f"{where}[{i}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < math.inf:
            raise ValueError(f"{where}: must be a finite number, not {value}")
        if value and not 1e-50 <= abs(value) <= 1e50:
            raise ValueError(
                f"{where}: must be 0 or between 1e-50 and 1e50 in size, as squares and products "
                f"would leave the range of numbers, not {value:g}"
            )


def sentence_of(error: ValidationError) -> str:
    """What is wrong, where, and what would be right, in one sentence."""
    error = best_match([error])
    where = (
        "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path
        ).lstrip(".")
        or "top level"
    )
    value, wanted = error.instance, error.validator_value
    about = f" ({error.schema['description']})" if "description" in error.schema else ""
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = min(key for key in map(str, value) if key not in known)
        names = error.schema.get("patternProperties")
        if names:
            pattern = next(iter(names))
            unknown = min(key for key in map(str, value) if not re.match(pattern, key))
            return (
                f"{where}: {unknown!r} is no valid name; a name is of lower-case letters, digits "
                f"and _, and begins with a letter"
            )
        return f"{where}: unknown key {unknown!r}{_nearest(unknown, known)}"
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        if isinstance(value, str) and set(kinds) & {"number", "integer"}:
            hint = (
                "; YAML wants 1.0e-3, not 1e-3 or quotes, and --config takes no nested numbers"
                if _is_number(value)
                else ""
            )
            return f"{where}: {value!r} is text where a number belongs{about}{hint}"
        is_what = "empty" if value is None else repr(value)
        wanted = " or ".join(KINDS[kind] for kind in kinds)
        return f"{where}: must be {wanted}, not {is_what}{about}"
    if error.validator == "required":
        missing = [key for key in wanted if key not in value]
        return f"{where}: the key {missing[0]!r} is missing"
    simple = {
        "minimum": f"must be at least {wanted}, not {value}",
        "maximum": f"must be at most {wanted}, not {value}",
        "exclusiveMinimum": f"must be greater than {wanted}, not {value}",
        "enum": f"must be one of {', '.join(map(str, wanted))}, not {value!r}"
        if error.validator == "enum"
        else "",
        "minItems": "must not be empty"
        if wanted == 1
        else f"must have {_count(error)} values, not {_length(value)}",
        "maxItems": f"must have {_count(error)} values, not {_length(value)}",
        "pattern": f"must be a path below this folder, of letters, digits, _ . - and /, "
        f"not {value!r}",
        "minProperties": "must not be empty",
        "minLength": "must not be empty",
        "uniqueItems": f"must not repeat a value: {value}",
    }
    return f"{where}: {simple.get(error.validator, error.message)}{about}"


KINDS = {
    "object": "a block of keys",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}
"""Types of the schema in words."""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _count(error: ValidationError) -> str:
    """How many items a list may have."""
    least, most = error.schema.get("minItems"), error.schema.get("maxItems")
    if least == most:
        return f"exactly {least}"
    return f"at least {least}" if error.validator == "minItems" else f"at most {most}"


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _nearest(name: str, known) -> str:
    if not known:
        return "; there are none"
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def without_machine(config: dict) -> dict:
    """The config less MACHINE."""
    return {k: value for k, value in config.items() if k not in MACHINE}
