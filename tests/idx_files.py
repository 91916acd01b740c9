"""Folders of small MNIST files for tests, and the folder of the real ones, if it is there."""

import gzip
from pathlib import Path

import numpy as np

from model_collapse import images

NAMES = tuple(images.CHECKSUMS)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
MNIST = Path(__file__).resolve().parents[2] / "shared" / "data" / "mnist"


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in IDX format."""
    header = (0x0800 + array.ndim).to_bytes(4, "big")
    return header + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def write_folder(folder: Path, zipped: bool = True, train: int = 7, test: int = 3) -> Path:
    """Four small, valid IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for (image_name, label_name), n in (
        ((TRAIN_IMAGES, TRAIN_LABELS), train),
        ((TEST_IMAGES, TEST_LABELS), test),
    ):
        contents = {
            image_name: idx(rng.integers(0, 256, (n, 28, 28))),
            label_name: idx(rng.integers(0, 10, n)),
        }
        for name, content in contents.items():
            path = folder / (name if zipped else name.removesuffix(".gz"))
            path.write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    return folder
