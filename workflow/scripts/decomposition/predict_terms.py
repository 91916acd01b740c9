"""Bias, variance and collapse by the recursion, generation by generation, of all chains."""

import math

import pandas as pd

from model_collapse.problem.fits import TERMS
from model_collapse.theory.paper import collapse_rate
from model_collapse.theory.recursion import bias_increase, chain_risk, expected_norm
from scripts.decomposition.settings import Followed
from scripts.step.files import write_csv
from scripts.step.job import job


def predicted_terms(block: Followed) -> pd.DataFrame:
    """TERMS of each generation by the recursion, and the paper's nσ0²ρ where it has one."""
    spectrum = block.problem
    fit = block.downstream
    rate = collapse_rate(spectrum, block.generator_samples, fit)
    constant = block.generator_ridge == 0 and not block.growth
    rows = []
    for n in range(block.generations + 1):
        chain = block.chain(n)
        risk = chain_risk(spectrum, chain, fit)
        increase = bias_increase(spectrum, chain, fit)
        norm = expected_norm(spectrum, chain)
        paper = n * block.generator_noise**2 * rate if constant else math.nan
        rows.append((n, risk.bias, risk.variance, risk.collapse, increase, norm, paper))
    return pd.DataFrame(rows, columns=["generation", *TERMS, "paper_collapse"])


if __name__ == "__main__":
    with job(snakemake) as log:
        blocks = snakemake.params.blocks
        for (name, block), path in zip(blocks.items(), snakemake.output, strict=True):
            table = predicted_terms(Followed(**block))
            write_csv(table, path, may_be_empty=["paper_collapse"])
            log.info("%s: %d generations", name, len(table) - 1)
