"""Plain text with the paper's symbols, as config and csv have it, to TeX."""

import re

# A character in TeX's math mode; private ones stand for letters with a mark.
SYMBOLS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon",
    "η": r"\eta", "κ": r"\kappa", "λ": r"\lambda", "ρ": r"\rho", "σ": r"\sigma", "φ": r"\phi",
    "Δ": r"\Delta", "Π": r"\Pi", "Σ": r"\Sigma", "ℓ": r"\ell", "ŵ": r"\widehat w",
    "∂": r"\partial", "∞": r"\infty", "‖": r"\Vert ", "√": r"\surd",
    "−": "-", "±": r"\pm ", "×": r"\times ", "·": r"\cdot ", "⋆": r"_\star",
    "≃": r"\simeq ", "≍": r"\asymp ", "≳": r"\gtrsim ", "≥": r"\ge ", "≤": r"\le ",
    "<": "<", ">": ">", "=": "=", "→": r"\to ", "²": "^2", "³": "^3",
    "\ue000": r"\widetilde{\mathrm{B}}", "\ue001": r"\widehat\Sigma ", "\ue002": r"\underline r ",
}  # fmt: skip
MARKED = {"B\u0303": "\ue000", "Σ\u0302": "\ue001", "r\u0332": "\ue002"}
SPECIAL = {char: f"\\{char}" for char in "%&#$_{}"}
TOKEN = re.compile(r"\^\{([^{}]*)\}|_\{([^{}]*)\}|\^([\w⋆])|_([A-Za-z]+|\d)|(.)", re.DOTALL)


def to_math(text: str) -> str:
    """TeX for text such as "E ≍ T^{−(b−a)c} at ℓ_crit": symbols, superscripts and subscripts in
    math mode, the rest as text. A 0 after σ, φ, T, κ or w is an index.
    """
    for marked, private in MARKED.items():
        text = text.replace(marked, private)
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
    """What stands in a superscript or subscript, in math mode already."""
    text = re.sub(r"_([A-Za-z]{2,})", r"_{\\mathrm{\1}}", text.replace("min", r"\min "))
    return "".join(SYMBOLS.get(char, char) for char in text)
