"""PyTorch gives what NumPy gives, but for rounding."""

import numpy as np
import pytest
import torch

from model_collapse.backends import Backend, to_numpy
from model_collapse.network_chain import Data, train_generation
from model_collapse.networks import Recipe
from model_collapse.random_features import train_features

RECIPES = [Recipe(5, 4, 0.05, "mean"), Recipe(5, 4, 0.05, "sum", "inverse_sqrt_width")]


@pytest.fixture(scope="module")
def data() -> Data:
    """Twelve images with all labels, two replicates of nine and two draws, five test images."""
    rng = np.random.default_rng(2)
    drawn = [[rng.permutation(12)[:9] for _ in range(2)] for _ in range(2)]
    return Data(
        rng.standard_normal((12, 6)).astype(np.float32),
        np.arange(12) % 10,
        np.array(drawn),
        rng.standard_normal((5, 6)).astype(np.float32),
        np.arange(5),
    )


def assert_close(one, other):
    """The same but for rounding in float32."""
    assert type(one) is type(other) is np.ndarray
    assert one.dtype == other.dtype
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("recipe", RECIPES)
def test_generations_of_networks(data, recipe, continued):
    found = []
    for library in ("numpy", "torch"):
        generation, told = None, []
        for m in range(3):
            generation = train_generation(
                data,
                recipe,
                16,
                m,
                generation,
                initialisation="uniform",
                noise=0.2,
                continued=continued,
                backend=Backend(library),
                seed="s",
                report=lambda m, epoch, loss, told=told: told.append(loss),
            )
        found.append((generation, np.array(told)))
    (one, told), (other, retold) = found
    assert_close(told, retold)
    for name in ("outputs", "risks"):
        assert_close(getattr(one, name), getattr(other, name))
    for mine, theirs in zip(vars(one.layers).values(), vars(other.layers).values(), strict=True):
        assert_close(mine, theirs)


@pytest.mark.parametrize("continued", [False, True])
@pytest.mark.parametrize("recipe", RECIPES)
def test_fixed_hidden_layers(data, recipe, continued):
    found = [
        train_features(
            data,
            recipe,
            40,
            1,
            2,
            initialisation="normal",
            noise=0.2,
            continued=continued,
            backend=Backend(library),
            seed="s",
        )
        for library in ("numpy", "torch")
    ]
    one, other = found
    assert_close(one.risks, other.risks)
    assert_close(one.eigenvalues, other.eigenvalues)
    assert_close(one.powers, other.powers)
    assert_close(*(np.array([run.limit, run.start_variance]) for run in found))


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
