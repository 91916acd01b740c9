"""Hashes of a build's sources, versions, seed and image source, as the paper prints them."""

import hashlib
import json

import pandas as pd

from scripts.output.formats import escape
from scripts.output.tables import Column, Table
from scripts.paper.origin import check_installed
from scripts.step.files import read_json, write_json
from scripts.step.job import job
from scripts.step.records import sha256_of

LABELS = {
    "config": "config, sha256",
    "library": "library and scripts, sha256",
    "lock": "lock file, sha256",
    "seed": "root seed",
    "versions": "versions",
    "images": "images",
    "images_sha256": "pixels and labels, sha256",
}


def _shown(text: str) -> str:
    """Text for TeX, a hash cut to 16 digits."""
    return f"\\texttt{{{text[:16]}}}\\ldots" if len(text) == 64 else escape(text)


PROVENANCE = Table(
    Column("key", "what", LABELS.get, align="l"),
    Column("value", "value", _shown, align=r"p{0.66\linewidth}"),
)


def hash_of_config(config: dict) -> str:
    """sha256 of the config with its defaults, keys in order."""
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


if __name__ == "__main__":
    with job(snakemake) as log:
        config = snakemake.params.config
        images = read_json(snakemake.input.images)
        versions = check_installed(snakemake.input.lock)
        record = {  # without clock, commit and machine, so that the paper keeps its bytes
            "config": hash_of_config(config),
            "library": snakemake.params.library,
            "lock": sha256_of(snakemake.input.lock),
            "seed": str(config["seed"]),
            "versions": ", ".join(f"{name} {pinned}" for name, pinned in versions.items()),
            "images": images["description"],
            "images_sha256": images["sha256"],
        }
        write_json(record, snakemake.output.record)
        rows = pd.DataFrame(record.items(), columns=PROVENANCE.names)
        PROVENANCE.write_tex(rows, snakemake.output.tex)
        log.info("config %s", record["config"])
