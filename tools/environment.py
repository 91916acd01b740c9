"""Make the virtual environment that requirements.lock describes, unless it is there already.

``make`` runs ``python3 tools/environment.py FOLDER`` before anything else. The environment is
looked at each time: a mark of success would outlive a move or a copy of the folder and an upgrade
of its Python, and would not know where pip's settings sent the packages.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

OLDEST = (3, 11)  # Python that this project runs on
LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
PACKAGES_NAMED = 5  # in a message
# The user's settings of pip must not say where packages go. They may say where packages come from.
DESTINATIONS = ("TARGET", "PREFIX", "ROOT", "USER", "PYTHON", "DRY_RUN", "REQUIRE_VIRTUALENV")
FOREIGN_VARIABLES = ("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "VIRTUAL_ENV")


class Unfit(Exception):
    """An environment cannot be used, for the reason of the sentence; some lack only packages."""

    def __init__(self, sentence, lacks_only_packages=False):
        super().__init__(sentence)
        self.lacks_only_packages = lacks_only_packages


def check_path(folder):
    """Raise ValueError if Snakemake could not run a Python there: it quotes no path of Python's."""
    if not re.fullmatch(r"[\w@%+=,./~-]+", str(folder)):
        raise ValueError(
            f"Snakemake cannot run a Python in {str(folder)!r}: that path may hold letters, digits "
            f"and _ . , + - = @ % ~ alone. Move the folder, or keep the packages elsewhere: "
            f"make VENV=/a/plain/folder"
        )


def check_environment(folder, version_asked):
    """Raise Unfit if the environment of this Python is not that of ``folder`` and of the lock.

    ``version_asked`` is the pair of numbers that a user asked for, such as (3, 12), or empty.
    """
    version = sys.version_info[:2]
    if sys.prefix == sys.base_prefix or not os.path.samefile(sys.prefix, folder):
        raise Unfit("is no virtual environment")
    stated = re.search(r"^version\w* *= *(\d+)[.](\d+)", read(folder / "pyvenv.cfg"), re.MULTILINE)
    if version < OLDEST or not stated or version != tuple(map(int, stated.groups())):
        raise Unfit(f"was not made for the Python that it has now, {dotted(version)}")
    if version_asked and version != version_asked:
        raise Unfit(f"has Python {dotted(version)}, and {dotted(version_asked)} was asked for")
    place = Path(sysconfig.get_path("purelib"))
    packages = {path: (path / "RECORD").is_file() for path in place.glob("*.dist-info")}
    if not all(packages.values()):  # pip writes it last, and can mend nothing without it
        raise Unfit("holds a package whose installation was cut short")
    lacks = missing_packages(packages)
    if lacks:
        others = len(lacks) - PACKAGES_NAMED
        more = f" and {others} more" if others > 0 else ""
        raise Unfit(f"lacks {', '.join(lacks[:PACKAGES_NAMED])}{more}", lacks_only_packages=True)
    command = read(folder / "bin/snakemake")  # its first line has the path as it was given
    if not any(f"{place}/bin/" in command for place in (folder.absolute(), folder.resolve())):
        raise Unfit("was made in another folder")


def checked(folder, version_asked):
    """The arguments of Unfit, for the environment in which this runs; None if it can be used."""
    try:
        check_environment(folder, version_asked)
    except Unfit as unfit:
        return str(unfit), unfit.lacks_only_packages
    return None


def missing_packages(folders):
    """Packages that the lock pins for this machine and that none of the ``folders``, each a
    NAME-VERSION.dist-info, is of: "name version".

    Without packaging, which reads the lines of a lock, all packages that the lock pins.
    """
    pairs = [folder.name[: -len(".dist-info")].rsplit("-", 1) for folder in folders]
    installed = {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pairs}
    lines = re.findall(r"^[a-z0-9][^#\\\n]*", read(LOCK), re.MULTILINE)
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return [line.split(" ")[0].replace("==", " ") for line in lines]
    pinned = [pin for pin in map(Requirement, lines) if not pin.marker or pin.marker.evaluate()]
    versions = {pin.name: str(pin.specifier)[len("==") :] for pin in pinned}
    return [f"{name} {v}" for name, v in versions.items() if installed.get(name) != v]


def problem_of(folder, version_asked):
    """The Unfit that check_environment raises in the environment's own Python, or None."""
    python = folder / "bin/python"
    command = [str(python), "-I", __file__, "--check", json.dumps(version_asked), str(folder)]
    try:
        run = subprocess.run(command, capture_output=True, check=True)
        arguments = json.loads(run.stdout.decode())
    except (OSError, ValueError, subprocess.CalledProcessError):
        return Unfit("has no Python that runs")
    return arguments and Unfit(*arguments)


def prepare(folder, version_asked):
    """Make the environment, or add the packages that it lacks, and check it then."""
    problem = (
        problem_of(folder, version_asked) if os.path.lexists(folder) else Unfit("is not there yet")
    )
    if problem is None:
        return
    if folder.is_symlink():
        raise ValueError(f"{folder} is a link to an environment that {problem}: remove the link")
    if not problem.lacks_only_packages:
        create(folder)
    print(f"{folder} {problem}: installing the packages", file=sys.stderr)
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--require-hashes"]
    pip += ["--disable-pip-version-check", "--requirement", str(LOCK)]
    # These replace pip.conf's. An empty prefix would be that of the machine.
    pip += ["--prefix", str(folder), "--target", "", "--root", "/", "--no-user"]
    # pip before 23.1 would run an old setup.py itself, which leaves no dist-info.
    variables = own_variables() | {"PIP_USE_PEP517": "1"}
    if subprocess.run(pip, env=variables).returncode:
        raise ValueError("pip failed, as it says above; run the same command again")
    problem = problem_of(folder, version_asked)
    if problem:
        raise ValueError(
            f"pip has ended, but {folder} {problem}; see `pip config list`, or remove it"
        )


def create(folder):
    """Make an environment without packages, in the place of one that does not fit."""
    # The Python that runs here may be that of the folder itself.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if sys.version_info < OLDEST:
        raise ValueError(
            f"Python {dotted(OLDEST)} or newer is needed, and {python} is "
            f"{dotted(sys.version_info[:2])}: name another one, as in make PYTHON=python3.12"
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / "pyvenv.cfg").is_file():
        raise ValueError(f"{folder} holds something else than a virtual environment: remove it")
    require_ensurepip(python)
    if folder.exists():
        shutil.rmtree(folder)
    subprocess.run([python, "-m", "venv", str(folder)], env=own_variables(), check=True)


def require_ensurepip(python):
    """Install what Debian splits off Python, as root. Raises ValueError if that cannot be done."""
    if not subprocess.run([python, "-c", "import ensurepip"], stderr=subprocess.DEVNULL).returncode:
        return
    if os.geteuid() or not shutil.which("apt-get"):
        raise ValueError("python3-venv is missing. As root: apt-get install python3-venv")
    apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv"]
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(apt, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=True)


def own_variables():
    """The environment variables less those that would lead Python or pip to another place."""
    foreign = {*FOREIGN_VARIABLES, *(f"PIP_{name}" for name in DESTINATIONS)}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def read(path):
    """The text of a file; "" if there is none."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def dotted(version):
    """(3, 12) as 3.12."""
    return ".".join(map(str, version))


def main():
    """Read the command line; end with a sentence and status 1 if there can be no environment."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=lambda folder: Path(os.path.abspath(folder)))
    parser.add_argument("--named", action="store_true", help="this version of Python was asked for")
    parser.add_argument("--check", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.check is not None:
        print(json.dumps(checked(options.folder, tuple(options.check))))
        return
    try:
        check_path(options.folder)
        prepare(options.folder, sys.version_info[:2] if options.named else ())
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
