"""The project's config, and how tests change it."""

import copy
import json
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[1] / "config"
DELETE = object()  # in place of a value: the key is taken out


def load(*names: str) -> dict:
    """The config as Snakemake reads these files of its folder, later ones over earlier ones."""
    config: dict = {}
    for name in names:
        merge(config, yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")))
    return json.loads(json.dumps(config))  # blocks of one anchor are the same object no more


def merge(base: dict, over: dict) -> dict:
    """``base``, changed in place as by an overlay."""
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        else:
            base[key] = copy.deepcopy(value)
    return base


CONFIG = load("config", "claims")


def parent_of(config, path: str) -> tuple[dict | list, str | int]:
    """The block or list that holds the last key of a path such as "figures/fig1a/panels/0", and
    that key.
    """
    *parents, last = path.split("/")
    for key in parents:
        config = config[int(key)] if isinstance(config, list) else config[key]
    return config, int(last) if isinstance(config, list) else last


def changed(path: str, value, *more) -> dict:
    """A copy of the config with one key set, or more: path, value, path, value, …"""
    config = copy.deepcopy(CONFIG)
    for where, new in zip((path, *more[::2]), (value, *more[1::2]), strict=True):
        block, last = parent_of(config, where)
        if new is DELETE:
            del block[last]
        else:
            block[last] = copy.deepcopy(new)
    return config
