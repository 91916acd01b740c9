"""PyTorch gives what NumPy gives, but for rounding."""

import numpy as np
import pytest
import torch
from tiny_networks import tiny_data

from model_collapse.networks.backends import Backend, to_numpy
from model_collapse.networks.generations import train_generation
from model_collapse.networks.random_features import train_features
from model_collapse.networks.sgd import Recipe

DATA = tiny_data(9, draws=2)
RECIPES = [Recipe(5, 4, 0.05, "mean"), Recipe(5, 4, 0.05, "sum", "inverse_sqrt_width")]
conventions = pytest.mark.parametrize(
    ("recipe", "continued"), [(recipe, continued) for recipe in RECIPES for continued in (0, 1)]
)


def assert_close(one, other):
    """The same but for rounding in float32."""
    assert type(one) is type(other) is np.ndarray
    assert one.dtype == other.dtype
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@conventions
def test_generations_of_networks(recipe, continued):
    found = []
    for library in ("numpy", "torch"):
        generation = None
        told = []
        options = {"initialisation": "uniform", "noise": 0.2, "continued": bool(continued)}
        options |= {"backend": Backend(library), "seed": "s"}
        for m in range(3):
            generation = train_generation(
                DATA, recipe, 16, m, generation, **options,
                report=lambda m, epoch, losses, told=told: told.append(losses),
            )  # fmt: skip
        layers = vars(generation.layers).values()
        found.append((np.array(told), generation.outputs, generation.risks, *layers))
    for one, other in zip(*found, strict=True):
        assert_close(one, other)


@conventions
def test_fixed_hidden_layers(recipe, continued):
    options = {"initialisation": "normal", "noise": 0.2, "continued": bool(continued), "seed": "s"}
    one, other = (
        train_features(DATA, recipe, 40, 1, 2, backend=Backend(library), **options)
        for library in ("numpy", "torch")
    )
    for name in ("risks", "eigenvalues", "powers"):
        assert_close(getattr(one, name), getattr(other, name))
    assert_close(*(np.array([run.limit, run.start_variance]) for run in (one, other)))


def test_arrays_are_pytorchs_and_come_back():
    values = np.arange(6).reshape(2, 3)
    array = Backend("torch").array(values, "float32")
    assert isinstance(array, torch.Tensor)
    assert array.dtype == torch.float32
    np.testing.assert_array_equal(to_numpy(array), values)
    assert Backend("torch").array(values).dtype == torch.int64


def test_cuda_is_refused_where_pytorch_finds_none(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"backend\.device: PyTorch finds no CUDA device here"):
        Backend("torch", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert Backend("torch", "cuda").device == "cuda"
