"""The points of one experiment to simulate, and the finer grid of its theory curves."""

from pipeline.experiments import Experiment
from pipeline.files import write_csv
from pipeline.job import job
from pipeline.points import points_of

with job(snakemake) as log:
    experiment = Experiment(snakemake.params.experiment, snakemake.params.block)
    simulated = points_of(experiment)
    predicted = points_of(experiment, refine=snakemake.params.refinement, extend=True)
    log.info("%d points to simulate, %d to predict", len(simulated), len(predicted))
    write_csv(simulated, snakemake.output.simulated)
    write_csv(predicted, snakemake.output.predicted)
