"""The numbers of the paper's prose as TeX macros, and the table of experiments."""

from pathlib import Path

import numpy as np

from pipeline.files import named_after, read_csv, read_json
from pipeline.job import job
from pipeline.numbers import Build, prose_numbers, to_macros
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
    values = prose_numbers(build)
    Path(snakemake.output.numbers).write_text(to_macros(values), encoding="utf-8")
    Path(snakemake.output.experiments).write_text(
        experiments_tex(config["experiments"]), encoding="utf-8"
    )
    log.info("%d numbers", len(values))
