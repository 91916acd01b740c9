"""The images that each replicate and generation of networks is trained on, and the test images."""

from collections.abc import Mapping

import numpy as np

from model_collapse.images.pool import Pool
from model_collapse.seeds import random_stream
from scripts.step.files import read_arrays, read_json, write_arrays
from scripts.step.job import job


def draw_images(
    images: Mapping, source: Mapping, block: Mapping, draws: int, seed: str
) -> dict[str, np.ndarray]:
    """The images that an experiment uses, from all of them: arrays of its file, see read_data.

    Replicate r of generation m draws ``samples`` training images without replacement; generations
    from ``draws`` on keep the last draw. All are tested on one draw of ``test_images``. ``source``
    is the record of the images, ``block`` has the keys of Draw.
    """
    train = images["train_images"]
    labels = images["train_labels"]
    sizes = block["sizes"][source["name"]]

    def draw(replicate: int, generation: int) -> np.ndarray:
        rng = random_stream(seed, "images", replicate, generation)
        return rng.choice(len(train), sizes["samples"], replace=False)

    drawn = np.array([[draw(r, m) for r in range(block["replicates"])] for m in range(draws)])
    used, places = np.unique(drawn, return_inverse=True)
    scaling = Pool.prepare(train, labels, block["pixels"], source["white"])
    rng = random_stream(seed, "test images")
    tested = rng.choice(len(images["test_images"]), sizes["test_images"], replace=False)
    return {
        "images": train[used],
        "labels": labels[used],
        "drawn": places.reshape(drawn.shape),
        "test_images": images["test_images"][tested],
        "test_labels": images["test_labels"][tested],
        "offset": scaling.offset,
        "scale": scaling.scale,
    }


if __name__ == "__main__":
    with job(snakemake) as log:
        files = snakemake.input
        params = snakemake.params
        images = read_arrays(files.images)
        source = read_json(files.source)
        drawn = draw_images(images, source, params.block, params.draws, params.seed)
        write_arrays(snakemake.output[0], **drawn)
        log.info("%d images, drawn %s", len(drawn["images"]), drawn["drawn"].shape)
