"""Rows and single values of the tables that the article's numbers are read from."""

from typing import Any

import numpy as np
import pandas as pd


def rows(table: pd.DataFrame, **values: Any) -> pd.DataFrame:
    """The rows whose columns have these values: rows(growth, experiment="fig5", method="sgd")."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def last_generation(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the largest generation."""
    return table[table["generation"] == table["generation"].max()]


def largest(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows in which a column is largest, such as those of the widest network."""
    return table[table[column] == table[column].max()]


def smallest(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows in which a column is smallest."""
    return table[table[column] == table[column].min()]


def one(column: pd.Series) -> Any:
    """The value that all rows of a column share, as plain Python.

    Raises ValueError, naming the column, if there are no rows or several values.
    """
    values = column.drop_duplicates()
    if len(values) != 1:
        raise ValueError(f"the column {column.name!r} has {len(values)} values where one belongs")
    value = values.iloc[0]
    return value.item() if isinstance(value, np.generic) else value


def with_error(table: pd.DataFrame, column: str) -> tuple[float, float]:
    """The one mean in a column and its standard error, which stands in the column ``<name>_se``.

    Raises ValueError as ``one`` does.
    """
    return one(table[column]), one(table[f"{column}_se"])
