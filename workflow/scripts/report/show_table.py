"""A table as a page that sorts by the column whose heading is clicked."""

from pathlib import Path
from string import Template

import pandas as pd

from scripts.step.files import read_csv
from scripts.step.job import job

DIGITS = "{:.4g}".format


def page(frame: pd.DataFrame, title: str, template: str) -> str:
    """A table in HTML, numbers to four digits, missing values empty."""
    table = frame.to_html(index=False, border=0, na_rep="", float_format=DIGITS, justify="left")
    return Template(template).substitute(title=title, table=table)


if __name__ == "__main__":
    with job(snakemake):
        template = Path(snakemake.input.template).read_text(encoding="utf-8")
        text = page(read_csv(snakemake.input.csv), snakemake.wildcards.table_name, template)
        Path(snakemake.output[0]).write_text(text, encoding="utf-8")
