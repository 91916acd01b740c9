"""Tables: one list of columns says what the csv holds, which cells may be empty, and the TeX."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from model_collapse.statistics import Slope, standard_error
from scripts.step.files import write_csv


@dataclass(frozen=True)
class Column:
    """A column: its name in the csv, and its head, cell and alignment in TeX.

    Without a name it is in the TeX only; without a head in the csv only. ``form`` is given the
    cells of ``name`` and of the columns ``also``, and returns TeX. ``once``: not in TeX where the
    row above, not set apart, has the same.
    """

    name: str | None
    head: str | None = None
    form: Callable[..., str] = str
    also: Sequence[str] = ()
    align: str = "r"
    may_be_empty: bool = False
    once: bool = False

    def cell(self, row: dict, above: dict) -> str:
        """The TeX of this column in one row of the csv, below another or below {}."""
        names = ([] if self.name is None else [self.name]) + list(self.also)
        if self.once and above and all(above[name] == row[name] for name in names):
            return ""
        return self.form(*(row[name] for name in names))


def with_error(
    name: str, head: str, form: Callable[..., str], *, may_be_empty: bool = False
) -> list[Column]:
    """Columns of a mean and of its standard error, ``name``_se; one in TeX."""
    error = f"{name}_se"
    mean = Column(name, head, form, also=[error], may_be_empty=may_be_empty)
    return [mean, Column(error, may_be_empty=may_be_empty)]


def mean_of(name: str, values: np.ndarray) -> dict[str, float]:
    """The cells of such columns, from one value for each replicate."""
    return {name: values.mean(), f"{name}_se": standard_error(values)}


def slope_of(name: str, slope: Slope) -> dict[str, float]:
    """The cells of such columns, of a slope."""
    return {name: slope.value, f"{name}_se": slope.standard_error}


class Table:
    """A table of results by its columns.

    A little space in TeX before a row that differs from the last in one of the columns ``apart``;
    ``above`` is a line of TeX over the head.
    """

    def __init__(self, *columns: Column, apart: Sequence[str] = (), above: str = ""):
        self.columns = columns
        self.apart = list(apart)
        self.above = above

    @property
    def names(self) -> list[str]:
        """Columns of the csv."""
        return [column.name for column in self.columns if column.name is not None]

    def of_each(self, rows: Callable[..., Iterable[dict]], *by_name: Mapping) -> pd.DataFrame:
        """``rows`` of all experiments, one below the other, from arguments given by experiment."""
        records = [
            {"experiment": name} | row
            for name in by_name[0]
            for row in rows(*(values[name] for values in by_name))
        ]
        return pd.DataFrame(records, columns=self.names)

    def write(self, table: pd.DataFrame, csv: str, tex: str | None = None) -> None:
        """Write the csv and, if asked for, the TeX; what only TeX needs stays out of the csv.

        Raises ValueError if columns differ from the list, or a number is missing where none may be.
        """
        only_tex = {name for column in self.columns for name in column.also} - set(self.names)
        if wrong := set(self.names) ^ (set(table) - only_tex):
            names = ", ".join(sorted(wrong))
            raise ValueError(f"{csv}: {names} must be in the table and in its columns")
        may_be_empty = [column.name for column in self.columns if column.may_be_empty]
        write_csv(table[self.names], csv, may_be_empty=may_be_empty)
        if tex:
            self.write_tex(table, tex)

    def write_tex(self, table: pd.DataFrame, path: str) -> None:
        """Write the TeX alone."""
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.tex(table))

    def tex(self, table: pd.DataFrame) -> str:
        """A booktabs tabular of the columns that have a head."""
        shown = [column for column in self.columns if column.head is not None]
        lines = []
        last = {}
        for row in table.to_dict("records"):
            if any(last and last[name] != row[name] for name in self.apart):
                lines[-1] += "[3pt]"
                last = {}
            lines.append(" & ".join(column.cell(row, last) for column in shown) + r" \\")
            last = row
        heads = " & ".join(column.head for column in shown) + r" \\"
        above = [self.above] if self.above else []
        head = [r"\toprule", *above, heads, r"\midrule"]
        return "\n".join([*self.layout("".join(c.align for c in shown), head, lines), ""])

    def layout(self, align: str, head: list[str], lines: list[str]) -> list[str]:
        """The lines of the whole, given those of its head and body."""
        begin = f"\\begin{{tabular}}{{{align}}}"
        return [begin, *head, *lines, r"\bottomrule", r"\end{tabular}"]
