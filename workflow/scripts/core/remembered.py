"""What is worked out of texts, kept between calls in the folder that Snakemake has for itself."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

PLACE = Path(".snakemake/remembered")
MOST = 1000  # texts of one kind; the oldest are forgotten


def remembered(
    work_out: Callable[[bytes], Any], texts: Iterable[bytes], version: str = ""
) -> list[Any]:
    """Values of a function of a text, read from a file if an earlier call had the same text.

    Nothing is kept where nothing can be written, or before Snakemake has made its folder.

    Parameters
    ----------
    work_out
        Function of a text, of its own file and of Python alone, with values that JSON can hold.
    texts
        The texts of which values are wanted.
    version
        Version of a package that the values depend on besides.

    Returns
    -------
    list
        One value for each text.
    """
    path = PLACE / f"{work_out.__name__.strip('_')}.json"
    source = Path(work_out.__code__.co_filename).read_bytes()
    start = hashlib.sha256(b"\0".join([source, sys.version.encode(), version.encode(), b""]))
    known = _read(path)
    values = {}
    keys = []
    for text in texts:
        digest = start.copy()
        digest.update(text)
        key = digest.hexdigest()
        if key not in values:
            values[key] = known[key] if key in known else work_out(text)
        keys.append(key)
    if not values.keys() <= known.keys():
        _write(path, dict(list((known | values).items())[-MOST:]))
    return [values[key] for key in keys]


def _read(path: Path) -> dict[str, Any]:
    try:
        known = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(path: Path, values: dict[str, Any]) -> None:
    """Write under another name first, so that a call meanwhile reads the whole file or none."""
    part = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(values), encoding="utf-8")
        part.replace(path)
