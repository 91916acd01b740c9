"""The files and seeds of a build, read off the config and the article, and checks of the paper.

Paths begin with Snakemake's own <results> and so on.
"""

import shutil
import subprocess
from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from snakemake.exceptions import WorkflowError

from scripts.claims.settings import check_shown, check_sources
from scripts.config import MACHINE, Config, figures_of_rules
from scripts.kernels.settings import KernelGenerators
from scripts.paper.article import ARTICLE, BIBLIOGRAPHY, names_of
from scripts.paper.assumptions import check_config
from scripts.paper.origin import check_installed
from scripts.regression.panels import PanelData
from scripts.regression.settings import Sweep
from scripts.remedies.settings import Compared
from scripts.schema.settings import Settings, cut
from scripts.schema.spectra import Generators
from scripts.step.environment import tex_environment

ROOT = Path(__file__).resolve().parents[2]
TEX_PROGRAMS = ("latexmk", "pdflatex", "bibtex", "pdftocairo", "kpsewhich")


def makefile(variable: str) -> str:
    """A variable of the Makefile, which says what the set-up installs; words on one line."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    line = next(line for line in text.splitlines() if line.startswith(f"{variable} :="))
    return " ".join(line.split(":=")[1].split())


class Plan:
    """Answers to questions of the rules on one config."""

    def __init__(self, config: Config):
        self.config = config
        self.chains = config.experiments | config.kernel_experiments
        self.nets = config.random_features | config.networks

    @cached_property
    def article(self) -> str:
        """The article's TeX."""
        return "\n".join((ROOT / part).read_text(encoding="utf-8") for part in ARTICLE)

    @cached_property
    def included(self) -> list[str]:
        """Figures that the article includes."""
        return names_of("figures", self.article)

    @cached_property
    def has_tex(self) -> bool:
        """True if all programs and TeX files of the paper are installed."""
        if not all(map(shutil.which, TEX_PROGRAMS)):
            return False
        command = ["kpsewhich", *makefile("TEX_FILES").split()]
        with TemporaryDirectory() as home:
            variables = tex_environment(home)
            return subprocess.run(command, env=variables, capture_output=True).returncode == 0

    @property
    def stated(self) -> dict:
        """The config as the paper states it, without keys that cannot affect results."""
        return {k: v for k, v in cut(self.config, Config).items() if k not in MACHINE}

    @property
    def torch(self) -> str | None:
        """The version of PyTorch, which no lock file pins, if networks are trained with it."""
        return version("torch") if self.config.backend.library == "torch" else None

    def seed(self, name: str) -> str:
        """The root of an experiment's random streams."""
        return f"{self.config.seed}/{name}"

    def risk_files(self, name: str) -> list[str]:
        """Risks of an experiment, in blocks of replicates: more replicates leave full blocks."""
        count, size = self.chains[name].replicates, self.config.replicates_per_job
        return [
            f"<results>/training/{name}/risks-{first}-{min(first + size, count) - 1}.npz"
            for first in range(0, count, size)
        ]

    def decompositions(self, names: Iterable[str], kind: type[Settings]) -> dict[str, dict]:
        """Cuts of these decompositions, by name."""
        return {name: cut(self.config.decompositions[name], kind) for name in names}

    def shown(self, figure: str) -> dict[str, dict]:
        """The generators of the experiments that a figure of the config shows, by name."""
        names = dict.fromkeys(panel.experiment for panel in self.config.figures[figure].panels)
        return {
            name: cut(self.chains[name], KernelGenerators if self.on_images(name) else Generators)
            for name in names
        }

    def of_shown(self, figure: str, pattern: str) -> list[str]:
        """A file for each experiment that a figure of the config shows."""
        return [pattern.format(name) for name in self.shown(figure)]

    def images_shown(self, figure: str) -> list[str]:
        """The record of the images, if a figure of the config shows an experiment on them."""
        images = any(map(self.on_images, self.shown(figure)))
        return ["<results>/data/images.json"] if images else []

    @cached_property
    def explored(self) -> dict[str, Any]:
        """Blocks that the explorer shows: problems of figures, of remedies and of the map."""
        panels = {
            name: [cut(panel, PanelData) for panel in figure.panels]
            for name, figure in self.config.figures.items()
        }
        shown = {panel["experiment"] for figure in panels.values() for panel in figure}
        return {
            "experiments": {
                name: cut(block, Sweep)
                for name, block in sorted(self.config.experiments.items())
                if name in shown
            },
            "panels": panels,
            "remedies": cut(self.config.remedies, Compared),
            "law": self.config.scaling.crossover.held,
        }

    def on_images(self, name: str) -> bool:
        """Return True if an experiment is one of kernels on images."""
        return name in self.config.kernel_experiments

    @property
    def figures(self) -> list[str]:
        """Names of all figures."""
        return [*self.config.figures, *self.config.network_figures, *sorted(figures_of_rules())]

    def figure_files(self, wildcards=None) -> list[str]:
        """All figures but the article's own, which need TeX or experiments of certain names."""
        of_rules = sorted(figures_of_rules() - figures_of_rules("paper"))
        names = [*self.config.figures, *self.config.network_figures, *of_rules]
        return [f"<results>/figures/{name}.{kind}" for name in names for kind in ("pdf", "svg")]

    def article_files(self) -> list[str]:
        """Figures and tables that the article includes."""
        tables = names_of("tables", self.article)
        figures = [f"<results>/figures/{name}.pdf" for name in self.included]
        return [*figures, *(f"<results>/tables/{name}.tex" for name in tables)]

    def paper(self, wildcards=None) -> str:
        """The paper. Raises WorkflowError, before any work starts, without TeX, with other versions
        than the lock's, or if the config lacks what the article shows or speaks of.
        """
        if not self.has_tex:
            raise WorkflowError(
                f"TeX is missing or incomplete: run `make setup` or `apt-get install "
                f"{makefile('TEX')}` as root, or build the figures without it: "
                f"snakemake --cores all figures"
            )
        try:
            check_installed()
        except ValueError as error:
            raise WorkflowError(str(error)) from None
        try:
            for name in filter(lambda name: name not in self.figures, self.included):
                raise ValueError(f"figures.{name}: the paper includes this figure")
            check_config(self.config)
            check_sources(self.config.claims, (ROOT / BIBLIOGRAPHY).read_text(encoding="utf-8"))
            check_shown(self.config.claims, (*self.included, *names_of("tables", self.article)))
        except ValueError as error:
            raise WorkflowError(f"config: {error}") from None
        return "<results>/paper.pdf"
