"""The numbers of the paper's prose as TeX macros."""

from pathlib import Path

import pandas as pd

from scripts.core.files import arrays_of, read_csv, read_json, tables_of
from scripts.core.grids import PREDICTED, SIMULATED
from scripts.core.job import job
from scripts.paper.network_numbers import NetworkFindings, network_numbers
from scripts.paper.numbers import Build, prose_numbers, to_macros
from scripts.paper.scaling_numbers import Findings, scaling_numbers

with job(snakemake) as log:
    files, config = snakemake.input, snakemake.params.config
    build = Build(
        config=config,
        simulated=tables_of(files.simulated, SIMULATED),
        risks=arrays_of(files.replicates, "risks"),
        theory=tables_of(files.theory, PREDICTED),
        points=read_csv(files.points),
        groups=read_csv(files.agreement),
        strays=read_csv(files.strays),
        images=read_json(files.images),
    )
    tables = tables_of(files.tables)
    saturating = config["generation_tables"]["decomposition"][-1]
    findings = Findings(
        config=config,
        **{name.removeprefix("scaling_"): table for name, table in tables.items()},
        predicted_labels=pd.concat(map(read_csv, files.predicted_labels), ignore_index=True),
        simulated_labels=pd.concat(map(read_csv, files.simulated_labels), ignore_index=True),
        saturating=tables_of(files.terms_theory)[saturating],
        saturating_terms=arrays_of(files.terms, "terms")[saturating],
    )
    growth, agreement = map(read_csv, files.networks)
    networks = NetworkFindings(
        config=config,
        images=build.images["name"],
        growth=growth,
        agreement=agreement,
        theory=tables_of(files.network_theory),
        reference=read_csv(files.reference[0]),
        reference_agreement=read_csv(files.reference[1]),
        reference_record=read_json(files.reference[2]),
    )
    values = prose_numbers(build) | scaling_numbers(findings) | network_numbers(networks)
    Path(snakemake.output.numbers).write_text(to_macros(values), encoding="utf-8")
    log.info("%d numbers", len(values))
