"""Simulated means against theory at every simulated point, and the distribution of z."""

from pathlib import Path

import pandas as pd

from scripts.core.files import arrays_of, tables_of, write_csv
from scripts.core.formats import agreement, agreement_tex, join, strays
from scripts.core.grids import PREDICTED, SIMULATED
from scripts.core.job import job

with job(snakemake) as log:
    simulated = tables_of(snakemake.input.simulated, SIMULATED)
    theory = tables_of(snakemake.input.theory, PREDICTED)
    points = pd.concat([join(simulated[name], theory[name]) for name in simulated])
    points = points.reset_index(drop=True)
    table = agreement(points, arrays_of(snakemake.input.replicates, "risks"))
    write_csv(points, snakemake.output.points)
    write_csv(table, snakemake.output.table)
    write_csv(strays(points), snakemake.output.strays)
    shown = table[table["experiment"].isin(snakemake.params.shown)]
    Path(snakemake.output.tex).write_text(agreement_tex(shown), encoding="utf-8")
    log.info("%d points, largest |z| %.2f", len(points), points["z"].abs().max())
