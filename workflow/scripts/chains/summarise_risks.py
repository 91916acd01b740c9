"""Mean test error of each point with its standard error, and the risks of single replicates."""

import numpy as np

from model_collapse.statistics import standard_error
from scripts.step.files import POINT, read_arrays, read_csv, write_arrays, write_csv
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        output = snakemake.output
        risks = np.concatenate([read_arrays(path, "risks")["risks"] for path in files.risks])
        table = read_csv(files.points, POINT).assign(
            risk=risks.mean(axis=0), risk_se=standard_error(risks), replicates=len(risks)
        )
        write_csv(table, output.risks)
        write_arrays(output.replicates, risks=risks)
        log.info("%d replicates of %d points", *risks.shape)
