"""The section ``images``: which images kernels and networks see."""

from collections.abc import Mapping
from typing import Literal

from pydantic import model_validator

from model_collapse.images.mnist import HELD_OUT_DIGITS, idx_files, read_folder
from scripts.schema.settings import Settings, entry

TRAINING = {"mnist": 60_000, "digits": 1_797 - HELD_OUT_DIGITS}
TESTING = {"mnist": 10_000, "digits": HELD_OUT_DIGITS}
# Keys that mean nothing, by source.
UNUSED = {"digits": ("folder", "cache"), "download": ("folder",), "folder": ("cache",)}


class Images(Settings):
    """Real inputs of the experiments on images."""

    source: Literal["auto", "folder", "download", "digits"] = entry(
        "folder, download or digits pin one source; auto takes the folder if one "
        "is named, else the download, else the digits",
        "auto",
    )
    folder: str | None = entry("folder with the four MNIST IDX files, gzipped or not", None)
    cache: str | None = entry("folder for the download; null is the user's cache folder", None)

    @classmethod
    def without_unused(cls, block: dict, overlay: Mapping) -> dict:
        """Return the keys that the source of the overlay reads; a folder that it names is one."""
        if overlay.get("source") is not None:
            unused = UNUSED.get(overlay["source"], ())
        elif overlay.get("folder") is not None:
            unused = ("source", "cache")
        else:
            unused = ()
        return {key: value for key, value in block.items() if key not in unused or value is None}

    @model_validator(mode="after")
    def _keys_are_read(self):
        if self.folder == "":
            raise ValueError("folder: must name a folder, not be empty")
        if self.source == "folder" and self.folder is None:
            raise ValueError("folder: must name a folder when images.source is folder")
        if self.folder is not None and not self.uses_folder:
            raise ValueError(
                f"folder: is not read when images.source is {self.source}; leave it out, or say "
                f"source: folder"
            )
        if self.cache is not None and (self.uses_folder or self.source == "digits"):
            place = "a folder is" if self.uses_folder else "the digits are"
            raise ValueError(f"cache: nothing is downloaded when {place} read; leave this out")
        return self

    @property
    def uses_folder(self) -> bool:
        """True if the images will be read from the folder."""
        return self.folder is not None and self.source in ("auto", "folder")

    def files(self) -> list[str]:
        """The IDX files that will be read; none unless the folder is used."""
        if not self.uses_folder:
            return []
        return [str(path) for stem in ("train", "t10k") for path in idx_files(self.folder, stem)]

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Images to train and to test on, of either set, the folder's own if it is used.

        Raises ValueError, naming the file, for a folder that cannot be read.
        """
        if not self.uses_folder:
            return TRAINING, TESTING
        images = read_folder(self.folder, "folder")
        return (
            TRAINING | {"mnist": len(images.train_images)},
            TESTING | {"mnist": len(images.test_images)},
        )
