"""The numbers of the article's prose as TeX macros, by the addresses in paper/numbers.yaml."""

import operator
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from model_collapse import exponents
from scripts.core import files, formats
from scripts.core.job import job
from scripts.paper import forms
from scripts.paper.numbers import BOOK, REFERENCE, Book, at, parse


class Prose:
    """The numbers of a book, read off ``paths`` by their names in it and ``settings`` by key."""

    def __init__(self, book: Book, paths: Mapping[str, str], settings: Mapping[str, Any]):
        self.book, self.paths, self.settings = book, paths, settings
        self.known: dict[str, Any] = {}

    def macros(self) -> str:
        r"""TeX that defines each number for \val{name}. Raises ValueError as value()."""
        texts = {name: _text(self.value(name)) for name in sorted(self.book.numbers)}
        return "".join(f"\\defval{{{name}}}{{{text}}}\n" for name, text in texts.items())

    def value(self, name: str) -> Any:
        """An entry as its steps leave it. Raises ValueError, naming it, if an address leads
        nowhere.
        """
        if name not in self.known:
            entry = self.book.entries[name]
            try:
                self.known[name] = self._made(entry) if isinstance(entry, str) else entry
            except ValueError as error:
                raise ValueError(f"{BOOK}: {name}: {error}") from None
        return self.known[name]

    def _made(self, entry: str) -> Any:
        addresses, steps = parse(entry)
        values = tuple(value for address in addresses for value in self._read(*address))
        for name, *words in steps:
            if _is_missing(values[0]):
                return "none"
            found = step(name)(*values, *(yaml.safe_load(self._filled(word)) for word in words))
            values = found if isinstance(found, tuple) else (found,)
        return values[0] if len(values) == 1 else values

    def _read(self, head: str, queries: list[str], expression: str) -> list:
        path = self.paths.get(head)
        if head.startswith("{"):
            table = self.value(head[1:-1])
        elif path is None:
            return [getattr(files, head) if head.isupper() else self.settings[head]]
        elif head.endswith(".csv"):
            table = files.read_csv(path)
        elif head.endswith(".json"):
            return [at(files.read_json(path), expression)]
        else:
            return [files.read_arrays(path, expression)[expression]]
        for query in queries:
            table = table.query(self._filled(query), engine="python")
        if not expression:
            return [table]
        where = f"{head}, rows of {' and '.join(queries)}" if queries else head
        return [cell(table, self._filled(part), where) for part in expression.split(" ± ")]

    def _filled(self, text: str) -> str:
        """The text with values in place of its references."""
        return REFERENCE.sub(lambda match: repr(_plain(self.value(match[1]))), text)


def step(name: str) -> Callable:
    """The function of a step's name."""
    modules = (forms, formats, exponents, np, operator)
    known = (getattr(module, name) for module in modules if hasattr(module, name))
    return forms.SHORT.get(name) or next(known)


def cell(table: pd.DataFrame, expression: str, where: str) -> Any:
    """One number or text of a table; sums over no rows are 0, means missing.

    Raises ValueError, saying ``where``, if there is none, or more than one.
    """
    try:
        found = (table if len(table) else table.astype(float)).eval(expression, engine="python")
    except Exception as error:  # a column that is not there, the largest of no rows
        raise ValueError(f"{where}: {expression!r} cannot be had ({error})") from None
    if not isinstance(found, pd.Series):
        return found
    if found.nunique(dropna=False) != 1:
        raise ValueError(f"{where}: {expression!r} is {found.nunique()} values, not one")
    return found.iloc[0]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_missing(value: Any) -> bool:
    return isinstance(value, float) and np.isnan(value)


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return formats.measured(*value)
    if isinstance(value, str):
        return value
    return "none" if _is_missing(value) else formats.number(value)


if __name__ == "__main__":
    with job(snakemake) as log:
        book = Book(Path(snakemake.input.book).read_text(encoding="utf-8"))
        paths = dict(zip(book.files, snakemake.input.files, strict=True))
        text = Prose(book, paths, snakemake.params.settings).macros()
        Path(snakemake.output[0]).write_text(text, encoding="utf-8")
        log.info("%d numbers", len(book.numbers))
