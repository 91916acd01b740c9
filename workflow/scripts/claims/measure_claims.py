"""Measure the claims of one module: printed, corrected and measured values at their points."""

from scripts.claims.checks import measured
from scripts.step.files import write_csv
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        for claim, (measured_by, setting) in snakemake.params.claims.items():
            checks = measured(claim, measured_by, setting, snakemake.params.seed)
            write_csv(checks, snakemake.output[claim], may_be_empty=["corrected"])
            log.info("%s\n%s", claim, checks.to_string())
