"""Image folders that are damaged in any way: one sentence that names the file, before any work."""

import gzip
import shutil

import numpy as np
import pytest
from configs import changed
from idx_files import NAMES, idx, write_folder
from snakemake.exceptions import WorkflowError

from scripts.config import read_config

X, Y, TEST_X, TEST_Y = NAMES  # images and labels, 7 to train on and 3 to test on
DOTTED = "t10k-images.idx3-ubyte.gz"  # as some call it


def inverted(raw: bytes, first: int, last: int) -> bytes:
    return raw[:first] + bytes(255 - byte for byte in raw[first:last]) + raw[last:]


def neither(name: str) -> str:
    return f"images.folder: {{folder}} holds neither {name} nor {name.removesuffix('.gz')}"


def magic(found: str, axes: int) -> str:
    begins = f"an IDX file of {axes} dimension(s) of bytes begins with 0x0000080{axes}"
    return f"wrong magic number 0x{found}, {begins}"


def shape(text: str) -> str:
    return f"MNIST images are N ≥ 1 of 28×28 pixels, this file holds {text}"


NO_FOLDER = "images.folder: {folder} cannot be read as a folder"
UNREADABLE = "truncated, corrupted or unreadable"
CUT = f"{UNREADABLE} (Compressed file ended before the end-of-stream marker was reached)"


def without(*names: str):
    return lambda folder: [(folder / name).unlink() for name in names]


# What is done to a folder, and the sentence.
FOLDERS = [
    (shutil.rmtree, f"{NO_FOLDER} (No such file or directory)"),
    (lambda folder: [shutil.rmtree(folder), folder.touch()], f"{NO_FOLDER} (Not a directory)"),
    (without(*NAMES), neither(X)),
    (without(TEST_Y), neither(TEST_Y)),
    (lambda folder: (folder / TEST_X).rename(folder / DOTTED), neither(TEST_X)),
    (lambda folder: [without(Y)(folder), (folder / Y).symlink_to("nowhere")], neither(Y)),
    (lambda folder: [without(TEST_X)(folder), (folder / TEST_X).mkdir()], neither(TEST_X)),
    (
        lambda folder: write_folder(folder, train=4000),
        "random_features.fig5.sizes.mnist.test_images: 2500 are more than the 3 images there are",
    ),
    (
        lambda folder: None,
        "kernel_experiments.fig4_rbf.sizes.mnist: 1000 samples and spectrum_images: 3000 need "
        "4000 training images, there are 7",
    ),
]

# What the bytes of files become, and what is said of the first.
PACKED = [
    ({TEST_Y: lambda raw: b""}, "truncated, 0 bytes are no IDX header"),
    ({TEST_X: lambda raw: b"These are no images.\n"}, magic("54686573", 3)),
    ({X: lambda raw: b"<html>404</html>"}, magic("3c68746d", 3)),
    ({Y: lambda raw: b"PK\x03\x04, a zip archive"}, magic("504b0304", 1)),
    ({Y: gzip.compress}, magic("1f8b0800", 1)),
    ({X: lambda raw: raw[: len(raw) // 2]}, CUT),
    ({Y: lambda raw: b"\x1f\x8bnothing"}, CUT),
    ({X: lambda raw: inverted(raw, 500, 520)}, f"{UNREADABLE} (CRC check failed)"),
    ({TEST_Y: lambda raw: inverted(raw, 2, 3)}, f"{UNREADABLE} (Unknown compression method)"),
    ({TEST_Y: lambda raw: raw + b"more"}, f"{UNREADABLE} (Not a gzipped file (b'mo'))"),
]

# The same below the layer of gzip, an array standing for its file.
CONTENTS = [
    ({Y: lambda raw: b"These are"}, magic("54686573", 1)),
    ({X: lambda raw: raw[:-1]}, "truncated, 5487 bytes of data where 5488 belong"),
    ({TEST_Y: lambda raw: raw + b"\0"}, "too long, 4 bytes of data where 3 belong"),
    ({TEST_Y: lambda raw: raw[:5]}, "truncated, 5 bytes are no IDX header"),
    ({TEST_X: lambda raw: raw[:16]}, "truncated, 0 bytes of data where 2352 belong"),
    (
        {X: lambda raw: raw[:4] + b"\xff" * 12 + raw[16:]},
        "truncated, 5488 bytes of data where 79228162458924105385300197375 belong",
    ),
    ({Y: lambda raw: b"\0\0\x0d\x01" + raw[4:]}, magic("00000d01", 1)),
    ({Y: lambda raw: raw[3::-1] + raw[7:3:-1] + raw[8:]}, magic("01080000", 1)),
    ({Y: np.zeros((7, 28, 28))}, magic("00000803", 1)),
    ({X: np.zeros(20), Y: np.zeros((20, 28, 28))}, magic("00000801", 3)),
    ({X: np.zeros((7, 784))}, magic("00000802", 3)),
    ({TEST_X: np.zeros((3, 28, 28, 3))}, magic("00000804", 3)),
    ({TEST_X: np.zeros((3, 27, 28))}, shape("3×27×28")),
    ({X: np.zeros((7, 28, 27))}, shape("7×28×27")),
    ({TEST_X: np.zeros((0, 28, 28)), TEST_Y: np.zeros(0)}, shape("0×28×28")),
    ({TEST_Y: np.zeros(0)}, f"0 labels do not match the 3 images of {TEST_X}"),
    ({Y: np.zeros(6)}, f"6 labels do not match the 7 images of {X}"),
    ({Y: np.full(7, 10)}, "labels must be 0–9, found 10"),
]


def case(changes: dict, said: str, unpack=bytes, pack=bytes) -> tuple:
    def damage(folder) -> None:
        for name, change in changes.items():
            old = (folder / name).read_bytes()
            new = idx(change) if isinstance(change, np.ndarray) else change(unpack(old))
            (folder / name).write_bytes(pack(new))

    return damage, f"{{folder}}/{next(iter(changes))}: {said}"


CASES = [
    *FOLDERS,
    *(case(*row) for row in PACKED),
    *(case(*row, gzip.decompress, gzip.compress) for row in CONTENTS),
]


@pytest.mark.parametrize(("damage", "sentence"), CASES, ids=[case[1][:70] for case in CASES])
def test_a_bad_image_folder_is_refused_with_its_sentence(damage, sentence, tmp_path):
    folder = write_folder(tmp_path / "mnist")
    damage(folder)
    with pytest.raises(WorkflowError) as refused:
        read_config(changed("images/folder", str(folder)))
    assert str(refused.value).replace(str(folder), "{folder}") == f"config: {sentence}"


def test_a_whole_folder_of_enough_images_passes(tmp_path):
    folder = write_folder(tmp_path, zipped=False, train=4000, test=10_000)
    assert len(read_config(changed("images/folder", str(folder))).images.files()) == 4


def test_an_unreadable_folder_is_one_sentence(monkeypatch, tmp_path):
    """As for a user without the right to list it; root may list everything."""

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", denied)
    with pytest.raises(WorkflowError, match=r"images\.folder: .* \(Permission denied\)"):
        read_config(changed("images/folder", str(tmp_path)))
