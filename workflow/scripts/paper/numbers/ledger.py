"""The ledger: counts of verdicts, and the measurements of claims that the text names."""

import pandas as pd

from scripts.output.formats import measured, number, significant, to_math
from scripts.paper.numbers.rows import one, rows

FALSE = ("err_9", "err_10", "err_11", "err_12", "err_13", "err_14")
OTHERS = ("gerstgrasser_few_rows", "alemohammad_fresh_real", "he_ridge", "he_retuned")
ADAPTIVE = ("final_adaptive_ridge", "final_adaptive_alone")
WITH_POINT = ("err_9", "gerstgrasser_few_rows", "alemohammad_fresh_real")
WITH_PRINTED = ("err_9", "err_11", "err_14")


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Counts of verdicts, and measurements of single claims, by name."""
    claims = tables["claims"]
    return {
        **verdicts(claims),
        **{
            f"claim.{name}": measured(
                value_of(claims, name, "measured"), value_of(claims, name, "standard_error")
            )
            for name in (*FALSE, *OTHERS, *ADAPTIVE)
        },
        **{f"claim.{name}.point": to_math(value_of(claims, name, "point")) for name in WITH_POINT},
        **{
            f"claim.{name}.printed": significant(value_of(claims, name, "predicted"))
            for name in WITH_PRINTED
        },
    }


def value_of(claims: pd.DataFrame, claim: str, column: str):
    """The value of a column for a claim."""
    return one(rows(claims, claim=claim)[column])


def verdicts(claims: pd.DataFrame) -> dict[str, str]:
    """The numbers of statements of the paper and of others, and of those that hold."""
    of_paper = claims["source"].isin(["v1", "final"])
    controls = claims["where"].str.contains("our control")
    papers = claims[of_paper & ~controls]["verdict"]
    others = claims[~of_paper]["verdict"]
    return {
        "ledger.rows": number(len(papers)),
        "ledger.holds": number((papers == "holds").sum()),
        "ledger.corrected": number((papers == "holds as corrected").sum()),
        "ledger.false": number((papers == "false").sum()),
        "ledger.others": number(len(others)),
        "ledger.others_hold": number((others == "holds").sum()),
        "ledger.others_false": number((others == "false").sum()),
        "ledger.points": number(claims["checks"].sum()),
        "ledger.all": number((claims["checks"] > 0).sum()),
    }
