"""Which backends there are, and which are refused."""

import importlib.util

import numpy as np
import pytest

from model_collapse.networks.backends import Backend, to_numpy


def test_the_default_backend_is_numpy_on_the_cpu():
    array = Backend().array([1, 2], "float32")
    assert (type(array), array.dtype) == (np.ndarray, np.float32)
    assert to_numpy(array) is array


@pytest.mark.parametrize(
    ("library", "device", "sentence"),
    [
        ("numpy", "cuda", "backend.device: numpy runs on the cpu only, cuda needs"),
        ("torch", "cpu", "backend.library: torch is not installed; pip install torch"),
        ("torch", "cuda", "backend.library: torch is not installed; pip install torch"),
    ],
)
def test_backends_that_are_not_there_are_refused(monkeypatch, library, device, sentence):
    found = importlib.util.find_spec
    missing = lambda name: None if name == "torch" else found(name)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", missing)
    with pytest.raises(ValueError, match=sentence):
        Backend(library, device)
