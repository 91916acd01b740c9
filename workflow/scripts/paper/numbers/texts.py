"""TeX for numbers, lists, and settings of networks in the article's prose."""

import math
from collections.abc import Iterable

from scripts.output.formats import code, number, setting

WORDS = {  # for values of the config
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
NONE = "none"  # for the mean of no rows, or a claim that a small build does not measure


def plain(value: float) -> str:
    """A number to three digits, or "none" where it is missing."""
    return NONE if math.isnan(value) else number(value)


def formatted(value: float, spec: str) -> str:
    """A number in one of Python's formats, "none" where it is missing; in math mode with a sign.

    >>> formatted(0.256, ".0%"), formatted(0.256, "+.1f")
    ('26\\\\,\\\\%', '$+0.3$')
    """
    if math.isnan(value):
        return NONE
    text = f"{value:{spec}}".replace("%", "\\,\\%")
    return f"${text}$" if "+" in spec else text


def span(*values: float) -> str:
    """The smallest and the largest of some numbers, "10 to 20", or the only one."""
    return " to ".join(number(value) for value in sorted({min(values), max(values)}))


def listed(values: Iterable[float]) -> str:
    """Numbers with commas between them."""
    return ", ".join(number(value) for value in values) or NONE


def names(values: Iterable[str]) -> str:
    """Names of the config, with "and" between them."""
    return " and ".join(code(value) for value in values) or NONE


def _image_set(images: str) -> str:
    """The key of sizes, "mnist" or "digits", for images of this name or description.

    Images of a folder that are not MNIST are as large as MNIST's.
    """
    return "digits" if images == "digits" or "scikit-learn" in images else "mnist"


def learning_rate(block: dict, images: str) -> str:
    """The learning rate of a block of networks on images of this name or description."""
    factor = block["factor_on_digits"] if _image_set(images) == "digits" else 1
    return setting(block["learning_rate"] * factor)


def conventions(block: dict, images: str) -> str:
    """The setting and the conventions of a block of networks, on images of this description."""
    sizes = block["sizes"][_image_set(images)]
    return (
        f"{number(sizes['samples'])} training and {number(sizes['test_images'])} test images, "
        f"{number(block['replicates'])} replicates, {number(block['epochs'])} epochs, "
        f"batch {number(block['batch_size'])}, learning rate {learning_rate(block, images)}, "
        f"$\\sigma_0={setting(block['generator_noise'])}$, pixels {WORDS[block['pixels']]}, "
        f"loss {WORDS[block['loss']]} over outputs, weights {WORDS[block['initialisation']]}, "
        f"{WORDS[block['output_scaling']]}"
    )
