"""Deterministic equivalents of the gradient-descent filter on the spectrum of the features."""

import pandas as pd

from scripts.core.files import read_arrays, write_csv
from scripts.core.job import job
from scripts.networks.old import NetworkExperiment
from scripts.networks.theory import predicted_risk, predicted_risks

with job(snakemake) as log:
    experiment = NetworkExperiment(snakemake.params.network, snakemake.params.block)
    widths, files = experiment.block["widths"], snakemake.input.spectra
    size, tables = len(files) // len(widths), []
    for i, width in enumerate(widths):
        runs, limits = [], []
        for path in files[i * size : (i + 1) * size]:
            run = read_arrays(path)
            runs.append(predicted_risk(experiment, run))
            limits.append(float(run["limit"]))
        tables.append(predicted_risks(experiment, width, runs, min(limits)))
        log.info("width %d: %d replicates", width, len(runs))
    write_csv(pd.concat(tables, ignore_index=True), snakemake.output[0])
