"""Code as a dependency: Snakemake tracks no imports, so params hold a digest of a step's code."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from itertools import accumulate, product
from operator import truediv
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[2]
SOURCES = (WORKFLOW, WORKFLOW / "src")
SCRIPTS = WORKFLOW / "scripts"
ROOT = WORKFLOW.parent
LOCK = "requirements.lock"


def code_of(step: str, *loaded: str) -> str:
    """Digest of a step, of all modules that it imports, directly or not, and of the lock file:
    another numpy may give other numbers. A step is ``<family>/<name>``, a file of
    ``workflow/scripts``; so are modules ``loaded`` without import.
    """
    file = SCRIPTS / f"{step}.py"
    return digest_of([str(file.relative_to(ROOT)), *modules_of(step, *loaded), LOCK])[:16]


def digest_of(paths: Iterable[str]) -> str:
    """sha256 over names and contents of files, paths from the root."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.encode() + b"\0" + _content(ROOT / path) + b"\0")
    return digest.hexdigest()


def modules_of(step: str, *loaded: str) -> list[str]:
    """Files of the modules that a step imports or loads, directly or not, sorted, from the root."""
    found = {SCRIPTS / f"{name}.py" for name in loaded}
    waiting = [SCRIPTS / f"{step}.py", *found]
    while waiting:
        fresh = _imported_by(waiting.pop()) - found
        found |= fresh
        waiting.extend(fresh)
    return sorted(str(path.relative_to(ROOT)) for path in found)


def project_files() -> list[str]:
    """All Python files of the workflow, sorted, from the root."""
    return sorted(str(path.relative_to(ROOT)) for path in WORKFLOW.rglob("*.py"))


_content = cache(Path.read_bytes)


@cache
def syntax_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(_content(path))


@cache
def _imported_by(path: Path) -> frozenset[Path]:
    """Files of ours that one Python file imports, packages' __init__ included."""
    names = set()
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}: relative imports are not tracked, use the full name")
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    files = set()
    for source, name in product(SOURCES, names):
        for base in accumulate(name.split("."), truediv, initial=source):
            files |= {f for f in (base / "__init__.py", base.with_suffix(".py")) if f.is_file()}
    return frozenset(files)
