"""The record beside each output: which rule made it, from what, and the hash that it had then.

``tables/agreement.csv`` has ``tables/.agreement.csv.json``. A job checks its inputs against their
records, so that a file damaged or edited since is seen before it is used.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.core.imports import ROOT

REMEDY = "delete it and run again; it will be rebuilt when needed"


def sha256_of(path: str | Path) -> str:
    """sha256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_path(path: str | Path) -> Path:
    """Where the record of an output lies."""
    path = Path(path)
    return path.with_name(f".{path.name}.json")


def read_record(path: str | Path) -> dict | None:
    """The record of a file; None if it has none, as a source file.

    Raises ValueError if the record itself is damaged.
    """
    where = record_path(path)
    if Path(path).is_symlink() or not where.is_file():
        return None
    try:
        record = json.loads(where.read_bytes())
        record["sha256"], record["rule"], record["inputs"], record["outputs"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{where}: damaged; delete it and {path} to rebuild both") from None
    return record


def checked_hash(path: str | Path) -> str:
    """sha256 of an input. Raises ValueError if it is not as the job that made it left it."""
    found, record = sha256_of(path), read_record(path)
    if record and record["sha256"] != found:
        raise ValueError(
            f"{path}: not as {record['rule']} wrote it (cut short, damaged or edited); {REMEDY}"
        )
    return found


def digest_of_params(params: Mapping) -> str:
    """sha256 over the params of a job but for its code, keys in order."""
    given = {key: value for key, value in params.items() if key != "code"}
    text = json.dumps(given, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_records(
    outputs: Iterable[str], rule: str, params: Mapping, inputs: Mapping[str, str]
) -> None:
    """Write the record of each output of a job. ``inputs``: sha256 by path."""
    outputs = [str(path) for path in outputs]
    made = {"rule": rule, "seed": params.get("seed"), "code": params.get("code")}
    made |= {"params": digest_of_params(params)}
    made |= {"inputs": dict(inputs), "outputs": outputs}
    for path in outputs:
        record = {"sha256": sha256_of(path)} | made
        part = record_path(part_of(path))
        part.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        os.replace(part, record_path(path))


def known_as(path: str | Path) -> str:
    """An input's name in records, wherever the project and the build are.

    Of results it is their path from the folder of the build, where a job runs; of the project's
    files, from the project's; of files outside both, and of absolute paths, the last part only.
    """
    place = Path(os.path.abspath(path))
    if not os.path.isabs(path):
        for folder in sorted((Path.cwd(), ROOT), key=lambda folder: len(folder.parts))[::-1]:
            if place.is_relative_to(folder):
                return str(place.relative_to(folder))
    return place.name


def place_of(name: str) -> Path | None:
    """Where the source is that records call by this name; None if it is outside the project."""
    return next((path for path in (ROOT / name, Path(name)) if path.is_file()), None)


def part_of(path: str | Path) -> str:
    """The name under which a job writes an output, until it is whole."""
    path = Path(path)
    return str(path.with_name(f".part-{os.getpid()}-{path.name}"))


def publish(path: str | Path) -> None:
    """Give an output that is whole its name, and remove what killed jobs left of it, but for one
    that outlived its Snakemake and still writes. Raises FileNotFoundError if there is none.
    """
    path = Path(path)
    os.replace(part_of(path), path)
    for left in path.parent.glob(f".part-*-{path.name}"):
        if not _is_running(int(left.name.split("-")[1])):
            left.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
