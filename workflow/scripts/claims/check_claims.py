"""Print the ledger, or one claim measured anew; fail if a verdict has changed."""

import pandas as pd

from scripts.claims.checks import checks_of, measured
from scripts.claims.ledger import ledger_of, require_no_change
from scripts.core.files import tables_of
from scripts.core.job import job


def in_terminal(ledger: pd.DataFrame) -> str:
    """The ledger for a terminal, one line for each claim."""

    rows = [("claim", "where", "printed", "corrected", "measured", "s.e.", "verdict", "")]
    for row in ledger.itertuples():
        numbers = (row.predicted, row.corrected, row.measured, row.standard_error)
        cells = ["" if pd.isna(value) else f"{value:.5g}" for value in numbers]
        mark = "" if row.verdict == row.expected else f"<-- expected: {row.expected}"
        rows.append((row.claim, row.where, *cells, row.verdict, mark))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("  ".join(line).rstrip() for line in lines)


if __name__ == "__main__":
    with job(snakemake) as log:
        checks = {name: checks_of(table) for name, table in tables_of(snakemake.input).items()}
        for claim, test in snakemake.params.picked.items():
            checks[claim] = measured(claim, *test, snakemake.params.seed)
        ledger = ledger_of(snakemake.params.claims, checks)
        print(in_terminal(ledger), flush=True)
        require_no_change(ledger)
        log.info("%d claims as expected", len(ledger))
