"""The images from the configured source, checked, with a record of where they came from."""

import numpy as np

from model_collapse.images import load_images
from scripts.core.files import write_json
from scripts.core.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        images = load_images(**snakemake.params.images, seed=snakemake.params.seed)
        log.warning("Images: %s", images.description)
        arrays = ("train_images", "train_labels", "test_images", "test_labels")
        np.savez_compressed(
            snakemake.output.arrays, **{name: getattr(images, name) for name in arrays}
        )
        record = {
            "name": images.name,
            "source": images.source,
            "description": images.description,
            "white": images.white,
            "training_images": len(images.train_images),
            "test_images": len(images.test_images),
            "sha256": images.checksum,
        }
        write_json(record, snakemake.output.source)
