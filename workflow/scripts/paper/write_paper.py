"""The paper, from its TeX and the build's figures, tables and numbers."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from logging import Logger
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.step.environment import tex_environment
from scripts.step.job import job
from scripts.step.records import recorded_name

LINES_SHOWN = 40  # lines at the end of the log, when TeX fails
LATEXMK = "latexmk -norc -pdf -Werror -interaction=nonstopmode -halt-on-error -outdir=tex".split()


def typeset(source: str, output: str, log: Logger, folders: Sequence[str] = ()) -> None:
    """Write the PDF of a TeX file that may include files of its own folder and of ``folders``.

    TeX runs in a temporary folder with links to these folders, under their names in records. So the
    names of included files that a PDF holds do not depend on where the project and the build are,
    and nothing is written beside the sources. The user's settings of latexmk, TEXMFHOME and other
    variables are not read.

    Raises ValueError with the end of the log if TeX fails or warns of an undefined reference or
    citation, and for a line that is too long.
    """
    source_folder = Path(source).parent
    links = {recorded_name(path): Path(path).resolve() for path in (source_folder, *folders)}
    text = Path(recorded_name(source_folder), Path(source).name)
    paths = ":".join([*links, ""])
    with TemporaryDirectory() as folder:
        for name, place in sorted(links.items()):
            link = Path(folder, name)
            if not link.exists():  # it does if a link leads to a folder that holds it
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(place)
        places = {"TEXINPUTS": paths, "BIBINPUTS": paths}
        done = subprocess.run(
            [*LATEXMK, text],
            cwd=folder,
            env=tex_environment(folder) | places,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        log.info("%s", done.stdout)
        if done.returncode:
            last_lines = "\n".join(done.stdout.splitlines()[-LINES_SHOWN:])
            raise ValueError(f"{source}: TeX failed; its log ends with\n{last_lines}")
        if long := re.findall(r"^Overfull .hbox.*", last_run(done.stdout), re.MULTILINE):
            raise ValueError(f"{source}: {long[0]}; see the log of this job")
        shutil.copyfile(Path(folder, "tex", Path(source).stem).with_suffix(".pdf"), output)


def last_run(log: str) -> str:
    """The log of the last TeX run in latexmk's output."""
    return log.rpartition("This is pdfTeX")[2]


if __name__ == "__main__":
    with job(snakemake) as log:
        folders = dict.fromkeys(str(Path(path).parent) for path in snakemake.input.included)
        typeset(snakemake.input.article[0], snakemake.output[0], log, list(folders))
