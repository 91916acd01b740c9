"""Random streams that depend on what they are for, and on nothing else."""

import hashlib
import json

import numpy as np


def random_stream(*key: int | str) -> np.random.Generator:
    """An independent generator for a key such as ``(seed, "generator", replicate, m)``.

    The key is hashed into the entropy of a SeedSequence, so streams do not depend on the order
    in which jobs run, nor on how many replicates or sample sizes there are besides.
    """
    digest = hashlib.sha256(json.dumps([str(part) for part in key]).encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest, "big")))
