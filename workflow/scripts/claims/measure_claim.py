"""One claim of the ledger: what is printed, corrected and measured at each of its points."""

from scripts.claims.ledger import points_of
from scripts.claims.registry import tests
from scripts.core.files import write_csv
from scripts.core.job import job

with job(snakemake) as log:
    name = snakemake.params.claim
    checks = tests()[name](snakemake.params.seed, **snakemake.params.setting)
    write_csv(points_of(checks), snakemake.output[0])
    for check in checks:
        log.info("%s: measured %.6g, printed %.6g", check.point, check.measured, check.printed)
