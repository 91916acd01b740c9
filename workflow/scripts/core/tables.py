"""Tables: one list of columns says what the csv holds, which cells may be empty, and the TeX."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from scripts.core.files import write_csv
from scripts.core.formats import to_tex


@dataclass(frozen=True)
class Column:
    """A column: its name in the csv, and its head, cell and alignment in TeX.

    Without a name it is in the TeX only; without a head in the csv only. ``form`` is given the
    cells of ``name`` and of the columns ``also``, and returns TeX.
    """

    name: str | None
    head: str | None = None
    form: Callable[..., str] = str
    also: Sequence[str] = ()
    align: str = "r"
    may_be_empty: bool = False

    def cell(self, row: dict) -> str:
        """The TeX of this column in one row of the csv."""
        names = ([] if self.name is None else [self.name]) + list(self.also)
        return self.form(*(row[name] for name in names))


class Table:
    """A table of results by its columns; ``gap`` and ``above`` are those of to_tex."""

    def __init__(self, *columns: Column, gap: int = 0, above: str = ""):
        self.columns, self.gap, self.above = columns, gap, above

    @property
    def names(self) -> list[str]:
        """Columns of the csv."""
        return [column.name for column in self.columns if column.name is not None]

    def write(self, table: pd.DataFrame, csv: str, tex: str | None = None) -> None:
        """Write the csv and, if asked for, the TeX.

        Raises ValueError if columns differ from the list, or a number is missing where none may be.
        """
        if set(table) != set(self.names):
            wrong = sorted(set(table) ^ set(self.names))
            raise ValueError(f"{csv}: {', '.join(wrong)} must be in the table and in its columns")
        may_be_empty = [column.name for column in self.columns if column.may_be_empty]
        write_csv(table[self.names], csv, may_be_empty=may_be_empty)
        if tex:
            with open(tex, "w", encoding="utf-8") as file:
                file.write(self.tex(table))

    def tex(self, table: pd.DataFrame) -> str:
        """A booktabs tabular of the columns that have a head."""
        shown = [column for column in self.columns if column.head is not None]
        rows = [[column.cell(row) for column in shown] for row in table.to_dict("records")]
        align = "".join(column.align for column in shown)
        heads = [column.head for column in shown]
        return to_tex(pd.DataFrame(rows), heads, align, gap=self.gap, above=self.above)
