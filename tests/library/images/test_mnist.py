"""Image sources: IDX files, the download, the digits, and the walk of `auto`."""

import contextlib
import functools
import gzip
import hashlib
import http.server
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from idx_files import MNIST, NAMES, idx, write_folder

from model_collapse.images import mnist
from model_collapse.images.mnist import (
    embedded_digits,
    fetch_mnist,
    load_images,
    read_folder,
    read_idx,
)


@pytest.mark.parametrize("zipped", [True, False])
def test_small_folders_are_read_back(tmp_path, zipped):
    found = read_folder(write_folder(tmp_path, zipped), "folder")
    assert found.train_images.shape == (7, 784)
    assert found.test_images.shape == (3, 784)
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(
        found.train_images.reshape(7, 28, 28), rng.integers(0, 256, (7, 28, 28))
    )
    np.testing.assert_array_equal(found.train_labels, rng.integers(0, 10, 7))


def test_the_checksum_is_of_the_content_not_of_the_packing(tmp_path):
    one = read_folder(write_folder(tmp_path / "a", zipped=True), "folder")
    other = read_folder(write_folder(tmp_path / "b", zipped=False), "folder")
    assert one.checksum == other.checksum
    assert read_folder(write_folder(tmp_path / "c", train=8), "folder").checksum != one.checksum


def test_four_idx_files_that_are_not_mnist_are_not_called_so(tmp_path):
    found = read_folder(write_folder(tmp_path), "folder")
    assert found.description == "images from a folder (not MNIST); 7 to train on, 3 to test on"


def test_what_the_source_does_not_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match="source digits reads no folder; leave out /nowhere"):
        load_images("digits", "/nowhere")
    with pytest.raises(ValueError, match="source download reads no folder; leave out /nowhere"):
        load_images("download", "/nowhere")
    with pytest.raises(ValueError, match="nothing is downloaded when the digits are read"):
        load_images("digits", cache=tmp_path)
    with pytest.raises(ValueError, match="nothing is downloaded when a folder is read"):
        load_images("auto", write_folder(tmp_path), cache=tmp_path)


def test_a_directory_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "x").mkdir()
    with pytest.raises(ValueError, match="unreadable"):
        read_idx(tmp_path / "x", 1)


def test_digits_hold_out_500_and_lose_none():
    digits = embedded_digits(seed=1)
    assert (len(digits.train_images), len(digits.test_images)) == (1297, 500)
    together = np.concatenate([digits.train_labels, digits.test_labels])
    assert np.bincount(together).sum() == 1797
    assert digits.train_images.max() == digits.white == 16
    assert embedded_digits(seed=2).checksum != digits.checksum


@contextlib.contextmanager
def served(folder: Path):
    """The address of an HTTP server on this machine over one folder."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def checksums_of(folder: Path) -> dict[str, str]:
    return {n: "md5:" + hashlib.md5((folder / n).read_bytes()).hexdigest() for n in NAMES}


def test_download_is_checked_and_cached(tmp_path):
    origin = write_folder(tmp_path / "origin")
    known = checksums_of(origin)
    with served(origin) as base:
        folder = fetch_mnist(tmp_path / "cache", [base], known)
    # The server is gone: the second call lives on the cache.
    found = load_images("download", cache=tmp_path / "cache", mirrors=[base], checksums=known)
    assert folder == tmp_path / "cache"
    assert found.source == "download"
    assert found.checksum == read_folder(origin, "folder").checksum


def test_a_bad_mirror_gives_way_to_a_good_one(tmp_path):
    good = write_folder(tmp_path / "good")
    bad = write_folder(tmp_path / "bad", train=9)
    known = checksums_of(good)
    with served(bad) as first, served(good) as second:
        fetch_mnist(tmp_path / "cache", [first, second], known)
    assert checksums_of(tmp_path / "cache") == known


def test_a_download_with_a_wrong_checksum_is_refused(tmp_path):
    origin = write_folder(tmp_path / "origin")
    with served(origin) as base, pytest.raises(ConnectionError, match="hash"):
        fetch_mnist(tmp_path / "cache", [base], dict.fromkeys(NAMES, "md5:" + "0" * 32))


@pytest.fixture
def unreachable(monkeypatch):
    """An address on which a server listens and never answers, and less patience."""
    assert mnist.PATIENCE <= 15
    monkeypatch.setattr(mnist, "PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://localhost:{listening.getsockname()[1]}/"


def test_auto_moves_on_to_the_digits_and_says_so(tmp_path, caplog, unreachable):
    """After PATIENCE, the only wait there is, even if a server accepts and never answers."""
    found = load_images("auto", cache=tmp_path, mirrors=[unreachable])
    assert found.name == "digits"
    assert "NOT MNIST" in caplog.text
    assert "NOT MNIST" in found.description


def test_a_pinned_download_that_cannot_be_had_fails(tmp_path, unreachable):
    with pytest.raises(ConnectionError, match=r"no MNIST mirror answered .* 0\.5 seconds"):
        load_images("download", cache=tmp_path, mirrors=[unreachable])


def test_certificates_that_are_not_there_are_named_without_a_traceback(
    tmp_path, monkeypatch, capfd
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    monkeypatch.setattr(threading, "excepthook", lambda problem: pytest.fail(str(problem)))
    with pytest.raises(ConnectionError, match=r"no MNIST mirror answered .*nowhere\.pem"):
        load_images("download", cache=tmp_path, mirrors=["https://localhost:1/"] * 2)
    assert load_images("auto", cache=tmp_path, mirrors=["https://localhost:1/"]).name == "digits"
    assert "Traceback" not in capfd.readouterr().err


def test_auto_takes_a_named_folder_and_never_passes_it_over(tmp_path):
    assert load_images("auto", write_folder(tmp_path / "mnist")).source == "folder"
    with pytest.raises(ValueError, match="cannot be read as a folder"):
        load_images("auto", tmp_path / "nowhere")


def test_another_source_is_never_taken_for_the_digits():
    with pytest.raises(ValueError, match="must be auto, folder, download or digits, not 'Folder'"):
        load_images("Folder", "anywhere")
    with pytest.raises(ValueError, match="the source folder needs a folder"):
        load_images("folder")


if MNIST.is_dir():

    def test_real_mnist_is_the_known_data():
        found = read_folder(MNIST, "folder")
        assert found.train_images.shape == (60_000, 784)
        assert found.test_images.shape == (10_000, 784)
        content = hashlib.md5(idx(found.test_labels)).hexdigest()
        assert content == "27ae3e4e09519cfbb04c329615203637"

    @pytest.mark.parametrize("is_zipped", [True, False])
    def test_the_bytes_of_mnist_are_called_mnist_however_they_are_packed(tmp_path, is_zipped):
        for name in NAMES:
            content = gzip.decompress((MNIST / name).read_bytes())
            packed = gzip.compress(content, compresslevel=1) if is_zipped else content
            (tmp_path / (name if is_zipped else name.removesuffix(".gz"))).write_bytes(packed)
        description = read_folder(tmp_path, "folder").description
        assert description.startswith("MNIST, from a folder of IDX files; 60,000 to train on")

    def test_mnist_with_one_other_label_is_not_called_so(tmp_path):
        for name in NAMES:
            content = bytearray(gzip.decompress((MNIST / name).read_bytes()))
            if name == NAMES[3]:
                content[-1] = (content[-1] + 1) % 10
            (tmp_path / name.removesuffix(".gz")).write_bytes(content)
        assert read_folder(tmp_path, "folder").description.startswith("images from a folder (not M")
