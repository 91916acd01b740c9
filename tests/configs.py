"""The project's config, and how tests change it."""

import copy
import json
from pathlib import Path
from typing import Any

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


def at(config, path: str) -> Any:
    """What stands at a path such as "figures/fig1a/panels/0"."""
    for key in filter(None, path.split("/")):
        config = config[int(key) if isinstance(config, list) else key]
    return config


def changed(*pairs, base: dict = CONFIG) -> dict:
    """A copy of the config with keys set, or taken out: path, value, path, value, …"""
    config = copy.deepcopy(base)
    for path, new in zip(pairs[::2], pairs[1::2], strict=True):
        parent, _, last = path.rpartition("/")
        block = at(config, parent)
        if new is DELETE:
            del block[last]
        else:
            block[int(last) if isinstance(block, list) else last] = copy.deepcopy(new)
    return config
