"""The numbers of the article's prose as TeX macros: one module for each section."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.paper.article import NUMBERS, check_numbers
from scripts.paper.numbers import (
    agreement,
    fake_labels,
    figures_1_and_2,
    generations,
    images,
    ledger,
    networks,
    remedies,
    scaling,
)
from scripts.step import files
from scripts.step.job import job

SECTIONS = (
    *(figures_1_and_2, agreement, scaling, generations),
    *(fake_labels, images, networks, remedies, ledger),
)
READERS = {".csv": files.read_csv, ".json": files.read_json, ".npz": files.read_arrays}


def all_numbers(config: dict[str, Any], tables: Mapping[str, Any]) -> dict[str, str]:
    """The texts of all sections by name, in the order of names.

    Parameters
    ----------
    config : the whole config as plain values, as the paper states it
    tables : the rule's inputs by their names there: frames, records, or arrays by name

    Raises
    ------
    ValueError
        If a table does not have the one value that the text needs, or two sections define a number;
        the sentence names the section's file.
    """
    texts: dict[str, str] = {}
    for section in SECTIONS:
        where = f"{NUMBERS}/{section.__name__.rpartition('.')[2]}.py"
        try:
            new = section.numbers(config, tables)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        for name in sorted(new.keys() & texts.keys()):
            raise ValueError(f"{where}: another section defines the number {name}, too")
        texts |= new
    return dict(sorted(texts.items()))


def macros(texts: Mapping[str, str]) -> str:
    r"""TeX that defines each number for \val{name}."""
    return "".join(f"\\defval{{{name}}}{{{text}}}\n" for name, text in texts.items())


if __name__ == "__main__":
    with job(snakemake) as log:
        paths = dict(snakemake.input.items())
        article = "\n".join(Path(part).read_text(encoding="utf-8") for part in paths.pop("article"))
        tables = {name: READERS[Path(path).suffix](path) for name, path in paths.items()}
        texts = all_numbers(snakemake.params.config, tables)
        check_numbers(texts, article)
        Path(snakemake.output[0]).write_text(macros(texts), encoding="utf-8")
        log.info("%d numbers", len(texts))
