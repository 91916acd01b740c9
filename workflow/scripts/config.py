"""The whole config: a model for each section, checks across sections, and how it is read."""

import json
import os
import re
from collections.abc import Iterator
from itertools import chain, permutations
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator
from snakemake.exceptions import WorkflowError

from model_collapse.statistics import LEAST_POINTS
from scripts.chains.settings import Figure
from scripts.claims.settings import Claim
from scripts.claims.signatures import check_claims
from scripts.decomposition.settings import Decomposition, GenerationTables
from scripts.fake_labels.settings import FakeLabels
from scripts.images.settings import Images
from scripts.kernels.settings import KernelExperiment
from scripts.networks.settings import Backend, Features, Network, NetworkPanel
from scripts.output.figures import OWN_FIGURES
from scripts.overlays import left_out
from scripts.regression.settings import Experiment
from scripts.remedies.settings import Remedies
from scripts.scaling.settings import Scaling
from scripts.schema.sentences import nearest, sentence
from scripts.schema.settings import Count, Interval, Name, Settings, entry, keys_of
from scripts.shrink import AtMost, shrunk

MACHINE = ("pathvars", "images", "claim", "against")  # keys that cannot affect results
SOURCES = ("config", "paper", "tests", "workflow")
RESERVED = ("exponents_", "fake_labels_", "remedies_")  # beginnings of the build's own file names
FILED_BY_NAME = ("experiments", "kernel_experiments", "random_features", "networks")


def _below(folder: str) -> str:
    path = Path(folder)
    if not path.parts or not all(re.fullmatch(r"\w[\w.-]*", part) for part in path.parts):
        raise ValueError(
            f"must be a path below this folder, of letters, digits, _ . and -, no part of it "
            f"beginning with . or -, not {folder!r}"
        )
    if path.parts[0] in SOURCES:
        raise ValueError(f"{folder} must be a folder of its own, not of sources")
    existing = next(place for place in (path, *path.parents) if place.exists())
    if not (existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)):
        raise ValueError(
            f"{folder} cannot be written, as {existing} is write-protected or no folder; mend "
            f"that, or name another folder"
        )
    return folder


Folder = Annotated[str, AfterValidator(_below)]


class Folders(Settings):
    """Where outputs go: Snakemake's own pathvars."""

    results: Folder = entry("folder of results, below this one", "results")
    logs: Folder = entry("folder of logs, below this one", "logs")
    benchmarks: Folder = entry("folder of benchmarks, below this one", "benchmarks")

    @model_validator(mode="after")
    def _apart(self):
        stated = [(key, folder) for key, folder in self if key in self.model_fields_set]
        for (key, folder), (other, place) in permutations(stated, 2):
            if Path(folder).is_relative_to(place):
                raise ValueError(f"{key}: {folder} lies in that of {other}, {place}")
        return self


def _manifest(path: str) -> str:
    try:
        manifest = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{path} is no JSON; name a build's manifest.json") from None
    if not (isinstance(manifest, dict) and manifest.keys() >= {"artefacts", "sources", "packages"}):
        raise ValueError(f"{path} is JSON, but not the manifest.json of a build")
    return path


def _ranks(window: list) -> list:
    count = int(window[1]) - max(-int(-window[0] // 1), 1) + 1
    if count < LEAST_POINTS:
        raise ValueError(
            f"the fit window holds {count} ranks; a slope needs at least {LEAST_POINTS}"
        )
    return window


class Config(Settings):
    """Experiments, the figures and tables that show them, and where the images come from."""

    seed: Count = entry("root of every random stream", 0, ge=0)
    replicates_per_job: Count = entry(
        "replicates that one job simulates; a full block is never redone when more are asked for",
        100,
        ge=1,
    )
    theory_refinement: Count = entry(
        "points of a theory curve for each simulated point of a grid", 6, ge=1, le=100
    )
    pathvars: Folders = entry("folders of outputs", Folders())
    against: Annotated[str, AfterValidator(_manifest)] | None = entry(
        "the manifest.json of another build, for verify to compare with", None
    )
    claim: str | None = entry("the one claim that check_claims tests; null is all", None)
    at_most: AtMost | None = entry("bounds that shrink all experiments; null is none", None)
    images: Images = entry("real inputs of the experiments on images")
    experiments: dict[Name, Experiment] = entry(
        "Gaussian regression experiments by name", min_length=1
    )
    figures: dict[Name, Figure] = entry("figures by name, each a list of panels")
    kernel_experiments: dict[Name, KernelExperiment] = entry("kernel ridge on images by name")
    exponent_windows: list[Annotated[Interval, AfterValidator(_ranks)]] = entry(
        "windows of ranks for the capacity and source exponents of the kernels", min_length=1
    )
    backend: Backend = entry("what networks are trained with", Backend())
    random_features: dict[Name, Features] = entry(
        "two-layer networks with a fixed hidden layer, by name"
    )
    networks: dict[Name, Network] = entry("two-layer networks trained as a whole, by name")
    network_figures: dict[Name, Annotated[list[NetworkPanel], Field(min_length=1)]] = entry(
        "figures of networks by name, each a list of panels"
    )
    scaling: Scaling = entry("scaling laws, T0 = T^b, n sigma_0^2 = T^a, lambda = T^-ell")
    decompositions: dict[Name, Decomposition] = entry(
        "chains followed generation by generation, bias, variance and collapse"
    )
    generation_tables: GenerationTables = entry("decompositions that figure and tables show")
    fake_labels: FakeLabels = entry("one noiseless generator against true labels")
    remedies: Remedies = entry("what to do about collapse, compared at equal budgets")
    claims: dict[Name, Claim] = entry("the ledger, claims by id; null leaves one out", min_length=1)

    @model_validator(mode="after")
    def _sections_agree(self):
        for complaint in chain(_names(self), _panels(self), _images(self)):
            raise ValueError(complaint)
        check_claims(self.claims, self.claim)
        self.generation_tables.check(self.decompositions)
        return self

    @property
    def chains(self) -> dict[str, Experiment | KernelExperiment]:
        """Gaussian experiments, and those of kernels on images."""
        return self.experiments | self.kernel_experiments

    @property
    def all_networks(self) -> dict[str, Features | Network]:
        """Networks with a fixed hidden layer, and those trained as a whole."""
        return self.random_features | self.networks

    @property
    def all_figures(self) -> list[str]:
        """Names of the figures of the config, and of those with a rule of their own."""
        return [*self.figures, *self.network_figures, *OWN_FIGURES]

    def stated(self) -> dict:
        """The config as the paper states it, without keys that cannot affect results."""
        return {key: value for key, value in keys_of(self, Config).items() if key not in MACHINE}


def _names(config: Config) -> Iterator[str]:
    """Complaints on names that two sections use, or the build itself: files are called by them."""
    for sections in (FILED_BY_NAME, ("figures", "network_figures")):
        seen: dict[str, str] = {}
        for section in sections:
            is_filed = section in FILED_BY_NAME
            for name in getattr(config, section):
                if name.startswith(RESERVED) if is_filed else name in OWN_FIGURES:
                    yield f"{section}.{name}: this name is the build's own, take another"
                if name in seen:
                    yield f"{section}.{name}: {seen[name]} has one of that name"
                seen[name] = section


def _panels(config: Config) -> Iterator[str]:
    """Complaints on panels that show what is not there."""
    for name, figure in config.figures.items():
        for i, panel in enumerate(figure.panels):
            where = f"figures.{name}.panels[{i}]"
            experiment = panel.experiment
            if experiment not in config.chains:
                hint = nearest(experiment, config.chains)
                yield f"{where}.experiment: no experiment {experiment!r}{hint}"
            try:
                panel.check(config.chains[experiment])
            except ValueError as error:
                yield f"{where}.{error}"
    for name, panels in config.network_figures.items():
        for i, panel in enumerate(panels):
            for shown in filter(lambda shown: shown not in config.all_networks, panel.experiments):
                hint = nearest(shown, config.all_networks)
                yield f"network_figures.{name}[{i}].experiments: no network {shown!r}{hint}"
            fixed = (config.random_features.get(shown) for shown in panel.experiments)
            if sum(len(block.widths) for block in fixed if block) > 1:
                yield (
                    f"network_figures.{name}[{i}].experiments: a panel shows one width of one "
                    f"block of random_features, as all of them are black"
                )


def _images(config: Config) -> Iterator[str]:
    """Complaints on experiments that want more images than there are."""
    pools, tests = config.images.counts()
    for section in FILED_BY_NAME[1:]:
        for name, block in getattr(config, section).items():
            try:
                block.check(*((pools,) if section == "kernel_experiments" else (pools, tests)))
            except ValueError as error:
                yield f"{section}.{name}.{error}"
    try:
        config.remedies.images.check(pools, tests)
    except ValueError as error:
        yield f"remedies.images.{error}"


def read_config(config: dict) -> Config:
    """The checked config, defaults filled in, from what Snakemake read.

    Raises WorkflowError with one sentence that names the key or file at fault.
    """
    config, addresses_of_null = left_out(config, Config)
    try:
        checked = Config.model_validate(config)
        if checked.at_most is None:
            return checked
        return Config.model_validate(shrunk(checked.model_dump(by_alias=True), checked.at_most))
    except ValidationError as error:
        mistake = " ".join(sentence(error, Config).split())  # a file's name may hold anything
        for address in addresses_of_null:
            if repr(address.rpartition(".")[2]) in mistake:  # a name whose block was left out
                mistake = mistake.partition(";")[0]
                mistake += f", as {address} is null; leave out this one too"
        mistake = "".join(letter if letter.isprintable() else "?" for letter in mistake)
        raise WorkflowError(f"config: {mistake}") from None
