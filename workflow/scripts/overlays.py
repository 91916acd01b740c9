"""What the user stated: the files of the config and the command line, laid over one another.

An overlay names only what is other. Where it makes a block one of another kind, as by the name of
a spectrum, the keys of the block below it that the new kind lacks are dropped. null leaves out an
entry of a section of named blocks.
"""

import copy
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml
from snakemake.common.configfile import load_configfile
from snakemake.exceptions import WorkflowError
from snakemake.utils import update_config

from scripts.core.settings import Settings, fields_of, models_in, nearest
from scripts.core.yaml_files import complaints, read_file, read_yaml

FILES = ("config", "claims")  # of the project's folder config/
FLAGS = re.compile(r"--(configfiles?|config)(=.*)?|-[npkF]*C(\S.*)?", re.DOTALL)
NOT_DECIMAL = re.compile(r"[-+]?(0[0-9_]+|[0-9]+_[0-9_]*)")


def stated_config(workflow: Any, config: dict, folder: Path, model: type[Settings]) -> dict:
    """The config as the user stated it, layer by layer, for ``model`` to check.

    Parameters
    ----------
    workflow
        Snakemake's, of this process or of a job's: both know the same files and command line.
    config
        What Snakemake merged of them, or what a Snakefile that imports this one hands over.
    folder
        The project's folder ``config``, whose files lie below all others.
    model
        The model of the whole config.

    Raises
    ------
    WorkflowError
        In one sentence: for a doubled option, a key that stands twice, a number that YAML reads as
        another one, or null for an entry that is not there.
    """
    try:
        check_options(workflow)
        project = [read_yaml(folder / f"{name}.yaml") for name in FILES]
        return laid_over([*project, *_layers(workflow, config)], model)
    except ValueError as error:
        raise WorkflowError(f"config: {error}") from None


def check_options(workflow: Any) -> None:
    """Raise ValueError for an option of the command line that stands twice, or for a key of it."""
    program = Path(sys.argv[0])
    if workflow.is_main_process and "snakemake" in (program.stem, program.parent.name):
        check_arguments(sys.argv[1:])
    check_entries(workflow.config_settings.config_args or [])


def check_arguments(arguments: Sequence[str]) -> None:
    """Raise ValueError for --configfile or --config twice: Snakemake would take the last alone."""
    flags = [match for word in arguments if (match := FLAGS.fullmatch(word))]
    files = [flag for flag in flags if (flag[1] or "").startswith("configfile")]
    if len(files) > 1:
        raise ValueError(
            "--configfile stands twice, and Snakemake would take the last alone; name the files "
            "after one, --configfile a.yaml b.yaml"
        )
    if len(flags) - len(files) > 1:
        raise ValueError(
            "--config stands twice, and Snakemake would take the last alone; give the keys after "
            "one, --config seed=1 claim=thm_4_1"
        )


def check_entries(entries: Sequence[str]) -> None:
    """Raise ValueError for key=value of --config with a key twice, or with 010 for a number."""
    keys: set[str] = set()
    for key, _, value in (entry.partition("=") for entry in entries):
        if key in keys:
            raise ValueError(f"--config: the key {key!r} stands twice; only the last would count")
        keys.add(key)
        if NOT_DECIMAL.fullmatch(value):
            raise ValueError(f"--config: {key}: write the number {value} in decimal")
        try:
            for said in complaints(value, numbers=False):
                raise ValueError(f"--config: {key}: {said.partition(': ')[2]}")
        except yaml.YAMLError:
            pass  # Snakemake takes it for text


def _layers(workflow: Any, config: dict) -> list[dict]:
    """The files of the config in order, and the command line; or the config alone, if it is not
    what Snakemake makes of them. Raises ValueError for what the files say other than it seems.
    """
    overlays = workflow.config_settings.configfiles
    files = [*workflow.configfiles[len(overlays) :], *overlays]
    read = [_read(path) for path in files]
    layers = [content for content, _ in read] + [dict(workflow.config_settings.config)]
    merged: dict = {}
    for layer in layers:
        update_config(merged, layer)
    if merged != config:
        return [config]
    for sentence in (sentence for _, wrong in read for sentence in wrong):
        raise ValueError(sentence)
    return [*layers[:-1], _null_of_text(layers[-1])]


def _read(path: str | Path) -> tuple[Any, list[str]]:
    content, wrong = read_file(os.path.relpath(path))
    if isinstance(content, dict) and "__use_yte__" in content:
        content = load_configfile(path)
    return content, wrong


def _null_of_text(value: Any) -> Any:
    """What the command line states: there Snakemake takes null for text, too."""
    if isinstance(value, Mapping):
        return {key: _null_of_text(item) for key, item in value.items()}
    return None if value in ("null", "~") else value


def laid_over(layers: Sequence[dict], model: type[Settings]) -> dict:
    """The layers, each laid over those before it, as plain blocks of their own.

    Raises ValueError for null in the place of an entry that is not there.
    """
    stated: dict = {}
    for layer in layers:
        stated = _lay(stated, layer, model, ())
    return stated


def _lay(below: Any, over: Any, kind: Any, path: tuple) -> Any:
    """A value laid over another one of a kind, which is a model or the annotation of a field."""
    if not (isinstance(below, Mapping) and isinstance(over, Mapping)):
        return copy.deepcopy(over)
    models = models_in(kind)
    entries = _entries(kind)
    if entries is not None:
        below = _without(below, over, path)
        over = {name: block for name, block in over.items() if block is not None}
        kinds = dict.fromkeys(over, entries)
    elif models:
        below = _still_meant(below, over, models)
        kinds = {key: annotation for m in models for key, annotation in m.laid_kinds().items()}
    else:
        below = {} if below.get("name") != over.get("name", below.get("name")) else below
        kinds = {}
    laid = {key: _lay(below.get(key), over[key], kinds.get(key), (*path, key)) for key in over}
    return copy.deepcopy(dict(below)) | laid


def _entries(kind: Any) -> Any:
    """The kind of the blocks of a section of named ones; None if it is no such section."""
    if get_origin(kind) is dict and models_in(kind):
        return get_args(kind)[1]
    return None


def _without(below: Mapping, over: Mapping, path: tuple) -> dict:
    """The named blocks that an overlay leaves standing."""
    for name in (name for name, block in over.items() if block is None):
        if name not in below:
            raise ValueError(
                f"{'.'.join(map(str, path))}.{name}: null leaves out what is not there"
                f"{nearest(str(name), map(str, below))}"
            )
    return {name: block for name, block in below.items() if over.get(name, block) is not None}


def _still_meant(below: Mapping, over: Mapping, models: list[type[Settings]]) -> dict:
    """The keys of a block that stay under an overlay: those of the kind that it becomes."""
    fitting = [m for m in models if m.could_be(over)]
    known = {key for m in fitting for key in fields_of([m])}
    others = {key for m in models for key in fields_of([m])} - known
    kept = {key: value for key, value in below.items() if not fitting or key not in others}
    for model in fitting:
        kept = model.kept_under(kept, over)
    return kept


def left_out(config: dict, model: type[Settings]) -> tuple[dict, list[str]]:
    """A config without the named blocks that are null, and their addresses."""
    addresses: list[str] = []
    return _strip(config, model, (), addresses), addresses


def _strip(block: Any, kind: Any, path: tuple, addresses: list[str]) -> Any:
    if not isinstance(block, Mapping):
        return block
    entries = _entries(kind)
    if entries is not None:
        gone = [name for name, value in block.items() if value is None]
        addresses += [".".join(map(str, (*path, name))) for name in gone]
        return {name: value for name, value in block.items() if value is not None}
    kinds = {key: annotation for m in models_in(kind) for key, annotation in m.laid_kinds().items()}
    return {key: _strip(v, kinds.get(key), (*path, key), addresses) for key, v in block.items()}
