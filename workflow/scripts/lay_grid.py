"""The points of one experiment to simulate."""

from pipeline.experiments import Experiment
from pipeline.files import write_csv
from pipeline.job import job
from pipeline.points import points_of

with job(snakemake) as log:
    experiment = Experiment(snakemake.params.experiment, snakemake.params.block)
    simulated = points_of(experiment)
    log.info("%d points to simulate", len(simulated))
    write_csv(simulated, snakemake.output.simulated)
