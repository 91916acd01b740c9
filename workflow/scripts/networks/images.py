"""The images that networks are trained and tested on, drawn from all of them."""

import numpy as np

from model_collapse.pixels import Pool
from model_collapse.seeds import random_stream


def draw_images(images: dict, white: int, block: dict, sizes: dict, *, seed: str) -> dict:
    """The images that an experiment uses, from all of them: arrays of its file, see read_data.

    Replicate r of generation m draws ``samples`` training images without replacement, once if
    image_draw is same. All are tested on one draw of ``test_images``.
    """
    train, labels = images["train_images"], images["train_labels"]
    draws = block["generations"] + 1 if block.get("image_draw") == "fresh" else 1

    def draw(replicate: int, generation: int) -> np.ndarray:
        rng = random_stream(seed, "images", replicate, generation)
        return rng.choice(len(train), sizes["samples"], replace=False)

    drawn = np.array([[draw(r, m) for r in range(block["replicates"])] for m in range(draws)])
    used, places = np.unique(drawn, return_inverse=True)
    scaling = Pool.prepare(train, labels, block["pixels"], white)
    count, wanted = len(images["test_images"]), sizes["test_images"]
    tested = random_stream(seed, "test images").choice(count, wanted, replace=False)
    return {
        "images": train[used],
        "labels": labels[used],
        "drawn": places.reshape(drawn.shape),
        "test_images": images["test_images"][tested],
        "test_labels": images["test_labels"][tested],
        "offset": scaling.offset,
        "scale": scaling.scale,
    }
