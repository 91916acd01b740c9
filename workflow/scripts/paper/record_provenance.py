"""Hashes of what the build came from, versions, seed and image source, as the paper prints them."""

import hashlib
import json
from pathlib import Path

import pandas as pd

from scripts.core.files import read_json, write_json
from scripts.core.formats import escape
from scripts.core.job import job
from scripts.core.records import sha256_of
from scripts.core.tables import Column, Table
from scripts.paper.origin import check_installed

LABELS = {
    "config": "config, sha256",
    "library": "library and scripts, sha256",
    "lock": "lock file, sha256",
    "seed": "root seed",
    "versions": "versions",
    "images": "images",
    "images_sha256": "pixels and labels, sha256",
}
PROVENANCE = Table(
    Column("what", "what", align="l"), Column("value", "value", align=r"p{0.66\linewidth}")
)


def provenance(config: dict, library: str, lock: str, images: dict) -> dict[str, str]:
    """The record by the keys of LABELS: nothing of clock, commit or machine.

    Raises ValueError if what is installed is not what the lock pins.
    """
    versions = check_installed(lock)
    return {
        "config": hash_of_config(config),
        "library": library,
        "lock": sha256_of(lock),
        "seed": str(config["seed"]),
        "versions": ", ".join(f"{name} {pinned}" for name, pinned in versions.items()),
        "images": images["description"],
        "images_sha256": images["sha256"],
    }


def hash_of_config(config: dict) -> str:
    """sha256 of the config with its defaults, keys in order."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


def provenance_tex(record: dict[str, str]) -> str:
    """A two-column table, hashes cut to 16 digits."""
    rows = []
    for key, label in LABELS.items():
        is_hash = len(record[key]) == 64
        text = f"\\texttt{{{record[key][:16]}}}\\ldots" if is_hash else escape(record[key])
        rows.append((label, text))
    return PROVENANCE.tex(pd.DataFrame(rows, columns=PROVENANCE.names))


if __name__ == "__main__":
    with job(snakemake) as log:
        files, params = snakemake.input, snakemake.params
        record = provenance(params.config, params.library, files.lock, read_json(files.images))
        write_json(record, snakemake.output.record)
        Path(snakemake.output.tex).write_text(provenance_tex(record), encoding="utf-8")
        log.info("config %s", record["config"])
