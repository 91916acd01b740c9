"""Learning rates from which gradient descent diverges on fixed features, by convention."""

from pathlib import Path

from model_collapse.backends import Backend
from scripts.core.files import read_arrays, read_json, write_csv
from scripts.core.job import job
from scripts.networks.old import NetworkExperiment
from scripts.networks.stability import stability_table, stability_tex

with job(snakemake) as log:
    params = snakemake.params
    table = stability_table(
        NetworkExperiment(params.name, params.block),
        read_arrays(snakemake.input.images),
        read_json(snakemake.input.source),
        backend=Backend(**params.backend),
        seed=params.seed,
    )
    write_csv(table, snakemake.output.table)
    Path(snakemake.output.tex).write_text(stability_tex(table), encoding="utf-8")
    log.info("%d of %d conventions converge", table["converges"].sum(), len(table))
