"""The ledger as csv and as tables of the paper; fails if the verdict of a claim has changed."""

from pathlib import Path

from scripts.claims.ledger import changed
from scripts.claims.tables import ledger_tex, points_tex, read_ledger
from scripts.core.files import named_after, read_csv, write_csv
from scripts.core.job import job

with job(snakemake) as log:
    ledger = read_ledger(snakemake.params.claims, snakemake.input.points)
    wrong = changed(ledger)
    if wrong:
        raise ValueError("claims with another verdict: " + "; ".join(wrong))
    write_csv(ledger, snakemake.output.ledger)
    is_erratum = ledger["erratum"] != ""
    for name, rows in (("claims", ledger[~is_erratum]), ("errata", ledger[is_erratum])):
        path = Path(snakemake.output[f"{name}_tex"])
        path.write_text(ledger_tex(rows, name), encoding="utf-8")
    files = named_after(snakemake.input.points)
    points = {name: read_csv(files[name]) for name in snakemake.params.point_by_point}
    Path(snakemake.output.points_tex).write_text(points_tex(points), encoding="utf-8")
    log.info("%d claims", len(ledger))
