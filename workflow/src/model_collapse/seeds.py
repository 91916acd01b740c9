"""Random streams, each of which depends on its purpose alone."""

import hashlib
import json
from collections.abc import Hashable

import numpy as np


def random_stream(*key: Hashable) -> np.random.Generator:
    """Return an independent generator for a key such as ``(seed, "generator", replicate, m)``.

    The key is hashed into the entropy of a SeedSequence, so a stream depends neither on the order
    of jobs nor on the number of other replicates or sample sizes.

    Parameters
    ----------
    *key : hashable
        The purpose of the stream, such as ints and words. Keys with equal texts have one stream.

    Returns
    -------
    numpy.random.Generator
        A new generator, at the start of its stream.
    """
    digest = hashlib.sha256(json.dumps([str(part) for part in key]).encode()).digest()
    return np.random.default_rng(np.random.SeedSequence(int.from_bytes(digest, "big")))
