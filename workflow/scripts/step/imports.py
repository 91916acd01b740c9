"""Code as a dependency: Snakemake tracks no imports, so params hold a digest of a step's code."""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import accumulate, product
from pathlib import Path

from scripts.schema.remembered import remembered

WORKFLOW = Path(__file__).resolve().parents[2]
SOURCES = (WORKFLOW, WORKFLOW / "src")
SCRIPTS = WORKFLOW / "scripts"
ROOT = WORKFLOW.parent
LOCK = "requirements.lock"


def code_of(step: str, *loaded: str) -> str:
    """Digest of a step, of all modules that it imports, directly or not, and of the lock file, as
    another NumPy may give other numbers.

    A step is ``<family>/<name>``, a file in ``workflow/scripts``. So are modules that it loads by
    name, without an import statement: ``loaded``.
    """
    file = SCRIPTS / f"{step}.py"
    return digest_of([str(file.relative_to(ROOT)), *modules_of(step, *loaded), LOCK])[:16]


def digest_of(paths: Iterable[str]) -> str:
    """sha256 over names and contents of text files, paths from the root; CRLF counts as LF."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.encode() + b"\0" + _content(ROOT / path) + b"\0")
    return digest.hexdigest()


def modules_of(step: str, *loaded: str) -> list[str]:
    """Files of the modules that a step imports or loads, directly or not, sorted, from the root."""
    modules = {SCRIPTS / f"{name}.py" for name in loaded}
    waiting = [SCRIPTS / f"{step}.py", *modules]
    while waiting:
        new = _imported_by(waiting.pop()) - modules
        modules |= new
        waiting.extend(new)
    return sorted(str(path.relative_to(ROOT)) for path in modules)


def project_files() -> list[str]:
    """All Python files of the workflow, sorted, from the root."""
    return sorted(str(path.relative_to(ROOT)) for path in WORKFLOW.rglob("*.py"))


@cache
def _content(path: Path) -> bytes:
    """A text file's bytes, with LF at line ends, as git or an archive may have changed them."""
    return path.read_bytes().replace(b"\r\n", b"\n")


@cache
def _sources() -> dict[str, Path]:
    """Files of ours by the names under which they are imported."""
    files = {}
    for folder, path in product(SOURCES, WORKFLOW.rglob("*.py")):
        if path.is_relative_to(folder):
            names = path.relative_to(folder).with_suffix("").parts
            files[".".join(names)] = path
    return files


@cache
def _names_imported() -> dict[Path, list[str]]:
    """Names that each file of ours imports, by its path."""
    paths = list(WORKFLOW.rglob("*.py"))
    return dict(zip(paths, remembered(_imports, map(_content, paths)), strict=True))


def _imports(source: bytes) -> list[str]:
    """Names that a Python source imports anywhere; a relative one begins with its dots."""
    names = set()
    for node in _statements(ast.parse(source).body):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return sorted(names)


def _statements(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Statements and all that stand in them; no statement stands in an expression."""
    for node in nodes:
        yield node
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, block, ()))


@cache
def _imported_by(path: Path) -> frozenset[Path]:
    """Files of ours that one Python file imports, packages' __init__ included."""
    files = set()
    for name in _names_imported()[path]:
        if name.startswith("."):
            raise ValueError(f"{path}: relative imports are not tracked, use the full name")
        for module in accumulate(name.split("."), "{}.{}".format):
            files |= {_sources().get(module), _sources().get(f"{module}.__init__")}
    return frozenset(files - {None})
