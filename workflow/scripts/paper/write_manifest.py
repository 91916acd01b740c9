"""All that the paper and the figures are made from, with hashes, rules, seeds and versions."""

from pathlib import Path

from scripts.core.files import write_json
from scripts.core.job import job
from scripts.paper.manifest import manifest

with job(snakemake) as log:
    files = snakemake.input
    published, results = [files.paper, *files.figures], str(Path(files.paper).parent)
    made = manifest(published, results, files.lock, snakemake.params.checkout)
    write_json(made, snakemake.output[0])
    log.info("%d files from %d sources", len(made["artefacts"]), len(made["sources"]))
