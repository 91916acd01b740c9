"""Write the ledger, csv and tables of the paper; fail if the verdict of a claim has changed."""

from collections.abc import Sequence

import pandas as pd

from scripts.claims.checks import checks_of
from scripts.claims.ledger import ledger_of, require_no_change
from scripts.core.files import tables_of
from scripts.core.formats import code, in_brackets, significant
from scripts.core.job import job
from scripts.core.symbols import to_math
from scripts.core.tables import Column, Table

SIGNS = {"≥": r"$\ge$\,", "at least": r"$\ge$\,", "≤": r"$\le$\,", "at most": r"$\le$\,"}
NONE = "--"  # a number of a claim that is not testable


class LongTable(Table):
    """A table over several pages; its caption is the macro \\<name>caption."""

    def write_long(self, table: pd.DataFrame, name: str, path: str) -> None:
        """Write the TeX."""
        shown = [column for column in self.columns if column.head is not None]
        head = [r"\toprule", " & ".join(column.head for column in shown) + r" \\", r"\midrule"]
        lines = [
            f"\\begin{{longtable}}{{@{{}}{''.join(column.align for column in shown)}@{{}}}}",
            f"\\caption{{\\{name}caption}}\\label{{tab:{name}}}\\\\",
            *(*head, r"\endfirsthead", *head, r"\endhead", r"\bottomrule", r"\endfoot"),
        ]
        for row in table.to_dict("records"):
            lines.append(" & ".join(column.cell(row) for column in shown) + r" \\[2pt]")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join([*lines, r"\end{longtable}", ""]))


def _place(name: str, where: str) -> str:
    identity = code(name).replace("\\_", "\\_\\allowbreak ")
    return f"{identity}\\newline {to_math(where)}"


def _statement(text: str, point: str) -> str:
    return to_math(text) + (f" ({to_math(point)})" if point else "")


def _printed(value: float, relation: str) -> str:
    return NONE if pd.isna(value) else SIGNS.get(relation, "") + significant(value)


def _corrected(value: float, measured: float) -> str:
    return significant(value) if pd.notna(value) else NONE if pd.isna(measured) else ""


def _measured(value: float, error: float) -> str:
    """A measured number with its standard error in brackets, or exact to four digits."""
    if pd.isna(value):
        return NONE
    return in_brackets(value, error, sign=False) if error > 0 else significant(value)


def _from_print(measured: float, printed: float, error: float) -> str:
    return f"{abs(measured - printed) / error:,.0f}" if error > 0 else "exact"


def references(shown_in: str, figures: Sequence[str]) -> str:
    """Figures and tables, names as in the results folder, as TeX references."""
    return ", ".join(
        f"fig.~\\ref{{fig:{name.removeprefix('fig')}}}" if name in figures
        else f"tab.~\\ref{{tab:{name}}}"
        for name in filter(None, shown_in.split(", "))
    )  # fmt: skip


def _ragged(width: int) -> str:
    return f">{{\\raggedright\\arraybackslash}}p{{{width}mm}}"


LEDGER = LongTable(
    Column("claim", "where", _place, also=["where"], align=_ragged(21)),
    Column("version"),
    Column("where"),
    Column(
        "statement",
        "statement (the row's most telling point)",
        _statement,
        also=["point"],
        align=_ragged(52),
    ),
    Column("answers", may_be_empty=True),
    Column("erratum", may_be_empty=True),
    Column("relation"),
    Column("point"),
    Column("predicted", "printed", _printed, also=["relation"], may_be_empty=True),
    Column("corrected", "corrected", _corrected, also=["measured"], may_be_empty=True),
    Column("measured", "measured", _measured, also=["standard_error"], may_be_empty=True),
    Column("standard_error", may_be_empty=True),
    Column("deviation", may_be_empty=True),
    Column("allowed", may_be_empty=True),
    Column("tolerance"),
    Column("tolerance_reason"),
    Column("checks"),
    Column("verdict", "verdict", align=_ragged(17)),
    Column("expected"),
    Column("shown_in", "shown in", lambda _, found: found, also=["references"], align=_ragged(17)),
)
COUNTEREXAMPLES = Table(
    Column("claim", "", lambda name: code(name) if name else "", align="l"),
    Column("point", "point", to_math, align="l"),
    Column("printed", "printed", _printed, also=["relation"]),
    Column("corrected", "corrected", _corrected, also=["measured"]),
    Column("measured", "measured", _measured, also=["standard_error"]),
    Column("measured", r"s.e.\ from print", _from_print, also=["printed", "standard_error"]),
)


def by_point(points: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every point of a few claims, the claim's name at its first."""
    tables = [rows.assign(claim=[name, *[""] * (len(rows) - 1)]) for name, rows in points.items()]
    return pd.concat(tables) if tables else pd.DataFrame()


if __name__ == "__main__":
    with job(snakemake) as log:
        params, output = snakemake.params, snakemake.output
        points = tables_of(snakemake.input)
        checks = {name: checks_of(table) for name, table in points.items()}
        ledger = ledger_of(params.claims, checks)
        require_no_change(ledger)
        ledger["references"] = [references(names, params.figures) for names in ledger["shown_in"]]
        LEDGER.write(ledger, output.ledger)
        is_erratum = ledger["erratum"] != ""
        LEDGER.write_long(ledger[~is_erratum], "claims", output.claims)
        LEDGER.write_long(ledger[is_erratum], "errata", output.errata)
        shown = {name: points[name] for name in params.claims if params.claims[name]["by_point"]}
        COUNTEREXAMPLES.write_tex(by_point(shown), output.by_point)
        log.info("%d claims", len(ledger))
