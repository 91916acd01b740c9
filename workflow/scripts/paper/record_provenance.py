"""Hashes of what the build came from, versions, seed and image source."""

from pathlib import Path

from scripts.core.files import read_json, write_json
from scripts.core.job import job
from scripts.paper.provenance import provenance, provenance_tex

with job(snakemake) as log:
    record = provenance(
        snakemake.params.config,
        snakemake.input.library,
        snakemake.input.lock,
        read_json(snakemake.input.images),
    )
    write_json(record, snakemake.output.record)
    Path(snakemake.output.tex).write_text(provenance_tex(record), encoding="utf-8")
    log.info("config %s", record["config"])
