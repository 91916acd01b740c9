"""The images from the configured source, checked, with a record of where they came from."""

import numpy as np

from model_collapse.images import load_images
from scripts.core.files import write_json
from scripts.core.job import job

with job(snakemake) as log:
    wanted = snakemake.params.images
    images = load_images(
        wanted["source"], wanted["folder"], seed=snakemake.params.seed, cache=wanted["cache"]
    )
    log.warning("Images: %s", images.description)
    np.savez_compressed(
        snakemake.output.arrays,
        train_images=images.train_images,
        train_labels=images.train_labels,
        test_images=images.test_images,
        test_labels=images.test_labels,
    )
    write_json(
        {
            "name": images.name,
            "source": images.source,
            "description": images.description,
            "white": images.white,
            "training_images": len(images.train_images),
            "test_images": len(images.test_images),
            "sha256": images.checksum,
        },
        snakemake.output.source,
    )
