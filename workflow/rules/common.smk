# All rules share this: the environment of jobs, the checked config, seeds, tables and figures.

import io
import os
import re
import sys
import tarfile
import tempfile
from pathlib import Path

from snakemake.exceptions import WorkflowError


def project(rules):
    """The folder of this project; if it is a module from GitHub, unpack it there once, for imports."""
    if rules.is_local:
        return Path(rules.get_path_or_uri(secret_free=True)).parents[1]
    commit = rules.hosted_repo.repo.commit(rules.ref)
    folder = Path(rules.cache_path) / "unpacked" / commit.hexsha
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        archive = io.BytesIO()
        commit.repo.archive(archive, commit.hexsha)
        archive.seek(0)
        temporary = tempfile.mkdtemp(dir=folder.parent)
        # Python before 3.11.4 knows no filters; the archive is a commit of this project.
        filters = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        tarfile.open(fileobj=archive).extractall(temporary, **filters)
        os.rename(temporary, folder)
    return folder


def taken_out(*packages):
    """Make Python forget the modules of these packages; return them by name."""
    names = [name for name in sys.modules if name.partition(".")[0] in packages]
    return {name: sys.modules.pop(name) for name in names}


def leave_imports():
    """Restore the path, and packages of our names, for a Snakefile that imports this one."""
    taken_out(*OURS)
    sys.modules.update(FOREIGN)
    # Snakemake itself adds "rules", the folder of included files.
    ours = {str(ROOT / "workflow" / folder) for folder in ("", "src", "rules")}
    sys.path[:] = [path for path in sys.path if path not in ours]


def check_files_read():
    """Raise ValueError for a file that jobs read, if it is dated in the future."""
    folders = [ROOT / name for name in ("paper", "workflow")]
    files = [path for folder in folders for path in folder.rglob("*")]
    check_dates([*files, ROOT / "requirements.lock", *map(Path, settings.images.files())])


ROOT = project(workflow.current_basedir).resolve()
OURS = ("scripts", "model_collapse")  # packages of this project
FOREIGN = taken_out(*OURS)  # packages of the same names, of a Snakefile that imports this one
sys.path[:0] = [str(ROOT / "workflow" / folder) for folder in ("", "src")]


configfile: ROOT / "config/config.yaml"


from scripts.step.environment import check_dates, check_interpreter, check_packages

try:
    check_interpreter(sys.executable)
    check_packages()
except ValueError as error:
    raise WorkflowError(str(error)) from None

from scripts.config import Config, read_config
from scripts.step.imports import code_of
from scripts.step.launch import script
from scripts.step.reruns import heed_records
from scripts.schema.settings import keys_of
from scripts.output.figures import FIGURES, check_drawn
from scripts.overlays import stated_config

# The config of a Snakefile that imports this one states only the keys that differ, as an overlay does.
settings = read_config(stated_config(workflow, config, ROOT / "config", Config))
if workflow.is_main_process:
    try:
        check_files_read()
    except ValueError as error:
        raise WorkflowError(str(error)) from None

# All figures but the paper's own, which need TeX or experiments of certain names.
FIGURE_FILES = expand(
    "<results>/figures/{name}.{kind}",
    name=[name for name in settings.all_figures if name not in FIGURES["paper"]],
    kind=["pdf", "svg"],
)
IMAGES = {"images": "<results>/data/images.npz", "source": "<results>/data/images.json"}


def source(path):
    """A file of the project, relative to the folder of the build; a module's prefix is not added."""
    return local(os.path.relpath(ROOT / path))


def placed(path):
    """The path of an output, with the prefix and the folders that a module was given."""
    expanded = workflow.modifier.pathvars.apply(path)
    return workflow.modifier.path_modifier.replace_prefix(expanded, "output")


def one_of(names):
    """The constraint of a wildcard that stands for one of these names; without names, for none."""
    return "|".join(names) or "(?!)"


def seed_of(name):
    """The root of an experiment's random streams."""
    return f"{settings.seed}/{name}"


wildcard_constraints:
    first=r"\d+",
    last=r"\d+",


TABLES = {}  # by name, for the report: the csv, and the family that makes it


def family():
    """The family whose file of rules is being read."""
    return Path(workflow.included_stack[-1].get_filename()).stem


def table(csv):
    """Output: a table that the report shows."""
    TABLES[Path(csv).stem] = csv, family()
    return csv


def tables(*names):
    """Outputs: each table as csv, for the report, and as TeX, ``name``_tex, for the paper."""
    csv = {name: table(f"<results>/tables/{name}.csv") for name in names}
    return csv | {f"{name}_tex": f"<results>/tables/{name}.tex" for name in names}


def shown(path, kind, name, family):
    """Output: a figure or the page of a table, with its caption in the report."""
    return report(path, caption="../report/caption.rst", category=family, labels={kind: name})


def drawn(name):
    """Outputs: a figure as PDF for the paper, and as SVG for the report."""
    check_drawn(name, family())
    svg = shown(f"<results>/figures/{name}.svg", "figure", name, family())
    return {"pdf": f"<results>/figures/{name}.pdf", "svg": svg}
