"""What paper/numbers.yaml makes of what it reads: derived numbers, and text."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from model_collapse.protocol import Fit
from model_collapse.scaling import best_ridge
from model_collapse.slopes import standard_error
from model_collapse.theory import equivalents_of, risk_of
from scripts.core.files import distinct
from scripts.core.formats import code, number, setting, to_math
from scripts.core.spectra import Generators

WORDS = {  # of the config, in the text
    "unit": "scaled to $[0,1]$",
    "centred": "scaled to $[0,1]$ and centred",
    "standardized": "standardised",
    "uniform": r"uniform within $\pm1/\sqrt{\text{fan-in}}$ (PyTorch's default)",
    "normal": r"normal with variances $2/\text{fan-in}$ and $1/\text{fan-in}$",
    "sum": "summed",
    "mean": "averaged",
    "none": "no further scaling",
    "inverse_sqrt_width": r"outputs scaled by $1/\sqrt H$",
}


def excess_of(curves: pd.DataFrame, rule: str) -> pd.DataFrame:
    """How much larger a ridge rule's error is than that at the best ridge, as a share, at each n
    and T.
    """
    wide = curves.pivot_table(index=["generation", "samples"], columns="ridge_rule", values="risk")
    return (wide[rule] / wide["best"] - 1).rename("excess").reset_index()


def last_collapse(terms: np.ndarray) -> tuple[float, float]:
    """The collapse of the last generation, mean and standard error over replicates, of
    (replicates, generations, terms).
    """
    collapse = terms[:, -1, 2]
    return float(collapse.mean()), float(standard_error(collapse))


def best(block: dict, n: int, which: str) -> float:
    """Theory's smallest error over the ridge after n generations at one T, or that ridge."""
    chain = _generators(block)
    stages = equivalents_of(chain.problem, chain.generators(n), chain.shared_design)
    ridge = best_ridge(chain.problem, stages, block["samples"], block["noise"])
    fit = Fit(block["samples"], ridge, block["noise"])
    return {"ridge": ridge, "risk": risk_of(chain.problem, stages, fit).total}[which]


def _generators(block: dict) -> Generators:
    return Generators(**{key: block[key] for key in Generators.model_fields})


def ceiling(block: dict, n: int) -> float:
    """nσ0²φ0/(1−φ0): what n generations of least squares cost with endless downstream data."""
    d, size = block["spectrum"]["d"], block["generator_samples"]
    return n * block["generator_noise"] ** 2 * d / (size - d)


def lost(block: dict, n: int) -> float:
    """The share of |w0|² that n noiseless generators lose; one shared design takes it once."""
    kept = min(block["generator_samples"] / block["spectrum"]["d"], 1.0)
    return 1 - kept ** (1 if block["shared_design"] else n)


def compared(panels: list[dict], generations: list[int]) -> list[int]:
    """Generations of the first panel that divides by another rule: its own, or all n ≥ 1."""
    own = next((panel["generations"] for panel in panels if panel["relative_to"]), None)
    return own or [n for n in generations if n > 0]


def form(value: float, spec: str) -> str:
    """A number as Python formats it, % for TeX; in math mode if it shows its sign."""
    text = f"{value:{spec}}".replace("%", "\\,\\%")
    return f"${text}$" if "+" in spec else text


def reasons(cells: pd.DataFrame) -> str:
    """Why cells are not asymptotic, and how many for each reason."""
    counts = cells["why_not_asymptotic"].value_counts(sort=False)
    parts = [f"{to_math(reason)} ({count} cells)" for reason, count in counts.items()]
    return "; ".join(parts).replace("(1 cells)", "(1 cell)") or "none"


def _set_of(images: str) -> str:
    """The key of sizes, "mnist" or "digits", for images of this name or description."""
    return "digits" if images == "digits" or "scikit-learn" in images else "mnist"


def learning_rate(block: dict, images: str) -> str:
    """That of a block of networks, trained on images of this name or description."""
    factor = block["factor_on_digits"] if _set_of(images) == "digits" else 1
    return setting(block["learning_rate"] * factor)


def conventions(block: dict, images: str) -> str:
    """Setting and conventions of a block of networks."""
    sizes = block["sizes"][_set_of(images)]
    return (
        f"{number(sizes['samples'])} training and {number(sizes['test_images'])} test images, "
        f"{number(block['replicates'])} replicates, {number(block['epochs'])} epochs, "
        f"batch {number(block['batch_size'])}, learning rate {learning_rate(block, images)}, "
        f"$\\sigma_0={setting(block['generator_noise'])}$, pixels {WORDS[block['pixels']]}, "
        f"loss {WORDS[block['loss']]} over outputs, weights {WORDS[block['initialisation']]}, "
        f"{WORDS[block['output_scaling']]}"
    )


SHORT: dict[str, Callable] = {
    # of tables and arrays
    "stacked": lambda *tables: pd.concat(tables, ignore_index=True),
    "distinct_points": lambda points: points[distinct(points)],
    "of_points": lambda points, risks: risks[:, points.index],
    "lowest": lambda curves: curves.loc[curves.groupby("generation")["risk"].idxmin()],
    # The value of a column nearest to one on a logarithmic axis.
    "nearest": lambda table, key, to: min(table[key], key=lambda value: abs(np.log(value / to))),
    # of a block of the config
    "null_risk": lambda block: _generators(block).problem.null_risk,
    # text
    "percents": lambda low, high: f"{100 * low:.0f} to {100 * high:.0f}\\,\\%",
    "span": lambda *values: " to ".join(map(number, sorted({min(values), max(values)}))),
    "listed": lambda values: ", ".join(map(number, values)) or "none",
    "names": lambda values: " and ".join(map(code, values)) or "none",
    "or_none": lambda count: number(count) if count else "none",
    "words": WORDS.__getitem__,
    "before": lambda text, mark: text.split(mark)[0],
    "minutes": lambda seconds: round(sum(seconds.values()) / 60),
    "backend": lambda found: f"{found['library']} on the {found['device']}",
}
