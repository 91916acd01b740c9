"""Names, files and params of the rules, read off the config."""

import shutil
import subprocess
from importlib.metadata import version

from scripts.claims.registry import tests_of
from scripts.core.replicates import replicate_blocks

TEX_PACKAGES = (
    "latexmk texlive-latex-recommended texlive-latex-extra texlive-pictures "
    "texlive-fonts-recommended lmodern poppler-utils"
)
TEX_PROGRAMS = ("latexmk", "pdflatex", "bibtex", "pdftocairo", "kpsewhich")
TEX_FILES = (
    "standalone.cls tikz.sty lmodern.sty booktabs.sty natbib.sty microtype.sty caption.sty "
    "placeins.sty"
).split()
"""As in the Makefile; a test compares them."""
NO_TEX = (
    f"TeX is missing or incomplete: run `make setup` or `apt-get install "
    f"{TEX_PACKAGES}` as root, or build all figures but the diagram without it: "
    f"snakemake --cores all figures"
)

PAPER_FIGURES = ("fig1a", "fig1b", "fig2a", "fig2b", "fig4")
NETWORK_FIGURES = ("fig5", "fig6")
"""Figures of the config that paper/main.tex includes; those of networks."""

PAPER_TABLES = (
    "agreement",
    "counterexamples",
    "experiments",
    "growing",
    "kernel_exponents",
    "kernel_growth",
    "network_agreement",
    "network_growth",
    "projections",
    "provenance",
    "reference_growth",
    "ridge_rules",
    "scaling_clean",
    "scaling_collapsed",
    "scaling_crossover",
    "slopes",
    "stability",
    "universality",
)
"""Tables of paper/main.tex, by the names of their csv; their labels are tab:<name>."""

MAPS = ("crossover", "decomposition", "fake_labels")

SCALING_TABLES = ("clean", "collapsed", "over_a", "over_b")
"""Tables of exponents, then the two maps of the crossover figure."""

GENERATION_TABLES = ("slopes", "projections", "growing", "break_even")
"""Keys of generation_tables that name rows of a table."""

STABILITY = "fig5"
"""The block of random_features whose learning rate is judged under other conventions."""

FAKE_PANELS = ("over_weak_weight", "over_weak_eigenvalue")
"""Panels of the config's fake_labels."""

GENERATOR_KEYS = ("generator_samples", "generator_ridge", "generator_noise", "shared_design")


COSTLY = (
    *("train_generators", "fit_downstream", "simulate_exponents", "simulate_terms"),
    *("simulate_fake_labels", "measure_exponents"),
)
COSTLY_ON_IMAGES = (
    *("train_kernel_generators", "fit_kernel_downstream", "train_network"),
    "train_random_features",
)
"""Rules that take most of a build's time."""


def has_tex() -> bool:
    """Whether the programs and TeX files of the paper are all there."""
    if not all(map(shutil.which, TEX_PROGRAMS)):
        return False
    return (
        subprocess.run(["kpsewhich", *TEX_FILES], capture_output=True, check=False).returncode == 0
    )


def ordered(block):
    """A config block with its keys sorted: their order in the file must not rerun a job."""
    if isinstance(block, dict):
        return {key: ordered(block[key]) for key in sorted(block)}
    return [ordered(item) for item in block] if isinstance(block, list) else block


class Dag:
    """What the rules ask of the config. Paths begin with Snakemake's own <results> and so on."""

    def __init__(self, config: dict):
        self.claims = config["claims"]  # in the file's order, which is the ledger's
        self.config = config = ordered(config)
        self.regression = list(config["experiments"])
        self.kernel = list(config["kernel_experiments"])
        self.random_features = list(config["random_features"])
        self.networks = list(config["networks"])
        self.blocks = config["experiments"] | config["kernel_experiments"]
        self.network_blocks = config["random_features"] | config["networks"]
        self.kernel_sizes = {name: self.blocks[name]["sizes"] for name in self.kernel}
        self.has_tex = has_tex()

    def seed(self, name: str) -> str:
        """The root of an experiment's random streams."""
        return f"{self.config['seed']}/{name}"

    def part(self, name: str, *keys: str) -> dict:
        """The keys of an experiment that a rule depends on, those that are there."""
        block = (self.blocks | self.network_blocks)[name]
        return {key: block[key] for key in keys if key in block}

    def kernel_generator_block(self, name: str) -> dict:
        """What the generators of a kernel experiment depend on; T0 for either set of images."""
        keys = ("kernel", "pixels", "beta", "r", "generator_noise")
        return (
            self.part(name, *keys)
            | {"generations": [max(self.blocks[name]["generations"])]}
            | self.kernel_sizes_of(name, "generator_samples", "spectrum_images")
        )

    def kernel_sizes_of(self, name: str, *keys: str) -> dict:
        """The block "sizes" of a kernel experiment, these keys only."""
        sizes = self.blocks[name]["sizes"]
        return {"sizes": {which: {key: size[key] for key in keys} for which, size in sizes.items()}}

    def without_replicates(self, name: str) -> dict:
        """The whole block but its number of replicates."""
        return {key: value for key, value in self.blocks[name].items() if key != "replicates"}

    @property
    def network_benchmarks(self) -> list[str]:
        """Benchmarks of all that networks cost, below <benchmarks>."""
        names = []
        for name, block in self.network_blocks.items():
            names += [f"draw_network_images/{name}", f"summarise_networks/{name}"]
            for width in block["widths"]:
                if name in self.networks:
                    names.append(f"train_network/{name}-{width}")
                else:
                    names += [
                        f"train_random_features/{name}-{width}-{r}"
                        for r in range(block["replicates"])
                    ]
        return names + [f"predict_random_features/{name}" for name in self.random_features]

    @property
    def costly_rules(self) -> tuple[str, ...]:
        """Rules worth keeping between workflows; of images only if the config says which images,
        as "auto" may find others another time.
        """
        pinned = self.config["images"]["source"] != "auto" or (
            self.config["images"]["folder"] is not None
        )
        return COSTLY + (COSTLY_ON_IMAGES if pinned else ())

    @property
    def torch_version(self) -> str | None:
        """The version of PyTorch, which no lock file pins, if networks are trained with it."""
        return version("torch") if self.config["backend"]["library"] == "torch" else None

    def scaling_block(self, table: str) -> dict:
        """What the exponents of one table depend on."""
        scaling = self.config["scaling"]
        block = {"largest_drift": scaling["largest_drift"]}
        if table in ("clean", "collapsed"):
            return block | {"laws": scaling["laws"], table: scaling[table]}
        keys = ("law", "windows", "points", "simulated", table)
        return block | {"crossover": {key: scaling["crossover"][key] for key in keys}}

    def decomposition(self, name: str, *, replicates: bool = True) -> dict:
        """The block of a decomposition, with or without its number of replicates."""
        block = self.config["decompositions"][name]
        return block if replicates else {k: v for k, v in block.items() if k != "replicates"}

    def decompositions(self, *tables: str) -> dict[str, dict]:
        """The blocks that these keys of generation_tables name, each once."""
        shown = self.config["generation_tables"]
        names = dict.fromkeys(name for table in tables for name in shown[table])
        return {name: self.config["decompositions"][name] for name in names}

    def terms(self, pattern: str, *tables: str) -> list[str]:
        """pattern filled with each of decompositions()."""
        return [pattern.format(name) for name in self.decompositions(*tables)]

    def risk_files(self, wildcards) -> list[str]:
        """The blocks of replicates of one experiment."""
        name = wildcards.experiment
        blocks = replicate_blocks(
            self.blocks[name]["replicates"], self.config["replicates_per_job"]
        )
        return [f"<results>/training/{name}/risks-{first}-{last}.npz" for first, last in blocks]

    def of_panels(self, wildcards, pattern: str, experiments: list[str] | None = None) -> list[str]:
        """pattern filled with each experiment that a figure shows, once."""
        panels = self.config["figures"][wildcards.figure]["panels"]
        names = dict.fromkeys(panel["experiment"] for panel in panels)
        return [
            pattern.format(name) for name in names if experiments is None or name in experiments
        ]

    def figure_images(self, wildcards) -> list[str]:
        """The record of the image source, if a figure shows an experiment on images."""
        shown = self.of_panels(wildcards, "{}", self.kernel)
        return ["<results>/data/images.json"] if shown else []

    def figure_block(self, name: str) -> dict:
        """A figure's config with the blocks of the experiments that it shows."""
        figure = self.config["figures"][name]
        shown = {panel["experiment"] for panel in figure["panels"]}
        blocks = {experiment: self.blocks[experiment] for experiment in sorted(shown)}
        return {"panels": figure["panels"], "experiments": blocks}

    def figure_files(self, wildcards=None) -> list[str]:
        """All figures; the diagram only where TeX can draw it."""
        names = [*self.config["figures"], *self.config["network_figures"], *MAPS]
        names += ["fig3"] if self.has_tex else []
        return [f"<results>/figures/{name}.{kind}" for name in names for kind in ("pdf", "svg")]

    def measured_jobs(self, wildcards=None) -> list[str]:
        """Every job up to the paper that measures itself, as its file below <benchmarks>."""
        names = ["load_images", "compare_with_theory", "tabulate_experiments", "write_numbers"]
        names += ["record_provenance", "draw_framework", "write_paper", "write_ledger"]
        names += ["tabulate_exponents", "tabulate_generations", "tabulate_kernels"]
        names += [f"plot_figure/{figure}" for figure in PAPER_FIGURES]
        names += [f"plot_{figure}" for figure in MAPS]
        tested = [name for name, c in self.claims.items() if c["verdict"] != "not testable"]
        names += sorted({f"measure_claims/{tests_of()[name].module}" for name in tested})
        names += self.network_benchmarks
        names += [f"plot_networks/{figure}" for figure in NETWORK_FIGURES] + ["tabulate_networks"]
        names.append("measure_stability")
        for table in SCALING_TABLES:
            names += [f"measure_exponents/{table}", f"simulate_exponents/{table}"]
        for panel in FAKE_PANELS:
            names += [f"predict_fake_labels/{panel}", f"simulate_fake_labels/{panel}"]
        for name in self.decompositions(*GENERATION_TABLES, "decomposition"):
            names.append(f"simulate_terms/{name}")
        names.append("predict_terms")
        for name in self.kernel:
            names += [f"estimate_kernel_spectrum/{name}", f"predict_kernel_risk/{name}"]
        for name, block in self.blocks.items():
            kernel = "kernel_" if name in self.kernel else ""
            blocks = replicate_blocks(block["replicates"], self.config["replicates_per_job"])
            names += [f"lay_{kernel}grid/{name}", f"summarise_{kernel}risks/{name}"]
            for first, last in blocks:
                names.append(f"train_{kernel}generators/{name}-{first}-{last}")
                names.append(f"fit_{kernel}downstream/{name}-{first}-{last}")
            if not kernel:
                names += [f"predict_risk/{name}"]
        return names
