"""Files between rules: damaged ones are refused by name, and no number is written that is none."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from scripts.step.files import read_arrays, read_csv, write_arrays, write_csv
from scripts.step.records import REMEDY


def npy(values) -> bytes:
    """An array as a file of NumPy; an npz is a zip archive of them."""
    saved = io.BytesIO()
    np.save(saved, values)
    return saved.getvalue()


def npz(name: str, content: bytes) -> bytes:
    """A zip archive with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def inverted(raw: bytes, first: int, last: int) -> bytes:
    """Bytes with every bit of [first, last) the other way round."""
    return raw[:first] + bytes(255 - byte for byte in raw[first:last]) + raw[last:]


DRAWS = npy(np.arange(300.0))
WHOLE = npz("draws.npy", DRAWS)
DAMAGED, NO_TABLE = "cut short or damaged", "no table, or damaged"
LACKS_ARRAY = "has no array 'draws' (written by another version?)"
LACKS_RISK, LACKS_SAMPLES = (
    f"has no column {name!r} (written by another version?)" for name in ("risk", "samples")
)

ARRAYS = [
    (WHOLE[:-100], DAMAGED),
    (inverted(WHOLE, 500, 520), DAMAGED),
    (npz("risks.npy", DRAWS), LACKS_ARRAY),
    (npz("draws.npy", DRAWS[:-1]), DAMAGED),
    (npz("draws.npy", npy(np.array([{}]))), DAMAGED),
    (npz("draws.npy", b"no array"), DAMAGED),
    (DRAWS, DAMAGED),
    (b"", DAMAGED),
    (b"no arrays\n", DAMAGED),
]
TABLES = [
    (b"samples,rsik\n10,0.5\n", LACKS_RISK),
    (b"samples;risk\n10;0.5\n", LACKS_SAMPLES),
    (bytes(100), LACKS_SAMPLES),
    (b'samples,risk\n10,"0.5\n', NO_TABLE),
    (inverted(b"samples,risk\n10,0.5\n", 13, 16), NO_TABLE),
    ("samples,risk\n10,½\n".encode("latin-1"), NO_TABLE),
    (b"", NO_TABLE),
    (b"\n\n", NO_TABLE),
    (b"samples,risk\n10,0.5\n10,0.5,1\n", NO_TABLE),
    (b"samples,risk\n10,0.5,1\n10,0.5,1\n", NO_TABLE),
    (bytes(range(256)), NO_TABLE),
]
CASES = [
    *((lambda path: read_arrays(path, "draws"), *case) for case in ARRAYS),
    *((lambda path: read_csv(path, ["samples", "risk"]), *case) for case in TABLES),
]


@pytest.mark.parametrize(("read", "content", "said"), CASES)
def test_a_bad_file_is_refused_with_its_sentence(read, content, said, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ValueError) as refused:
        read(str(path))
    assert str(refused.value) == f"{path}: {said}; {REMEDY}"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_not_written(value, tmp_path):
    path = str(tmp_path / ".part-7-x")
    table = pd.DataFrame({"risk": [1.0, value], "z": [value, 1.0]})
    with pytest.raises(ValueError, match=r"/x: risk would hold a number that is not finite"):
        write_csv(table, path, may_be_empty=["z"])
    with pytest.raises(ValueError, match=r"/x: risk would hold a number that is not finite"):
        write_arrays(path, risk=table["risk"].to_numpy())
    assert not list(tmp_path.iterdir())
    write_csv(table, path, may_be_empty=["z", "risk"])
    pd.testing.assert_frame_equal(read_csv(path), table)
