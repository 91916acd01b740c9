"""Print the ledger, or one claim measured anew; fail if a verdict has changed."""

import pandas as pd

from scripts.claims.checks import measured
from scripts.claims.ledger import ledger_of, require_no_change
from scripts.step.files import tables_of
from scripts.step.job import job

SHOWN = ["where", "predicted", "corrected", "measured", "standard_error", "verdict", "expected"]


def in_terminal(ledger: pd.DataFrame) -> str:
    """The ledger for a terminal, a line for each claim; ``expected`` if the verdict is another."""
    expected = ledger["expected"].mask(ledger["expected"] == ledger["verdict"], "")
    table = ledger.assign(expected=expected).set_index("claim")[SHOWN]
    table = table.rename_axis(index=None, columns="claim")
    return table.to_string(na_rep="", float_format="{:.5g}".format, line_width=None)


if __name__ == "__main__":
    with job(snakemake) as log:
        checks = tables_of(snakemake.input)
        for claim, (measured_by, setting) in snakemake.params.picked.items():
            checks[claim] = measured(claim, measured_by, setting, snakemake.params.seed)
        ledger = ledger_of(snakemake.params.claims, checks)
        print(in_terminal(ledger), flush=True)
        require_no_change(ledger)
        log.info("%d claims as expected", len(ledger))
