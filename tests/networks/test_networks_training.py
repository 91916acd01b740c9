"""How networks get their images and are trained: draws, chains that go on, reports of progress."""

import logging

import numpy as np
import pytest
from configs import CONFIG
from conftest import assert_same

from model_collapse.images.mnist import embedded_digits
from model_collapse.networks.backends import Backend
from model_collapse.networks.generations import train_generation
from model_collapse.networks.random_features import train_features
from model_collapse.networks.sgd import Recipe
from scripts.networks.draw_network_images import draw_images
from scripts.networks.settings import Draw, Features
from scripts.networks.train_network import train_chain
from scripts.networks.training import progress, read_data
from scripts.schema.settings import keys_of
from scripts.step.files import write_arrays

TRAIN = np.arange(40)
TEST = np.arange(100, 120)
IMAGES = {  # image i is grey values i … i + 5, its label i % 10
    "train_images": np.add.outer(TRAIN, np.arange(6)).astype(np.uint8),
    "train_labels": (TRAIN % 10).astype(np.uint8),
    "test_images": np.add.outer(TEST, np.arange(6)).astype(np.uint8),
    "test_labels": (TEST % 10).astype(np.uint8),
}
SIZES = {"samples": 12, "test_images": 7}


def drawn(replicates=2, draws=1) -> dict:
    block = {"sizes": {"mnist": SIZES}, "pixels": "centred", "replicates": replicates}
    return draw_images(IMAGES, {"name": "mnist", "white": 255}, block, draws, "s")


@pytest.fixture
def data(tmp_path):
    np.savez(tmp_path / "images.npz", **drawn())
    return read_data(str(tmp_path / "images.npz"))


def test_each_replicate_draws_its_images_once_or_in_every_generation():
    same = drawn()
    fresh = drawn(draws=4)
    assert same["drawn"].shape == (1, 2, 12)
    assert fresh["drawn"].shape == (4, 2, 12)
    for draws in (same, fresh):
        rows = draws["drawn"].reshape(-1, 12)
        assert all(len(set(row)) == 12 for row in rows)  # without replacement
        assert len({draws["images"][row].tobytes() for row in rows}) == len(rows)
    # Generation 0 does not depend on what later ones draw, nor a replicate on how many there are.
    first = same["images"][same["drawn"][0]]
    assert_same(first, fresh["images"][fresh["drawn"][0]])
    more = drawn(replicates=5)
    assert_same(first, more["images"][more["drawn"][0, :2]])


def test_images_keep_their_labels_and_are_scaled_with_all_training_images(data):
    mean = IMAGES["train_images"].mean(axis=0)
    for x, labels in ((data.inputs, data.labels), (data.test_inputs, data.test_labels)):
        grey = np.rint(255 * x + mean).astype(int)
        assert_same(x, (grey - mean) / 255, rtol=1e-6)
        assert_same(grey, np.add.outer(grey[:, 0], np.arange(6)))
        assert_same(labels, grey[:, 0] % 10)
    tested = grey[:, 0].tolist()
    assert len(set(tested)) == 7 and set(tested) <= set(TEST)
    assert tested != sorted(tested)  # a draw, not the first ones


@pytest.mark.parametrize("continued", [True, False])
def test_a_chain_killed_in_any_generation_ends_with_the_bytes_of_one_that_never_was(
    tmp_path, data, continued
):
    last = 3
    trained = []
    unfinished = tmp_path / ".unfinished.npz"
    chain = tmp_path / "chain.npz"
    options = {"initialisation": "uniform", "noise": 0.1, "backend": Backend(), "seed": "s"}

    def written(killed=None, key="a") -> bytes:
        def train(m, before):
            if m == killed:
                raise KeyboardInterrupt
            trained.append(m)
            recipe = Recipe(2, 4, 0.1)
            return train_generation(data, recipe, 5, m, before, continued=continued, **options)

        write_arrays(str(chain), **train_chain(train, last, unfinished, key))
        return chain.read_bytes()

    whole = written()
    unfinished.unlink()
    trained.clear()
    for m in (1, 1, 2, last):
        with pytest.raises(KeyboardInterrupt):
            written(killed=m)
    assert trained == [0, 1, 2]  # none of them twice
    assert written() == whole
    assert trained == [0, 1, 2, 3]
    # Of other params or images nothing is used.
    assert written(key="b") == whole
    assert trained == [0, 1, 2, 3] * 2
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"images.npz", chain.name, unfinished.name}


def test_features_of_the_config_can_be_trained_on_the_digits(tmp_path):
    """train_features refuses a learning rate that is unstable."""
    digits = vars(embedded_digits())
    for name, keys in CONFIG["random_features"].items():
        block = Features(**keys | {"epochs": 1})
        np.savez(tmp_path / name, **draw_images(digits, digits, keys_of(block, Draw), 1, "s"))
        convention = {"initialisation": block.initialisation, "noise": 0.0, "continued": False}
        train_features(
            read_data(str(tmp_path / f"{name}.npz")), block.recipe("digits"), block.widths[0], 0, 0,
            **convention, backend=Backend(), seed="s",
        )  # fmt: skip


def test_progress_says_where_training_is_and_when_it_will_end(monkeypatch, caplog):
    now = iter([100.0, 104.0, 110.0, 126.0])
    monkeypatch.setattr("scripts.networks.training.time.monotonic", lambda: next(now))
    with caplog.at_level(logging.INFO):
        report = progress(logging.getLogger("x"), epochs=3, last=1)
        for generation, epoch in ((0, 1), (0, 2), (0, 3), (1, 1)):
            report(generation, epoch, np.array([0.5, 0.7]))
    assert [record.getMessage() for record in caplog.records] == [
        "generation 0, epoch 3 of 3, training loss 0.6; about 15 s left in this job",
        "generation 1, epoch 1 of 3, training loss 0.6; about 17 s left in this job",
    ]
