"""Reading and writing the files that pass between rules."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from model_collapse.spectra import Spectrum


def read_csv(path: str) -> pd.DataFrame:
    """A csv of results; pandas 3 reads floats to the last bit."""
    return pd.read_csv(path)


def write_csv(table: pd.DataFrame, path: str) -> None:
    """A csv of results, floats to the last bit."""
    table.to_csv(path, index=False, lineterminator="\n")


def read_spectrum(path: str, which: str = "") -> Spectrum:
    """The problem that draw_problem wrote; of kernels also "half_", from half of the images."""
    with np.load(path) as problem:
        return Spectrum(problem[f"{which}eigenvalues"], problem[f"{which}coefficients"])


def read_json(path: str) -> dict:
    """A small record, such as the image source."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(record: dict, path: str) -> None:
    """A small record, keys in order."""
    with open(path, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)
        file.write("\n")


def named_after(paths: Sequence[str]) -> dict[str, str]:
    """Files by the experiment that their names begin with."""
    return {Path(path).name.split(".")[0]: path for path in paths}
