"""Print the ledger, and fail with the names of the claims whose verdict has changed."""

from scripts.claims.ledger import changed, in_terminal
from scripts.claims.tables import read_ledger
from scripts.core.job import job

with job(snakemake) as log:
    ledger = read_ledger(snakemake.params.claims, snakemake.input.points)
    print(in_terminal(ledger), flush=True)
    wrong = changed(ledger)
    if wrong:
        raise ValueError("claims with another verdict: " + "; ".join(wrong))
    log.info("%d claims as expected", len(ledger))
