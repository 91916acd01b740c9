"""TeX for numbers, names, and plain text with the paper's symbols."""

import math
import re

MILLI = 1000  # errors of networks are printed in thousandths


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
    return "--" if math.isnan(value) else f"${value + 0.0:+.{decimals}f}$"


def in_brackets(mean: float, error: float, *, sign: bool = True) -> str:
    """A mean with its standard error in the last two digits in brackets, 0.1234(56), for TeX.

    Errors below 1e-4 show as one digit of the fourth decimal at least; no error, no brackets.
    """
    plus = "+" if sign else ""
    if not 0 < error < math.inf or abs(mean) >= 1e4 or error < 1e-9 * abs(mean):
        return f"${mean:{plus}.4g}$"
    decimals = max(1 - math.floor(math.log10(error)), 0)
    decimals = min(decimals, 4 - math.floor(math.log10(max(abs(mean), 1e-3))))
    digits = max(round(error * 10**decimals), 1)
    return f"${mean:{plus}.{decimals}f}({digits})$"


def in_thousandths(mean: float, error: float, *, sign: bool = True) -> str:
    """in_brackets of MILLI times a mean and its error; to three decimals where both are below them.

    A dash for nan.
    """
    if not math.isfinite(mean):
        return "--"
    if MILLI * max(abs(mean), error) < 5e-4:
        return "$0.000$"
    return in_brackets(MILLI * mean, MILLI * error, sign=sign)


def significant(value: float, digits: int = 4) -> str:
    """A number for TeX to that many significant digits, infinity and signs in math."""
    if not math.isfinite(value):
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


def code(text: str) -> str:
    """A name of the config for TeX."""
    return f"\\texttt{{{escape(text)}}}"


def ragged(width: int) -> str:
    """The alignment of a column of text that many mm wide."""
    return f">{{\\raggedright\\arraybackslash}}p{{{width}mm}}"


def percent(share: float, decimals: int = 0) -> str:
    """A share as a percentage with its sign, to that many decimals, for TeX."""
    return f"${100 * share:+.{decimals}f}\\,\\%$"


def at_most(share: float) -> str:
    """A share as a percentage for TeX, rounded up, so that "at most" is true."""
    return f"{math.ceil(100 * share - 1e-9)}\\,\\%"


# Characters, and letters with a combining mark, in TeX's math mode.
SYMBOLS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "ζ": r"\zeta", "η": r"\eta", "κ": r"\kappa", "λ": r"\lambda", "π": r"\pi", "ρ": r"\rho",
    "σ": r"\sigma", "φ": r"\phi",
    "Δ": r"\Delta", "Π": r"\Pi", "Σ": r"\Sigma", "ℓ": r"\ell", "ŵ": r"\widehat w",
    "∂": r"\partial", "∞": r"\infty", "‖": r"\Vert ", "√": r"\surd",
    "−": "-", "±": r"\pm ", "×": r"\times ", "·": r"\cdot ", "⋆": r"_\star",
    "≃": r"\simeq ", "≍": r"\asymp ", "≳": r"\gtrsim ", "≥": r"\ge ", "≤": r"\le ", "≫": r"\gg ",
    "<": "<", ">": ">", "=": "=", "→": r"\to ", "²": "^2", "³": "^3",
    "B\u0303": r"\widetilde{\mathrm{B}}", "Σ\u0302": r"\widehat\Sigma ",
    "r\u0332": r"\underline r ",
}  # fmt: skip
MARKED = "|".join(symbol for symbol in SYMBOLS if len(symbol) > 1)
LETTER = f"(?!{MARKED})[A-Za-z]"
SPECIAL = {char: f"\\{char}" for char in "%&#$_{}"}
CHARACTER = re.compile(f"{MARKED}|.", re.DOTALL)
TOKEN = re.compile(
    rf"\^\{{([^{{}}]*)\}}|_\{{([^{{}}]*)\}}|\^(?!{MARKED})([\w⋆])|_((?:{LETTER})+|\d)|({MARKED}|.)",
    re.DOTALL,
)


def to_math(text: str) -> str:
    """TeX for text such as "E ≍ T^{−(b−a)c} at ℓ_crit": symbols, superscripts and subscripts in
    math mode, the rest as text. A 0 after σ, φ, T, κ or w is an index.
    """
    text = re.sub(r"(?<=[σφTκw])0", "_0", text)
    return "".join(map(_token, TOKEN.finditer(text))).replace("“", "``").replace("”", "''")


def _token(match: re.Match) -> str:
    above, below, raised, lowered, char = match.groups()
    if above is not None or raised is not None:
        return f"\\ensuremath{{^{{{_inner(above or raised)}}}}}"
    if below is not None or lowered is not None:
        inside = below or lowered
        plain = f"\\mathrm{{{inside}}}" if len(inside) > 1 and inside.isalpha() else _inner(inside)
        return f"\\ensuremath{{_{{{plain}}}}}"
    if char in SYMBOLS:
        return f"\\ensuremath{{{SYMBOLS[char]}}}"
    return SPECIAL.get(char, char)


def _inner(text: str) -> str:
    """TeX for a superscript or subscript, which is in math mode already."""
    words = rf"_((?:{LETTER}){{2,}})"
    text = re.sub(words, r"_{\\mathrm{\1}}", text.replace("min", r"\min "))
    return CHARACTER.sub(lambda char: SYMBOLS.get(char[0], char[0]), text)
