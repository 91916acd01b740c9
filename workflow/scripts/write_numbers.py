"""The numbers of the paper's prose as TeX macros, and the table of experiments."""

from pathlib import Path

from pipeline.files import named_after, read_csv, read_json, read_spectrum
from pipeline.job import job
from pipeline.numbers import prose_numbers, to_macros
from pipeline.tables import experiments_tex

with job(snakemake) as log:
    files = snakemake.input
    values = prose_numbers(
        snakemake.params.config,
        {name: read_csv(path) for name, path in named_after(files.simulated).items()},
        {name: read_csv(path) for name, path in named_after(files.theory).items()},
        {name: read_spectrum(path).null_risk for name, path in named_after(files.problems).items()},
        read_csv(files.points),
        read_csv(files.agreement),
        read_json(files.images),
    )
    Path(snakemake.output.numbers).write_text(to_macros(values), encoding="utf-8")
    Path(snakemake.output.experiments).write_text(
        experiments_tex(snakemake.params.config["experiments"]), encoding="utf-8"
    )
    log.info("%d numbers", len(values))
