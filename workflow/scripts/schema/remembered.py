"""Values computed from texts, kept between calls in the folder that Snakemake has for itself."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

FOLDER = Path(".snakemake/remembered")
MOST_VALUES = 1000  # of one function; the oldest are forgotten


def remembered(
    function: Callable[[bytes], Any], texts: Iterable[bytes], version: str = ""
) -> list[Any]:
    """Values of a function of a text, read from a file if an earlier call had the same text.

    Nothing is kept where nothing can be written, or before Snakemake has made its folder.

    Parameters
    ----------
    function
        Function whose values depend on a text, its own file and Python alone; JSON can hold them.
    texts
        Arguments of the function.
    version
        Version of a package, or source of a module, that the values depend on too.

    Returns
    -------
    list
        One value for each text.
    """
    path = FOLDER / f"{function.__name__.strip('_')}.json"
    source = Path(function.__code__.co_filename).read_bytes()
    start = hashlib.sha256(b"\0".join([source, sys.version.encode(), version.encode(), b""]))
    earlier = _read(path)
    values = {}
    keys = []
    for text in texts:
        digest = start.copy()
        digest.update(text)
        key = digest.hexdigest()
        if key not in values:
            values[key] = earlier[key] if key in earlier else function(text)
        keys.append(key)
    if not values.keys() <= earlier.keys():
        _write(path, dict(list((earlier | values).items())[-MOST_VALUES:]))
    return [values[key] for key in keys]


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(path: Path, values: dict[str, Any]) -> None:
    """Write under another name first, so that a call meanwhile reads all of the file or none."""
    temporary = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        temporary.write_text(json.dumps(values), encoding="utf-8")
        temporary.replace(path)
