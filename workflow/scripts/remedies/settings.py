"""The section ``remedies``: remedies against collapse, compared at equal budgets."""

from itertools import product
from typing import Annotated

from pydantic import Field, model_validator

from scripts.remedies.catalogue import MAPS, Budget
from scripts.schema import grids
from scripts.schema import settings as schema
from scripts.schema.kernels import KernelProblem, SpectrumSizes
from scripts.schema.settings import SETS, EitherSet, Settings, entry
from scripts.schema.spectra import Problem

MOST_ROWS = 10**9  # of a generation
MOST_GENERATIONS = 100
LINE_POINTS = 10  # generations that a line of theory is drawn through


class Setting(Settings):
    """A regression problem, its rows and its noise."""

    spectrum: Problem = entry("the regression problem")
    samples: Annotated[schema.Count, Field(ge=2, le=MOST_ROWS)] = entry(
        "T0, rows of a generation; the first are real"
    )
    noise: schema.Real = entry("sigma, standard deviation of the noise on all labels", gt=0)


class Regime(Setting):
    """A setting that is a row of the figure."""

    title: schema.Title = entry("title in the figure")


class Schedule(Settings):
    """The generations of a chain, and the share of real rows in them."""

    generations: schema.Count = entry("the last generation n", ge=3, le=MOST_GENERATIONS)
    real_share: schema.Real = entry("share of real rows where each generation has some", gt=0, lt=1)

    @property
    def simulated(self) -> list[int]:
        """Generations with a marker: about a sixth, half, and all of them."""
        n = self.generations
        return sorted({max(n // 6, 1), n // 2, n})

    @property
    def line(self) -> list[int]:
        """Generations that lines go through, closer at first."""
        steps = (round(self.generations * (i / LINE_POINTS) ** 2) for i in range(LINE_POINTS + 1))
        return sorted({0, 1, *steps, *self.simulated})

    def budget_of(self, samples: int, noise: float, what: str) -> Budget:
        """Rows and noise. Raises ValueError, naming ``what``, without real or synthetic rows."""
        real = round(self.real_share * samples)
        if not 0 < real < samples:
            raise ValueError(
                f"real_share: {self.real_share:g} of {samples} rows in {what} leaves no "
                f"real or no synthetic row"
            )
        return Budget(samples, real, noise)


class Compared(Schedule):
    """Problems and budgets on which theory compares all remedies."""

    regimes: dict[schema.Name, Setting] = entry("problems by name, each a row", min_length=1)

    @model_validator(mode="after")
    def _fits_have_an_error(self):
        for name, regime in self.regimes.items():
            budget = self.budget(name)
            d = regime.spectrum.d
            if any(abs(k * budget.samples - d) <= 1 for k in range(1, self.generations + 2)):
                raise ValueError(
                    f"regimes.{name}.samples: a multiple of {budget.samples} is within 1 of "
                    f"d = {d}, where accumulation with λ = 0 has no finite mean error; take "
                    f"another size"
                )
        return self

    def budget(self, name: str) -> Budget:
        """Rows and noise of a regime."""
        regime = self.regimes[name]
        return self.budget_of(regime.samples, regime.noise, name)


class Limits(Settings):
    """The table of limits n → ∞: least squares on isotropic x, and two fits with a ridge."""

    d: schema.Count = entry("dimension of the inputs", ge=2, le=1000)
    samples: Annotated[schema.Count, Field(ge=5, le=MOST_ROWS)] = entry(
        "T, rows of a generation; more than 2 d + 2, so that every limit is finite", multiple_of=2
    )
    noise: schema.Real = entry("sigma, standard deviation of the noise on all labels", gt=0)
    ridge: schema.Real = entry("ridge of the rows that have one", gt=0)
    generations: schema.Count = entry("generations to simulate", ge=3, le=MOST_GENERATIONS)
    replicates: schema.Replicates = entry(schema.REPLICATES)

    @model_validator(mode="after")
    def _finite(self):
        if self.samples < 2 * self.d + 4:
            raise ValueError(
                f"samples: must be at least 2 d + 4 = {2 * self.d + 4}, so that half of them fit "
                f"and subsampling has a limit, not {self.samples}"
            )
        return self


class Shares(grids.LinearGrid):
    """Shares from … to, step apart."""

    start: schema.Real = entry("smallest share", gt=0, lt=1, alias="from")
    to: schema.Real = entry("largest share", gt=0, lt=1)


class Map(Settings):
    """Two maps of the best remedy: over noise and T0, and over noise and the share of real rows."""

    spectrum: Problem = entry("the regression problem")
    generations: schema.Count = entry(
        "the generation n that is compared", ge=3, le=MOST_GENERATIONS
    )
    noise: grids.LogGrid = entry("sigma, upwards")
    samples: grids.SampleGrid = entry("T0, rows of the real batch, on the left")
    rows: Annotated[schema.Count, Field(ge=2, le=MOST_ROWS)] = entry(
        "rows of a generation, on the right"
    )
    real_share: Shares = entry("share of real ones among them")
    replicates: schema.Replicates = entry("repetitions for a remedy without theory")

    @model_validator(mode="after")
    def _cells_have_rows(self):
        for panel in MAPS:
            grids.check_map(cells := self.cells(panel), "noise", panel)
            for _, value, budget in cells:
                if panel == "real_share" and not 0 < budget.real < budget.samples:
                    raise ValueError(
                        f"real_share: {value:g} of {self.rows} rows leaves no real or no synthetic"
                    )
        return self

    def cells(self, panel: str) -> list[tuple[float, float, Budget]]:
        """Noise, the other coordinate, and the budget of each cell of one of MAPS."""
        noises = self.noise.values()
        if panel == "samples":
            sizes = grids.sample_sizes(self.samples)
            return [(noise, T, Budget(T, 0, noise)) for noise in noises for T in sizes]
        shares = self.real_share.values()
        rows = self.rows
        return [(s, x, Budget(rows, round(x * rows), s)) for s in noises for x in shares]


class Price(Settings):
    """The table of prices, on the problems of the figure."""

    sizes: Annotated[list[Annotated[schema.Real, Field(ge=0.01, le=100)]], schema.Distinct] = entry(
        "rows of a generation, in units of those in the figure", min_length=1
    )
    generations: Annotated[
        list[Annotated[schema.Count, Field(ge=1, le=MOST_GENERATIONS)]], schema.Distinct
    ] = entry("generations n that are bought back", min_length=1)
    replicates: schema.Replicates = entry(schema.REPLICATES)


class LearnerSizes(SpectrumSizes):
    """Images of all kinds."""

    samples: Annotated[schema.Count, Field(ge=2)] = entry(
        "T0, images of a generation; the first are real"
    )
    test_images: schema.Count = entry("images tested on, drawn once", ge=1)


class Learner(KernelProblem):
    """Kernel ridge on images, or on random features of them."""

    sizes: EitherSet[LearnerSizes] = entry("numbers of images, for either set")


class TitledLearner(Learner):
    """A learner that is a panel of the figure."""

    title: schema.Title = entry("title in the figure")


class OnImages(Schedule):
    """Kernels and budgets on which theory compares remedies on images."""

    learners: dict[schema.Name, Learner] = entry("kernels by name, each a panel", min_length=1)
    noise: schema.Real = entry("sigma, standard deviation of the noise on all labels", gt=0)

    def budget(self, name: str, images: str) -> Budget:
        """Rows and noise on "mnist" or "digits"."""
        return self.budget_of(self.learners[name].on(images).samples, self.noise, name)

    def check(self, pools: dict[str, int], tests: dict[str, int]) -> None:
        """Raise ValueError, naming the key, if a set of images has too few to train or test on."""
        for name, images in product(self.learners, SETS):
            sizes = self.learners[name].on(images)
            self.budget(name, images)
            needed = (self.generations + 1) * sizes.samples + sizes.spectrum_images
            for key, count, available in (
                ("samples: with all generations", needed, pools[images]),
                ("test_images:", sizes.test_images, tests[images]),
            ):
                if count > available:
                    raise ValueError(
                        f"learners.{name}.sizes.{images}.{key} {count} images are needed, there "
                        f"are {available}"
                    )


class DrawnOnImages(OnImages):
    """The figure of remedies on images."""

    learners: dict[schema.Name, TitledLearner] = entry(
        "kernels by name, each a panel", min_length=1
    )
    replicates: schema.Replicates = entry(schema.REPLICATES)


class Simulated(Compared):
    """Problems and budgets, and how often they are simulated."""

    replicates: schema.Replicates = entry(schema.REPLICATES)


class Remedies(Simulated):
    """The figure of remedies, the table of limits, the maps."""

    regimes: dict[schema.Name, Regime] = entry("problems by name, each a row", min_length=1)
    limits: Limits = entry("the table of limits")
    price: Price = entry("what a generation costs in real rows")
    map: Map = entry("which remedy is best, over two maps")
    images: DrawnOnImages = entry("the same by kernel ridge on images")

    @model_validator(mode="after")
    def _names_differ(self):
        for name in self.images.learners.keys() & self.regimes.keys():
            raise ValueError(f"images.learners.{name}: regimes has one of that name")
        return self
