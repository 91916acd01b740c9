"""The recursion's error of a kernel ridge chain, from the spectrum that was estimated, and from
half of the images.
"""

from model_collapse.equivalents import Fit
from model_collapse.theory import equivalents_of, risk_of
from scripts.core.files import read_csv, read_json, read_spectrum, write_csv
from scripts.core.grids import POINT
from scripts.core.job import job
from scripts.kernels.old import KernelExperiment

with job(snakemake) as log:
    block, points = snakemake.params.block, read_csv(snakemake.input.simulated, POINT)
    experiment = KernelExperiment(snakemake.params.experiment, block)
    generators = experiment.generators(read_json(snakemake.input.source)["name"])
    risks = {}
    for which in ("", "half_"):
        spectrum = read_spectrum(snakemake.input.problem, which)
        chain = equivalents_of(spectrum, generators)
        risks[which] = [
            risk_of(spectrum, chain[: p.generation], Fit(p.samples, p.ridge, block["noise"]))
            for p in points.itertuples()
        ]
    table = points.assign(
        risk=[risk.total for risk in risks[""]],
        bias=[risk.bias for risk in risks[""]],
        variance=[risk.variance for risk in risks[""]],
        collapse=[risk.collapse for risk in risks[""]],
        risk_half_the_images=[risk.total for risk in risks["half_"]],
    )
    write_csv(table, snakemake.output[0])
    log.info("%d points", len(table))
