"""`make` makes the environment of the lock, sees what became of it, and mends it."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import packaging
import pytest
from conftest import ROOT

from scripts.step.environment import check_interpreter

PACKAGING = Path(packaging.__file__).parent
VERSIONS = {"packaging": packaging.__version__, "snakemake": "1.0"}
POINT = "[console_scripts]\nsnakemake = snakemake:main\n"
PRINT_PREFIX = "def main():\n    import sys\n    print(sys.prefix)\n"


def write_wheel(folder: Path, name: str, files: dict[str, str]) -> None:
    """A wheel of these modules, by path, in a folder."""
    about = f"{name}-{VERSIONS[name]}.dist-info"
    files = files | {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSIONS[name]}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{about}/RECORD,,\n"
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
        record += f"{path},sha256={digest.rstrip('=')},{len(text.encode())}\n"
    with zipfile.ZipFile(folder / f"{name}-{VERSIONS[name]}-py3-none-any.whl", "w") as wheel:
        for path, text in (files | {f"{about}/RECORD": record}).items():
            wheel.writestr(path, text)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """A folder of two small packages: packaging, and a "snakemake" that prints where it runs."""
    folder = tmp_path_factory.mktemp("wheels")
    modules = {f"packaging/{path.name}": path.read_text("utf-8") for path in PACKAGING.glob("*.py")}
    write_wheel(folder, "packaging", modules)
    script = {f"snakemake-{VERSIONS['snakemake']}.dist-info/entry_points.txt": POINT}
    write_wheel(folder, "snakemake", {"snakemake.py": PRINT_PREFIX} | script)
    return folder


@pytest.fixture(scope="module")
def made(wheels, tmp_path_factory) -> Path:
    """A project with a lock of these packages, in which ``make environment`` has run."""
    folder = tmp_path_factory.mktemp("made") / "project"
    write_project(folder, wheels)
    assert "is not there yet" in prepare(folder, wheels)
    return folder


def write_project(folder: Path, wheels: Path) -> None:
    """The Makefile, what it runs, and a lock of the wheels."""
    scripts = "workflow/scripts"
    tex = [f"{scripts}/{name}.py" for name in ("__init__", "paper/tex", "step/environment")]
    for name in ("Makefile", "tools/environment.py", *tex):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    lock = ""
    for wheel in sorted(wheels.iterdir()):
        name = wheel.name.split("-")[0]
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lock += f"{name}=={VERSIONS[name]} \\\n    --hash=sha256:{digest}\n    # via nothing\n"
    lock += "colorama==0.1 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"
    (folder / "requirements.lock").write_text(lock, encoding="utf-8")


def make(folder: Path, wheels: Path, *arguments: str, **variables: str):
    """Run make, which finds packages in the folder of wheels alone, in an outer environment.

    Nothing is left of a make that runs these tests: a make below another one prints more.
    """
    outer = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "MAKE", "MFLAGS"))
    }
    outer["PATH"] = os.pathsep.join(
        place for place in os.environ["PATH"].split(os.pathsep) if ".venv" not in place
    )
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    return subprocess.run(
        ["make", f"PYTHON={sys.executable}", *arguments],
        cwd=folder,
        env=outer | offline | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def prepare(folder: Path, wheels: Path, **variables: str) -> str:
    """Run ``make environment``, see that all is there and in its place; what it says."""
    run = make(folder, wheels, "environment", **variables)
    assert run.returncode == 0, run.stdout
    prefix = subprocess.check_output([folder / ".venv/bin/snakemake"], text=True)
    assert prefix == f"{folder}/.venv\n"
    return run.stdout


@pytest.fixture
def project(made, tmp_path) -> Path:
    """The project, moved: its environment is that of another folder."""
    return shutil.copytree(made, tmp_path / "project", symlinks=True)


def test_an_environment_that_is_right_is_left_alone(made, wheels):
    assert prepare(made, wheels) == ""


def test_a_copied_folder_gets_an_environment_of_its_own(project, wheels):
    assert "was made in another folder" in prepare(project, wheels)
    assert prepare(project, wheels) == ""


def edit_version(folder: Path) -> None:
    settings = folder / ".venv/pyvenv.cfg"
    settings.write_text(re.sub(r"version = 3[.]\d+", "version = 3.10", settings.read_text()))


def break_link(folder: Path) -> None:
    for link in (folder / ".venv/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nonexistent/python")


def half_install(folder: Path) -> None:
    next((folder / ".venv").rglob("snakemake-*/RECORD")).unlink()


def remove_package(folder: Path) -> None:
    shutil.rmtree(next((folder / ".venv").rglob("snakemake-1.0.dist-info")))


def pin_another(folder: Path) -> None:
    about = next((folder / ".venv").rglob("snakemake-1.0.dist-info"))
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: snakemake\nVersion: 0.9\n")
    about.rename(about.with_name("snakemake-0.9.dist-info"))


BROKEN = {
    "its Python was upgraded": (edit_version, "was not made for the Python that it has now"),
    "its Python is gone": (break_link, "has no Python that runs"),
    "an installation was cut short": (half_install, "whose installation was cut short"),
    "a package is gone": (remove_package, "lacks snakemake 1.0"),
    "another version is there": (pin_another, "lacks snakemake 1.0"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_became_of_an_environment_is_seen_and_mended(made, wheels, case):
    damage, sentence = BROKEN[case]
    damage(made)
    assert sentence in prepare(made, wheels)
    assert prepare(made, wheels) == ""


@pytest.mark.parametrize("where", ["variables", "pip.conf"])
def test_pip_installs_here_wherever_the_users_settings_lead(made, wheels, tmp_path, where):
    remove_package(made)
    away = {name: tmp_path / name for name in ("target", "prefix", "root")} | {"user": "true"}
    settings = tmp_path / "pip.conf"
    if where == "pip.conf":
        lines = [f"{key} = {value}\n" for key, value in away.items()]
        settings.write_text("[install]\n" + "".join(lines))
        variables = {"PIP_CONFIG_FILE": str(settings)}
    else:
        variables = {f"PIP_{key.upper()}": str(value) for key, value in away.items()}
        variables |= {"PIP_REQUIRE_VIRTUALENV": "1", "VIRTUAL_ENV": str(tmp_path / "other")}
        variables |= {"PYTHONHOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    prepare(made, wheels, **variables)
    assert not any((tmp_path / name).exists() for name in ("target", "prefix", "root"))


@pytest.mark.parametrize("name", ["a b", "it's", "$HOME", "a;b", "a:b", "`id`", "(1)"])
def test_a_folder_that_snakemake_cannot_run_a_python_in_is_refused_at_once(wheels, tmp_path, name):
    write_project(tmp_path / name, wheels)
    run = make(tmp_path / name, wheels, "figures")
    assert run.returncode != 0
    assert "Snakemake cannot run a Python in" in run.stdout
    assert "make VENV=/a/plain/folder" in run.stdout
    assert not (tmp_path / name / ".venv").exists()
    with pytest.raises(ValueError, match="Snakemake cannot run jobs with the Python"):
        check_interpreter(str(tmp_path / name.replace(":", "*") / ".venv/bin/python"))


def test_a_folder_of_any_name_can_keep_its_packages_elsewhere(made, wheels, tmp_path):
    write_project(tmp_path / "a b", wheels)
    run = make(tmp_path / "a b", wheels, "environment", f"VENV={made}/.venv")
    assert (run.returncode, run.stdout) == (0, "")
    check_interpreter(f"{made}/.venv/bin/python")
    check_interpreter("/home/käthe/.venv/bin/python3.11")


def test_a_link_to_an_environment_is_used_and_never_changed(made, wheels, tmp_path):
    write_project(tmp_path / "project", wheels)
    link = tmp_path / "project/.venv"
    link.symlink_to(made / ".venv")
    assert make(tmp_path / "project", wheels, "environment").stdout == ""
    remove_package(made)
    run = make(tmp_path / "project", wheels, "environment")
    assert run.returncode != 0
    assert f"{link} is a link to an environment that lacks snakemake 1.0" in run.stdout
    assert "lacks snakemake" in prepare(made, wheels)


def test_pip_of_any_version_builds_a_package_with_an_old_setup_as_a_wheel(monkeypatch, tmp_path):
    """Otherwise pip before 23.1 leaves no dist-info, by which a package is seen as installed."""
    module = spec_from_file_location("environment", ROOT / "tools/environment.py")
    environment = module_from_spec(module)
    module.loader.exec_module(environment)
    problems = iter([environment.Unfit("lacks snakemake 1.0", lacks_only_packages=True), None])
    calls = []

    def run(command, env):
        calls.append((command, env))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(environment, "problem_of", lambda *arguments: next(problems))
    monkeypatch.setattr(environment.subprocess, "run", run)
    environment.prepare(tmp_path, ())
    [(command, variables)] = calls
    assert command[1:4] == ["-m", "pip", "install"]
    assert variables["PIP_USE_PEP517"] == "1"


def test_a_folder_of_something_else_is_never_removed(wheels, tmp_path):
    write_project(tmp_path, wheels)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/thesis.tex").write_text("all that I have")
    run = make(tmp_path, wheels, "environment")
    assert run.returncode != 0
    assert "holds something else than a virtual environment" in run.stdout
    assert (tmp_path / ".venv/thesis.tex").exists()


def test_without_tex_and_root_the_packages_are_installed_before_what_is_missing_is_said(
    made, wheels, tmp_path
):
    remove_package(made)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "bash", "make"):
        (tools / tool).symlink_to(shutil.which(tool))
    (tools / "id").write_text("#!/bin/sh\necho 1000\n")
    (tools / "id").chmod(0o755)
    run = make(made, wheels, "-j4", "setup", PATH=str(tools))
    assert run.returncode != 0
    assert run.stdout.index("lacks snakemake 1.0") < run.stdout.index("TeX is missing. As root:")
    assert prepare(made, wheels) == ""
