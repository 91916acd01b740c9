"""Real inputs: MNIST from a folder of IDX files or the internet, else scikit-learn's 8×8 digits.

scikit-learn, pooch and requests are imported only where they are used: a folder needs none of them.
"""

import contextlib
import gzip
import hashlib
import logging
import queue
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_collapse.seeds import random_stream

log = logging.getLogger(__name__)

SIDE = 28
HELD_OUT_DIGITS = 500
PATIENCE = 10.0  # seconds to wait for any mirror to answer before the download is given up

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
CHECKSUMS = {
    "train-images-idx3-ubyte.gz": "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "md5:d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "md5:9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "md5:ec29112dd5afa0611ce80d1b7f02629c",
}
# ImageSet.checksum of MNIST. It is of the content, as another gzip packs other bytes.
MNIST_CHECKSUM = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"

MNIST_ORIGINS = {"folder": "from a folder of IDX files", "download": "downloaded"}
OTHER_ORIGINS = {"folder": "from a folder", "download": "from a download"}


@dataclass(frozen=True)
class ImageSet:
    """Images to train and to test on, as rows of grey values, with their labels.

    Parameters
    ----------
    name : {"mnist", "digits"}
        "mnist" for all that comes as IDX files of 28×28 pixels, "digits" for scikit-learn's.
    source : {"folder", "download", "digits"}
        The place that the images come from.
    white : int
        The grey value of a white pixel: 255 in IDX files, 16 in the digits.
    train_images, test_images : array of uint8, shapes (N, pixels) and (M, pixels)
        Grey values from 0 to ``white``.
    train_labels, test_labels : array of uint8, shapes (N,) and (M,)
        Labels from 0 to 9.
    """

    name: str
    source: str
    white: int
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray

    @property
    def description(self) -> str:
        """Words for logs and captions: the images and their source.

        Only images with the checksum of MNIST are called MNIST, whatever the names of their files.
        """
        if self.source == "digits":
            origin = "NOT MNIST but scikit-learn's 8×8 digits"
        elif self.is_mnist:
            origin = f"MNIST, {MNIST_ORIGINS[self.source]}"
        else:
            origin = f"images {OTHER_ORIGINS[self.source]} (not MNIST)"
        train, test = len(self.train_images), len(self.test_images)
        return f"{origin}; {train:,} to train on, {test:,} to test on"

    @property
    def is_mnist(self) -> bool:
        """True if images and labels are MNIST's to the last byte."""
        return self.checksum == MNIST_CHECKSUM

    @property
    def checksum(self) -> str:
        """sha256 over the four arrays; it does not depend on the source."""
        arrays = self.train_images, self.train_labels, self.test_images, self.test_labels
        return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def load_images(
    source: str,
    folder: str | Path | None = None,
    *,
    seed: int = 0,
    cache: str | Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
    checksums: dict[str, str] = CHECKSUMS,
) -> ImageSet:
    """Load MNIST from a folder or the internet, or scikit-learn's 8×8 digits.

    Parameters
    ----------
    source : {"auto", "folder", "download", "digits"}
        "auto" is the folder if one is given, else the download, else the digits; then a failed
        download is logged as a warning.
    folder : str or Path, optional
        Where the four IDX files are, gzipped or not.
    seed : int
        The seed that decides which digits are for testing.
    cache : str or Path, optional
        Where downloads are kept; by default in the user's cache folder.
    mirrors : sequence of str
        Addresses that have the files.
    checksums : dict
        Names of the four files with their checksums.

    Returns
    -------
    ImageSet
        Images and labels to train and to test on.

    Raises
    ------
    ValueError
        For another source, a ``folder`` or a ``cache`` that the source does not read, and a folder
        that cannot be used.
    ConnectionError
        If a pinned download fails.
    """
    if source not in ("auto", "folder", "download", "digits"):
        raise ValueError(f"source must be auto, folder, download or digits, not {source!r}")
    if source == "folder" and folder is None:
        raise ValueError("the source folder needs a folder")
    if folder is not None and source in ("download", "digits"):
        raise ValueError(f"the source {source} reads no folder; leave out {folder}")
    if cache is not None and (source == "digits" or folder is not None):
        place = "the digits are" if source == "digits" else "a folder is"
        raise ValueError(f"nothing is downloaded when {place} read; leave out the cache {cache}")
    if folder is not None:
        return read_folder(folder, "folder")
    if source in ("auto", "download"):
        try:
            return read_folder(fetch_mnist(cache, mirrors, checksums), "download")
        except ConnectionError as error:
            if source == "download":
                raise
            log.warning("NOT MNIST: %s. Using scikit-learn's 8×8 digits instead.", error)
    return embedded_digits(seed)


def embedded_digits(seed: int = 0) -> ImageSet:
    """scikit-learn's 1,797 digits of 8×8 pixels.

    Parameters
    ----------
    seed : int
        The seed that decides which 500 are for testing.

    Returns
    -------
    ImageSet
        Images and labels to train and to test on.
    """
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = random_stream(seed, "held-out digits").permutation(len(digits.target))
    images = digits.data[order].astype(np.uint8)
    labels = digits.target[order].astype(np.uint8)
    k = HELD_OUT_DIGITS
    return ImageSet("digits", "digits", 16, images[k:], labels[k:], images[:k], labels[:k])


def read_folder(folder: str | Path, source: str) -> ImageSet:
    """MNIST from the four IDX files of a folder, gzipped or not.

    Parameters
    ----------
    folder : str or Path
        The folder of the files.
    source : {"folder", "download"}
        The source of the ImageSet.

    Returns
    -------
    ImageSet
        Images and labels to train and to test on.

    Raises
    ------
    ValueError
        With the name of the folder or file: missing, truncated, corrupted, wrong magic number or
        shape, labels outside 0–9, or images and labels that differ in number.
    """
    arrays: list[np.ndarray] = []
    for stem in ("train", "t10k"):
        image_path, label_path = idx_files(folder, stem)
        images = read_idx(image_path, 3)
        labels = read_idx(label_path, 1)
        if images.shape[1:] != (SIDE, SIDE) or len(images) == 0:
            raise ValueError(
                f"{image_path}: MNIST images are N ≥ 1 of {SIDE}×{SIDE} pixels, "
                f"this file holds {'×'.join(map(str, images.shape))}"
            )
        if len(images) != len(labels):
            raise ValueError(
                f"{label_path}: {len(labels)} labels do not match "
                f"the {len(images)} images of {image_path.name}"
            )
        if labels.max() > 9:
            raise ValueError(f"{label_path}: labels must be 0–9, found {labels.max()}")
        arrays += images.reshape(len(images), -1), labels
    return ImageSet("mnist", source, 255, *arrays)


def idx_files(folder: str | Path, stem: str) -> tuple[Path, Path]:
    """Paths of the image and the label file whose names begin with ``stem``, "train" or "t10k".

    Raises ValueError naming the folder, or the file that is missing from it.
    """
    folder = Path(folder)
    try:
        present_names = {path.name for path in folder.iterdir() if path.is_file()}
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(f"images.folder: {folder} cannot be read as a folder ({reason})") from None
    paths = []
    for name in (f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte"):
        present = [spelling for spelling in (f"{name}.gz", name) if spelling in present_names]
        if not present:
            raise ValueError(f"images.folder: {folder} holds neither {name}.gz nor {name}")
        paths.append(folder / present[0])
    return paths[0], paths[1]


def read_idx(path: str | Path, dimensions: int) -> np.ndarray:
    """The unsigned bytes of an IDX file, gzipped or not, as an array with ``dimensions`` axes.

    Raises ValueError naming the file if it cannot be read, is truncated or corrupted, or has
    another magic number or size than its header says.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: truncated, corrupted or unreadable ({error})") from None
    magic = 0x0800 + dimensions
    header = 4 * (1 + dimensions)
    if len(content) < header:
        raise ValueError(f"{path}: truncated, {len(content)} bytes are no IDX header")
    if int.from_bytes(content[:4], "big") != magic:
        raise ValueError(
            f"{path}: wrong magic number 0x{content[:4].hex()}, "
            f"an IDX file of {dimensions} dimension(s) of bytes begins with 0x{magic:08x}"
        )
    shape = tuple(np.frombuffer(content, ">u4", dimensions, offset=4).tolist())
    size = len(content) - header
    expected = int(np.prod(shape, dtype=object))
    if size != expected:
        state = "truncated" if size < expected else "too long"
        raise ValueError(f"{path}: {state}, {size} bytes of data where {expected} belong")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def fetch_mnist(
    cache: str | Path | None = None,
    mirrors: Sequence[str] = MIRRORS,
    checksums: dict[str, str] = CHECKSUMS,
) -> Path:
    """A folder with the four MNIST files, which are downloaded if they are missing or damaged.

    Parameters
    ----------
    cache : str or Path, optional
        The folder; by default in the user's cache folder.
    mirrors : sequence of str
        Addresses that have the files.
    checksums : dict
        Names of the four files with their checksums.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ConnectionError
        If no mirror answers within PATIENCE seconds, or none has files of the right checksum.
    """
    import pooch
    import requests

    folder = Path(cache) if cache else Path(pooch.os_cache("model-collapse")) / "mnist"
    files = {folder / name: checksum for name, checksum in checksums.items()}
    if all(path.is_file() and pooch.hashes.hash_matches(path, files[path]) for path in files):
        return folder
    problem = None
    for base in _by_answer(mirrors, next(iter(checksums))):
        try:
            for name, checksum in checksums.items():
                pooch.retrieve(
                    base + name,
                    known_hash=checksum,
                    fname=name,
                    path=folder,
                    downloader=pooch.HTTPDownloader(timeout=PATIENCE),
                )
            log.info("MNIST downloaded from %s", base)
            return folder
        except (requests.RequestException, ValueError, OSError) as error:
            problem = f"{base}: {error}"
    raise ConnectionError(f"MNIST could not be downloaded ({problem})")


def _by_answer(mirrors: Sequence[str], name: str) -> list[str]:
    """The mirrors, led by the one that is the first to answer that it has a file.

    They are asked in threads, as a name look-up without a network can outlast any time-out.
    """
    import requests

    answers: queue.Queue[str | None] = queue.Queue()
    reasons: list[str] = []

    def ask(base: str) -> None:
        try:
            requests.head(base + name, timeout=PATIENCE, allow_redirects=True).raise_for_status()
            answers.put(base)
        # A bundle of certificates or a proxy that cannot be used ends in errors of other kinds.
        except Exception as error:
            is_of_network = isinstance(error, requests.RequestException)
            reason = type(error).__name__ if is_of_network else str(error)
            reasons.append(f"{base}: {reason}")
            log.info("no answer from %s: %s", base, reason)
            answers.put(None)

    for base in mirrors:
        threading.Thread(target=ask, args=(base,), daemon=True).start()
    end = time.monotonic() + PATIENCE
    with contextlib.suppress(queue.Empty):
        for _ in mirrors:
            if first := answers.get(timeout=max(0.0, end - time.monotonic())):
                return sorted(mirrors, key=lambda base: base != first)
    details = "".join(f"; {reason}" for reason in reasons)
    raise ConnectionError(
        f"no MNIST mirror answered (waited at most {PATIENCE:g} seconds){details}"
    )
