"""The points of one experiment to simulate."""

from scripts.core.files import write_csv
from scripts.core.job import job
from scripts.regression.old import Experiment
from scripts.regression.points import points_of

with job(snakemake) as log:
    experiment = Experiment(snakemake.params.experiment, snakemake.params.block)
    simulated = points_of(experiment)
    log.info("%d points to simulate", len(simulated))
    write_csv(simulated, snakemake.output.simulated)
