"""Write the ledger, csv and tables of the article; fail if the verdict of a claim has changed."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from scripts.claims.ledger import ledger_of, require_no_change
from scripts.claims.settings import VERSIONS
from scripts.output.formats import code, in_brackets, ragged, significant, to_math
from scripts.output.tables import Column, Table
from scripts.step.files import tables_of
from scripts.step.job import job

SIGNS = {"≥": r"$\ge$\,", "at least": r"$\ge$\,", "≤": r"$\le$\,", "at most": r"$\le$\,"}
MARKS = {"holds": r"$+$", "holds as corrected": r"$\pm$", "false": r"$-$", "not testable": "?"}
STATEMENT = "statement (the row's most telling point)"
NONE = "--"  # a number of a claim that is not testable


def _place(name: str, where: str, source: str) -> str:
    identity = code(name).replace("\\_", "\\_\\allowbreak ")
    cited = "" if source in VERSIONS else f"\\cite{{{source}}}, "
    return f"{identity}\\newline {cited}{to_math(where)}"


def _statement(text: str, point: str) -> str:
    return to_math(f"{text} ({point})" if point else text)


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
        f"fig.~\\ref{{fig:{name}}}" if name in figures
        else f"tab.~\\ref{{tab:{name}}}"
        for name in filter(None, shown_in.split(", "))
    )  # fmt: skip


ROW = (
    Column("claim", "where", _place, also=["where", "source"], align=ragged(21)),
    *map(Column, ("source", "where")),
    Column("statement", STATEMENT, _statement, also=["point"], align=ragged(49)),
    *(Column(name, may_be_empty=True) for name in ("answers", "erratum")),
    *map(Column, ("relation", "point")),
    Column("predicted", "printed", _printed, also=["relation"], may_be_empty=True),
    Column("corrected", "corrected", _corrected, also=["measured"], may_be_empty=True),
    Column("measured", "measured", _measured, also=["standard_error"], may_be_empty=True),
    *(Column(name, may_be_empty=True) for name in ("standard_error", "deviation", "allowed")),
    *map(Column, ("tolerance", "tolerance_reason", "checks")),
    Column("verdict", "verdict", lambda verdict: f"{MARKS[verdict]} {verdict}", align=ragged(16)),
    Column("expected"),
    Column(
        "shown_in",
        "shown in",
        lambda _, references: references,
        also=["references"],
        align=ragged(15),
    ),
)
COUNTEREXAMPLES = Table(
    Column("claim", "", code, align="l", once=True),
    Column("point", "point", to_math, align="l"),
    Column("printed", "printed", _printed, also=["relation"]),
    Column("corrected", "corrected", _corrected, also=["measured"]),
    Column("measured", "measured", _measured, also=["standard_error"]),
    Column("measured", r"s.e.\ from print", _from_print, also=["printed", "standard_error"]),
)


def long_table(name: str, ledger: pd.DataFrame) -> str:
    r"""The ledger over several pages, the head on each; its caption is the macro \<name>caption."""
    begin, *head, lines = Table(*ROW).tex(ledger).split("\n", 4)
    align = begin.removeprefix(r"\begin{tabular}{").removesuffix("}")
    *lines, bottom, _ = lines.splitlines()
    lines_of_table = [
        f"\\begin{{longtable}}{{@{{}}{align}@{{}}}}",
        f"\\caption{{\\{name}caption}}\\label{{tab:{name}}}\\\\",
        *(*head, r"\endfirsthead", *head, r"\endhead", bottom, r"\endfoot"),
        *(f"{line}[2pt]" for line in lines),
        r"\end{longtable}",
        "",
    ]
    return "\n".join(lines_of_table)


if __name__ == "__main__":
    with job(snakemake) as log:
        params = snakemake.params
        output = snakemake.output
        points = tables_of(snakemake.input)
        ledger = ledger_of(params.claims, points)
        require_no_change(ledger)
        ledger["references"] = [references(names, params.figures) for names in ledger["shown_in"]]
        Table(*ROW).write(ledger, output.ledger)
        of_paper = ledger["source"].isin(VERSIONS)
        is_erratum = ledger["erratum"] != ""
        tables = {"claims": of_paper & ~is_erratum, "errata": is_erratum, "literature": ~of_paper}
        for name, chosen in tables.items():
            Path(output[name]).write_text(long_table(name, ledger[chosen]), encoding="utf-8")
        shown = [name for name, claim in params.claims.items() if claim["by_point"]]
        by_point = [points[name].assign(claim=name) for name in shown]
        COUNTEREXAMPLES.write_tex(pd.concat([pd.DataFrame(), *by_point]), output.by_point)
        log.info("%d claims", len(ledger))
