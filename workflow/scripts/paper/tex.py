"""The TeX that the paper needs, and its set-up: ``make tex`` installs it from Debian's packages.

The set-up comes before Python's packages are there, so this imports only modules of Python itself.
"""

import os
import shutil
import subprocess
import sys
from tempfile import TemporaryDirectory

from scripts.step.environment import tex_environment

PACKAGES = (
    *("latexmk", "texlive-latex-recommended", "texlive-latex-extra", "texlive-pictures"),
    *("texlive-fonts-recommended", "lmodern", "poppler-utils"),
)
PROGRAMS = ("latexmk", "pdflatex", "bibtex", "pdftocairo", "kpsewhich")
FILES = (
    *("standalone.cls", "tikz.sty", "lmodern.sty", "booktabs.sty", "natbib.sty", "microtype.sty"),
    *("caption.sty", "placeins.sty"),
)
INSTALL = "apt-get install"


def has_tex() -> bool:
    """Return True if all PROGRAMS and FILES are installed."""
    if not all(map(shutil.which, PROGRAMS)):
        return False
    with TemporaryDirectory() as home:
        command = ["kpsewhich", *FILES]
        run = subprocess.run(command, env=tex_environment(home), capture_output=True)
    return run.returncode == 0


def set_up() -> None:
    """Install what is missing, as root; without root say how, and end with status 1."""
    if has_tex():
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        packages = " ".join(PACKAGES)
        sys.exit(f"TeX is missing. As root: {INSTALL} {packages}\nWithout it: make figures")
    unattended = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = [*INSTALL.split(), "-y", "-qq", "--no-install-recommends", *PACKAGES]
    for command in (["apt-get", "update", "-qq"], install):
        status = subprocess.run(command, env=unattended).returncode
        if status != 0:
            sys.exit(status)


if __name__ == "__main__":
    set_up()
