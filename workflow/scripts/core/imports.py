"""Sources that a script depends on: Snakemake does not track imports, so rules declare them."""

import ast
from functools import cache
from pathlib import Path

WORKFLOW = Path(__file__).resolve().parents[2]
SOURCES = (WORKFLOW, WORKFLOW / "src")
SCRIPTS = WORKFLOW / "scripts"


LOCK = "requirements.lock"


def tracked_sources(script: str) -> list[str]:
    """Module files that ``workflow/scripts/<script>.py`` imports, directly or not, sorted, and the
    lock file: another numpy may give other numbers.

    Paths are relative to the repository root, the folder that Snakemake runs in.
    """
    found: set[Path] = set()
    waiting = [SCRIPTS / f"{script}.py"]
    while waiting:
        fresh = _imported_by(waiting.pop()) - found
        found |= fresh
        waiting.extend(fresh)
    root = WORKFLOW.parent
    return [*sorted(str(path.relative_to(root)) for path in found), LOCK]


def project_files() -> list[str]:
    """All Python files of the library, the pipeline and its scripts, sorted, from the root."""
    root = WORKFLOW.parent
    files = WORKFLOW.rglob("*.py")
    return sorted(str(path.relative_to(root)) for path in files)


@cache
def _imported_by(path: Path) -> frozenset[Path]:
    """Files of ours that one Python file imports, packages' __init__ included."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}: relative imports are not tracked, use the full name")
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    files = set()
    for name in names:
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            for source in SOURCES:
                base = source.joinpath(*parts[:depth])
                files |= {f for f in (base / "__init__.py", base.with_suffix(".py")) if f.is_file()}
    return frozenset(files)
