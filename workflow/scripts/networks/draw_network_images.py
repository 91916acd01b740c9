"""The images that each replicate and generation of networks is trained on, and the test images."""

import numpy as np

from scripts.core.files import read_arrays, read_json
from scripts.core.job import job
from scripts.networks.images import draw_images

with job(snakemake) as log:
    block, record = snakemake.params.block, read_json(snakemake.input.source)
    drawn = draw_images(
        read_arrays(snakemake.input.images),
        record["white"],
        block,
        block["sizes"][record["name"]],
        seed=snakemake.params.seed,
    )
    np.savez(snakemake.output[0], **drawn)
    log.info("%d images, drawn %s", len(drawn["images"]), drawn["drawn"].shape)
