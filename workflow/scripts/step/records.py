"""The record beside each output: which rule made it, from which inputs, and its hash at the time.

``tables/agreement.csv`` has ``tables/.agreement.csv.json``. A job checks its inputs against their
records, so that a file damaged or edited since is seen before it is used.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from scripts.step.imports import ROOT

REMEDY = "delete it and run again; it will be rebuilt when needed"


def sha256_of(path: str | Path) -> str:
    """sha256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record_path(path: str | Path) -> Path:
    """The path of an output's record."""
    path = Path(path)
    return path.with_name(f".{path.name}.json")


def read_record(path: str | Path) -> dict | None:
    """The record of a file; None if it has none, as source files.

    Raises ValueError if the record itself is damaged.
    """
    place = record_path(path)
    if Path(path).is_symlink() or not place.is_file():
        return None
    try:
        record = json.loads(place.read_bytes())
        record["sha256"], record["rule"], record["inputs"], record["outputs"]
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{place}: damaged; delete it and {path} to rebuild both") from None
    return record


def checked_hash(path: str | Path) -> str:
    """sha256 of an input. Raises ValueError if it is not as the job that made it left it."""
    hash_now = sha256_of(path)
    record = read_record(path)
    if record and record["sha256"] != hash_now:
        raise ValueError(
            f"{path}: not as {record['rule']} wrote it (cut short, damaged or edited); {REMEDY}"
        )
    return hash_now


def digest_of_params(params: Mapping) -> str:
    """sha256 over the params of a job but for its code, keys in order."""
    settings = {key: value for key, value in params.items() if key != "code"}
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_records(
    outputs: Iterable[str], rule: str, params: Mapping, inputs: Mapping[str, str]
) -> None:
    """Write the record of each output of a job. ``inputs``: sha256 by path."""
    outputs = [str(path) for path in outputs]
    origin = {
        "rule": rule,
        "seed": params.get("seed"),
        "code": params.get("code"),
        "params": digest_of_params(params),
        "inputs": dict(inputs),
        "outputs": outputs,
    }
    for path in outputs:
        record = {"sha256": sha256_of(path)} | origin
        temporary = record_path(temporary_path(path))
        temporary.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, record_path(path))


def recorded_name(path: str | Path) -> str:
    """An input's name in records, which does not depend on where the project and the build are.

    For results it is the path from the folder of the build, where a job runs; for the project's
    files, the path from the project's folder; for files outside both, and for absolute paths, the
    last part only.
    """
    place = Path(os.path.abspath(path))
    if not os.path.isabs(path):
        for folder in sorted((Path.cwd(), ROOT), key=lambda folder: len(folder.parts))[::-1]:
            if place.is_relative_to(folder):
                return str(place.relative_to(folder))
    return place.name


def source_path(name: str) -> Path | None:
    """The path of a source by its name in records; None if it is outside the project."""
    return next((path for path in (ROOT / name, Path(name)) if path.is_file()), None)


def temporary_path(path: str | Path) -> str:
    """The path under which a job writes an output until it is complete."""
    path = Path(path)
    return str(path.with_name(f".part-{os.getpid()}-{path.name}"))


def publish(path: str | Path) -> None:
    """Give a complete output its name, and remove temporary files that killed jobs left of it; the
    file of a job that outlived its Snakemake and still writes stays.

    Raises FileNotFoundError if the job wrote no output.
    """
    path = Path(path)
    os.replace(temporary_path(path), path)
    for leftover in path.parent.glob(f".part-*-{path.name}"):
        if not _is_running(int(leftover.name.split("-")[1])):
            leftover.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
