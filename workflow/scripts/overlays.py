"""The config as the user stated it: layers, each laid over all before it. They are the project's
files, the user's files, and the command line.

A layer names only what differs. Over the lower layer

    experiments: {mine: {spectrum: {name: power_law, d: 300, beta: 1.5}, noise: 1}, other: {…}}

the upper layer

    experiments: {mine: {spectrum: {name: isotropic, norm: 2}}, other: null}

gives

    experiments: {mine: {spectrum: {name: isotropic, d: 300, norm: 2}, noise: 1}}

* A value that is no block takes the place of the lower one; lists are not merged.
* A block is laid over a lower one key by key: ``noise`` stays.
* The model of the config says which kinds of block there may be at a place. The upper block is of
  the kinds that its name or its keys fit. Lower keys that only other kinds have are dropped: only a
  power law has ``beta``; an isotropic spectrum has ``d`` too. A kind may drop more of its own keys,
  by ``Settings.without_unused``.
* A block at a place for which no model is stated takes the place of one of another name.
* In a section of named blocks, null leaves out the entry.
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

from scripts.schema.sentences import nearest
from scripts.schema.settings import Settings, fields_of, models_in
from scripts.schema.yaml_files import complaints, read_file, read_yaml

FILES = ("config", "claims")  # in the project's folder config/, without .yaml
FLAGS = re.compile(r"--(configfiles?|config)(=.*)?|-[npkF]*C(\S.*)?", re.DOTALL)
NOT_DECIMAL = re.compile(r"[-+]?(0[0-9_]+|[0-9]+_[0-9_]*)")


def stated_config(workflow: Any, config: dict, folder: Path, model: type[Settings]) -> dict:
    """The config as the user stated it, layer by layer, for ``model`` to check.

    Parameters
    ----------
    workflow
        Snakemake's, of this process or of a job's: both know the same files and command line.
    config
        Snakemake's merger of these layers, or the config that a Snakefile which imports this one
        hands over.
    folder
        The project's folder ``config``, whose files are the lowest layers.
    model
        The model of the whole config.

    Raises
    ------
    WorkflowError
        In one sentence: for an option that stands twice, a key that stands twice, a number that
        YAML reads as another one, or null for an entry that is not there.
    """
    try:
        check_options(workflow)
        of_project = [read_yaml(folder / f"{name}.yaml") for name in FILES]
        return laid_over([*of_project, *_layers_of_user(workflow, config)], model)
    except ValueError as error:
        raise WorkflowError(f"config: {error}") from None


def check_options(workflow: Any) -> None:
    """Raise ValueError for an option, or a key of --config, that stands twice."""
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
    """Raise ValueError if entries key=value of --config repeat a key, or say 010 for a number."""
    keys: set[str] = set()
    for key, _, value in (entry.partition("=") for entry in entries):
        if key in keys:
            raise ValueError(f"--config: the key {key!r} stands twice; only the last would count")
        keys.add(key)
        if NOT_DECIMAL.fullmatch(value):
            raise ValueError(f"--config: {key}: write the number {value} in decimal")
        try:
            for complaint in complaints(value, numbers=False):
                raise ValueError(f"--config: {key}: {complaint.partition(': ')[2]}")
        except yaml.YAMLError:
            pass  # Snakemake takes the value for text


def _layers_of_user(workflow: Any, config: dict) -> list[dict]:
    """The files of Snakefiles, those of --configfile, and the command line, in this order.

    The config alone if Snakemake does not merge it of these: a Snakefile that imports this one has
    made it. Raises ValueError for a number or key that a file does not mean as it seems to.
    """
    of_options = workflow.config_settings.configfiles
    of_snakefiles = workflow.configfiles[len(of_options) :]
    contents = []
    mistakes = []
    for path in (*of_snakefiles, *of_options):
        content, mistakes_in_file = _read(path)
        contents.append(content)
        mistakes += mistakes_in_file
    command_line = dict(workflow.config_settings.config)
    merged: dict = {}
    for layer in (*contents, command_line):
        update_config(merged, layer)
    if merged != config:
        return [config]
    if mistakes:
        raise ValueError(mistakes[0])
    return [*contents, _with_null(command_line)]


def _read(path: str | Path) -> tuple[Any, list[str]]:
    """The content of a file, its templates filled in where it is for YTE, and its mistakes."""
    content, mistakes = read_file(os.path.relpath(path))
    if isinstance(content, dict) and "__use_yte__" in content:
        content = load_configfile(path)
    return content, mistakes


def _with_null(value: Any) -> Any:
    """Values of the command line, with None for null, which Snakemake takes for text there."""
    if isinstance(value, Mapping):
        return {key: _with_null(item) for key, item in value.items()}
    return None if value in ("null", "~") else value


def laid_over(layers: Sequence[dict], model: type[Settings]) -> dict:
    """Lay each layer over those before it, and return new plain blocks.

    Raises ValueError for null in the place of an entry that is not there.
    """
    stated: dict = {}
    for layer in layers:
        stated = _lay(stated, layer, model, ())
    return stated


def _lay(lower: Any, upper: Any, kind: Any, path: tuple) -> Any:
    """Lay a value over a lower one; ``kind`` is a model or a field's annotation, or None."""
    if not (isinstance(lower, Mapping) and isinstance(upper, Mapping)):
        return copy.deepcopy(upper)
    models = models_in(kind)
    kind_of_entries = _kind_of_entries(kind)
    if kind_of_entries is not None:
        lower = _without_null_entries(lower, upper, path)
        upper = {name: block for name, block in upper.items() if block is not None}
        kinds = dict.fromkeys(upper, kind_of_entries)
    elif models:
        lower = _without_keys_of_other_kinds(lower, upper, models)
        kinds = _kinds_by_key(models)
    else:
        is_other = "name" in upper and upper["name"] != lower.get("name")
        lower = {} if is_other else lower
        kinds = {}
    laid = {key: _lay(lower.get(key), upper[key], kinds.get(key), (*path, key)) for key in upper}
    return copy.deepcopy(dict(lower)) | laid


def _kind_of_entries(kind: Any) -> Any:
    """The kind of the blocks in a section of named ones; None for what is no such section."""
    if get_origin(kind) is dict and models_in(kind):
        return get_args(kind)[1]
    return None


def _kinds_by_key(models: list[type[Settings]]) -> dict[str, Any]:
    return {key: kind for model in models for key, kind in model.kinds_by_key().items()}


def _without_null_entries(lower: Mapping, upper: Mapping, path: tuple) -> dict:
    """Return a section of named blocks without the entries that are null in the upper layer.

    Raises ValueError for null in the place of an entry that is not there.
    """
    for name, block in upper.items():
        if block is None and name not in lower:
            raise ValueError(
                f"{'.'.join(map(str, path))}.{name}: null leaves out what is not there"
                f"{nearest(str(name), map(str, lower))}"
            )
    return {name: block for name, block in lower.items() if upper.get(name, block) is not None}


def _without_keys_of_other_kinds(
    lower: Mapping, upper: Mapping, models: list[type[Settings]]
) -> dict:
    """Return a block without the keys that mean nothing in the kind that the upper one makes it.

    If the upper block fits none of the kinds, as with a misspelt key, all keys stay.
    """
    fitting = [model for model in models if model.could_be(upper)]
    dropped = fields_of(models).keys() - fields_of(fitting).keys() if fitting else set()
    block = {key: value for key, value in lower.items() if key not in dropped}
    for model in fitting:
        block = model.without_unused(block, upper)
    return block


def left_out(config: dict, model: type[Settings]) -> tuple[dict, list[str]]:
    """The config without the named blocks that are null, and the addresses of these."""
    addresses: list[str] = []
    return _strip(config, model, (), addresses), addresses


def _strip(block: Any, kind: Any, path: tuple, addresses: list[str]) -> Any:
    """Return a block without named blocks that are null; append their addresses to the list."""
    if not isinstance(block, Mapping):
        return block
    if _kind_of_entries(kind) is not None:
        addresses += [".".join(map(str, (*path, key))) for key in block if block[key] is None]
        return {name: value for name, value in block.items() if value is not None}
    kinds = _kinds_by_key(models_in(kind))
    return {
        key: _strip(value, kinds.get(key), (*path, key), addresses) for key, value in block.items()
    }
