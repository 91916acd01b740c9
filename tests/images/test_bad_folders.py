"""Image folders that are damaged in any way: one sentence that names the file, before any work."""

import gzip
import io
import shutil
import zipfile

import numpy as np
import pytest
from configs import changed
from idx_files import NAMES, TEST_IMAGES, TEST_LABELS, TRAIN_IMAGES, TRAIN_LABELS, idx, write_folder
from snakemake.exceptions import WorkflowError

from scripts.config import read_config

LABELS, IMAGES = (1, "0x00000801"), (3, "0x00000803")


def edited(name: str, change):
    """A damage: the bytes of one file changed."""
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def repacked(name: str, change):
    """The same below the gzip layer."""
    return edited(name, lambda raw: gzip.compress(change(gzip.decompress(raw))))


def replaced(name: str, content: bytes):
    """A damage: other content."""
    return edited(name, lambda _: content)


def holding(name: str, *shape: int, value: int = 0):
    """A damage: a file of this shape in place of the right one."""
    return replaced(name, gzip.compress(idx(np.full(shape, value))))


def renamed(name: str, other: str):
    """A damage: a file under another name."""
    return lambda folder: (folder / name).rename(folder / other)


def removed(*names: str):
    """A damage: files are gone."""
    return lambda folder: [(folder / name).unlink() for name in names]


def in_turn(*damages):
    """Several damages."""
    return lambda folder: [damage(folder) for damage in damages]


def inverted(raw: bytes, first: int, last: int) -> bytes:
    """Bytes with every bit of [first, last) the other way round."""
    return raw[:first] + bytes(255 - byte for byte in raw[first:last]) + raw[last:]


def zipped(name: str, content: bytes) -> bytes:
    """A zip archive with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def neither(name: str) -> str:
    """The sentence for a file that is not there, packed or not."""
    return f"images.folder: {{folder}} holds neither {name} nor {name.removesuffix('.gz')}"


def magic(found: str, kind: tuple[int, str]) -> str:
    """What is said of a file of another kind."""
    dimensions, wanted = kind
    return (
        f"wrong magic number {found}, an IDX file of {dimensions} dimension(s) of bytes begins "
        f"with {wanted}"
    )


def shape(text: str) -> str:
    """What is said of images of another shape."""
    return f"MNIST images are N ≥ 1 of 28×28 pixels, this file holds {text}"


UNREADABLE = "truncated, corrupted or unreadable"
SWAP = (
    lambda folder: write_folder(folder, train=20),
    renamed(TRAIN_IMAGES, "images"),
    renamed(TRAIN_LABELS, TRAIN_IMAGES),
    renamed("images", TRAIN_LABELS),
)
NO_FOLDER = "images.folder: {folder} cannot be read as a folder"

# What is done to a folder of 7 images to train on and 3 to test on, and the sentence.
FOLDERS = [
    (shutil.rmtree, f"{NO_FOLDER} (No such file or directory)"),
    (in_turn(shutil.rmtree, lambda f: f.write_text("a file")), f"{NO_FOLDER} (Not a directory)"),
    (removed(*NAMES), neither(TRAIN_IMAGES)),
    (removed(TRAIN_IMAGES), neither(TRAIN_IMAGES)),
    (removed(TEST_LABELS), neither(TEST_LABELS)),
    (renamed(TEST_IMAGES, "t10k-images.idx3-ubyte.gz"), neither(TEST_IMAGES)),
    (
        in_turn(removed(TRAIN_LABELS), lambda f: (f / TRAIN_LABELS).symlink_to("nowhere")),
        neither(TRAIN_LABELS),
    ),
    (in_turn(removed(TEST_IMAGES), lambda f: (f / TEST_IMAGES).mkdir()), neither(TEST_IMAGES)),
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

# The same of single files: file, damage, what is said of it.
FILES = [
    (TEST_LABELS, replaced(TEST_LABELS, b""), "truncated, 0 bytes are no IDX header"),
    (TEST_IMAGES, replaced(TEST_IMAGES, b"These are no images.\n"), magic("0x54686573", IMAGES)),
    (
        TRAIN_IMAGES,
        replaced(TRAIN_IMAGES, b"<html>404</html>"),
        magic("0x3c68746d", IMAGES),
    ),
    (
        TRAIN_LABELS,
        replaced(TRAIN_LABELS, gzip.compress(b"These are")),
        magic("0x54686573", LABELS),
    ),
    (TRAIN_LABELS, replaced(TRAIN_LABELS, zipped("x", b"\0")), magic("0x504b0304", LABELS)),
    (TRAIN_LABELS, edited(TRAIN_LABELS, gzip.compress), magic("0x1f8b0800", LABELS)),
    (
        TRAIN_IMAGES,
        edited(TRAIN_IMAGES, lambda raw: raw[: len(raw) // 2]),
        f"{UNREADABLE} (Compressed file ended before the end-of-stream marker was reached)",
    ),
    (
        TRAIN_IMAGES,
        edited(TRAIN_IMAGES, lambda raw: inverted(raw, 500, 520)),
        f"{UNREADABLE} (CRC check failed)",
    ),
    (
        TRAIN_LABELS,
        replaced(TRAIN_LABELS, b"\x1f\x8bnothing"),
        f"{UNREADABLE} (Compressed file ended before the end-of-stream marker was reached)",
    ),
    (
        TEST_LABELS,
        edited(TEST_LABELS, lambda raw: inverted(raw, 2, 3)),
        f"{UNREADABLE} (Unknown compression method)",
    ),
    (
        TEST_LABELS,
        edited(TEST_LABELS, lambda raw: raw + b"more"),
        f"{UNREADABLE} (Not a gzipped file (b'mo'))",
    ),
    (
        TRAIN_IMAGES,
        repacked(TRAIN_IMAGES, lambda content: content[:-1]),
        "truncated, 5487 bytes of data where 5488 belong",
    ),
    (
        TEST_LABELS,
        repacked(TEST_LABELS, lambda content: content + b"\0"),
        "too long, 4 bytes of data where 3 belong",
    ),
    (
        TEST_LABELS,
        repacked(TEST_LABELS, lambda content: content[:5]),
        "truncated, 5 bytes are no IDX header",
    ),
    (
        TEST_IMAGES,
        repacked(TEST_IMAGES, lambda content: content[:16]),
        "truncated, 0 bytes of data where 2352 belong",
    ),
    (
        TRAIN_IMAGES,
        repacked(TRAIN_IMAGES, lambda content: content[:4] + b"\xff" * 12 + content[16:]),
        "truncated, 5488 bytes of data where 79228162458924105385300197375 belong",
    ),
    (
        TRAIN_LABELS,
        repacked(TRAIN_LABELS, lambda content: b"\0\0\x0d\x01" + content[4:]),
        magic("0x00000d01", LABELS),
    ),
    (
        TRAIN_LABELS,
        repacked(TRAIN_LABELS, lambda raw: raw[3::-1] + raw[7:3:-1] + raw[8:]),
        magic("0x01080000", LABELS),
    ),
    (TRAIN_LABELS, holding(TRAIN_LABELS, 7, 28, 28), magic("0x00000803", LABELS)),
    (TRAIN_IMAGES, in_turn(*SWAP), magic("0x00000801", IMAGES)),
    (TRAIN_IMAGES, holding(TRAIN_IMAGES, 7, 784), magic("0x00000802", IMAGES)),
    (TEST_IMAGES, holding(TEST_IMAGES, 3, 28, 28, 3), magic("0x00000804", IMAGES)),
    (TEST_IMAGES, holding(TEST_IMAGES, 3, 14, 14), shape("3×14×14")),
    (TEST_IMAGES, holding(TEST_IMAGES, 3, 27, 28), shape("3×27×28")),
    (TRAIN_IMAGES, holding(TRAIN_IMAGES, 7, 28, 27), shape("7×28×27")),
    (TEST_IMAGES, holding(TEST_IMAGES, 0, 28, 28), shape("0×28×28")),
    (
        TRAIN_IMAGES,
        in_turn(
            holding(TRAIN_IMAGES, 0, 28, 28),
            holding(TRAIN_LABELS, 0),
            holding(TEST_IMAGES, 0, 28, 28),
            holding(TEST_LABELS, 0),
        ),
        shape("0×28×28"),
    ),
    (
        TEST_LABELS,
        holding(TEST_LABELS, 0),
        f"0 labels do not match the 3 images of {TEST_IMAGES}",
    ),
    (
        TRAIN_LABELS,
        holding(TRAIN_LABELS, 6),
        f"6 labels do not match the 7 images of {TRAIN_IMAGES}",
    ),
    (
        TEST_LABELS,
        holding(TEST_IMAGES, 2, 28, 28),
        f"3 labels do not match the 2 images of {TEST_IMAGES}",
    ),
    (TEST_LABELS, holding(TEST_LABELS, 3, value=10), "labels must be 0–9, found 10"),
    (TRAIN_LABELS, holding(TRAIN_LABELS, 7, value=97), "labels must be 0–9, found 97"),
]
CASES = [*FOLDERS, *((damage, f"{{folder}}/{name}: {said}") for name, damage, said in FILES)]


@pytest.mark.parametrize(("damage", "sentence"), CASES, ids=[case[1][:70] for case in CASES])
def test_a_bad_image_folder_is_refused_with_its_sentence(damage, sentence, tmp_path):
    folder = write_folder(tmp_path / "mnist")
    damage(folder)
    with pytest.raises(WorkflowError) as refused:
        read_config(changed("images/folder", str(folder)))
    assert str(refused.value).replace(str(folder), "{folder}") == f"config: {sentence}"


def test_a_whole_folder_of_enough_images_passes(tmp_path):
    folder = write_folder(tmp_path / "mnist", zipped=False, train=4000, test=10_000)
    config = read_config(changed("images/folder", str(folder)))
    assert len(config.images.files()) == 4


def test_an_unreadable_folder_is_one_sentence(monkeypatch, tmp_path):
    """As for a user without the right to list it; root may list everything."""

    def denied(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", denied)
    with pytest.raises(WorkflowError, match=r"images\.folder: .* \(Permission denied\)"):
        read_config(changed("images/folder", str(tmp_path)))
