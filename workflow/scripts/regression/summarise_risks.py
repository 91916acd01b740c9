"""Mean test error of each point with its standard error, and the risks of single replicates."""

import numpy as np

from model_collapse.slopes import standard_error
from scripts.core.files import read_arrays, read_csv, write_csv
from scripts.core.grids import POINT
from scripts.core.job import job

with job(snakemake) as log:
    risks = np.concatenate([read_arrays(path, "risks")["risks"] for path in snakemake.input.risks])
    table = read_csv(snakemake.input.simulated, POINT).assign(
        risk=risks.mean(axis=0), risk_se=standard_error(risks), replicates=len(risks)
    )
    write_csv(table, snakemake.output.risks)
    np.savez(snakemake.output.replicates, risks=risks)
    log.info("%d replicates of %d points", *risks.shape)
