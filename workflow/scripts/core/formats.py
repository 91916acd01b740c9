"""Tables: simulation against theory, the experiments, and how a number is written in TeX."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from model_collapse.slopes import standard_error
from scripts.core.grids import POINT

MILLI = 1000  # errors of networks are printed in thousandths
FEW_SAMPLES = 10
"""Up to this T the high-dimensional limit is off by a finite-size bias, and reported apart."""


def join(simulated: pd.DataFrame, theory: pd.DataFrame) -> pd.DataFrame:
    """Simulated points with theory's risk beside them, z = (mean − theory)/standard error, and
    the relative deviation. Raises ValueError if theory lacks a simulated point.
    """
    both = simulated.merge(theory, on=POINT, how="left", suffixes=("", "_theory"), validate="1:1")
    if both["risk_theory"].isna().any():
        lost = both.loc[both["risk_theory"].isna(), POINT].iloc[0].to_dict()
        raise ValueError(f"theory has no value at the simulated point {lost}")
    difference = both["risk"] - both["risk_theory"]
    both["z"] = difference / both["risk_se"]
    both["deviation"] = difference / both["risk_theory"]
    columns = [*POINT, "risk", "risk_se", "replicates", "risk_theory", "z", "deviation"]
    return both[columns]


def distinct(points: pd.DataFrame) -> np.ndarray:
    """Which joined points are not a repetition of an earlier one: booleans, (points,).

    Rules that meet in one λ, or generations on one shared noiseless design, give one number.
    """
    same = points[["experiment", "samples"]].assign(risk=points["risk"].map("{:.9g}".format))
    return ~same.duplicated().to_numpy()


def agreement(points: pd.DataFrame, risks: dict[str, np.ndarray]) -> pd.DataFrame:
    """Distribution of z in each experiment over distinct joined points, T ≤ FEW_SAMPLES apart.

    ``risks`` holds each experiment's risks, (replicates, points) in the points' order. group_z
    tests a group as a whole, correlated as its points are: the relative deviation from theory,
    averaged over the points of each replicate, in standard errors over replicates.
    """
    rows = []
    for name, group in points.groupby("experiment", sort=False):
        relative = risks[name] / group["risk_theory"].to_numpy() - 1
        few, once = (group["samples"] <= FEW_SAMPLES).to_numpy(), distinct(group)
        for sizes, kept in (
            (f"T ≤ {FEW_SAMPLES}", few & once),
            (f"T > {FEW_SAMPLES}", ~few & once),
        ):
            if not kept.any():
                continue
            z, deviation = group["z"][kept], relative[:, kept].mean(axis=1)
            rows.append(
                {
                    "experiment": name,
                    "sizes": sizes,
                    "replicates": len(deviation),
                    "points": len(z),
                    "minimum": z.min(),
                    "quartile_1": z.quantile(0.25),
                    "median": z.median(),
                    "quartile_3": z.quantile(0.75),
                    "maximum": z.max(),
                    "share_within_2": np.mean(np.abs(z) <= 2),
                    "group_z": deviation.mean() / standard_error(deviation),
                    "largest_deviation": group["deviation"][kept].abs().max(),
                }
            )
    return pd.DataFrame(rows)


def strays(points: pd.DataFrame) -> pd.DataFrame:
    """Distinct points at T ≥ 30 with |z| > 3 that are also more than 2 % from theory."""
    stray = (points["samples"] >= 30) & (points["z"].abs() > 3) & (points["deviation"].abs() > 0.02)
    return points[stray & distinct(points)]


def to_tex(
    table: pd.DataFrame, head: Sequence[str], align: str, *, gap: int = 0, above: str = ""
) -> str:
    """A booktabs tabular of a frame whose cells are already text.

    A little space after every ``gap`` rows; ``above`` is a line of TeX over the head.
    """
    lines = [" & ".join(map(str, row)) + r" \\" for row in table.itertuples(index=False)]
    if gap:
        lines = [
            line + (r"[3pt]" if (i + 1) % gap == 0 and i + 1 < len(lines) else "")
            for i, line in enumerate(lines)
        ]
    return "\n".join(
        [
            f"\\begin{{tabular}}{{{align}}}",
            r"\toprule",
            *([above] if above else []),
            " & ".join(head) + r" \\",
            r"\midrule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def number(value: float, digits: int = 3) -> str:
    """A measured number for TeX, to that many significant digits; whole numbers in full."""
    if value < 0:
        return f"\\ensuremath{{-{number(-value, digits)}}}"
    if value == int(value) and value < 1e7:
        return f"{int(value):,}".replace(",", "{,}")
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    if -4 < int(exponent) < 6:
        return f"{value:.{max(digits - 1 - int(exponent), 0)}f}"
    return _power_of_ten(mantissa, int(exponent))


def measured(mean: float, error: float) -> str:
    """A mean ± its standard error for TeX, the error to two digits; the mean alone without one."""
    if not error > 0:
        return number(mean)
    decimals = max(1 - math.floor(math.log10(error)), 0)
    return f"\\ensuremath{{{mean:.{decimals}f} \\pm {error:.{decimals}f}}}"


def setting(value: float) -> str:
    """A number of the config for TeX: all its digits and no more."""
    if 0.01 <= abs(value) < 1e7 or value == 0:
        return number(value) if value == int(value) else f"{value:g}"
    mantissa, exponent = f"{value:e}".split("e")
    return _power_of_ten(mantissa.rstrip("0").rstrip("."), int(exponent))


def _power_of_ten(mantissa: str, exponent: int) -> str:
    factor = "" if mantissa == "1" else mantissa + "\\times "
    return f"\\ensuremath{{{factor}10^{{{exponent}}}}}"


def signed(value: float, decimals: int = 2) -> str:
    """A number with its sign, to that many decimals; a dash for nan."""
    return "--" if np.isnan(value) else f"${value + 0.0:+.{decimals}f}$"


def in_brackets(mean: float, error: float, *, sign: bool = True) -> str:
    """A mean with its standard error in the last two digits in brackets, 0.1234(56), for TeX.

    Errors below 1e-4 show as one digit of the fourth decimal at least; no error, no brackets.
    """
    plus = "+" if sign else ""
    if not error > 0 or not np.isfinite(error):
        return f"${mean:{plus}.4g}$"
    if abs(mean) >= 1e4 or error < 1e-9 * abs(mean):
        return f"${mean:{plus}.4g}$"
    decimals = max(1 - math.floor(math.log10(error)), 0)
    decimals = min(decimals, 4 - math.floor(math.log10(max(abs(mean), 1e-3))))
    digits = max(round(error * 10**decimals), 1)
    return f"${mean:{plus}.{decimals}f}({digits})$"


def in_thousandths(mean: float, error: float, *, sign: bool = True) -> str:
    """in_brackets of MILLI times a mean and its error; to three decimals where both are below them.

    A dash for nan.
    """
    if not np.isfinite(mean):
        return "--"
    if MILLI * max(abs(mean), error) < 5e-4:
        return "$0.000$"
    return in_brackets(MILLI * mean, MILLI * error, sign=sign)


def significant(value: float, digits: int = 4) -> str:
    """A number for TeX to that many significant digits, infinity and signs in math."""
    if not np.isfinite(value):
        return "$\\infty$"
    if value != 0 and not 1e-4 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.{digits - 2}e}".split("e")
        return f"${mantissa}\\cdot10^{{{int(exponent)}}}$"
    return f"${value:.{digits}g}$"


def escape(text: str) -> str:
    """Text for TeX."""
    for char in "_%&#":
        text = text.replace(char, f"\\{char}")
    return text.replace("×", r"$\times$").replace("≤", r"$\le$").replace(">", "$>$")


def agreement_tex(table: pd.DataFrame) -> str:
    """The table of agreement() for the paper."""
    rows = pd.DataFrame(
        {
            "experiment": table["experiment"].map(code),
            "sizes": table["sizes"].map(escape),
            "replicates": table["replicates"].map(number),
            "points": table["points"].map(number),
            **{
                name: table[name].map(signed)
                for name in ("minimum", "quartile_1", "median", "quartile_3", "maximum")
            },
            "share": [f"{100 * share:.0f}\\,\\%" for share in table["share_within_2"]],
            "group": table["group_z"].map(signed),
            "deviation": [f"{100 * value:.1f}\\,\\%" for value in table["largest_deviation"]],
        }
    )
    head = ["experiment", "sizes", "repl.", "points", "min", r"$\frac14$", "median", r"$\frac34$"]
    return to_tex(rows, [*head, "max", r"$|z|\le2$", "group $z$", "dev."], "ll" + "r" * 10)


def code(text: str) -> str:
    """A name of the config for TeX."""
    return f"\\texttt{{{escape(text)}}}"


def percent(share: float) -> str:
    """A share as a whole percentage with its sign, for TeX."""
    return f"${100 * share:+.0f}\\,\\%$"


def at_most(share: float) -> str:
    """A share as a percentage for TeX, rounded up, so that "at most" is true."""
    return f"{math.ceil(100 * share - 1e-9)}\\,\\%"


def experiments_tex(experiments: dict[str, dict]) -> str:
    """All Gaussian experiments with their parameters, for the paper's appendix."""
    rows = []
    for name, block in experiments.items():
        spectrum = block["spectrum"]
        law = (
            "$\\Sigma=I$"
            if spectrum["name"] == "isotropic"
            else (f"$\\beta={spectrum['beta']:g},\\ r={spectrum['r']:g}$")
        )
        rows.append(
            (
                code(name),
                law,
                number(spectrum["d"]),
                number(block["generator_samples"]),
                setting(block["generator_noise"]),
                setting(block["noise"]),
                "shared" if block["shared_design"] else "independent",
                _sweep_tex(block["samples"]),
                escape(", ".join(block["ridge_rules"])),
                number(block["replicates"]),
            )
        )
    head = ["experiment", "spectrum", "$d$", "$T_0$", r"$\sigma_0$", r"$\sigma$", "designs", "$T$"]
    return to_tex(
        pd.DataFrame(rows),
        [*head, "ridge rules", "repl."],
        r"llrrrrll>{\raggedright\arraybackslash}p{26mm}r",
    )


def _sweep_tex(sweep) -> str:
    if isinstance(sweep, dict):
        return f"{setting(sweep['from'])}--{setting(sweep['to'])}"
    return ", ".join(map(number, sweep)) if isinstance(sweep, list) else number(sweep)
