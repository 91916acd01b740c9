"""Simulated means against theory at every simulated point, and the distribution of z."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.files import named_after, read_csv, write_csv
from pipeline.job import job
from pipeline.tables import agreement, agreement_tex, join, strays

with job(snakemake) as log:
    pairs = zip(snakemake.input.simulated, snakemake.input.theory, strict=True)
    points = pd.concat([join(read_csv(ours), read_csv(limit)) for ours, limit in pairs])
    points = points.reset_index(drop=True)
    files = named_after(snakemake.input.replicates)
    table = agreement(points, {name: np.load(path)["risks"] for name, path in files.items()})
    write_csv(points, snakemake.output.points)
    write_csv(table, snakemake.output.table)
    write_csv(strays(points), snakemake.output.strays)
    shown = table[table["experiment"].isin(snakemake.params.shown)]
    Path(snakemake.output.tex).write_text(agreement_tex(shown), encoding="utf-8")
    log.info("%d points, largest |z| %.2f", len(points), points["z"].abs().max())
