"""The libraries that train networks: NumPy, or PyTorch on a CPU or GPU, through the array API."""

import importlib
import importlib.util
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np

# An array of NumPy or PyTorch. No type has all methods of the array API yet.
Array = Any


@dataclass(frozen=True)
class Backend:
    """An array library and the device that its arrays live on.

    Parameters
    ----------
    library : {"numpy", "torch"}
        The name of the library.
    device : {"cpu", "cuda"}
        NumPy has "cpu" alone.

    Raises
    ------
    ValueError
        For a library that is not installed, or a device that is missing.
    """

    library: str = "numpy"
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.library == "numpy" and self.device != "cpu":
            raise ValueError(
                f"backend.device: numpy runs on the cpu only, {self.device} needs "
                f"backend.library torch"
            )
        if importlib.util.find_spec(self.library) is None:
            raise ValueError(
                f"backend.library: {self.library} is not installed; pip install {self.library}, "
                f"or choose numpy"
            )
        if self.device == "cuda" and not importlib.import_module("torch").cuda.is_available():
            raise ValueError("backend.device: PyTorch finds no CUDA device here; choose cpu")

    @property
    def namespace(self) -> ModuleType:
        """The library under the names of the array API."""
        return importlib.import_module(f"array_api_compat.{self.library}")

    def array(self, values: np.ndarray, dtype: str | None = None) -> Array:
        """NumPy's values as an array of this backend; ``dtype`` is such as "float32", "int64"."""
        kind = dtype and getattr(self.namespace, dtype)
        return self.namespace.asarray(values, dtype=kind, device=self.device)


def to_numpy(array: Array) -> np.ndarray:
    """An array of any backend as a NumPy array."""
    return np.asarray(array_api_compat.to_device(array, "cpu"))


def rows_into(out: Array, array: Array, rows: Array) -> Array:
    """``out`` (n, k), filled with the rows (n,) of an array (m, k)."""
    if array_api_compat.is_numpy_array(array):
        return np.take(array, rows, axis=0, out=out, mode="clip")  # other modes fill a copy
    return array_api_compat.array_namespace(array).take(array, rows, axis=0, out=out)
