"""Networks: figures 5 and 6, of this build and of the reference run beside the sources."""

import pandas as pd

from scripts.output.formats import MILLI, escape, in_thousandths, number, setting
from scripts.paper.numbers.rows import largest, last_generation, one, rows, smallest, with_error
from scripts.paper.numbers.texts import WORDS, conventions, formatted, learning_rate, listed, plain
from scripts.step.files import KNEE


def numbers(config: dict, tables: dict) -> dict[str, str]:
    """Numbers of the section and of its appendix, by name."""
    images = tables["images"]["name"]
    features = config["random_features"]["fig5"]
    growth = tables["network_growth"]
    return {
        "networks.knee": number(KNEE),
        "fig5.widths": listed(features["widths"]),
        "fig5.rate_in_paper": setting(features["learning_rate"]),
        "fig5.scaling": WORDS[features["output_scaling"]],
        "fig5.n": number(features["generations"]),
        "fig5.limit": number(tables["fig5_theory"]["stable_learning_rate"].min()),
        **training("fig5", features, images),
        **training("fig6_fresh", config["networks"]["fig6_fresh"], images),
        **agreement("fig5", tables["network_agreement"]),
        **slopes(growth),
        **by_width("fig6_fresh", growth),
        "fig6_fresh.wide.bend": bend("fig6_fresh", growth),
        "fig6_continued.wide.bend": bend("fig6_continued", growth),
        **reference_run(tables),
    }


def training(name: str, block: dict, images: str) -> dict[str, str]:
    """The training of an experiment's networks."""
    sizes = block["sizes"][images]
    return {
        f"{name}.samples": number(sizes["samples"]),
        f"{name}.test_images": number(sizes["test_images"]),
        f"{name}.epochs": number(block["epochs"]),
        f"{name}.batch": number(block["batch_size"]),
        f"{name}.rate": learning_rate(block, images),
        f"{name}.noise": setting(block["generator_noise"]),
        f"{name}.loss": WORDS[block["loss"]],
        f"{name}.pixels": WORDS[block["pixels"]],
        f"{name}.initialisation": WORDS[block["initialisation"]],
        f"{name}.replicates": number(block["replicates"]),
    }


def agreement(prefix: str, table: pd.DataFrame) -> dict[str, str]:
    """SGD against its filter at the end, and the prediction from the spectrum after n = 0."""
    features = rows(table, experiment="fig5")
    later = features[features["generation"] > 0]["recursion_deviation"]
    sgd = one(last_generation(features)["relative_difference"])
    texts = {
        f"{prefix}.sgd_last": formatted(sgd, "+.1%"),
        f"{prefix}.recursion_from": formatted(later.min(), "+.0%"),
        f"{prefix}.recursion_to": formatted(later.max(), "+.0%"),
    }
    if prefix == "fig5":  # the text does not state that of the reference run
        first = one(rows(features, generation=0)["recursion_deviation"])
        texts[f"{prefix}.recursion_first"] = formatted(first, "+.0%")
    return texts


def slopes(growth: pd.DataFrame) -> dict[str, str]:
    """Growth per generation before and after n = KNEE, with a fixed hidden layer."""
    sgd = rows(growth, experiment="fig5", method="sgd")
    ridgeless = rows(growth, experiment="fig5", method="ridgeless")
    continued = rows(growth, experiment="fig5_continued", method="filter")
    return {
        "fig5.wide.early": in_thousandths(*with_error(sgd, "early")),
        "fig5.wide.late": in_thousandths(*with_error(sgd, "late")),
        "fig5.ridgeless_early": in_thousandths(*with_error(ridgeless, "early")),
        "fig5.ridgeless_late": in_thousandths(*with_error(ridgeless, "late")),
        "fig5_continued.filter_early": in_thousandths(*with_error(continued, "early")),
        "fig5_continued.filter_late": in_thousandths(*with_error(continued, "late")),
    }


def by_width(experiment: str, growth: pd.DataFrame) -> dict[str, str]:
    """The narrowest and the widest networks, and by how much their error grows, in thousandths."""
    networks = rows(growth, experiment=experiment)
    ends = {"narrow": smallest(networks, "width"), "wide": largest(networks, "width")}
    texts = {}
    for which, row in ends.items():
        texts[f"{experiment}.{which}.width"] = number(one(row["width"]))
        texts[f"{experiment}.{which}.growth"] = plain(MILLI * one(row["last"] - row["first"]))
    return texts


def bend(experiment: str, growth: pd.DataFrame) -> str:
    """The slope after n = KNEE minus the slope before it, for the widest networks."""
    widest = largest(rows(growth, experiment=experiment), "width")
    return in_thousandths(*with_error(widest, "bend"))


def reference_run(tables: dict) -> dict[str, str]:
    """The setting and the results of the reference run."""
    provenance = tables["reference_provenance"]
    growth = tables["reference_growth"]
    networks = provenance["networks"]
    images = provenance["images"]
    backend = provenance["backend"]
    fresh = rows(growth, experiment="fig6_fresh")
    mean_loss = by_width("fig6_mean_loss", growth)
    return {
        "reference.machine": escape(provenance["machine"]),
        "reference.backend": f"{backend['library']} on the {backend['device']}",
        "reference.minutes": number(round(sum(provenance["job_seconds"].values()) / 60)),
        "reference.images": escape(images.split(";")[0]),
        "reference.samples": number(one(fresh["samples"])),
        "reference.samples_features": number(one(rows(growth, experiment="fig5")["samples"])),
        "reference.fig5.setting": conventions(networks["fig5"], images),
        "reference.fig6.setting": conventions(networks["fig6_fresh"], images),
        **agreement("reference.fig5", tables["reference_agreement"]),
        "reference.fig6_fresh.wide.width": number(fresh["width"].max()),
        "reference.fig6_fresh.wide.bend": bend("fig6_fresh", growth),
        **{f"reference.{name}": text for name, text in mean_loss.items()},
        "reference.fig6_longer.epochs": setting(networks["fig6_longer"]["epochs"]),
        "reference.fig6_more_noise.noise": setting(networks["fig6_more_noise"]["generator_noise"]),
        "reference.fig6_smaller_step.rate": setting(networks["fig6_smaller_step"]["learning_rate"]),
    }
