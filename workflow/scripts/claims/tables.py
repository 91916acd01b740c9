"""The ledger's files: points of the single claims to rows, rows to tables of the paper."""

from collections.abc import Sequence

import pandas as pd

from scripts.claims.ledger import row_of
from scripts.core.files import named_after, read_csv
from scripts.core.formats import code, in_brackets, significant, to_tex
from scripts.core.symbols import to_math

MAPS = ("crossover", "decomposition", "fake_labels")
"""Figures with a rule of their own: they show scaling laws and decompositions."""

ALIGN = (
    r">{\raggedright\arraybackslash}p{21mm}"
    r">{\raggedright\arraybackslash}p{52mm}"
    r"rrr"
    r">{\raggedright\arraybackslash}p{17mm}"
    r">{\raggedright\arraybackslash}p{17mm}"
)


def read_ledger(claims: dict[str, dict], points: Sequence[str]) -> pd.DataFrame:
    """One row a claim, in the config's order; ``points`` are the csv files of those tested."""
    files = named_after(points)
    empty = pd.DataFrame()
    return pd.DataFrame(
        [
            row_of(name, block, read_csv(files[name]) if name in files else empty)
            for name, block in claims.items()
        ]
    )


def ledger_tex(rows: pd.DataFrame, name: str) -> str:
    """A long table: where, statement, printed, corrected, measured, verdict, where it shows.

    Its caption is the macro \\<name>caption, its label tab:<name>.
    """
    head = ["where", "statement (the row's most telling point)", "printed", "corrected"]
    head += ["measured", "verdict", "shown in"]
    lines = []
    for row in rows.itertuples():
        identity = code(row.claim).replace("\\_", "\\_\\allowbreak ")
        where = f"{identity}\\newline {to_math(row.where)}"
        statement = to_math(row.statement)
        numbers = ["--", "--", "--"]
        if row.point:
            statement += f" ({to_math(row.point)})"
            sign = {"≥": "$\\ge$\\,", "≤": "$\\le$\\,"}.get(row.relation, "")
            corrected = "" if pd.isna(row.corrected) else significant(row.corrected)
            found = with_error(row.measured, row.standard_error)
            numbers = [sign + significant(row.predicted), corrected, found]
        cells = [where, statement, *numbers, row.verdict, references(row.shown_in)]
        lines.append(" & ".join(cells) + r" \\[2pt]")
    top = " & ".join(head) + r" \\"
    return "\n".join(
        [
            f"\\begin{{longtable}}{{@{{}}{ALIGN}@{{}}}}",
            f"\\caption{{\\{name}caption}}\\label{{tab:{name}}}\\\\",
            r"\toprule",
            top,
            r"\midrule",
            r"\endfirsthead",
            r"\toprule",
            top,
            r"\midrule",
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *lines,
            r"\end{longtable}",
            "",
        ]
    )


def with_error(measured: float, error: float) -> str:
    """A measured number with its standard error in brackets, or exact to four digits."""
    return in_brackets(measured, error, sign=False) if error > 0 else significant(measured)


def references(shown_in: str) -> str:
    """Figures and tables, names as in the results folder, as TeX references."""
    found = []
    for name in filter(None, shown_in.split(", ")):
        if name.startswith("fig"):
            found.append(f"fig.~\\ref{{fig:{name.removeprefix('fig')}}}")
        elif name in MAPS:
            found.append(f"fig.~\\ref{{fig:{name}}}")
        else:
            found.append(f"tab.~\\ref{{tab:{name}}}")
    return ", ".join(found)


def points_tex(points: dict[str, pd.DataFrame]) -> str:
    """Every point of a few claims: printed, corrected, measured, their difference in s.e."""
    rows = []
    for name, table in points.items():
        for i, row in enumerate(table.itertuples()):
            sign = {"at least": r"$\ge$\,", "at most": r"$\le$\,"}.get(row.relation, "")
            gap = abs(row.measured - row.printed)
            error = row.standard_error
            rows.append(
                (
                    code(name) if i == 0 else "",
                    to_math(row.point),
                    sign + significant(row.printed),
                    "" if pd.isna(row.corrected) else significant(row.corrected),
                    with_error(row.measured, error),
                    f"{gap / error:,.0f}" if error > 0 else "exact",
                )
            )
    head = ["", "point", "printed", "corrected", "measured", "s.e.\\ from print"]
    return to_tex(pd.DataFrame(rows), head, "llrrrr")


def check_shown(claims: dict[str, dict], known: Sequence[str]) -> None:
    """Raise ValueError for a claim that names a figure or table which the paper has not."""
    for name, block in claims.items():
        for shown in block["shown_in"]:
            if shown not in known:
                raise ValueError(
                    f"claims.{name}.shown_in: the paper has no figure or table {shown!r}; "
                    f"it has {', '.join(known)}"
                )
