"""Bias, variance and collapse of each replicate and generation: (replicates, n+1, terms)."""

import numpy as np

from scripts.core.job import job
from scripts.core.simulated import simulated_terms
from scripts.decomposition.old import Decomposition

with job(snakemake) as log:
    chain = Decomposition(snakemake.params.decomposition, snakemake.params.block)
    np.savez(snakemake.output[0], terms=simulated_terms(chain, snakemake.params.seed, log))
