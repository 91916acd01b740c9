"""The numbers of the paper's prose as TeX macros, and the table of experiments."""

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.files import named_after, read_csv, read_json
from pipeline.job import job
from pipeline.network_numbers import NetworkFindings, network_numbers
from pipeline.numbers import Build, prose_numbers, to_macros
from pipeline.scaling_numbers import Findings, scaling_numbers
from pipeline.tables import experiments_tex

with job(snakemake) as log:
    files, config = snakemake.input, snakemake.params.config
    build = Build(
        config=config,
        simulated={name: read_csv(path) for name, path in named_after(files.simulated).items()},
        risks={
            name: np.load(path)["risks"] for name, path in named_after(files.replicates).items()
        },
        theory={name: read_csv(path) for name, path in named_after(files.theory).items()},
        points=read_csv(files.points),
        groups=read_csv(files.agreement),
        strays=read_csv(files.strays),
        images=read_json(files.images),
    )
    tables = named_after(files.tables)
    saturating = config["generation_tables"]["decomposition"][-1]
    findings = Findings(
        config=config,
        **{name.removeprefix("scaling_"): read_csv(path) for name, path in tables.items()},
        predicted_labels=pd.concat(map(read_csv, files.predicted_labels), ignore_index=True),
        simulated_labels=pd.concat(map(read_csv, files.simulated_labels), ignore_index=True),
        saturating=read_csv(named_after(files.terms_theory)[saturating]),
        saturating_terms=np.load(named_after(files.terms)[saturating])["terms"],
    )
    growth, agreement = map(read_csv, files.networks)
    networks = NetworkFindings(
        config=config,
        images=build.images["name"],
        growth=growth,
        agreement=agreement,
        theory={name: read_csv(path) for name, path in named_after(files.network_theory).items()},
        reference=read_csv(files.reference[0]),
        reference_agreement=read_csv(files.reference[1]),
        reference_record=read_json(files.reference[2]),
    )
    values = prose_numbers(build) | scaling_numbers(findings) | network_numbers(networks)
    Path(snakemake.output.numbers).write_text(to_macros(values), encoding="utf-8")
    Path(snakemake.output.experiments).write_text(
        experiments_tex(config["experiments"]), encoding="utf-8"
    )
    log.info("%d numbers", len(values))
