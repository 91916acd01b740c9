"""Results of a large run of the networks, to be kept beside the paper, and where they came from."""

import shutil

from scripts.core.files import read_json, write_json
from scripts.core.job import job
from scripts.networks.costs import job_seconds, machine

with job(snakemake) as log:
    files = snakemake.input
    for name in ("points", "growth", "agreement"):
        shutil.copyfile(files[name], snakemake.output[name])
    record = read_json(files.provenance) | {
        "backend": snakemake.params.backend,
        "machine": machine(),
        "job_seconds": job_seconds(files.benchmarks),
        "networks": snakemake.params.blocks,
    }
    write_json(record, snakemake.output.record)
    log.info("%s", record["job_seconds"])
