"""Blocks of ``random_features`` and ``networks``, ``network_figures`` and ``backend``."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from model_collapse.networks.backends import Backend as ArrayBackend
from model_collapse.networks.sgd import METHODS, Recipe
from scripts.schema import settings as schema
from scripts.schema.settings import EitherSet, Pixels, Settings, entry

Initialisation = Literal["uniform", "normal"]


class Backend(Settings):
    """The library that trains networks; torch is an optional extra, cuda needs it."""

    library: Literal["numpy", "torch"] = entry("array library", "numpy")
    device: Literal["cpu", "cuda"] = entry("where its arrays live", "cpu")

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the block without the device of another library."""
        is_other = overlay.get("library", block.get("library")) != block.get("library")
        return {key: value for key, value in block.items() if not (is_other and key == "device")}

    @property
    def torch_version(self) -> str | None:
        """The version of PyTorch, which no lock file pins; None if another library trains."""
        return version("torch") if self.library == "torch" else None

    @model_validator(mode="after")
    def _is_there(self):
        try:
            ArrayBackend(self.library, self.device)
        except ValueError as error:  # says which key of the backend
            raise ValueError(str(error).removeprefix("backend.")) from None
        return self


class NetworkSizes(Settings):
    """Numbers of images."""

    samples: schema.Count = entry("T, training images of each network", ge=2)
    test_images: schema.Count = entry("images tested on, drawn once", ge=1)


class Draw(Settings):
    """Settings that determine the images of an experiment."""

    pixels: Pixels = entry(
        "scaled to the unit interval, that and centred, or standardized per column "
        "over the training images",
        "centred",
    )
    sizes: EitherSet[NetworkSizes] = entry("numbers of images, for either set")
    replicates: schema.Replicates = entry(schema.REPLICATES)


class Training(Settings):
    """Settings that determine how networks are trained, apart from the images."""

    loss: Literal["mean", "sum"] = entry(
        "squared error averaged over the outputs, as PyTorch does, or summed; "
        "always averaged over a batch",
        "mean",
    )
    initialisation: Initialisation = entry(
        "uniform within 1/sqrt(fan-in), PyTorch's default, or normal with variance "
        "2/fan-in and 1/fan-in, no biases",
        "uniform",
    )
    output_scaling: Literal["none", "inverse_sqrt_width"] = entry(
        "what the network's output is multiplied by", "none"
    )
    start: Literal["fresh", "continued"] = entry(
        "each generation from fresh weights, or continued from the last", "fresh"
    )
    epochs: schema.Count = entry("passes over the training images", ge=1)
    batch_size: schema.Count = entry("images in a step of SGD", ge=1)
    learning_rate: schema.Real = entry("step size of SGD", gt=0)
    factor_on_digits: schema.Real = entry(
        "multiplies learning_rate where the embedded digits take MNIST's place", 1.0, gt=0
    )
    generator_noise: schema.Noise = entry(
        "sigma_0, s.d. of the noise on each output that labels an image"
    )
    generations: schema.Count = entry(
        "the last generation n; 0 trains on true labels", ge=2, le=1000
    )

    def recipe(self, images: str) -> Recipe:
        """The recipe of training on "mnist" or "digits"."""
        rate = self.learning_rate * (self.factor_on_digits if images == "digits" else 1)
        return Recipe(self.epochs, self.batch_size, rate, self.loss, self.output_scaling)


class Layered(Draw, Training):
    """Two-layer networks of several widths."""

    methods: ClassVar[tuple[str, ...]]  # by which they are trained

    widths: Annotated[list[Annotated[schema.Count, Field(ge=1, le=10**6)]], schema.Distinct] = (
        entry("numbers of hidden units", min_length=1)
    )

    @model_validator(mode="after")
    def _batches_fit(self):
        for images, sizes in self.sizes:
            if self.batch_size > sizes.samples:
                raise ValueError(
                    f"batch_size: {self.batch_size} is more than the {sizes.samples} samples of "
                    f"sizes.{images}"
                )
        return self

    @property
    def draws(self) -> int:
        """The number of draws of training images: one, or one for each generation."""
        return self.generations + 1 if self.image_draw == "fresh" else 1

    @property
    def axes(self) -> dict:
        """The axes of its points, outermost first: widths, methods, generations up to the last."""
        return {"widths": self.widths, "methods": self.methods, "last": self.generations}

    @property
    def stability_block(self) -> dict:
        """Settings that the table of stable learning rates depends on."""
        sizes = schema.keys_of(self, Draw)["sizes"]
        return {"width": self.widths[0], "learning_rate": self.learning_rate, "sizes": sizes}

    def check(self, pools: dict[str, int], tests: dict[str, int]) -> None:
        """Raise ValueError, naming the key, for more images than a set has to train or test on."""
        for images, sizes in self.sizes:
            for key, available in (("samples", pools[images]), ("test_images", tests[images])):
                if (count := getattr(sizes, key)) > available:
                    raise ValueError(
                        f"sizes.{images}.{key}: {count} are more than the {available} images there "
                        f"are"
                    )


class Features(Layered):
    """Two-layer networks with a fixed hidden layer."""

    methods: ClassVar[tuple[str, ...]] = METHODS

    image_draw: Literal["same"] = entry(
        "the same images always: one eigendecomposition serves all generations", "same"
    )

    def trained(self, name: str) -> list[str]:
        """Files of trained networks: by width, then by replicate."""
        folders = [f"<results>/training/{name}/width-{width}" for width in self.widths]
        return [f"{folder}/replicate-{r}.npz" for folder in folders for r in range(self.replicates)]


class Network(Layered):
    """Two-layer networks trained as a whole."""

    methods: ClassVar[tuple[str, ...]] = ("sgd",)

    image_draw: Literal["same", "fresh"] = entry(
        "the same training images in every generation, or a fresh draw", "same"
    )

    def trained(self, name: str) -> list[str]:
        """Files of trained networks, one for each width."""
        return [f"<results>/training/{name}/width-{width}.npz" for width in self.widths]


class NetworkPanel(Settings):
    """Networks against the generation, markers and colours by width."""

    title: schema.Title = entry("title of the panel")
    experiments: Annotated[list[str], schema.Distinct] = entry(
        "blocks of random_features or networks, drawn solid, dashed and dotted",
        min_length=1,
        max_length=3,
    )
