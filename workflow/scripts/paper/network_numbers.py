"""Numbers of the prose about networks, figures 5 and 6, by name."""

from dataclasses import dataclass

import pandas as pd

from scripts.core.formats import MILLI, escape, in_brackets, in_thousandths, number, setting
from scripts.core.grids import KNEE

FEATURES = ("fig5", "fig5_continued")
NETWORKS = ("fig6_fresh", "fig6_continued", "fig6_control", "fig6_mean_loss", "fig6_fresh_images")
"""Blocks of random_features and networks that the text speaks of."""
BENT = ("fig5", "fig5_continued", "fig6_fresh", "fig6_continued")
"""Those whose slopes before and after n = 4 it compares."""
NEEDED = {
    "fig5": {"start": "fresh"},
    "fig5_continued": {"start": "continued"},
    "fig6_fresh": {"start": "fresh", "image_draw": "same", "loss": "sum"},
    "fig6_continued": {"start": "continued"},
    "fig6_control": {"start": "continued", "generator_noise": 0},
    "fig6_mean_loss": {"loss": "mean"},
    "fig6_fresh_images": {"image_draw": "fresh"},
}
"""What the text says of a block. In all else it is like the first of its kind, which captions
describe, but for FREE.
"""
FREE = {"random_features": ("widths", "sizes", "replicates", "generations")}
FREE["networks"] = ("widths", "replicates", "generations")


def check_network_text(config: dict) -> None:
    """Raise ValueError if the config lacks, or contradicts, what the text says of networks."""
    for section, names in (("random_features", FEATURES), ("networks", NETWORKS)):
        blocks = config[section]
        for name in names:
            if name not in blocks:
                raise ValueError(f"{section}.{name}: the paper's text needs this experiment")
            if name in BENT and blocks[name]["generations"] < KNEE + 2:
                raise ValueError(
                    f"{section}.{name}.generations: the paper's text compares slopes before and "
                    f"after n = {KNEE} and needs at least {KNEE + 2}"
                )
            if name in FEATURES and len(blocks[name]["widths"]) > 1:
                raise ValueError(f"{section}.{name}.widths: the paper's text needs a single width")
            for key, value in blocks[name].items():
                if key in NEEDED[name]:
                    if value != NEEDED[name][key]:
                        raise ValueError(
                            f"{section}.{name}.{key}: the paper's text needs {NEEDED[name][key]}"
                        )
                elif key not in FREE[section] and value != blocks[names[0]][key]:
                    raise ValueError(
                        f"{section}.{name}.{key}: the paper's text needs the value of {names[0]}, "
                        f"{blocks[names[0]][key]}"
                    )


@dataclass(frozen=True)
class NetworkFindings:
    """What the numbers are read off: config, tables of this build, those of the reference run.

    ``theory`` holds the recursion's table of each block of random_features; ``images`` is "mnist"
    or "digits".
    """

    config: dict
    images: str
    growth: pd.DataFrame
    agreement: pd.DataFrame
    theory: dict[str, pd.DataFrame]
    reference: pd.DataFrame
    reference_agreement: pd.DataFrame
    reference_record: dict


def network_numbers(found: NetworkFindings) -> dict[str, str]:
    """TeX by name, errors in thousandths. The config must have passed check_network_text."""
    values: dict[str, str] = {}
    for name in (*FEATURES, *NETWORKS):
        values |= _settings(name, found)
    values |= _growth("", found.growth) | _growth("reference.", found.reference)
    values |= _features(found)
    record = found.reference_record
    minutes = sum(record["job_seconds"].values()) / 60
    return values | {
        "networks.knee": number(KNEE),
        **_reference_settings(record["networks"]),
        "reference.machine": escape(record["machine"]),
        "reference.backend": f"{record['backend']['library']} on the {record['backend']['device']}",
        "reference.fig5.setting": _in_words(record, "fig5"),
        "reference.fig6.setting": _in_words(record, "fig6_fresh"),
        "reference.minutes": number(round(minutes)),
        "reference.samples_features": number(_samples(found.reference, "fig5")),
        "reference.samples": number(_samples(found.reference, "fig6_fresh")),
        "reference.images": escape(record["images"].split(";")[0]),
    }


def _samples(growth: pd.DataFrame, name: str) -> int:
    return int(growth.loc[growth["experiment"] == name, "samples"].iloc[0])


def _settings(name: str, found: NetworkFindings) -> dict:
    block = (found.config["random_features"] | found.config["networks"])[name]
    sizes = block["sizes"][found.images]
    return {
        f"{name}.widths": _listed(block["widths"]),
        f"{name}.samples": number(sizes["samples"]),
        f"{name}.test_images": number(sizes["test_images"]),
        f"{name}.epochs": number(block["epochs"]),
        f"{name}.batch": number(block["batch_size"]),
        f"{name}.rate": setting(block["learning_rate"]),
        f"{name}.noise": setting(block["generator_noise"]),
        f"{name}.loss": LOSSES[block["loss"]],
        f"{name}.pixels": PIXELS[block["pixels"]],
        f"{name}.initialisation": INITIALISATIONS[block["initialisation"]],
        f"{name}.scaling": SCALINGS[block["output_scaling"]],
        f"{name}.n": number(block["generations"]),
        f"{name}.replicates": number(block["replicates"]),
    }


PIXELS = {
    "unit": "scaled to $[0,1]$",
    "centred": "scaled to $[0,1]$ and centred",
    "standardized": "standardised",
}
INITIALISATIONS = {
    "uniform": r"uniform within $\pm1/\sqrt{\text{fan-in}}$ (PyTorch's default)",
    "normal": r"normal with variances $2/\text{fan-in}$ and $1/\text{fan-in}$",
}
LOSSES = {"sum": "summed", "mean": "averaged"}
SCALINGS = {"none": "no further scaling", "inverse_sqrt_width": r"outputs scaled by $1/\sqrt H$"}
"""Conventions in words."""


def _in_words(record: dict, name: str) -> str:
    """Setting and conventions of a block of the reference run."""
    block = record["networks"][name]
    sizes = block["sizes"]["mnist" if record["images"].startswith("MNIST") else "digits"]
    parts = (
        f"{number(sizes['samples'])} training and {number(sizes['test_images'])} test images",
        f"{number(block['replicates'])} replicates",
        f"{number(block['epochs'])} epochs",
        f"batch {number(block['batch_size'])}",
        f"learning rate {setting(block['learning_rate'])}",
        f"$\\sigma_0={setting(block['generator_noise'])}$",
        f"pixels {PIXELS[block['pixels']]}",
        f"loss {LOSSES[block['loss']]} over outputs",
        f"weights {INITIALISATIONS[block['initialisation']]}",
        SCALINGS[block["output_scaling"]],
    )
    return ", ".join(parts)


def _reference_settings(blocks: dict) -> dict:
    """Settings by which blocks of the reference run differ."""
    return {
        f"reference.{name}.{key}": setting(block[of])
        for name, block in blocks.items()
        for key, of in (
            ("epochs", "epochs"),
            ("rate", "learning_rate"),
            ("noise", "generator_noise"),
        )
    }


def _listed(values: list) -> str:
    texts = [number(value) for value in values]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _growth(prefix: str, growth: pd.DataFrame) -> dict:
    """Slopes of the narrowest and the widest networks of each experiment, by SGD."""
    values = {}
    for name, group in growth[growth["method"] == "sgd"].groupby("experiment"):
        ends = {"narrow": group["width"].idxmin(), "wide": group["width"].idxmax()}
        for which, index in ends.items():
            row, where = group.loc[index], f"{prefix}{name}.{which}"
            values |= {
                f"{where}.width": number(row["width"]),
                f"{where}.first": number(MILLI * row["first"]),
                f"{where}.last": number(MILLI * row["last"]),
                f"{where}.growth": number(MILLI * (row["last"] - row["first"])),
            }
            for key in ("early", "late", "bend", "quadratic"):
                values[f"{where}.{key}"] = in_thousandths(row[key], row[f"{key}_se"])
    return values


def _features(found: NetworkFindings) -> dict:
    """SGD, filter, ridgeless limit and recursion of the networks with a fixed hidden layer."""
    kept = found.reference_agreement[found.reference_agreement["experiment"] == "fig5"]
    later = kept[kept["generation"] > 0]["recursion_deviation"]
    values = {
        "reference.fig5.sgd_last": _percent(kept.iloc[-1]["relative_difference"], 1),
        "reference.fig5.recursion_from": _percent(later.min()),
        "reference.fig5.recursion_to": _percent(later.max()),
    }
    for name in FEATURES:
        table = found.agreement[found.agreement["experiment"] == name]
        first, last = table.iloc[0], table.iloc[-1]
        later = table[table["generation"] > 0]["recursion_deviation"]
        rows = found.growth[found.growth["experiment"] == name].set_index("method")
        values |= {
            f"{name}.limit": number(found.theory[name]["stable_learning_rate"].min()),
            f"{name}.first": in_brackets(MILLI * first["sgd"], MILLI * first["sgd_se"], sign=False),
            f"{name}.last": in_brackets(MILLI * last["sgd"], MILLI * last["sgd_se"], sign=False),
            f"{name}.sgd_first": _percent(first["relative_difference"], 1),
            f"{name}.sgd_last": _percent(last["relative_difference"], 1),
            f"{name}.recursion_first": _percent(first["recursion_deviation"]),
            f"{name}.recursion_from": _percent(later.min()),
            f"{name}.recursion_to": _percent(later.max()),
        }
        for method in ("filter", "ridgeless"):
            for key in ("early", "late", "bend"):
                row = rows.loc[method]
                values[f"{name}.{method}_{key}"] = in_thousandths(row[key], row[f"{key}_se"])
    return values


def _percent(value: float, digits: int = 0) -> str:
    return f"${100 * value:+.{digits}f}\\,\\%$"
