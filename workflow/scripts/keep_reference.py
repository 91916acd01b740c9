"""Results of a large run of the networks, to be kept beside the paper, and where they came from."""

import shutil

from pipeline.files import read_json, write_json
from pipeline.job import job
from pipeline.network_costs import job_seconds, machine

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
