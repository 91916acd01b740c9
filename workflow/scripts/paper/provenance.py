"""What a build came from: hashes of config, library and lock, versions, seeds, images."""

import hashlib
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from scripts.core.formats import escape, to_tex

STATED = ("numpy", "scipy", "pandas", "scikit-learn", "matplotlib", "snakemake")


def hash_of_config(config: dict) -> str:
    """sha256 of the config with its defaults, keys in order."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


def hash_of_files(paths: Sequence[str]) -> str:
    """sha256 over names and contents of files, in order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.encode() + b"\0" + Path(path).read_bytes() + b"\0")
    return digest.hexdigest()


def locked_versions(lock: str, names: Sequence[str] | None = STATED) -> dict[str, str]:
    """Versions of these packages, or of all, as a lock file pins them. Raises ValueError if one is
    missing.
    """
    pinned = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock, flags=re.MULTILINE))
    names = list(pinned) if names is None else names
    missing = [name for name in names if name not in pinned]
    if missing:
        raise ValueError(f"requirements.lock: pins no {missing[0]}")
    return {name: pinned[name] for name in names}


def check_installed(lock: str = "requirements.lock") -> dict[str, str]:
    """The versions that the paper states. Raises ValueError if others are installed."""
    versions = locked_versions(Path(lock).read_text(encoding="utf-8"))
    for name, wanted in versions.items():
        if version(name) != wanted:
            raise ValueError(
                f"{name} {version(name)} is installed but {lock} pins {wanted}: "
                f"install the lock file, for example with make setup"
            )
    return versions


def provenance(config: dict, library: Sequence[str], lock: str, images: dict) -> dict[str, str]:
    """The record printed in the paper: nothing of clock, commit or machine.

    Raises ValueError if what is installed is not what the lock pins.
    """
    versions = check_installed(lock)
    return {
        "config": hash_of_config(config),
        "library": hash_of_files(library),
        "lock": hash_of_files([lock]),
        "seed": str(config["seed"]),
        "versions": ", ".join(f"{name} {pinned}" for name, pinned in versions.items()),
        "images": images["description"],
        "images_sha256": images["sha256"],
    }


def provenance_tex(record: dict[str, str]) -> str:
    """A two-column table, hashes cut to 16 digits."""
    labels = {
        "config": "config, sha256",
        "library": "library and scripts, sha256",
        "lock": "lock file, sha256",
        "seed": "root seed",
        "versions": "versions",
        "images": "images",
        "images_sha256": "pixels and labels, sha256",
    }
    rows = []
    for key, label in labels.items():
        is_hash = len(record[key]) == 64
        text = f"\\texttt{{{record[key][:16]}}}\\ldots" if is_hash else escape(record[key])
        rows.append((label, text))
    return to_tex(pd.DataFrame(rows), ["what", "value"], r"lp{0.66\linewidth}")
