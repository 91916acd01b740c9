"""The recursion's error of a kernel ridge chain, from the spectrum that was estimated."""

from model_collapse.equivalents import Fit
from model_collapse.theory import equivalents_of, risk_of
from pipeline.files import read_csv, read_json, read_spectrum, write_csv
from pipeline.job import job
from pipeline.kernel_experiments import KernelExperiment

with job(snakemake) as log:
    block, spectrum = snakemake.params.block, read_spectrum(snakemake.input.problem)
    experiment = KernelExperiment(snakemake.wildcards.experiment, block)
    chain = equivalents_of(
        spectrum, experiment.generators(read_json(snakemake.input.source)["name"])
    )
    points = read_csv(snakemake.input.simulated)
    risks = [
        risk_of(
            spectrum, chain[: point.generation], Fit(point.samples, point.ridge, block["noise"])
        )
        for point in points.itertuples()
    ]
    table = points.assign(
        risk=[risk.total for risk in risks],
        bias=[risk.bias for risk in risks],
        variance=[risk.variance for risk in risks],
        collapse=[risk.collapse for risk in risks],
    )
    write_csv(table, snakemake.output[0])
    log.info("%d points", len(table))
