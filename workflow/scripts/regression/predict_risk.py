"""The recursion's test error, split into bias, variance and collapse, at every simulated point and
on the finer grid of the curves.
"""

from model_collapse.equivalents import Fit
from model_collapse.theory import equivalents_of, risk_of
from scripts.core.files import read_spectrum, write_csv
from scripts.core.job import job
from scripts.regression.old import Experiment
from scripts.regression.points import points_of

with job(snakemake) as log:
    spectrum = read_spectrum(snakemake.input.problem)
    experiment = Experiment(snakemake.params.experiment, snakemake.params.block)
    points = points_of(experiment, refine=snakemake.params.refinement, extend=True)
    chains = {
        n: equivalents_of(spectrum, experiment.generators(n), experiment.shared_design)
        for n in points["generation"].unique()
    }
    noise = snakemake.params.block["noise"]
    risks = [
        risk_of(spectrum, chains[point.generation], Fit(point.samples, point.ridge, noise))
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
