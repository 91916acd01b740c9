"""Mean test error of each width, method and generation, and the risks of single replicates."""

import numpy as np

from model_collapse.slopes import standard_error
from scripts.core.files import read_arrays, write_csv
from scripts.core.job import job
from scripts.networks.old import NetworkExperiment

with job(snakemake) as log:
    experiment = NetworkExperiment(snakemake.params.network, snakemake.params.block)
    table = experiment.points(snakemake.params.methods)
    parts = [read_arrays(path, "risks")["risks"] for path in snakemake.input.risks]
    size = len(parts) // len(snakemake.params.block["widths"])  # files of one width
    axis = snakemake.params.axis  # 0: a file a replicate, 1: a file a generation
    blocks = [np.concatenate(parts[i : i + size], axis) for i in range(0, len(parts), size)]
    risks = np.concatenate(blocks, axis=1)
    table = table.assign(
        risk=risks.mean(axis=0), risk_se=standard_error(risks), replicates=len(risks)
    )
    write_csv(table, snakemake.output.risks)
    np.savez(snakemake.output.replicates, risks=risks)
    log.info("%d replicates of %d points", *risks.shape)
