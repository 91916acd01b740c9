"""The images from the configured source, checked, with a record of where they came from."""

import numpy as np

from model_collapse.images.mnist import load_images
from scripts.step.files import write_json
from scripts.step.job import job

if __name__ == "__main__":
    with job(snakemake) as log:
        images = load_images(**snakemake.params.images, seed=snakemake.params.seed)
        log.warning("Images: %s", images.description)
        arrays = {name: array for name, array in vars(images).items() if "_" in name}
        np.savez_compressed(snakemake.output.arrays, **arrays)
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
