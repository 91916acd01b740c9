"""Folders of small MNIST files for tests, and the folder of the real ones, if it is there."""

import gzip
from pathlib import Path

import numpy as np

from model_collapse.images import mnist

NAMES = tuple(mnist.CHECKSUMS)
TRAIN_LABELS = NAMES[1]
MNIST = Path(__file__).resolve().parents[2] / "shared" / "data" / "mnist"


def idx(array: np.ndarray) -> bytes:
    """An array of bytes in IDX format."""
    header = (0x0800 + array.ndim).to_bytes(4, "big")
    return header + np.array(array.shape, ">u4").tobytes() + array.astype(np.uint8).tobytes()


def write_folder(folder: Path, zipped: bool = True, train: int = 7, test: int = 3) -> Path:
    """Four small, valid IDX files."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for first, n in ((0, train), (2, test)):
        arrays = rng.integers(0, 256, (n, 28, 28)), rng.integers(0, 10, n)
        for name, content in zip(NAMES[first : first + 2], map(idx, arrays), strict=True):
            path = folder / (name if zipped else name.removesuffix(".gz"))
            path.write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    return folder
